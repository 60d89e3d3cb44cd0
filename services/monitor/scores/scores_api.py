"""The JSON API for what customers say: scores by any of their dimensions, the journey's line, who was asked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from schemas.journey import Journey
from services.monitor.figures.asked import Asked
from services.monitor.figures.curve import Point, curve
from services.monitor.figures.rolling_windows import read_parts, read_passages, read_scores
from services.monitor.figures.score_figures import ScoreFigure, points
from services.monitor.figures.score_groups import By, ScoreGroup, is_long, said_of, score_groups
from services.monitor.figures.snapshot import Poller
from services.monitor.http import api_models as models
from services.monitor.http.problems import ProblemError, documented
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.scores.response_funnel import ResponseFunnel, response_funnels
from services.store.reading import Reading
from streams.rolling import Part
from streams.scores import Estimate
from streams.weighting import Weighted

Of = Annotated[Asked, Query()]


def router(reading: Reading, poller: Poller, enough: int, good_for: timedelta) -> APIRouter:
    """Return the half of the API that is about scores.

    Under `enough` of them there is no figure. An invitation is `good_for` so long.
    """
    routes = APIRouter(prefix="/api/journeys/{journey}", tags=["scores"], responses=documented(401, 404, 422, 503))

    @routes.get("/scores", summary="What customers say, by any of its dimensions")
    async def scores(journey: str, asked: Of, by: By = "touchpoint") -> models.Scores:
        """Return every measure, with its interval, over a rolling window or a period of days.

        Scores are released in lots, and where there are too few of them there is no figure.
        """
        versions = await journey_versions(reading, journey)
        drawn, over = asked.drawn(versions), asked.parts(versions, poller.clock())
        async with reading.moment() as moment:
            said = await read_scores(moment, journey, over)
            passages = await read_passages(moment, journey, over) if is_long(over) else {}
        groups = score_groups(said, passages, asked, by, drawn)
        return models.Scores(**_period(drawn, over), by=by, items=[_group(group, enough) for group in groups])

    @routes.get("/curve", summary="The journey as a line")
    async def line(journey: str, asked: Of) -> models.Curve:
        """Return the score, the emotion, the importance and the ideal of each touchpoint, in the journey's order."""
        versions = await journey_versions(reading, journey)
        now = poller.clock()
        drawn, over = asked.drawn(versions), asked.parts(versions, now)
        async with reading.moment() as moment:
            said = await read_scores(moment, journey, over)
            histograms = await read_parts(moment, journey, over, now)
        groups = score_groups(said, {}, asked, "touchpoint", drawn)
        found = curve(drawn, said_of(groups), histograms, enough, asked.persona)
        return models.Curve(**_period(drawn, over), items=[_point(point) for point in found])

    @routes.get("/responses", summary="Who was asked, and who answered")
    async def responses(journey: str, asked: Of) -> models.ResponseFunnels:
        """Return what became of the passages of each touchpoint that asks, by when it was decided to ask."""
        versions, now = await journey_versions(reading, journey), poller.clock()
        if asked.weekday is not None:
            raise ProblemError(422, "weekday: whom we asked is not kept apart by day of the week")
        drawn, over = asked.drawn(versions), asked.parts(versions, now)
        async with reading.moment() as moment:
            found = await moment.responses(journey, over[0].start, over[-1].end, now - good_for)
        items = [_funnel(funnel) for funnel in response_funnels(found, drawn)]
        return models.ResponseFunnels(**_period(drawn, over), items=items)

    return routes


def _period(drawn: Journey, over: Sequence[Part]) -> dict[str, object]:
    start, end = over[0].start.astimezone(drawn.zone), over[-1].end.astimezone(drawn.zone)
    return {"journey": drawn.id, "start": start, "end": end}


def _group(group: ScoreGroup, enough: int) -> models.ScoreGroup:
    return models.ScoreGroup(
        id=group.id,
        measures={
            measure: score_model(group.figure(measure, enough), group.weighted(measure, enough))
            for measure in sorted(group.said)
        },
    )


def score_model(figure: ScoreFigure, weighted: Weighted | None = None) -> models.Score:
    """Return a figure as the API says it."""
    return models.Score(
        n=figure.n,
        enough=figure.enough,
        too_few=figure.estimate is None,
        unit=figure.unit.value,
        estimate=estimate_model(figure.estimate),
        weighted=weighted and _weighted(weighted),
        share_8_and_up=estimate_model(figure.high),
        distribution=None if figure.distribution is None else points(figure.distribution),
    )


def _weighted(weighted: Weighted) -> models.Weighted:
    """Return what is told of a weighted mean; whose like is lacking may be few, so their share is told in percents."""
    return models.Weighted(**weighted.estimate._asdict(), represented=round(weighted.represented, 2))


def estimate_model(found: Estimate | None) -> models.Estimate | None:
    """Return an estimate as the API says it."""
    return None if found is None else models.Estimate(value=found.value, low=found.low, high=found.high)


def _point(point: Point) -> models.CurvePoint:
    touchpoint = point.touchpoint
    return models.CurvePoint(
        touchpoint=touchpoint.id,
        moment_of_truth=touchpoint.moment_of_truth,
        volume=point.volume,
        complaints=point.complaints,
        cost=touchpoint.cost,
        measure=point.score.measure,
        score=score_model(point.score),
        level=estimate_model(point.level),
        emotion=score_model(point.emotion),
        ideal=point.ideal,
        gap=point.ideal_gap,
        importance=point.importance,
        importance_stated=touchpoint.importance,
        importance_asked=score_model(point.asked),
        quadrant=point.quadrant and point.quadrant.value,
    )


def _funnel(funnel: ResponseFunnel) -> models.ResponseFunnel:
    return models.ResponseFunnel(
        touchpoint=funnel.touchpoint,
        passages=funnel.passages,
        suppressed=funnel.suppressed,
        invited=funnel.invited,
        answered=funnel.answered,
        expired=funnel.expired,
        waiting=funnel.waiting,
        response=estimate_model(funnel.response),
    )
