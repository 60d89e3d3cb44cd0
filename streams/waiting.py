"""What a case waits for: how long it may stay where it is, and which touchpoint must follow. Pure.

An open case may stay at its last touchpoint for as long as that touchpoint's waiting limit. A touchpoint that expects a
successor is followed by it in time, whatever comes between; closing the case ends what was expected before. What the
closing touchpoint and aftercare expect holds in a closed case, too: a complaint wants its answer. Whatever order events
came in, the same visits leave the same expectations. Each visit is judged by the journey version that holds for it.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.alert import AlertKind, AlertState
from schemas.journey import Journey
from streams.timeline import Versions, Visit

QUIET = timedelta(seconds=30)
"""For how long nothing of a case has to have been counted before it is flagged for what was overdue by then.

Events that come late, as all of an import do, come together: the next one may be what is missing.
"""


class Expected(NamedTuple):
    """Something that a case waits for.

    `kind` waiting: anything that follows `touchpoint`. `kind` missing: `touchpoint` itself, which must follow `after`.
    `since` is when the visit to `after` was, and until `due_at`, that moment included, there is nothing wrong.
    """

    kind: AlertKind
    touchpoint: str
    after: str
    since: datetime
    due_at: datetime


class Expectation(NamedTuple):
    """Something that a case waits for, or has waited for until `ended_at`."""

    expected: Expected
    ended_at: datetime | None


def expected_after(held: Sequence[Expected], visit: Visit, drawn: Journey, *, closed: bool) -> tuple[Expected, ...]:
    """Return what is expected once a visit has come; `held` is what was before, `drawn` the version that holds for it.

    `closed` says whether the case is closed after the visit. A touchpoint that is visited again before its successor
    has come goes on waiting since the first time.
    """
    closing = visit.touchpoint in drawn.closing_ids
    kept = () if closing else tuple(each for each in held if _outlasts(each, visit))
    return (*kept, *_begun(kept, visit, drawn, closed))


def expectations(visits: Sequence[Visit], versions: Versions) -> Sequence[Expectation]:
    """Return all that a case with these ordered visits has waited for, and last what it still waits for."""
    found: list[Expectation] = []
    held: tuple[Expected, ...] = ()
    closed = False
    for visit in visits:
        drawn = versions[visit.journey_version]
        closed = closed_after(visit, drawn, closed=closed)
        now = expected_after(held, visit, drawn, closed=closed)
        found += [Expectation(each, visit.occurred_at) for each in held if each not in now]
        held = now
    return found + [Expectation(each, None) for each in held]


def still_expected(visits: Sequence[Visit], versions: Versions) -> tuple[Expected, ...]:
    """Return what a case with these ordered visits waits for."""
    return tuple(each.expected for each in expectations(visits, versions) if each.ended_at is None)


def closed_after(visit: Visit, drawn: Journey, *, closed: bool) -> bool:
    """Return whether a case is closed after a visit, given whether it was before."""
    return visit.touchpoint in drawn.closing_ids or (closed and visit.touchpoint in drawn.aftercare_ids)


def standing_of(flagged: Expected, known: Collection[Expectation]) -> AlertState:
    """Return how it stands with what a case was flagged for; `known` is all that the case has waited for.

    Raised: it still waits. Cleared: it waited until after the due moment. Corrected: it did not, as it now turns out.
    """
    ended = [each.ended_at for each in known if each.expected == flagged]
    if None in ended:
        return AlertState.RAISED
    return AlertState.CLEARED if any(at and at > flagged.due_at for at in ended) else AlertState.CORRECTED


def overdue(expected: Collection[Expected], now: datetime) -> Sequence[Expected]:
    """Return what should have come before now."""
    return [each for each in expected if each.due_at < now]


def next_due(expected: Collection[Expected], now: datetime) -> datetime | None:
    """Return when the next of what is not overdue yet is due; None if nothing is."""
    return min((each.due_at for each in expected if each.due_at >= now), default=None)


def first_look(expected: Collection[Expected], now: datetime) -> datetime | None:
    """Return when to look at a case of which something has been counted just now; None if it waits for nothing.

    If something is overdue already, that is once the case has been quiet for a while.
    """
    if not expected:
        return None
    first = min(each.due_at for each in expected)
    return first if first >= now else now + QUIET


def _outlasts(expected: Expected, visit: Visit) -> bool:
    return expected.kind is AlertKind.MISSING and expected.touchpoint != visit.touchpoint


def _begun(held: Collection[Expected], visit: Visit, drawn: Journey, closed: bool) -> Iterator[Expected]:
    at, here = visit.occurred_at, visit.touchpoint
    limit = drawn.waiting_limits.get(here)
    if limit is not None and not closed:
        yield Expected(AlertKind.WAITING, here, here, at, at + limit)
    successor = drawn.successors.get(here)
    if successor is not None:
        waits = any(each.after == here and each.touchpoint == successor.touchpoint for each in held)
        if not waits:
            yield Expected(AlertKind.MISSING, successor.touchpoint, here, at, at + successor.within)
