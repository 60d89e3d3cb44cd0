"""One case as an employee reads it: its touchpoints, the time between them and whose turn it was, its spans. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from schemas.journey import CASE_SPAN, Journey, Phase, Touchpoint
from schemas.journey_part import Label
from schemas.values import milliseconds
from streams.spans import elapsed, passages
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


@dataclass(frozen=True)
class Step:
    """A touchpoint in the case. `gap` is the time since the one before it, None for the first."""

    visit: Visit
    touchpoint: Touchpoint
    phase: Phase
    gap: Gap | None

    @property
    def customers_turn(self) -> bool:
        """Whether it was the customer who was waited for."""
        return self.touchpoint.initiator == "customer"

    @property
    def party(self) -> str | None:
        """The party other than the customer that was waited for, if it is known."""
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
    """The time that a span took or takes, in milliseconds; 0 if it was not reached."""

    span: Span
    progress: Progress
    milliseconds: int

    @property
    def limit(self) -> int | None:
        """The longest that it may last, in milliseconds."""
        return _in_milliseconds(self.span.limit)

    @property
    def is_late(self) -> bool:
        """Whether it lasts longer than its limit."""
        return self.limit is not None and self.milliseconds > self.limit


@dataclass(frozen=True)
class CaseTimeline:
    """A case at a moment. `waiting` is the time since its last touchpoint while it is open."""

    steps: tuple[Step, ...]
    spans: tuple[SpanTime, ...]
    opened_at: datetime | None
    closed_at: datetime | None
    waiting: int | None
    taken_back: int


def case_timeline(visits: Collection[Visit], versions: Versions, now: datetime) -> CaseTimeline:
    """Return a case's timeline from all its visits and the journey's versions by version."""
    ordered = in_order(visits, versions)
    stands = status(ordered, versions)
    is_open = stands.last_at is not None and stands.closed_at is None
    return CaseTimeline(
        steps=_steps(ordered, versions),
        spans=tuple(_spans(ordered, versions, now, is_open)) if ordered else (),
        opened_at=stands.opened_at,
        closed_at=stands.closed_at,
        waiting=max(0, milliseconds(now, stands.last_at)) if is_open and stands.last_at else None,
        taken_back=sum(visit.voids is None for visit in visits) - len(ordered),
    )


def _steps(ordered: Sequence[Visit], versions: Versions) -> tuple[Step, ...]:
    before: list[int | None] = [None, *(gap for _, gap in gaps(ordered))]
    return tuple(_step(visit, gap, versions) for visit, gap in zip(ordered, before, strict=False))


def _step(visit: Visit, gap: int | None, versions: Versions) -> Step:
    drawn = versions[visit.journey_version]
    touchpoint = drawn.touchpoints[drawn.touchpoint_ids[visit.touchpoint]]
    return Step(
        visit=visit,
        touchpoint=touchpoint,
        phase=next(phase for phase in drawn.phases if touchpoint in phase.touchpoints),
        gap=None if gap is None else Gap(gap, _in_milliseconds(touchpoint.gap_limit)),
    )


def _spans(ordered: Sequence[Visit], versions: Versions, now: datetime, is_open: bool) -> Iterator[SpanTime]:
    """Yield the whole case first, then its spans as the newest map of the case defines them."""
    drawn = versions[ordered[-1].journey_version]
    ended = {time.span: time.milliseconds for time in elapsed(list(passages(ordered, versions)), versions)}
    yield _span_time(Span(CASE_SPAN, None, drawn.case_limit), ended, ordered[0], now if is_open else None)
    for span in drawn.spans:
        begun = next((place for place, visit in enumerate(ordered) if visit.touchpoint == span.start), None)
        if begun is not None:
            runs = is_open or span.start in drawn.aftercare_ids
            will_end = runs and not _passed_by(span.end, ordered[begun:], drawn)
            defined = Span(span.id, span.name, span.limit)
            yield _span_time(defined, ended, ordered[begun], now if will_end else None)


def _passed_by(touchpoint: str, visits: Sequence[Visit], drawn: Journey) -> bool:
    """Say whether visits went past an optional touchpoint: what then still waits for it would wait for ever."""
    place = drawn.touchpoint_ids[touchpoint]
    reached = max(drawn.touchpoint_ids.get(visit.touchpoint, 0) for visit in visits)
    return drawn.touchpoints[place].optional and reached > place


def _span_time(span: Span, ended: Mapping[str, int], start: Visit, now: datetime | None) -> SpanTime:
    """Return what a span took, or takes until `now`; None for a span that will not end any more."""
    if span.id in ended:
        return SpanTime(span, Progress.ENDED, ended[span.id])
    if now is None:
        return SpanTime(span, Progress.NOT_REACHED, 0)
    return SpanTime(span, Progress.RUNNING, max(0, milliseconds(now, start.started_at or start.occurred_at)))


def _in_milliseconds(limit: timedelta | None) -> int | None:
    return None if limit is None else limit // timedelta(milliseconds=1)
