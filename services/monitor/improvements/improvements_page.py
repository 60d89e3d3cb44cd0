"""The page of improvements: the backlog by priority, the roadmap, and the forms that write both."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from schemas.improvement import LONGEST_WHAT, MOST_SETTLING_WEEKS
from schemas.journey import Journey
from services.monitor.access.visitors import LONGEST_NAME
from services.monitor.effects.effect_verdicts import read_verdicts
from services.monitor.effects.effect_words import EFFECT_WORDS
from services.monitor.figures.snapshot import Clock
from services.monitor.http.body import form_fields
from services.monitor.improvements.backlog import Backlog, read_backlog
from services.monitor.improvements.improvement_desk import ImprovementDesk
from services.monitor.improvements.improvement_form import day_in, effect_name, proposal_in, revision_in
from services.monitor.improvements.improvement_history import histories
from services.monitor.improvements.improvements_api import Number
from services.monitor.improvements.roadmap_drawing import is_overdue, on_the_road, roadmap_drawing
from services.monitor.kpis.alerts_page import LONGEST_NOTE, name_in, note_in
from services.monitor.pages.html import Missing, Pages, Reader, reader
from services.store.improvements import read_improvement, read_revisions
from services.store.reading import Reading
from streams.priority import Priority

_MAX_BYTES = 16 * 1024
_UNCOVERED = 3


def router(reading: Reading, desk: ImprovementDesk, pages: Pages, clock: Clock, enough: int) -> APIRouter:
    """Return the routes of the page; under `enough` scores a touchpoint has no priority."""
    routes = APIRouter(prefix="/journeys/{journey}/improvements", include_in_schema=False)

    @routes.get("")
    async def page(request: Request, journey: str) -> HTMLResponse:
        """Show what is to be improved, by priority, and when; and what was."""
        asking = reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        drawn, now = versions[-1].journey, clock()
        async with reading.moment() as moment:
            backlog = await read_backlog(moment, versions, now, enough)
            said = partial(read_verdicts, moment, versions, now=now, enough=enough, language=asking.language)
            effects = {
                **await said(each.improvement for each in backlog.open),
                **await said(each.improvement for each in backlog.done),
            }
            revisions = await read_revisions(moment, journey)
        today = now.astimezone(drawn.zone).date()
        improvements = [each.improvement for each in (*backlog.open, *backlog.done)]
        return pages.respond(
            "improvements.html",
            asking,
            drawn.zone,
            drawn=drawn,
            backlog=backlog,
            effects=effects,
            told=EFFECT_WORDS[asking.language],
            highest=max((each.priority.value or 0 for each in backlog.open), default=0),
            uncovered=_uncovered(drawn, backlog),
            by_priority=sorted(drawn.touchpoints, key=lambda each: -_weight(backlog.priorities[each.id])),
            road=roadmap_drawing(improvements, today),
            elsewhere=[each for each in improvements if each.held_on and each not in on_the_road(improvements, today)],
            histories=histories(revisions),
            names=asking.touchpoint_names(versions),
            is_overdue=lambda each: is_overdue(each, today),
            effect_name=effect_name,
            today=today,
            longest={"name": LONGEST_NAME, "note": LONGEST_NOTE, "what": LONGEST_WHAT, "weeks": MOST_SETTLING_WEEKS},
        )

    @routes.post("")
    async def add(request: Request, journey: str) -> Response:
        """Add an improvement."""
        fields, asking = await form_fields(request, _MAX_BYTES), reader(request)
        drawn = asking.versions(await reading.catalogue(), journey)[-1].journey
        proposal = proposal_in(fields, asking.language)
        number = await desk.add(drawn, proposal, by=name_in(request, fields), note=note_in(fields))
        return _back(asking, journey, number)

    @routes.post("/{number}")
    async def change(request: Request, journey: str, number: Number) -> Response:
        """Let an improvement read otherwise."""
        fields, asking = await form_fields(request, _MAX_BYTES), reader(request)
        drawn = asking.versions(await reading.catalogue(), journey)[-1].journey
        async with reading.moment() as moment:
            held = await read_improvement(moment, journey, number)
        if held is None:
            raise Missing(f"{number}: {asking.words.not_found}")
        proposal, by = proposal_in(fields, asking.language, held), name_in(request, fields)
        await desk.change(drawn, number, revision_in(fields), proposal, by=by, note=note_in(fields))
        return _back(asking, journey, number)

    @routes.post("/{number}/done")
    async def done(request: Request, journey: str, number: Number) -> Response:
        """Note that an improvement was made."""
        fields, asking = await form_fields(request, _MAX_BYTES), reader(request)
        drawn = asking.versions(await reading.catalogue(), journey)[-1].journey
        day, by = day_in(fields, "done_on"), name_in(request, fields)
        await desk.done(drawn, number, revision_in(fields), day, by=by, note=note_in(fields))
        return _back(asking, journey, number)

    @routes.post("/{number}/withdraw")
    async def withdraw(request: Request, journey: str, number: Number) -> Response:
        """Withdraw an improvement."""
        fields, asking = await form_fields(request, _MAX_BYTES), reader(request)
        drawn = asking.versions(await reading.catalogue(), journey)[-1].journey
        by = name_in(request, fields)
        await desk.withdraw(drawn, number, revision_in(fields), by=by, note=note_in(fields))
        return _back(asking, journey, number)

    return routes


def _uncovered(drawn: Journey, backlog: Backlog) -> list[str]:
    """Return the touchpoints that weigh most of those for which nothing is to be done, as long as they weigh at all."""
    covered = {each.improvement.touchpoint for each in backlog.open}
    found = [each.id for each in drawn.touchpoints if each.id not in covered and _weight(backlog.priorities[each.id])]
    return sorted(found, key=lambda touchpoint: -_weight(backlog.priorities[touchpoint]))[:_UNCOVERED]


def _weight(priority: Priority) -> float:
    return float(priority.value or 0)


def _back(asking: Reader, journey: str, number: int) -> Response:
    return RedirectResponse(asking.link(f"/journeys/{journey}/improvements") + f"#v{number}", status_code=303)
