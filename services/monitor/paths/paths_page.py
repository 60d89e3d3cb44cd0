"""The page of real paths: what followed what, the variants, and whether cases followed the drawn map."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.monitor.figures.rolling_windows import read_scores
from services.monitor.figures.snapshot import Clock
from services.monitor.http.problems import ProblemError
from services.monitor.journey.journey_page import asked_by, choices
from services.monitor.pages.html import Missing, Pages, reader
from services.monitor.paths.path_drawing import path_drawing
from services.monitor.paths.path_period import Least, of_whom, read_conformance, read_paths
from services.monitor.times.time_period import levels
from services.store.reading import Reading

_VARIANTS = 12
_PLACES = 12


def router(reading: Reading, pages: Pages, clock: Clock, least: Least) -> APIRouter:
    """Return the route of the page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/journeys/{journey}/paths")
    async def page(request: Request, journey: str) -> HTMLResponse:
        """Show the paths of the journey, over the time and of whom is asked for."""
        asking = reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        asked, now = asked_by(request), clock()
        try:
            drawn, over, whose = asked.drawn(versions), asked.parts(versions, now), of_whom(asked)
        except ProblemError as problem:
            raise Missing(str(problem)) from None
        async with reading.moment() as moment:
            found = await read_paths(moment, drawn, whose, over, least)
            said = await read_scores(moment, drawn.id, over)
            held = await read_conformance(moment, versions, over, now, least)
        return pages.respond(
            "paths.html",
            asking,
            drawn.zone,
            drawn=drawn,
            asked=asked,
            **choices(asking, drawn, versions),
            names=asking.touchpoint_names(versions),
            numbers={stop.touchpoint: place for place, stop in enumerate(found.stops, 1)},
            paths=found,
            picture=path_drawing(found, drawn, levels(said, asked, drawn, least.enough)),
            held=held,
            variants=held.judged[:_VARIANTS],
            places=held.figures.places[:_PLACES],
            begins=over[0].start,
        )

    return routes
