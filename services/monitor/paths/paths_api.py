"""The JSON API for what cases really did: paths, variants, and whether they followed the drawn map."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from schemas.journey import Journey
from schemas.question import THOUSANDTHS
from services.monitor.figures.asked import DIMENSIONS, Asked
from services.monitor.figures.snapshot import Clock
from services.monitor.http.api_models import DepartureAt, Estimate
from services.monitor.http.problems import ProblemError, documented
from services.monitor.journey.journeys_api import duration, journey_versions
from services.monitor.paths import path_models as models
from services.monitor.paths.conformance_figures import Judged
from services.monitor.paths.path_period import Conformance, Least, of_whom, read_conformance, read_paths
from services.monitor.paths.real_paths import RealPaths
from services.store.reading import Reading
from streams import scores
from streams.rolling import Part
from streams.sample import Sample

Of = Annotated[Asked, Query()]
Limit = Annotated[int, Query(ge=1, le=500, description="How many variants are returned.")]


def router(reading: Reading, clock: Clock, least: Least) -> APIRouter:
    """Return the part of the API that is about paths."""
    routes = APIRouter(prefix="/api/journeys/{journey}", tags=["paths"], responses=documented(404, 422, 503))

    @routes.get("/paths", summary="What really followed what")
    async def paths(journey: str, asked: Of) -> models.Paths:
        """Return the touchpoints that were visited and the steps between them, with how many and how long.

        Department, channel and persona are those of the visit that was reached.
        """
        versions = await journey_versions(reading, journey)
        drawn, over, whose = asked.drawn(versions), asked.parts(versions, clock()), of_whom(asked)
        async with reading.moment() as moment:
            found = await read_paths(moment, drawn, whose, over, least)
        return models.Paths.model_validate({**_period(drawn, over), **_graph(found)})

    @routes.get("/variants", summary="The paths that closed cases went")
    async def variants(journey: str, asked: Of, limit: Limit = 50) -> models.Variants:
        """Return the variants of cases that were closed in a time, with their share, the commonest first."""
        drawn, over, found = await _conformance(journey, asked)
        shown = found.judged[:limit]
        return models.Variants(
            **_period(drawn, over),
            cases=found.variants.cases,
            variants=found.variants.number,
            items=[_variant(each, found) for each in shown],
        )

    @routes.get("/conformance", summary="Whether closed cases followed the drawn map")
    async def conformance(journey: str, asked: Of) -> models.Conformance:
        """Return the share of cases that followed the map, where others departed, and what that cost."""
        drawn, over, found = await _conformance(journey, asked)
        return models.Conformance.model_validate({**_period(drawn, over), **_figures(found)})

    async def _conformance(journey: str, asked: Asked) -> tuple[Journey, Sequence[Part], Conformance]:
        versions = await journey_versions(reading, journey)
        now = clock()
        drawn, over = asked.drawn(versions), asked.parts(versions, now)
        if any(getattr(asked, name) is not None for name in (*DIMENSIONS, "weekday")):
            raise ProblemError(422, f"whole cases are not kept apart by {', '.join(DIMENSIONS)} or weekday")
        async with reading.moment() as moment:
            return drawn, over, await read_conformance(moment, versions, over, now, least)

    return routes


def _period(drawn: Journey, over: Sequence[Part]) -> dict[str, str | datetime]:
    start, end = (moment.astimezone(drawn.zone) for moment in (over[0].start, over[-1].end))
    return {"journey": drawn.id, "start": start, "end": end}


def _graph(found: RealPaths) -> dict[str, object]:
    return {
        "touchpoints": [
            models.Stop(
                touchpoint=stop.touchpoint,
                visits=stop.visits,
                first=stop.first,
                gap=None if stop.gap is None else duration(stop.gap),
            )
            for stop in found.stops
        ],
        "steps": [
            models.Step(
                after=step.edge.after,
                touchpoint=step.edge.touchpoint,
                n=step.gap.n,
                share=step.share,
                gap=duration(step.gap),
            )
            for step in found.steps
        ],
        "left_out": found.left_out,
        "unknown": found.unknown,
    }


def _variant(judged: Judged, found: Conformance) -> models.Variant:
    took, cost = judged.variant.took, found.costs.get(judged.variant.key)
    return models.Variant(
        touchpoints=judged.touchpoints,
        version=judged.variant.key.version,
        n=took.n,
        share=took.n / found.variants.cases,
        mean_seconds=(took.mean or 0) / 1000,
        mean_cost=cost and cost.mean,
        cost_n=cost.cases if cost else 0,
        departures=[DepartureAt(**each._asdict()) for each in judged.departures],
    )


def _figures(found: Conformance) -> dict[str, object]:
    figures, said = found.figures, found.scores
    return {
        "cases": figures.cases,
        "judged": figures.judged,
        "following": figures.following,
        "share": _estimate(figures.share),
        "departing_time": _time(figures.departing_took),
        "following_time": _time(figures.following_took),
        "longer_seconds": _estimate(figures.longer, 1000),
        "departing_score": _score(said.departing, found),
        "following_score": _score(said.following, found),
        "higher_score": _estimate(said.higher),
        "items": [
            models.PlaceOfDeparture(
                how=place.departure.how,
                touchpoint=place.departure.touchpoint,
                n=place.cases,
                share=place.cases / figures.judged,
                longer_seconds=_estimate(place.longer, 1000),
            )
            for place in figures.places
        ],
    }


def _time(took: Sample) -> models.TimeSample:
    return models.TimeSample(n=took.n, mean_seconds=None if took.mean is None else took.mean / 1000)


def _score(said: Sample, found: Conformance) -> models.ScoreSample:
    """Return the mean where the difference is told, which wants enough scores."""
    told = found.scores.higher is not None and said.mean is not None
    return models.ScoreSample(n=said.n, mean=(said.mean or 0) / THOUSANDTHS if told else None)


def _estimate(estimate: scores.Estimate | None, divided_by: int = 1) -> Estimate | None:
    if estimate is None:
        return None
    value, low, high = (each / divided_by for each in estimate)
    return Estimate(value=value, low=low, high=high)
