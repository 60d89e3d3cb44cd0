"""The backlog of a journey: what is to be improved, in the order in which that is worth most, and what was done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.improvement import Improvement
from schemas.journey import Journey, JourneyVersion
from services.monitor.figures.asked import Asked
from services.monitor.figures.curve import Point, curve
from services.monitor.figures.rolling_windows import read_parts, read_scores
from services.monitor.figures.score_figures import out_of_ten
from services.monitor.figures.score_groups import said_of, score_groups
from services.monitor.review.review import norm_of, own_chart
from services.store.improvements import read_improvements
from services.store.reading import Moment
from streams.priority import Priority, priority
from streams.scores import Estimate

_OVER = Asked(window="90d")
_UNKNOWN = priority(importance=None, score=None, norm=None, ideal=None, volume=0)


class State(StrEnum):
    """Where an improvement stands."""

    OPEN = "open"
    PLANNED = "planned"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Ranked:
    """An improvement and the priority of its touchpoint."""

    improvement: Improvement
    priority: Priority

    @property
    def state(self) -> State:
        """Where it stands."""
        return state_of(self.improvement)


@dataclass(frozen=True)
class Backlog:
    """All improvements of a journey, and the priorities of its touchpoints over the time since `begins`.

    What is `open`, planned or not, has the highest priority first, and last what has none, because something is not
    known; what was `done` has the latest first.
    """

    open: Sequence[Ranked]
    done: Sequence[Ranked]
    withdrawn: Sequence[Ranked]
    priorities: Mapping[str, Priority]
    begins: datetime

    def find(self, number: int) -> Ranked | None:
        """Return the improvement of a number, None if there is none."""
        everything = (*self.open, *self.done, *self.withdrawn)
        return next((each for each in everything if each.improvement.id == number), None)


async def read_backlog(moment: Moment, versions: Sequence[JourneyVersion], now: datetime, enough: int) -> Backlog:
    """Return the backlog of a journey; under `enough` scores a touchpoint has no score, and so no priority."""
    drawn, over = versions[-1].journey, _OVER.parts(versions, now)
    said = await read_scores(moment, drawn.id, over)
    histograms = await read_parts(moment, drawn.id, over, now)
    groups = score_groups(said, {}, _OVER, "touchpoint", drawn)
    priorities = _priorities(drawn, curve(drawn, said_of(groups), histograms, enough))
    return backlog(await read_improvements(moment, drawn.id), priorities, over[0].start)


def backlog(improvements: Iterable[Improvement], priorities: Mapping[str, Priority], begins: datetime) -> Backlog:
    """Return improvements in order."""
    ranked = [Ranked(each, priorities.get(each.touchpoint, _UNKNOWN)) for each in improvements]
    by_state = {state: [each for each in ranked if each.state is state] for state in State}
    return Backlog(
        open=sorted((*by_state[State.OPEN], *by_state[State.PLANNED]), key=_urgency),
        done=sorted(by_state[State.DONE], key=_newest_first),
        withdrawn=by_state[State.WITHDRAWN],
        priorities=priorities,
        begins=begins,
    )


def state_of(improvement: Improvement) -> State:
    """Return where an improvement stands."""
    if improvement.withdrawn_at is not None:
        return State.WITHDRAWN
    if improvement.done_on is not None:
        return State.DONE
    return State.PLANNED if improvement.planned_week is not None else State.OPEN


def _priorities(drawn: Journey, points: Iterable[Point]) -> Mapping[str, Priority]:
    return {
        point.touchpoint.id: priority(
            importance=point.importance,
            score=point.level and point.level.value,
            norm=_norm(drawn, point),
            ideal=None if point.touchpoint.ideal is None else float(point.touchpoint.ideal),
            volume=point.volume,
        )
        for point in points
    }


def _norm(drawn: Journey, point: Point) -> float | None:
    """Return the norm of a touchpoint's own score on the scale of 1 to 10, on which ideals are."""
    norm = norm_of(drawn, own_chart(point.touchpoint, drawn))
    return None if norm is None else out_of_ten(point.score.measure, Estimate(norm, norm, norm)).value


def _urgency(each: Ranked) -> tuple[bool, float, int]:
    value = each.priority.value
    return value is None, 0.0 if value is None else -float(value), each.improvement.id


def _newest_first(each: Ranked) -> tuple[int, int]:
    day = each.improvement.done_on
    return (0 if day is None else -day.toordinal()), -each.improvement.id
