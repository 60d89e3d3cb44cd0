"""The journey page: where customers suffer, what they feel, and what to do about it first."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from schemas.journey import Journey, JourneyVersion
from services.monitor.figures.asked import Asked
from services.monitor.figures.curve import curve
from services.monitor.figures.rolling_windows import read_parts, read_passages, read_scores
from services.monitor.figures.score_groups import is_long, said_of, score_groups
from services.monitor.figures.snapshot import Clock
from services.monitor.http.problems import ProblemError
from services.monitor.ideals.ideal_tables import ideal_tables
from services.monitor.ideals.ideal_words import IDEAL_WORDS
from services.monitor.ideals.ideals_read import Seen, read_ideal_gaps, read_importance
from services.monitor.improvements.roadmap_drawing import on_the_road
from services.monitor.journey.journey_drawing import line_drawing, matrix_drawing
from services.monitor.pages.html import Missing, Pages, Reader, reader
from services.monitor.paths.path_period import Least
from services.store.improvements import read_improvements
from services.store.reading import Reading
from streams.observations import Measure

WINDOWS = ("7d", "28d", "90d")
_FIRST = Asked(window="90d")


def router(reading: Reading, pages: Pages, clock: Clock, least: Least) -> APIRouter:
    """Return the route of the page."""
    routes, enough = APIRouter(include_in_schema=False), least.enough

    @routes.get("/journeys/{journey}")
    async def page(request: Request, journey: str) -> HTMLResponse:
        """Show the journey as a line, its feelings and its priorities, over the time and of whom is asked for."""
        asking = reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        asked = asked_by(request)
        try:
            now = clock()
            drawn, over = asked.drawn(versions), asked.parts(versions, now)
        except ProblemError as problem:
            raise Missing(str(problem)) from None
        async with reading.moment() as moment:
            said = await read_scores(moment, journey, over)
            histograms = await read_parts(moment, journey, over, now)
            passages = await read_passages(moment, journey, over)
            improvements = await read_improvements(moment, journey)
            groups = score_groups(said, passages if is_long(over) else {}, asked, "touchpoint", drawn)
            points = curve(drawn, said_of(groups), histograms, enough, asked.persona)
            gaps = await read_ideal_gaps(moment, drawn, over, Seen(said, passages), least)
            weights = await read_importance(moment, versions, over, points, now)
        weighted = {group.id: group.weighted(Measure.SATISFACTION, enough) for group in groups}
        held = [each for each in improvements if each.withdrawn_at is None]
        return pages.respond(
            "journey.html",
            asking,
            drawn.zone,
            drawn=drawn,
            asked=asked,
            windows=WINDOWS,
            versions=numbers(versions),
            channels=drawn.channels,
            points=points,
            weighted={touchpoint: each for touchpoint, each in weighted.items() if each is not None},
            line=line_drawing(points, drawn, of_personas=asked.persona is None),
            ideals=ideal_tables(gaps, drawn),
            importance=weights,
            texts=IDEAL_WORDS[asking.language],
            matrix=matrix_drawing(points),
            improved=on_the_road(held, now.astimezone(drawn.zone).date()),
            begins=over[0].start,
        )

    return routes


def asked_by(request: Request) -> Asked:
    """Return what the form asks for; what was left open in it is not asked, and what makes no sense neither."""
    given = {name: value for name, value in request.query_params.items() if value and name in Asked.model_fields}
    try:
        return Asked.model_validate({"window": _FIRST.window, **given})
    except ValidationError as error:
        raise Missing(error.errors(include_url=False, include_input=False)[0]["msg"]) from None


def choices(asking: Reader, drawn: Journey, versions: Sequence[JourneyVersion]) -> Mapping[str, Any]:
    """Return what the form of _choices.html offers."""
    return {
        "windows": WINDOWS,
        "versions": numbers(versions),
        "personas": {persona.id: asking.name(persona.name) for persona in drawn.personas},
        "channels": drawn.channels,
        "departments": drawn.departments,
    }


def numbers(versions: Sequence[JourneyVersion]) -> Sequence[int]:
    """Return the numbers of versions."""
    return [version.version for version in versions]
