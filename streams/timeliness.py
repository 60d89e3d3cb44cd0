"""Whether visits came when they should have: by the date promised, the longest gap, the limits they end. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum

from schemas.journey import Journey
from streams.timeline import Versions, Visit, elapsed, gaps


class Timeliness(StrEnum):
    """How a visit stands to what was promised or agreed; the empty string: nothing was."""

    LATE = "late"
    IN_TIME = "in_time"
    UNKNOWN = ""


def timeliness(visits: Sequence[Visit], versions: Versions) -> Mapping[Visit, Timeliness]:
    """Return how each of ordered visits stands."""
    gap_before = dict(gaps(visits))
    lasted: dict[Visit, dict[str, int]] = defaultdict(dict)
    for time in elapsed(visits, versions):
        lasted[time.ended_by][time.span] = time.milliseconds
    return {
        visit: how_it_stands(visit, gap_before.get(visit), lasted.get(visit, {}), versions[visit.journey_version])
        for visit in visits
    }


def how_it_stands(visit: Visit, gap: int | None, lasted: Mapping[str, int], drawn: Journey) -> Timeliness:
    """Return how a visit stands, given the gap before it and the length of each span that it ended, in milliseconds.

    It is late if anything that holds for it was not kept: the date that its event says was promised, the longest gap
    before its touchpoint, the limit of a span, or of the whole case, that ended with it.
    """
    kept = None if visit.due_at is None else visit.occurred_at <= visit.due_at
    longest = drawn.gap_limits.get(visit.touchpoint)
    if gap is not None and longest is not None:
        kept = kept is not False and gap <= longest
    for span, length in lasted.items():
        limit = drawn.limits.get(span)
        if limit is not None:
            kept = kept is not False and length <= limit
    if kept is None:
        return Timeliness.UNKNOWN
    return Timeliness.IN_TIME if kept else Timeliness.LATE
