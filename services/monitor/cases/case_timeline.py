"""One case as an employee reads it: its touchpoints, the time between them and whose turn it was, its spans. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from schemas.journey import CASE_SPAN, Catalogue, Journey, Phase, Touchpoint
from schemas.journey_part import Label
from schemas.values import milliseconds
from streams.conformance import Departure, departures
from streams.spans import Passage, passages
from streams.terms import due, lasted
from streams.timeline import Versions, Visit, gaps, in_order, status


@dataclass(frozen=True)
class Gap:
    """The time before a touchpoint, in milliseconds, held against its limit (None: none was set)."""

    milliseconds: int
    limit: int | None

    @property
    def is_late(self) -> bool:
        """Whether it lasted longer than its limit."""
        return self.limit is not None and self.milliseconds > self.limit


class Party(StrEnum):
    """Who may be waited for. Where it is not the customer, the customer waits; else the organisation does."""

    CUSTOMER = "customer"
    ORGANISATION = "organisation"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True)
class Step:
    """A touchpoint in the case. `gap` is the time since the one before it, None for the first."""

    visit: Visit
    touchpoint: Touchpoint
    phase: Phase
    gap: Gap | None

    @property
    def awaited(self) -> Party:
        """Who was waited for until then."""
        return party_of(self.touchpoint)

    @property
    def party(self) -> str | None:
        """The party other than the customer that was waited for, if it is known by name."""
        return self.touchpoint.external_party or self.visit.department or self.touchpoint.department


class Progress(StrEnum):
    """How far a span has come in a case."""

    ENDED = "ended"
    RUNNING = "running"
    NOT_REACHED = "not_reached"


class Span(NamedTuple):
    """What is timed. `name` None: the whole case."""

    id: str
    name: Label | None
    limit: timedelta | None


@dataclass(frozen=True)
class SpanTime:
    """The time that a span took or takes until `at`, in milliseconds and without its pauses; 0 if it was not reached.

    `due` is the last moment at which it is in time; None without a limit, and while a pause leaves that open.
    """

    span: Span
    progress: Progress
    milliseconds: int
    at: datetime
    due: datetime | None

    @property
    def limit(self) -> int | None:
        """The longest that it may last, in milliseconds of its own clock."""
        return _in_milliseconds(self.span.limit)

    @property
    def left(self) -> int | None:
        """How much time there is until it is due, by the calendar; less than none if that has passed."""
        return None if self.due is None else (self.due - self.at) // timedelta(milliseconds=1)

    @property
    def is_late(self) -> bool:
        """Whether it ends, or has ended, after it was due."""
        return self.due is not None and self.at > self.due


class Awaited(NamedTuple):
    """Who is waited for, and the party's name if it has one."""

    party: Party
    name: str | None


@dataclass(frozen=True)
class CaseTimeline:
    """A case at a moment. `waiting` is the time since its last touchpoint while it is open.

    `awaited` is who can end that, as drawn: who ends a pause that runs, else whose the next touchpoint is that every
    case has; None if there is none.
    """

    steps: tuple[Step, ...]
    spans: tuple[SpanTime, ...]
    opened_at: datetime | None
    closed_at: datetime | None
    waiting: int | None
    awaited: Awaited | None
    taken_back: int


def case_timeline(visits: Collection[Visit], versions: Versions, now: datetime) -> CaseTimeline:
    """Return a case's timeline from all its visits and the journey's versions by version."""
    ordered = in_order(visits, versions)
    stands = status(ordered, versions)
    is_open = stands.last_at is not None and stands.closed_at is None
    found = _of_newest(ordered, versions) if ordered else ()
    return CaseTimeline(
        steps=_steps(ordered, versions),
        spans=tuple(_span_time(passage, versions[passage.version], now, is_open) for passage in found),
        opened_at=stands.opened_at,
        closed_at=stands.closed_at,
        waiting=max(0, milliseconds(now, stands.last_at)) if is_open and stands.last_at else None,
        awaited=_awaited(ordered, found, versions[ordered[-1].journey_version]) if is_open else None,
        taken_back=sum(visit.voids is None for visit in visits) - len(ordered),
    )


def departures_of(timeline: CaseTimeline, catalogue: Catalogue, journey: str) -> Sequence[Departure]:
    """Return where a case departs from the map that was valid when it was opened, as far as it has come."""
    if timeline.opened_at is None:
        return ()
    drawn = catalogue.at(journey, timeline.opened_at).journey
    return departures([step.touchpoint.id for step in timeline.steps], drawn)


def _steps(ordered: Sequence[Visit], versions: Versions) -> tuple[Step, ...]:
    before: list[int | None] = [None, *(gap.milliseconds for gap in gaps(ordered))]
    return tuple(_step(visit, gap, versions) for visit, gap in zip(ordered, before, strict=False))


def _step(visit: Visit, gap: int | None, versions: Versions) -> Step:
    drawn = versions[visit.journey_version]
    touchpoint = drawn.touchpoint(visit.touchpoint)
    return Step(
        visit=visit,
        touchpoint=touchpoint,
        phase=next(phase for phase in drawn.phases if touchpoint in phase.touchpoints),
        gap=None if gap is None else Gap(gap, _in_milliseconds(touchpoint.gap_limit)),
    )


def party_of(touchpoint: Touchpoint) -> Party:
    """Return who is waited for until a touchpoint."""
    if touchpoint.initiator == "customer":
        return Party.CUSTOMER
    return Party.THIRD_PARTY if touchpoint.handled_outside else Party.ORGANISATION


def _of_newest(ordered: Sequence[Visit], versions: Versions) -> Sequence[Passage]:
    """Return the spans as the newest map of the case defines them, the whole case first."""
    newest = ordered[-1].journey_version
    found = [passage for passage in passages(ordered, versions) if passage.version == newest]
    return found[-1:] + found[:-1]


def _span_time(passage: Passage, drawn: Journey, now: datetime, is_open: bool) -> SpanTime:
    """Return what a span took, or takes until `now`, unless it will not end any more."""
    span, _, _, term, ended_by = passage
    shown = Span(span.id, None if span.id == CASE_SPAN else span.name, span.limit)
    if ended_by is not None:
        at = ended_by.occurred_at
        return SpanTime(shown, Progress.ENDED, lasted(term, span, drawn, at), at, due(term, span, drawn, at))
    if term.passed_by or not (is_open or span.start in drawn.aftercare_ids):
        return SpanTime(shown, Progress.NOT_REACHED, 0, now, None)
    taken = lasted(term, span, drawn, max(now, term.since))
    return SpanTime(shown, Progress.RUNNING, taken, now, due(term, span, drawn))


def _awaited(ordered: Sequence[Visit], found: Sequence[Passage], drawn: Journey) -> Awaited | None:
    untils = (
        passage.span.pauses[pause.rule].until
        for passage in found
        if passage.ended_by is None
        for pause in passage.term.pauses
        if pause.until is None
    )
    place = drawn.touchpoint_ids[ordered[-1].touchpoint]
    following = (each.id for each in drawn.touchpoints[place + 1 :] if not each.optional)
    awaited = next(untils, None) or next(following, None)
    if awaited is None:
        return None
    touchpoint = drawn.touchpoint(awaited)
    return Awaited(party_of(touchpoint), touchpoint.external_party or touchpoint.department)


def _in_milliseconds(limit: timedelta | None) -> int | None:
    return None if limit is None else limit // timedelta(milliseconds=1)
