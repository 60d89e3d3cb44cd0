"""Spans under way: by when each must have ended, and how long it takes, both without its pauses. Pure.

Each is told by the clock of its span (schemas.span): the calendar, a legal term, or working time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.journey import Journey
from schemas.span import Span
from streams.timeline import Visit, begun
from streams.working_time import Calendar, calendar

_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


class Stop(NamedTuple):
    """A time that does not count; `until` is None while nobody knows when it ends."""

    since: datetime
    until: datetime | None


class Pause(NamedTuple):
    """A pause of a span: the place of its rule among the span's, when it began, and when it ended if it has."""

    rule: int
    since: datetime
    until: datetime | None = None


class Term(NamedTuple):
    """A span under way: since when, and all that the visits after the one at which it began have meant to it.

    `channel` and `persona` are those of that first visit, None if the span has no limit. `passed_by` says that the case
    went on without the optional touchpoint at which the span ends: it is not to be expected any more.
    """

    since: datetime
    channel: str | None = None
    persona: str | None = None
    pauses: tuple[Pause, ...] = ()
    passed_by: bool = False


def begin(span: Span, visit: Visit) -> Term:
    """Return the term that begins with a visit."""
    if span.limit is None:
        return Term(begun(visit))
    return Term(begun(visit), visit.channel, visit.persona)


def onward(term: Term, span: Span, visit: Visit, drawn: Journey) -> Term:
    """Return the term after a later visit that does not end it."""
    for rule, drawn_pause in enumerate(span.pauses):
        if visit.touchpoint in (drawn_pause.from_, drawn_pause.until):
            begins = visit.touchpoint == drawn_pause.from_
            term = term._replace(pauses=_paused(term.pauses, rule, visit.occurred_at, begins=begins))
    if not term.passed_by and span.id in drawn.passing.get(visit.touchpoint, ()):
        term = term._replace(passed_by=True)
    return term


def due(term: Term, span: Span, drawn: Journey, ended_at: datetime | None = None) -> datetime | None:
    """Return the last moment at which a span is in time; None without a limit, and while a pause leaves it open.

    A pause of which the longest time is known is taken to last so long until it ends. What begins after that moment
    changes nothing. The end of the span, if it has ended, ends its pauses.
    """
    if span.limit is None:
        return None
    stops = _stops(term, span, ended_at) if term.pauses else ()
    if span.clock == "legal":
        return _due_by_law(term.since, span.limit.days, stops, _calendar(drawn))
    if span.clock == "working":
        return _due_in_working_time(term.since, span.limit, stops, _calendar(drawn))
    return _due_by_calendar(term.since, span.limit, stops)


def lasted(term: Term, span: Span, drawn: Journey, ended_at: datetime) -> int:
    """Return how long a span has taken at its end, or at any other moment, in milliseconds, without its pauses."""
    took = _calendar(drawn).worked if span.clock == "working" else _between
    counted = took(term.since, ended_at)
    if term.pauses:
        for since, until in _stops(term, span, ended_at):
            counted -= took(since, until or ended_at)
    return counted // _MILLISECOND


def _due_by_calendar(since: datetime, limit: timedelta, stops: Sequence[Stop]) -> datetime | None:
    end = since + limit
    for begins, ends in stops:
        if begins >= end:
            break
        if ends is None:
            return None
        end += ends - begins
    return end


def _due_in_working_time(
    since: datetime, limit: timedelta, stops: Sequence[Stop], working: Calendar
) -> datetime | None:
    end = working.after(since, limit)
    for begins, ends in stops:
        if begins >= end:
            break
        if ends is None:
            return None
        end = working.after(ends, working.worked(begins, end))
    return end


def _due_by_law(since: datetime, days: int, stops: Sequence[Stop], year: Calendar) -> datetime | None:
    """Return the end of the last day of a legal term.

    It is suspended from the day after the one on which a pause begins to the day before the one on which that ends
    (Algemene wet bestuursrecht, art. 4:15).
    """
    due_day = year.day(since) + days * _DAY
    last_day = year.last_day(due_day, days)
    for begins, ends in stops:
        begins_on = year.day(begins)
        if begins_on >= last_day:
            break
        if ends is None:
            return None
        ends_on = year.day(ends)
        if begins_on < due_day:
            due_day += max(ends_on - begins_on - _DAY, timedelta(0))
            last_day = year.last_day(due_day, days)
        else:  # all its days are over, and it waits for the first that may end it
            last_day = year.last_day(max(last_day, ends_on), days)
    return year.end_of_day(last_day)


def _stops(term: Term, span: Span, ended_at: datetime | None) -> Sequence[Stop]:
    """Return when a span's clock stood still until it ended, in order and apart from each other."""
    stops: list[Stop] = []
    for pause in term.pauses:
        if ended_at is not None and pause.since >= ended_at:
            break
        stop = Stop(pause.since, _end_of(pause, span, ended_at))
        if stops and (stops[-1].until is None or stop.since <= stops[-1].until):
            stop = _together(stops.pop(), stop)
        stops.append(stop)
    return stops


def _together(earlier: Stop, later: Stop) -> Stop:
    if earlier.until is None or later.until is None:
        return Stop(earlier.since, None)
    return Stop(earlier.since, max(earlier.until, later.until))


def _end_of(pause: Pause, span: Span, ended_at: datetime | None) -> datetime | None:
    at_most = span.pauses[pause.rule].at_most
    ends = (pause.until, None if at_most is None else pause.since + at_most, ended_at)
    return min((end for end in ends if end is not None), default=None)


def _paused(pauses: tuple[Pause, ...], rule: int, at: datetime, *, begins: bool) -> tuple[Pause, ...]:
    """Return the pauses after a visit at which one by a rule begins or ends, if none did already."""
    runs = any(pause.rule == rule and pause.until is None for pause in pauses)
    if begins and not runs:
        return (*pauses, Pause(rule, at))
    if runs and not begins:
        return tuple(pause._replace(until=pause.until or at) if pause.rule == rule else pause for pause in pauses)
    return pauses


def _between(earlier: datetime, later: datetime) -> timedelta:
    return later - earlier


def _calendar(drawn: Journey) -> Calendar:
    return calendar(drawn.zone, drawn.week, drawn.holidays)
