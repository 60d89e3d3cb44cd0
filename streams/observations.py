"""A case's visits -> observations: one value of one measure, in one scope, at one time. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from streams.timeline import CaseStatus, Versions, Visit, elapsed, gaps, in_order, status


class Measure(StrEnum):
    """What is measured. Durations are in milliseconds; volume counts one a visit."""

    VOLUME = "volume"
    GAP = "gap"
    THROUGHPUT = "throughput"


class Observation(NamedTuple):
    """One value of one measure. What is not known in its scope is the empty string."""

    at: datetime
    journey: str
    measure: Measure
    span: str
    touchpoint: str
    department: str
    channel: str
    persona: str
    value: int


def observe(journey: str, visits: Collection[Visit], versions: Versions) -> tuple[CaseStatus, list[Observation]]:
    """Return where a case stands and everything there is to observe in it."""
    ordered = in_order(visits, versions)
    found = [_observation(journey, Measure.VOLUME, "", visit, 1) for visit in ordered]
    found += [_observation(journey, Measure.GAP, "", visit, gap) for visit, gap in gaps(ordered)]
    found += [
        _observation(journey, Measure.THROUGHPUT, time.span, time.ended_by, time.milliseconds)
        for time in elapsed(ordered, versions)
    ]
    return status(ordered, versions), found


def changes(before: Collection[Observation], after: Collection[Observation]) -> Iterator[tuple[Observation, int]]:
    """Yield what to add (1) and what to take back (-1), with multiplicity, so that `before` becomes `after`."""
    difference: Counter[Observation] = Counter(after)
    difference.subtract(before)
    return ((observation, count) for observation, count in difference.items() if count)


def _observation(journey: str, measure: Measure, span: str, visit: Visit, value: int) -> Observation:
    return Observation(
        at=visit.occurred_at,
        journey=journey,
        measure=measure,
        span=span,
        touchpoint=visit.touchpoint,
        department=visit.department or "",
        channel=visit.channel or "",
        persona=visit.persona or "",
        value=value,
    )
