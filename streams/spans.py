"""A case's visits -> its spans: where each began and ended, what that came to, whether it had ended when due. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.journey import CASE_SPAN, Journey
from schemas.span import Span
from streams.terms import Term, begin, due, lasted, onward
from streams.timeline import Versions, Visit, closing_visit


class Passage(NamedTuple):
    """A span that a case has begun, as a version of its journey defines it, and the visits that began and ended it.

    `ended_by` is None while it is under way.
    """

    span: Span
    version: int
    begun_by: Visit
    term: Term
    ended_by: Visit | None


class Elapsed(NamedTuple):
    """A time that ended with a visit: the span it measures, its length in milliseconds without its pauses (never
    negative), and by when it had to end, None if it has no limit.
    """

    span: str
    ended_by: Visit
    milliseconds: int
    due: datetime | None


class Fallen(NamedTuple):
    """A limit that falls at a moment, past or to come, and whether the span that began with a visit had ended by then.

    `touchpoint` and `department` are those at which the span ends, as drawn; empty for the whole case.
    """

    at: datetime
    span: str
    touchpoint: str
    department: str
    channel: str
    persona: str
    kept: bool


def passages(visits: Sequence[Visit], versions: Versions) -> Iterator[Passage]:
    """Yield the spans that ordered visits begin, as each version that holds for any of them defines them.

    A span runs from the first visit to its start (from when that was begun, if known) to the next visit to its end. The
    whole case runs from the first visit of all to the one that closed it, if it is closed.
    """
    for version in dict.fromkeys(visit.journey_version for visit in visits):
        drawn = versions[version]
        for span in drawn.spans:
            found = _passage(visits, span, version, drawn)
            if found is not None:
                yield found
        if visits:
            whole = drawn.span_by_id[CASE_SPAN]
            yield Passage(whole, version, visits[0], begin(whole, visits[0]), closing_visit(visits, versions))


def elapsed(found: Sequence[Passage], versions: Versions) -> Iterator[Elapsed]:
    """Yield the throughput times of passages that have ended, each as the version that held at its end has it."""
    for span, version, _, term, ended_by in found:
        if ended_by is not None and ended_by.journey_version == version:
            drawn, at = versions[version], ended_by.occurred_at
            yield Elapsed(span.id, ended_by, lasted(term, span, drawn, at), due(term, span, drawn, at))


def fallen(found: Sequence[Passage], versions: Versions) -> Iterator[Fallen]:
    """Yield the limits of passages, where they are known; each as the version that held at its beginning has it."""
    for span, version, begun_by, term, ended_by in found:
        if begun_by.journey_version == version:
            limit = fall(term, span, versions[version], ended_by and ended_by.occurred_at)
            if limit is not None:
                yield limit


def fall(term: Term, span: Span, drawn: Journey, ended_at: datetime | None) -> Fallen | None:
    """Return when a span's limit falls, and whether it had ended by then.

    None if it has no limit, while a pause leaves open when, and once nobody expects its end any more.
    """
    if ended_at is None and term.passed_by:
        return None
    at = due(term, span, drawn, ended_at)
    if at is None:
        return None
    department = drawn.touchpoint(span.end).department if span.end else None
    kept = ended_at is not None and ended_at <= at
    return Fallen(at, span.id, span.end, department or "", term.channel or "", term.persona or "", kept)


def last_fall(drawn: Journey, since: datetime) -> datetime:
    """Return after which moment no limit falls of a case that has had no touchpoint since another moment."""
    paused = (pause.at_most for span in drawn.spans for pause in span.pauses if pause.at_most is not None)
    last = Term(since + max(paused, default=timedelta(0)))
    falls = (due(last, span, drawn) for span in drawn.span_by_id.values())
    return max((fall for fall in falls if fall is not None), default=since)


def _passage(visits: Sequence[Visit], span: Span, version: int, drawn: Journey) -> Passage | None:
    begun_by: Visit | None = None
    for visit in visits:
        if begun_by is None:
            if visit.touchpoint == span.start:
                begun_by, term = visit, begin(span, visit)
        elif visit.touchpoint == span.end:
            return Passage(span, version, begun_by, term, visit)
        else:
            term = onward(term, span, visit, drawn)
    return None if begun_by is None else Passage(span, version, begun_by, term, None)
