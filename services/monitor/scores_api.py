"""The JSON API for what customers say: the journey's line, and scores by any of their dimensions."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from schemas.journey import Journey
from services.monitor import api_models as models
from services.monitor.api import Window, drawn_journey
from services.monitor.board import visits
from services.monitor.curve import Point, curve
from services.monitor.problems import ProblemError, documented
from services.monitor.rolling_windows import read_parts, read_scores
from services.monitor.score_figures import ScoreFigure, points, score_figure
from services.monitor.snapshot import Poller
from services.store.reading import Reading
from streams.observations import Scope
from streams.rolling import ROLLING, Part, parts
from streams.scores import Counts, Estimate
from streams.timeliness import Timeliness
from streams.windows import Resolution

_DIMENSIONS = ("touchpoint", "department", "channel", "persona", "timeliness")

By = Literal["journey", "phase", "touchpoint", "department", "channel", "persona", "timeliness"]


class Asked(BaseModel):
    """Over what time scores are asked for, and of whom; whoever is not named may be any."""

    window: Window = "28d"
    since: Annotated[date | None, Field(description="The first day of a period, in place of a rolling window.")] = None
    until: Annotated[date | None, Field(description="The last day of that period; left out, today.")] = None
    touchpoint: str | None = None
    department: str | None = None
    channel: str | None = None
    persona: str | None = None
    timeliness: Timeliness | None = None

    def takes(self, scope: Scope) -> bool:
        """Say whether scores of a scope are asked for."""
        wanted = {name: getattr(self, name) for name in _DIMENSIONS}
        return all(_named(scope, name) == value for name, value in wanted.items() if value is not None)

    def parts(self, drawn: Journey, now: datetime) -> Sequence[Part]:
        """Return the windows that make up the time asked for; raise ProblemError if it ends before it begins."""
        if self.since is None:
            return parts(ROLLING[self.window], now, drawn.zone)
        last = self.until or now.astimezone(drawn.zone).date()
        if last < self.since:
            raise ProblemError(422, f"the period would end on {last}, before it begins on {self.since}")
        return [Part(Resolution.DAY, _midnight(self.since, drawn), _midnight(last + timedelta(days=1), drawn))]


Of = Annotated[Asked, Query()]


def router(reading: Reading, poller: Poller, enough: int) -> APIRouter:
    """Return the half of the API that is about scores; under `enough` of them there is no figure."""
    routes = APIRouter(prefix="/api/journeys/{journey}", tags=["scores"], responses=documented(404, 422, 503))

    @routes.get("/scores", summary="What customers say, by any of its dimensions")
    async def scores(journey: str, asked: Of, by: By = "touchpoint") -> models.Scores:
        """Return every measure, with its interval, over a rolling window or a period of days.

        Scores are released in lots, and where there are too few of them there is no figure.
        """
        drawn = await drawn_journey(reading, journey)
        over = asked.parts(drawn, poller.clock())
        async with reading.moment() as moment:
            said = await read_scores(moment, journey, over)
        return models.Scores(
            journey=journey,
            start=over[0].start.astimezone(drawn.zone),
            end=over[-1].end.astimezone(drawn.zone),
            by=by,
            items=[
                models.ScoreGroup(
                    id=group,
                    measures={measure: _score(score_figure(measure, by_measure[measure], enough)) for measure in order},
                )
                for group, by_measure in _grouped(said, asked, by, drawn)
                if (order := sorted(by_measure))
            ],
        )

    @routes.get("/curve", summary="The journey as a line")
    async def line(journey: str, asked: Of) -> models.Curve:
        """Return the score, the emotion, the importance and the ideal of each touchpoint, in the journey's order."""
        drawn = await drawn_journey(reading, journey)
        over = asked.parts(drawn, poller.clock())
        async with reading.moment() as moment:
            said = await read_scores(moment, journey, over)
            histograms = await read_parts(moment, journey, over)
        by_touchpoint = dict(_grouped(said, asked, "touchpoint", drawn))

        def said_at(measure: str, touchpoint: str) -> Counts:
            return by_touchpoint.get(touchpoint, {}).get(measure, {})

        found = curve(drawn, said_at, lambda touchpoint: visits(histograms, touchpoint), enough)
        return models.Curve(
            journey=journey,
            start=over[0].start.astimezone(drawn.zone),
            end=over[-1].end.astimezone(drawn.zone),
            items=[_point(point) for point in found],
        )

    return routes


def _grouped(
    said: Mapping[Scope, Counts], asked: Asked, by: By, drawn: Journey
) -> Sequence[tuple[str, Mapping[str, Counter[int]]]]:
    """Return the scores by group and measure; the groups of a journey file in its order, others by name."""
    phases = {touchpoint.id: phase.id for phase in drawn.phases for touchpoint in phase.touchpoints}
    groups: dict[str, dict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for scope, counts in said.items():
        if not asked.takes(scope):
            continue
        group = phases.get(scope.touchpoint, "") if by == "phase" else _named(scope, by)
        groups[group][scope.measure].update(counts)
    drawn_order = [phase.id for phase in drawn.phases] + list(drawn.touchpoint_ids)
    order = {group: place for place, group in enumerate(drawn_order)}
    return sorted(groups.items(), key=lambda each: (order.get(each[0], len(order)), each[0]))


def _midnight(day: date, drawn: Journey) -> datetime:
    return datetime.combine(day, time(), drawn.zone).astimezone(UTC)


def _named(scope: Scope, dimension: str) -> str:
    """Return what a scope of scores is in one of its dimensions; how it stood to its limits is its span."""
    return str(getattr(scope, {"timeliness": "span"}.get(dimension, dimension)))


def _score(figure: ScoreFigure) -> models.Score:
    return models.Score(
        n=figure.n,
        enough=figure.enough,
        too_few=figure.estimate is None,
        unit=figure.unit.value,
        estimate=_estimate(figure.estimate),
        share_8_and_up=_estimate(figure.high),
        distribution=None if figure.distribution is None else points(figure.distribution),
    )


def _estimate(found: Estimate | None) -> models.Estimate | None:
    return None if found is None else models.Estimate(value=found.value, low=found.low, high=found.high)


def _point(point: Point) -> models.CurvePoint:
    touchpoint = point.touchpoint
    return models.CurvePoint(
        touchpoint=touchpoint.id,
        moment_of_truth=touchpoint.moment_of_truth,
        volume=point.volume,
        cost=touchpoint.cost,
        measure=point.score.measure,
        score=_score(point.score),
        level=_estimate(point.level),
        emotion=_score(point.emotion),
        ideal=None if touchpoint.ideal is None else float(touchpoint.ideal),
        gap=point.ideal_gap,
        importance=point.importance,
        importance_stated=touchpoint.importance,
        importance_asked=_score(point.asked),
        quadrant=point.quadrant and point.quadrant.value,
    )
