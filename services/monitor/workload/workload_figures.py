"""What handlers have in hand, what comes and goes by the week, and what visits to touchpoints cost. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from schemas.journey import Journey, Touchpoint
from services.monitor.times.step_parts import together
from services.store.workload_reading import Costs, Flow, Handled, HandlerKind
from streams.observations import Measure
from streams.rolling import Part
from streams.suppression import Cell, left_out
from streams.time_shares import StepTime, Time, step_times
from streams.timeline import Versions, Visit, in_order
from streams.workload import Level, all_moves

_WEEK = timedelta(days=7)


class Week(NamedTuple):
    """A week of the journey's clock: the Monday on which it begins, what came in it and what went."""

    begins: date
    arrivals: int
    completions: int


@dataclass(frozen=True)
class Work:
    """What a handler did: visits, how many of them were promised by a moment and how many of those came later, and the
    time of the steps up to them, worked on and lost, in sums.
    """

    visits: int
    promised: int
    late: int
    touch: Time
    lost: Time


@dataclass(frozen=True)
class Load:
    """A handler ('' if not given): the cases it has now, and its weeks. `work` is None of departments."""

    handler: str
    open: int
    weeks: Sequence[Week]
    work: Work | None = None


@dataclass(frozen=True)
class TouchpointCost:
    """The visits to a touchpoint over a time, what was expected, and what they cost in cents.

    `said` is how many events told their own cost, which goes before that of the journey file; `cents` is None if
    neither tells of any. `expected` is for as long a time, `per_fte` are visits a week.
    """

    touchpoint: Touchpoint
    visits: int
    said: int
    cents: int | None
    expected: float | None
    per_fte: float | None


