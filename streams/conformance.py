"""The touchpoints that a case has visited, held against the drawn journey: where it departs from the map. Pure.

What a case is held against is the version of its journey that was valid when it was opened. Only the order of its
touchpoints is looked at; whether they came in time is for streams.waiting.
"""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from schemas.journey import Journey


class Departing(StrEnum):
    """How a case departs from the drawn journey at a touchpoint.

    Skipped: it was not visited, though one that is drawn after it was; optional touchpoints and aftercare cannot be
    skipped, nor can an end touchpoint where there are several, since one of them will do. Repeated: it was visited
    before, and is not repeatable. Out of order: one that is drawn after it was visited before it; aftercare and what is
    repeatable come at any time. Unexpected: it is not drawn at all; or it came when the case was closed, is not
    aftercare, and is drawn before the touchpoint that closed it. Missing: it had to follow another touchpoint, and the
    case was closed without it.
    """

    SKIPPED = "skipped"
    REPEATED = "repeated"
    OUT_OF_ORDER = "out_of_order"
    UNEXPECTED = "unexpected"
    MISSING = "missing"


class Departure(NamedTuple):
    """How a case departs, and the touchpoint at which it does."""

    how: Departing
    touchpoint: str


def departures(touchpoints: Sequence[str], drawn: Journey) -> Sequence[Departure]:
    """Return where a case that has visited these touchpoints, in their order, departs from the drawn journey.

    Each departure is told once, however often it is made. None if the case follows the map, as far as it has come.
    """
    found = (
        *_visited_wrongly(touchpoints, drawn),
        *(Departure(Departing.SKIPPED, each) for each in _skipped(touchpoints, drawn)),
        *(Departure(Departing.MISSING, each) for each in _missing(touchpoints, drawn)),
    )
    return list(dict.fromkeys(found))


def _visited_wrongly(touchpoints: Sequence[str], drawn: Journey) -> Iterator[Departure]:
    furthest = closed_at = -1
    for number, touchpoint in enumerate(touchpoints):
        how = _judged(touchpoint, touchpoints[:number], furthest, closed_at, drawn)
        if how is not None:
            yield Departure(how, touchpoint)
        furthest = max(furthest, _place(touchpoint, drawn))
        if touchpoint in drawn.closing_ids:
            closed_at = drawn.touchpoint_ids[touchpoint]
        elif touchpoint not in drawn.aftercare_ids:
            closed_at = -1


def _judged(
    touchpoint: str, before: Collection[str], furthest: int, closed_at: int, drawn: Journey
) -> Departing | None:
    """Return what is wrong with a visit, the gravest first.

    `furthest` is the place that the case had come to, `closed_at` that of the touchpoint that closed it; -1 for none.
    """
    if touchpoint not in drawn.touchpoint_ids:
        return Departing.UNEXPECTED
    repeatable = drawn.touchpoint(touchpoint).repeatable
    if touchpoint in before and not repeatable:
        return Departing.REPEATED
    if touchpoint in drawn.aftercare_ids:
        return None
    if drawn.touchpoint_ids[touchpoint] < closed_at:
        return Departing.UNEXPECTED
    return Departing.OUT_OF_ORDER if _place(touchpoint, drawn) < furthest and not repeatable else None


def _place(touchpoint: str, drawn: Journey) -> int:
    """Return the place of a touchpoint on the map; -1 for what has none: it comes at any time, or is not drawn."""
    place = drawn.touchpoint_ids.get(touchpoint, -1)
    anytime = touchpoint in drawn.aftercare_ids or (place >= 0 and drawn.touchpoints[place].repeatable)
    return -1 if anytime else place


def _skipped(touchpoints: Collection[str], drawn: Journey) -> Iterator[str]:
    furthest = max((_place(touchpoint, drawn) for touchpoint in touchpoints), default=-1)
    ends = drawn.closing_ids if len(drawn.closing_ids) > 1 else ()
    for touchpoint in drawn.touchpoints[: max(furthest, 0)]:
        dispensable = touchpoint.optional or touchpoint.id in drawn.aftercare_ids or touchpoint.id in ends
        if not dispensable and touchpoint.id not in touchpoints:
            yield touchpoint.id


def _missing(touchpoints: Sequence[str], drawn: Journey) -> Iterator[str]:
    """Yield what had to follow before the case was closed, and did not; that a case is closed ends the wait for it."""
    awaited: set[str] = set()
    for touchpoint in touchpoints:
        awaited.discard(touchpoint)
        if touchpoint in drawn.closing_ids:
            yield from sorted(awaited)
            awaited.clear()
        elif touchpoint in drawn.successors:
            awaited.add(drawn.successors[touchpoint].touchpoint)
