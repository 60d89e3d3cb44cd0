"""The alert page: what needs attention and why, in one sentence each; taking notice of it, and muting it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.monitor.access.visitors import LONGEST_NAME, visitor
from services.monitor.http.body import form_fields
from services.monitor.http.problems import ProblemError
from services.monitor.kpis.alert_desk import AlertDesk, is_configured
from services.monitor.pages.html import Missing, Pages, Reader, reader

LONGEST_NOTE = 500
MUTES = (timedelta(hours=4), timedelta(days=1), timedelta(days=7))
"""For how long a KPI can be muted on the page."""

_MAX_BYTES = 16 * 1024
_HOUR = timedelta(hours=1)


def router(desk: AlertDesk, pages: Pages) -> APIRouter:
    """Return the routes of the page."""
    routes = APIRouter(prefix="/alerts", include_in_schema=False)

    @routes.get("")
    async def alerts(request: Request) -> HTMLResponse:
        """Show all KPIs, those that need attention first."""
        overview = await desk.overview()
        return pages.respond(
            "alerts.html",
            reader(request),
            now=desk.clock(),
            overview=overview,
            can_mute=is_configured(overview),
            mutes=[lasts // _HOUR for lasts in MUTES],
            longest_name=LONGEST_NAME,
            longest_note=LONGEST_NOTE,
            several=len({each.drawn.id for each in overview.watched}) > 1,
        )

    @routes.post("/{journey}/{kpi}/acknowledge")
    async def acknowledge(request: Request, journey: str, kpi: str) -> Response:
        """Note who has taken notice of an alert."""
        fields = await form_fields(request, _MAX_BYTES)
        told_at = _moment(fields)
        stands = await desk.acknowledge(journey, kpi, told_at, by=name_in(request, fields), note=note_in(fields))
        if not stands:
            raise ProblemError(409, reader(request).words.alert_is_over)
        return _back(reader(request), journey, kpi)

    @routes.post("/{journey}/{kpi}/mute")
    async def mute(request: Request, journey: str, kpi: str) -> Response:
        """Mute a KPI for a while."""
        fields = await form_fields(request, _MAX_BYTES)
        if not await desk.knows(journey, kpi):
            raise Missing(reader(request).words.no_such_kpi.format(kpi=kpi))
        await desk.mute(
            journey, kpi, lasts=_lasts(fields), author=name_in(request, fields), comment=note_in(fields) or "-"
        )
        return _back(reader(request), journey, kpi)

    @routes.post("/{journey}/{kpi}/unmute")
    async def unmute(request: Request, journey: str, kpi: str) -> Response:
        """End a mute."""
        fields = await form_fields(request, _MAX_BYTES)
        await desk.unmute(fields.get("mute", ""))
        return _back(reader(request), journey, kpi)

    return routes


def _lasts(fields: Mapping[str, str]) -> timedelta:
    offered = {str(lasts // _HOUR): lasts for lasts in MUTES}
    if fields.get("hours") not in offered:
        raise ProblemError(422, f"hours: should be one of {', '.join(offered)}")
    return offered[fields["hours"]]


def _moment(fields: Mapping[str, str]) -> datetime:
    try:
        moment = datetime.fromisoformat(fields.get("told_at", ""))
    except ValueError:
        raise ProblemError(422, "told_at: should be an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise ProblemError(422, "told_at: has no offset, such as +01:00")
    return moment


def name_in(request: Request, fields: Mapping[str, str]) -> str:
    """Return who does something: whom a proxy named, else the name that was typed."""
    name = (visitor(request).name or fields.get("by", "")).replace("\x00", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise ProblemError(422, f"by: should be a name of at most {LONGEST_NAME} characters")
    return name


def note_in(fields: Mapping[str, str]) -> str:
    """Return what a form says beside, as much of it as is kept; empty if nothing."""
    return fields.get("note", "").replace("\x00", "").strip()[:LONGEST_NOTE]


def _back(asking: Reader, journey: str, kpi: str) -> Response:
    return RedirectResponse(asking.link("/alerts") + f"#{journey}.{kpi}", status_code=303)
