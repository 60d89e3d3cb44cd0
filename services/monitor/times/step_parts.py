"""Where the time of steps went: the parts of the whole, and the steps by what they cost. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from schemas.journey import Journey
from services.monitor.cases.case_timeline import Party, party_of
from services.monitor.figures.histograms import ENOUGH
from services.monitor.paths.real_paths import NOTHING, Hidden
from services.store.path_reading import Edge
from services.store.time_reading import Measured
from streams.observations import WORKED, Measure
from streams.scores import Estimate
from streams.time_shares import Time


class Kind(StrEnum):
    """What a part of the time is (streams.time_shares)."""

    TOUCH = "touch"
    WAITING = "waiting"
    BETWEEN = "between"
    PAUSED = "paused"


_AWAITING = (Kind.WAITING, Kind.BETWEEN)


class PartName(NamedTuple):
    """A part of the whole: what it is, and who was waited for; None if somebody was at work, or a term stood still."""

    kind: Kind
    awaited: Party | None


@dataclass(frozen=True)
class StepParts:
    """All passages of a step: how many, where their time went, who was waited for, and the score where it leads.

    Times are sums over all passages. `level` is the score of the touchpoint that was reached, on a scale of 1 to 10;
    None if there are too few.
    """

    edge: Edge
    n: int
    parts: Mapping[Kind, Time]
    awaited: Party
    known: int
    level: Estimate | None = None

    @property
    def whole(self) -> Time:
        """All the time that the step took."""
        return together(self.parts.values())

    @property
    def lost(self) -> Time:
        """What the step costs: the time in which nobody is known to have worked, though no clock stood still.

        That is the mean delay, times the number of passages.
        """
        return together((self.parts[Kind.WAITING], self.parts[Kind.BETWEEN]))


@dataclass(frozen=True)
class TimeParts:
    """The whole time of steps: its parts, and the steps with enough passages, those first that cost most.

    `rest` are the others that the whole holds; `left_out` is how many it does not, as they would tell of a small group.
    `worked` says whether the journey tells when it works.
    """

    parts: Mapping[PartName, Time]
    steps: Sequence[StepParts]
    rest: Sequence[StepParts]
    left_out: int
    worked: bool

    @property
    def whole(self) -> Time:
        """All parts together."""
        return together(self.parts.values())

    @property
    def white(self) -> tuple[float, float] | None:
        """The share of the whole, 0 to 1, that is white space: at least, and at most.

        In waiting and pauses nobody worked. Of the time between contacts that is not known; if work on each contact
        was done in no time, all of it was white. None if there is no time at all.
        """
        whole = self.whole.calendar
        if not whole:
            return None
        of_kind = {kind: sum(time.calendar for name, time in self.parts.items() if name.kind is kind) for kind in Kind}
        least = of_kind[Kind.WAITING] + of_kind[Kind.PAUSED]
        return least / whole, (least + of_kind[Kind.BETWEEN]) / whole


def time_parts(
    measured: Mapping[Edge, Measured], drawn: Journey, levels: Mapping[str, Estimate], hidden: Hidden = NOTHING
) -> TimeParts:
    """Return where the time of steps went, without those that are hidden."""
    secret = set(hidden)
    shown = [
        step_parts(edge, times, drawn, levels.get(edge.touchpoint))
        for edge, times in measured.items()
        if secret.isdisjoint({(edge.after, edge.touchpoint), (None, edge.touchpoint)})
    ]
    parts: dict[PartName, list[Time]] = defaultdict(list)
    for step in shown:
        for kind, time in step.parts.items():
            parts[PartName(kind, step.awaited if kind in _AWAITING else None)].append(time)
    order = {touchpoint: place for place, touchpoint in enumerate(drawn.in_order(_touchpoints(measured)))}
    ranked = sorted(
        (step for step in shown if step.edge.after),
        key=lambda step: (-step.lost.calendar, order[step.edge.after], order[step.edge.touchpoint]),
    )
    return TimeParts(
        parts={name: together(parts[name]) for name in _names() if any(together(parts[name]))},
        steps=[step for step in ranked if step.n >= ENOUGH],
        rest=[step for step in ranked if step.n < ENOUGH],
        left_out=len(measured) - len(shown),
        worked=any(drawn.week),
    )


def step_parts(edge: Edge, measured: Measured, drawn: Journey, level: Estimate | None = None) -> StepParts:
    """Return the parts of a step; what of its gap is nothing else is the time between contacts.

    Before the first visit of a case there is no gap: that step is touch alone.
    """
    gap, touch, waiting, paused = (_time(measured, measure) for measure in WORKED)
    within = together((waiting, paused)) if not edge.after else together((touch, waiting, paused))
    between = Time(gap.calendar - within.calendar, gap.worked - within.worked)
    return StepParts(
        edge=edge,
        n=_number(measured, Measure.GAP) or _number(measured, Measure.TOUCH),
        parts={Kind.TOUCH: touch, Kind.WAITING: waiting, Kind.BETWEEN: between, Kind.PAUSED: paused},
        awaited=_awaited(edge.touchpoint, drawn),
        known=_number(measured, Measure.WAITING),
        level=level,
    )


def together(times: Iterable[Time]) -> Time:
    """Return times as one."""
    calendar = worked = 0
    for time in times:
        calendar, worked = calendar + time.calendar, worked + time.worked
    return Time(calendar, worked)


def _names() -> Sequence[PartName]:
    """Return all parts in the order in which they are told."""
    waited = [PartName(kind, party) for party in Party for kind in _AWAITING]
    return [PartName(Kind.TOUCH, None), *waited, PartName(Kind.PAUSED, None)]


def _time(measured: Measured, measure: Measure) -> Time:
    return Time(*(measured.get(each, (0, 0))[1] for each in (measure, WORKED[measure])))


def _number(measured: Measured, measure: Measure) -> int:
    return measured.get(measure, (0, 0))[0]


def _awaited(touchpoint: str, drawn: Journey) -> Party:
    """Return who is waited for until a touchpoint; of one that is drawn no more that is not known any longer."""
    return party_of(drawn.touchpoint(touchpoint)) if touchpoint in drawn.touchpoint_ids else Party.ORGANISATION


def _touchpoints(measured: Mapping[Edge, Measured]) -> Iterable[str]:
    return (touchpoint for edge in measured for touchpoint in edge)
