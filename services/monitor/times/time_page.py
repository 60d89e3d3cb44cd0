"""The page that says where the time goes: one bar of the whole, and the steps by what they cost."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.monitor.figures.snapshot import Clock
from services.monitor.http.problems import ProblemError
from services.monitor.journey.journey_page import asked_by, choices
from services.monitor.pages.html import Missing, Pages, reader
from services.monitor.paths.path_period import Least
from services.monitor.times.step_parts import Kind
from services.monitor.times.time_drawing import HEIGHT, WIDTH, bar
from services.monitor.times.time_period import read_time
from services.store.reading import Reading

_STEPS = 20


def router(reading: Reading, pages: Pages, clock: Clock, least: Least) -> APIRouter:
    """Return the route of the page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/journeys/{journey}/time")
    async def page(request: Request, journey: str) -> HTMLResponse:
        """Show where the time of the journey goes, over the time and of whom is asked for."""
        asking = reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        asked, now = asked_by(request), clock()
        try:
            drawn = asked.drawn(versions)
            async with reading.moment() as moment:
                found = await read_time(moment, versions, asked, now, least)
        except ProblemError as problem:
            raise Missing(str(problem)) from None
        lost = sum(step.lost.calendar for step in (*found.parts.steps, *found.parts.rest))
        return pages.respond(
            "time.html",
            asking,
            drawn.zone,
            drawn=drawn,
            asked=asked,
            **choices(asking, drawn, versions),
            names=asking.touchpoint_names(versions),
            parts=found.parts,
            shown=found.parts.steps[:_STEPS],
            lost=lost,
            slices=bar(found.parts),
            width=WIDTH,
            height=HEIGHT,
            kinds=Kind,
            late=found.late,
            days=found.days,
        )

    return routes
