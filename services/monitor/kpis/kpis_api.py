"""The JSON API for KPIs: where they stand, what has changed, and taking notice of an alert."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, StringConstraints

from schemas.journey import Journey
from schemas.values import without_nul
from services.monitor.access.visitors import Name, visitor
from services.monitor.figures.kpi_standing import KpiStanding, standings
from services.monitor.http import api_models as models
from services.monitor.http.body import json_model, json_request
from services.monitor.http.problems import ProblemError, documented
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.kpis.alert_desk import AlertDesk
from services.monitor.kpis.alerts_page import LONGEST_NOTE
from services.monitor.pages.words import Language
from services.store.reading import KpiChange, Moment, Reading
from streams.kpi import State

Limit = Annotated[int, Query(ge=1, le=500)]

_MAX_BYTES = 16 * 1024


class Notice(BaseModel):
    """Who takes notice of an alert; `told_at` says of which, as the KPI has it."""

    told_at: AwareDatetime
    by: Name
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE), AfterValidator(without_nul)] = ""


def router(reading: Reading, desk: AlertDesk) -> APIRouter:
    """Return the half of the API that is about KPIs."""
    routes = APIRouter(prefix="/api/journeys/{journey}/kpis", tags=["kpis"], responses=documented(401, 404, 422, 503))

    @routes.get("", summary="Where the KPIs of a journey stand")
    async def kpis(journey: str) -> models.Kpis:
        """List the KPIs that have been judged, those that need attention first."""
        drawn = (await journey_versions(reading, journey))[-1].journey
        async with reading.moment() as moment:
            found = standings(drawn, await moment.kpis(journey))
        return models.Kpis(items=[_kpi(standing) for standing in found])

    @routes.get("/{kpi}/changes", summary="When the alarm of a KPI was raised and taken off")
    async def changes(journey: str, kpi: str, limit: Limit = 50) -> models.KpiChanges:
        """List the changes of alarm, newest first, those that answers which came late have corrected among them."""
        drawn = (await journey_versions(reading, journey))[-1].journey
        async with reading.moment() as moment:
            await _known(moment, drawn, kpi)
            found = await moment.kpi_changes(journey, kpi, limit)
        return models.KpiChanges(items=[_change(change, drawn) for change in found])

    @routes.get("/{kpi}/states", summary="What was said of a KPI, and when")
    async def states(journey: str, kpi: str, limit: Limit = 50) -> models.KpiStates:
        """List its states by when they were said, newest first."""
        drawn = (await journey_versions(reading, journey))[-1].journey
        async with reading.moment() as moment:
            await _known(moment, drawn, kpi)
            found = await moment.kpi_transitions(journey, kpi, limit)
        said = [{"at": each.at.astimezone(drawn.zone), "state": each.state} for each in found]
        return models.KpiStates.model_validate({"items": said})

    @routes.post(
        "/{kpi}/acknowledgement",
        status_code=204,
        summary="Take notice",
        responses=documented(403, 409, 413, 415),
        openapi_extra={"requestBody": json_request(Notice)},
    )
    async def acknowledge(request: Request, journey: str, kpi: str) -> None:
        """Note who has taken notice of the alert that stands; the last word counts.

        Of somebody whom a proxy names it is noted under that name, whatever `by` says.
        """
        notice = await json_model(request, Notice, _MAX_BYTES)
        by = visitor(request).name or notice.by
        if not await desk.acknowledge(journey, kpi, notice.told_at, by=by, note=notice.note):
            raise ProblemError(409, f"no alert of KPI {kpi!r} is heard since {notice.told_at.isoformat()}")

    return routes


async def _known(moment: Moment, drawn: Journey, kpi: str) -> None:
    known = [each.kpi for each in await moment.kpis(drawn.id)]
    if kpi not in known:
        raise ProblemError(404, f"{kpi!r} is not a KPI of journey {drawn.id!r} ({', '.join(known) or 'none yet'})")


def _kpi(standing: KpiStanding) -> models.Kpi:
    kpi, row, shown = standing.kpi, standing.row, standing.shown
    return models.Kpi(
        id=kpi.id,
        name=kpi.name.model_dump(),
        measure=kpi.measure,
        norm=float(kpi.norm),
        direction="at_least" if kpi.at_least else "at_most",
        touchpoint=standing.touchpoint,
        department=standing.department,
        severity=kpi.severity,
        owner=standing.owner,
        runbook=kpi.runbook,
        state=standing.state.value,
        sentence={language.value: standing.sentence_in(language) for language in Language},
        value=float(shown.value) if shown is not None and shown.value is not None else None,
        n=shown.n if shown is not None else 0,
        since=_local(shown.since if shown is not None else None, standing),
        evidence=row.level / row.threshold,
        told_at=_local(row.told_at, standing),
        waits_for_service_hours=standing.waits,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=_local(row.acknowledged_at, standing),
        judged_at=row.judged_at.astimezone(standing.zone),
    )


def _change(change: KpiChange, drawn: Journey) -> models.KpiChange:
    return models.KpiChange(
        at=change.at.astimezone(drawn.zone),
        state=(State.BELOW_NORM if change.below else State.ON_NORM).value,
        evidence_since=change.climb_from.astimezone(drawn.zone),
        decided_at=change.decided_at.astimezone(drawn.zone),
        told_at=change.told_at and change.told_at.astimezone(drawn.zone),
        corrected_at=change.corrected_at and change.corrected_at.astimezone(drawn.zone),
        withdrawn=change.withdrawn,
    )


def _local(moment: datetime | None, standing: KpiStanding) -> datetime | None:
    return None if moment is None else moment.astimezone(standing.zone)