def weeks_of(days: Part, drawn: Journey) -> Sequence[date]:
    """Return the Mondays of the weeks that whole days make up."""
    first, end = (at.astimezone(drawn.zone).date() for at in (days.start, days.end))
    return [first + _WEEK * number for number in range(((end - first) + _WEEK - timedelta(days=1)) // _WEEK)]


def loads(flows: Iterable[Flow], level: Level, open_now: Mapping[str, int], days: Part, drawn: Journey) -> list[Load]:
    """Return the load of each department, or (level CASE, as '') of the journey; those with most in hand first."""
    counted: dict[str, Counter[tuple[date, Measure]]] = defaultdict(Counter)
    for flow in flows:
        if flow.level is level:
            counted[flow.department][_monday(flow.midnight, drawn), flow.measure] += flow.n
    return _in_order(
        Load(handler, open_now.get(handler, 0), _weeks(counted[handler], days, drawn))
        for handler in counted.keys() | open_now.keys()
    )


@dataclass(frozen=True)
class _Doing:
    """What a handler is seen to do in a time."""

    moves: Counter[tuple[date, Measure]] = field(default_factory=Counter)
    visits: list[Visit] = field(default_factory=list)
    steps: list[StepTime] = field(default_factory=list)


class _Watch:
    """Watches cases, and notes what their visits on some days say of those who handled them."""

    def __init__(self, versions: Versions, kind: HandlerKind, days: Part) -> None:
        self._versions = versions
        self._kind = kind
        self._days = days
        self._drawn = versions[max(versions)]
        self.doing: dict[str, _Doing] = defaultdict(_Doing)

    def see(self, case: Sequence[Handled]) -> None:
        """Note all visits of a case."""
        by = {each.visit: self._handler(each) for each in case}
        ordered = in_order([each.visit for each in case], self._versions)
        for visit in filter(self._falls, ordered):
            self.doing[by[visit]].visits.append(visit)
        for step in step_times(ordered, self._versions):
            if self._falls(step.visit):
                self.doing[by[step.visit]].steps.append(step)
        handed = [visit._replace(department=by[visit]) for visit in ordered]
        for visit, move in all_moves(handed, self._versions):
            if move.level is Level.DEPARTMENT and self._falls(visit):
                measure = Measure.ARRIVALS if move.arrives else Measure.COMPLETIONS
                self.doing[move.department].moves[_monday(visit.occurred_at, self._drawn), measure] += 1

    def _handler(self, each: Handled) -> str:
        touchpoint = self._versions[each.visit.journey_version].touchpoint(each.visit.touchpoint)
        return "" if self._kind is HandlerKind.PARTY and not touchpoint.handled_outside else each.handler

    def _falls(self, visit: Visit) -> bool:
        return self._days.start <= visit.occurred_at < self._days.end


def handler_loads(
    cases: Iterable[Sequence[Handled]],
    versions: Versions,
    kind: HandlerKind,
    open_now: Mapping[str, int],
    days: Part,
) -> list[Load]:
    """Return the load of each handler by all visits of cases; those with most in hand first.

    A party handles what the journey file says that one handles; all else is the organisation's own ('').
    """
    watch = _Watch(versions, kind, days)
    for case in cases:
        watch.see(case)
    drawn, doing = versions[max(versions)], watch.doing
    return _in_order(
        Load(handler, open_now.get(handler, 0), _weeks(doing[handler].moves, days, drawn), _work(doing[handler]))
        for handler in doing.keys() | open_now.keys()
    )


def shown(found: Sequence[Load], kind: HandlerKind, least: int) -> Sequence[Load]:
    """Return the loads that may be shown: of departments all, of others those with at least so many visits.

    Of employees also none by which one with fewer could be told from all (streams.suppression).
    """
    visits = {each.handler: each.work.visits if each.work else 0 for each in found}
    if kind is HandlerKind.DEPARTMENT:
        return found
    if kind is HandlerKind.EMPLOYEE:
        hidden = left_out({"": visits}, least)
        return [each for each in found if visits[each.handler] and Cell("", each.handler) not in hidden]
    return [each for each in found if visits[each.handler] >= least]


def touchpoint_costs(found: Mapping[str, Costs], days: Part, drawn: Journey) -> Sequence[TouchpointCost]:
    """Return what each drawn touchpoint was expected to have, had, and cost."""
    length = days.end - days.start
    return [
        _touchpoint_cost(touchpoint, found.get(touchpoint.id, Costs(0, 0, 0)), length)
        for touchpoint in drawn.touchpoints
    ]


def cents_of(costs: Costs, touchpoint: Touchpoint | None) -> int | None:
    """Return what visits to a touchpoint cost: what they said, and of the others what its journey file says."""
    others = costs.visits - costs.said
    drawn = None if touchpoint is None else touchpoint.cost_cents
    if drawn is None:
        return costs.cents if costs.said else None
    return costs.cents + others * drawn


def _touchpoint_cost(touchpoint: Touchpoint, costs: Costs, length: timedelta) -> TouchpointCost:
    expected = touchpoint.expected_volume
    return TouchpointCost(
        touchpoint=touchpoint,
        visits=costs.visits,
        said=costs.said,
        cents=cents_of(costs, touchpoint),
        expected=None if expected is None else expected.visits * (length / expected.per),
        per_fte=None if touchpoint.fte is None else costs.visits / float(touchpoint.fte) / (length / _WEEK),
    )


def _work(doing: _Doing) -> Work:
    promised = [visit for visit in doing.visits if visit.due_at is not None]
    return Work(
        visits=len(doing.visits),
        promised=len(promised),
        late=sum(visit.due_at is not None and visit.occurred_at > visit.due_at for visit in promised),
        touch=together(step.touch for step in doing.steps),
        lost=together(step.open for step in doing.steps),
    )


def _weeks(counted: Mapping[tuple[date, Measure], int], days: Part, drawn: Journey) -> Sequence[Week]:
    return [
        Week(monday, counted.get((monday, Measure.ARRIVALS), 0), counted.get((monday, Measure.COMPLETIONS), 0))
        for monday in weeks_of(days, drawn)
    ]


def _in_order(found: Iterable[Load]) -> list[Load]:
    return sorted(found, key=lambda load: (-load.open, -sum(week.arrivals for week in load.weeks), load.handler))


def _monday(at: datetime, drawn: Journey) -> date:
    day = at.astimezone(drawn.zone).date()
    return day - timedelta(days=day.weekday())
