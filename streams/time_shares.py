"""Where the time of a case goes: paused, waiting, between contacts, or worked on; by the calendar and in hours of work.

Pure. A case's life runs from the first moment that is known of it to its last visit. It falls into steps: one up to the
end of each visit, from the end of the visit before. Each moment of a step is one of these:

- touch ('bewerkingstijd'): somebody is at work on a visit that has not ended yet, on that of the step or a later one.
  Visits that overlap so count once, in the step that is under way, which is the one that ends first;
- paused ('gepauzeerd'): nobody is, and a pause of a span of the case runs;
- waiting ('wachttijd'): neither, and it is known when work on the visit that ends the step began;
- between ('tussentijd'): neither, and that is not known.

As every visit that is worked on in a step ends no earlier than the step does, touch is always the last part of a step,
and as a pause begins and ends with a visit, or is over after its longest time, paused is always the first.
A moment counts as the millisecond in which it lies, so parts add up to the whole without rest, by either clock.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from schemas.journey import Journey
from schemas.values import milliseconds
from streams.terms import Term
from streams.timeline import Versions, Visit, begun
from streams.turns import Spans, take_past
from streams.working_time import Calendar, calendar

_MILLISECOND = timedelta(milliseconds=1)


class Time(NamedTuple):
    """A time in milliseconds: by the calendar, and in hours of work, which are none where a journey has none."""

    calendar: int
    worked: int


class StepTime(NamedTuple):
    """The time up to the end of a visit, from the end of the one `after` which it came, in its three parts.

    The first step of a case comes after nothing, and is touch alone. `known` says whether it is known when work on the
    visit began: then `open` is waiting, else it is between contacts.
    """

    after: str
    visit: Visit
    known: bool
    paused: Time
    open: Time
    touch: Time

    @property
    def whole(self) -> Time:
        """All parts together."""
        paused, open_, touch = self.paused, self.open, self.touch
        return Time(
            paused.calendar + open_.calendar + touch.calendar,
            paused.worked + open_.worked + touch.worked,
        )


def step_times(ordered: Sequence[Visit], versions: Versions) -> Iterator[StepTime]:
    """Yield the steps of a case with these ordered visits; the first only if it took any time that is known of."""
    began = _work_began(ordered)
    pauses = _pause_ends(ordered, versions)
    for place, visit in enumerate(ordered):
        before = ordered[place - 1] if place else None
        drawn = versions[visit.journey_version]
        if before is not None:
            yield step_time(before.touchpoint, before.occurred_at, visit, began[place], pauses[place], drawn)
        elif began[place] < visit.occurred_at or visit.started_at is not None:
            yield first_step(visit, began[place], drawn)


def first_step(visit: Visit, began: datetime, drawn: Journey) -> StepTime:
    """Return the step up to the first visit of a case, from when work on it, or on a later one, began."""
    return step_time("", began, visit, began, None, drawn)


def step_time(  # noqa: PLR0917 - what a step is made of
    after: str, since: datetime, visit: Visit, began: datetime, paused_until: datetime | None, drawn: Journey
) -> StepTime:
    """Return the step from a moment to the end of a visit.

    `began` is since when somebody has been at work on that visit or a later one (the visit's end if nobody is known to
    have been), and `paused_until` how long a pause went on that runs at `since`; None if none does.
    """
    until = visit.occurred_at
    touch_from = min(max(began, since), until)
    open_from = since if paused_until is None else min(max(paused_until, since), touch_from)
    clock = working_calendar(drawn)
    return StepTime(
        after,
        visit,
        visit.started_at is not None,
        time_between(since, open_from, clock),
        time_between(open_from, touch_from, clock),
        time_between(touch_from, until, clock),
    )


def paused_until(spans: Mapping[str, Term | None], drawn: Journey, until: datetime) -> datetime | None:
    """Return how long the pauses went on that still ran after the visits before one that ended `until` a moment."""
    ends = [
        until if (at_most := drawn.span_by_id[span].pauses[pause.rule].at_most) is None else pause.since + at_most
        for span, term in spans.items()
        if term is not None
        for pause in term.pauses
        if pause.until is None
    ]
    return max(ends, default=None)


def working_calendar(drawn: Journey) -> Calendar | None:
    """Return when the organisation of a journey works; None if its file does not say."""
    return calendar(drawn.zone, drawn.week, drawn.holidays) if any(drawn.week) else None


def time_between(since: datetime, until: datetime, clock: Calendar | None) -> Time:
    """Return the time from one moment to another that is no earlier."""
    if since == until:
        return _NONE
    worked = 0 if clock is None else clock.worked(_whole(since), _whole(until)) // _MILLISECOND
    return Time(milliseconds(until, since), worked)


_NONE = Time(0, 0)


def _work_began(ordered: Sequence[Visit]) -> Sequence[datetime]:
    """Return, for each visit, since when somebody worked on it or a later one; its end if there was none by then."""
    return list(accumulate(map(begun, reversed(ordered)), min))[::-1]


def _pause_ends(ordered: Sequence[Visit], versions: Versions) -> Sequence[datetime | None]:
    """Return, for each visit, how long the pauses went on that ran before it, as the version that holds for it has it.

    The versions of a case are few; each takes all visits past its own spans.
    """
    found: list[datetime | None] = [None] * len(ordered)
    for version in {visit.journey_version for visit in ordered if versions[visit.journey_version].has_pauses}:
        drawn = versions[version]
        spans: Spans = {}
        for place, visit in enumerate(ordered):
            if visit.journey_version == version:
                found[place] = paused_until(spans, drawn, visit.occurred_at)
            take_past(spans, visit, drawn)
    return found


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
