"""A case's visits and answers -> observations: one value of one measure, in one scope, at one time. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from schemas.journey import Journey
from streams.outcomes import outcome_of
from streams.spans import Fallen, elapsed, fallen, passages
from streams.time_shares import StepTime, step_times
from streams.timeline import Answer, History, Versions, Visit, gaps, in_order, visit_meant
from streams.timeliness import Timeliness, timeliness
from streams.workload import Move, all_moves, moves


class Measure(StrEnum):
    """What is measured. Volume counts one a visit, complaints one for each that names a touchpoint, at that touchpoint.

    Within says of each limit, at the moment at which it falls, whether its span had ended by then: 1 or 0. It is
    observed when the span begins, so it may lie in the future. Durations are in milliseconds; touch, waiting and paused
    are parts of the time of a step (streams.time_shares), and those `_worked` the same in hours of work. Cost is what
    events say that they cost, in cents. Arrivals and completions count what came to, and left, the journey or a
    department (streams.workload). The others are what customers say (schemas.question), in thousandths of a point of
    the measure's scale.
    """

    VOLUME = "volume"
    GAP = "gap"
    THROUGHPUT = "throughput"
    WITHIN = "within"
    COMPLAINTS = "complaints"
    GAP_WORKED = "gap_worked"
    TOUCH = "touch"
    TOUCH_WORKED = "touch_worked"
    WAITING = "waiting"
    WAITING_WORKED = "waiting_worked"
    PAUSED = "paused"
    PAUSED_WORKED = "paused_worked"
    COST = "cost"
    ARRIVALS = "arrivals"
    COMPLETIONS = "completions"
    SATISFACTION = "satisfaction"
    OVERALL = "overall"
    EFFORT = "effort"
    EMOTION = "emotion"
    IMPORTANCE = "importance"
    EXPECTATION_MET = "expectation_met"
    OUTCOME_REACHED = "outcome_reached"
    MISSED_MESSAGE = "missed_message"
    NPS = "nps"


OF_SPANS = frozenset({Measure.THROUGHPUT, Measure.WITHIN})
"""What is measured of spans."""

WORKED: Mapping[Measure, Measure] = {
    Measure.GAP: Measure.GAP_WORKED,
    Measure.TOUCH: Measure.TOUCH_WORKED,
    Measure.WAITING: Measure.WAITING_WORKED,
    Measure.PAUSED: Measure.PAUSED_WORKED,
}
"""The times of steps by the calendar, and as what they are measured in hours of work."""

OF_STEPS = frozenset({*WORKED, *WORKED.values()})
"""What is measured of steps, each from one touchpoint right to the next."""

OF_WORK = frozenset({Measure.ARRIVALS, Measure.COMPLETIONS})
"""What is measured of those who have cases in hand."""

BY_DAY = (OF_STEPS | OF_WORK | {Measure.COST}) - {Measure.GAP}
"""What is kept by the day only, as sums without a histogram: it is looked back on, not watched."""

SCORED = frozenset(Measure) - OF_SPANS - BY_DAY - {Measure.VOLUME, Measure.GAP, Measure.COMPLAINTS}
"""What customers say."""


class Scope(NamedTuple):
    """What a figure is about. The empty string is 'not given', and in roll-ups 'all together'.

    `span` is the one that is measured: of a gap and the parts of a step, the touchpoint from which it runs; of volume
    and of scores, how the visit stands to its limits (Timeliness); of arrivals and completions, whose they are (Level).
    `outcome` is how the case had come out by then, of scores only (streams.outcomes).
    """

    journey: str
    measure: str
    span: str
    touchpoint: str
    department: str
    channel: str
    persona: str
    outcome: str = ""


class Observation(NamedTuple):
    """One value of one measure, in one scope, at one time."""

    at: datetime
    scope: Scope
    value: int


@lru_cache(maxsize=10_000)
def scope_of(  # noqa: PLR0917 - a cache takes arguments by place
    journey: str,
    measure: str,
    span: str,
    touchpoint: str | None,
    department: str | None,
    channel: str | None,
    persona: str | None,
    outcome: str = "",
) -> Scope:
    """Return a scope; there are few, so each is made once."""
    return Scope(journey, measure, span, touchpoint or "", department or "", channel or "", persona or "", outcome)


def observation(journey: str, measure: str, span: str, visit: Visit, value: int) -> Observation:
    """Return what a visit says of a measure."""
    scope = scope_of(journey, measure, span, visit.touchpoint, visit.department, visit.channel, visit.persona)
    return Observation(visit.occurred_at, scope, value)


class VisitScopes(NamedTuple):
    """The scopes of what any visit says: that it was there, how long after another one, and what it cost."""

    volume: Scope
    gap: Scope
    cost: Scope


@lru_cache(maxsize=10_000)
def scopes_of_visit(  # noqa: PLR0917 - a cache takes arguments by place
    journey: str,
    stands: str,
    before: str | None,
    touchpoint: str,
    department: str | None,
    channel: str | None,
    persona: str | None,
) -> VisitScopes:
    """Return the scopes of a visit, given how it stands to its limits and after which touchpoint it came."""
    place = touchpoint, department, channel, persona
    return VisitScopes(
        scope_of(journey, Measure.VOLUME, stands, *place),
        scope_of(journey, Measure.GAP, before or "", *place),
        scope_of(journey, Measure.COST, "", *place),
    )


def kept(journey: str, limit: Fallen) -> Observation:
    """Return what a limit that falls says of its span."""
    scope = scope_of(
        journey, Measure.WITHIN, limit.span, limit.touchpoint, limit.department, limit.channel, limit.persona
    )
    return Observation(limit.at, scope, int(limit.kept))


def shares(journey: str, step: StepTime, drawn: Journey) -> Iterator[Observation]:
    """Yield what a step says of where its time went, but for its length by the calendar, which is its gap.

    What is neither touch nor waiting nor paused is the time between contacts. Waiting is there for each step after the
    first of which that part is known to be waiting, and touch for each that has any or may have.
    """
    parts: list[tuple[Measure, int, int]] = []
    if step.known or step.touch.calendar:
        parts.append((Measure.TOUCH, *step.touch))
    if step.known and step.after:
        parts.append((Measure.WAITING, *step.open))
    if step.paused.calendar:
        parts.append((Measure.PAUSED, *step.paused))
    for measure, by_calendar, _ in parts:
        yield observation(journey, measure, step.after, step.visit, by_calendar)
    if any(drawn.week):
        if step.after:
            yield observation(journey, Measure.GAP_WORKED, step.after, step.visit, step.whole.worked)
        for measure, _, worked in parts:
            yield observation(journey, WORKED[measure], step.after, step.visit, worked)


def moved(journey: str, visit: Visit, move: Move) -> Observation:
    """Return what a move that a visit made says of the work of a department, or of the journey."""
    return Observation(visit.occurred_at, _scope_of_work(journey, move), 1)


@lru_cache(maxsize=10_000)
def scopes_of_work(journey: str, before: str | None, department: str, closed: bool) -> Sequence[Scope]:
    """Return the scopes of the moves that a visit makes (streams.workload.moves)."""
    return [_scope_of_work(journey, move) for move in moves(before, department, closed=closed)]


def _scope_of_work(journey: str, move: Move) -> Scope:
    measure = Measure.ARRIVALS if move.arrives else Measure.COMPLETIONS
    return scope_of(journey, measure, move.level, None, move.department, None, None)


def observe(journey: str, history: History, versions: Versions) -> list[Observation]:
    """Return everything there is to observe in a case."""
    ordered = in_order(history.visits, versions)
    spans = list(passages(ordered, versions))
    ended = list(elapsed(spans, versions))
    judged = timeliness(ordered, ended, versions)
    found = [observation(journey, Measure.VOLUME, _stands(visit, judged), visit, 1) for visit in ordered]
    found += [
        observation(journey, Measure.GAP, gap.after.touchpoint, gap.before, gap.milliseconds) for gap in gaps(ordered)
    ]
    found += [
        observation(journey, Measure.COST, "", visit, visit.cost_cents)
        for visit in ordered
        if visit.cost_cents is not None
    ]
    for step in step_times(ordered, versions):
        found += shares(journey, step, versions[step.visit.journey_version])
    found += [moved(journey, visit, move) for visit, move in all_moves(ordered, versions)]
    found += [observation(journey, Measure.THROUGHPUT, time.span, time.ended_by, time.milliseconds) for time in ended]
    found += [kept(journey, limit) for limit in fallen(spans, versions)]
    found += [
        _complained(journey, visit, visit.about, ordered[: place + 1])
        for place, visit in enumerate(ordered)
        if visit.about is not None and visit.touchpoint in versions[visit.journey_version].complaint_ids
    ]
    found += [
        _scored(journey, answer, versions, ordered, judged) for answer in history.answers if answer.score is not None
    ]
    return found


def changes(before: Collection[Observation], after: Collection[Observation]) -> Iterator[tuple[Observation, int]]:
    """Yield what to add (1) and what to take back (-1), with multiplicity, so that `before` becomes `after`."""
    difference: Counter[Observation] = Counter(after)
    difference.subtract(before)
    return ((observation, count) for observation, count in difference.items() if count)


def _complained(journey: str, complaint: Visit, about: str, until_then: Sequence[Visit]) -> Observation:
    """Return a complaint in the scope of the last visit until then to the touchpoint that it is about."""
    meant = next((visit for visit in reversed(until_then) if visit.touchpoint == about), None)
    place = (about, None, None, None) if meant is None else (about, meant.department, meant.channel, meant.persona)
    return Observation(complaint.occurred_at, scope_of(journey, Measure.COMPLAINTS, "", *place), 1)


def _scored(
    journey: str, answer: Answer, versions: Versions, ordered: Sequence[Visit], judged: Mapping[Visit, Timeliness]
) -> Observation:
    """Return an answer's score in the scope of the visit that it is about; without one, little is known of it."""
    question = versions[answer.journey_version].question_by_id[answer.question]
    measure = Measure(question.measure)
    meant = visit_meant(answer, ordered)
    stands: str = "" if meant is None else _stands(meant, judged)
    place = (
        (answer.touchpoint, None, None, None)
        if meant is None
        else (meant.touchpoint, meant.department, meant.channel, meant.persona)
    )
    scope = scope_of(journey, measure, stands, *place, outcome_of(answer, meant, ordered))
    return Observation(answer.answered_at, scope, question.values[answer.score or 0])


def _stands(visit: Visit, judged: Mapping[Visit, Timeliness]) -> Timeliness:
    return judged.get(visit, Timeliness.UNKNOWN)
