"""Whether visits came when they should have: by the date promised, the longest gap, the limits they end. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum

from streams.timeline import Versions, Visit, elapsed, gaps


class Timeliness(StrEnum):
    """How a visit stands to what was promised or agreed; the empty string: nothing was."""

    LATE = "late"
    IN_TIME = "in_time"
    UNKNOWN = ""


def timeliness(visits: Sequence[Visit], versions: Versions) -> Mapping[Visit, Timeliness]:
    """Return how ordered visits stand, those of which nothing is known left out.

    A visit is late if anything that holds for it was not kept: the date that its event says was promised, the longest
    gap before its touchpoint, the limit of a span, or of the whole case, that ends with it.
    """
    kept: dict[Visit, list[bool]] = defaultdict(list)
    for visit in visits:
        if visit.due_at is not None:
            kept[visit].append(visit.occurred_at <= visit.due_at)
    for visit, gap in gaps(visits):
        longest = versions[visit.journey_version].gap_limits.get(visit.touchpoint)
        if longest is not None:
            kept[visit].append(gap <= longest)
    for time in elapsed(visits, versions):
        limit = versions[time.ended_by.journey_version].limits.get(time.span)
        if limit is not None:
            kept[time.ended_by].append(time.milliseconds <= limit)
    return {visit: Timeliness.IN_TIME if all(each) else Timeliness.LATE for visit, each in kept.items()}
