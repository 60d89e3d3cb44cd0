"""Whether visits came when they should have: by the date promised, the longest gap, the limits they end. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from schemas.journey import Journey
from streams.spans import Elapsed
from streams.timeline import Versions, Visit, gaps


class Timeliness(StrEnum):
    """How a visit stands to what was promised or agreed; the empty string: nothing was."""

    LATE = "late"
    IN_TIME = "in_time"
    UNKNOWN = ""


_LATE, _IN_TIME, _UNKNOWN = Timeliness


def timeliness(visits: Sequence[Visit], ended: Iterable[Elapsed], versions: Versions) -> Mapping[Visit, Timeliness]:
    """Return how each of ordered visits stands, given the spans that they ended."""
    gap_before = {gap.before: gap.milliseconds for gap in gaps(visits)}
    kept: dict[Visit, list[bool]] = defaultdict(list)
    for time in ended:
        if time.due is not None:
            kept[time.ended_by].append(time.ended_by.occurred_at <= time.due)
    return {
        visit: how_it_stands(visit, gap_before.get(visit), kept.get(visit, ()), versions[visit.journey_version])
        for visit in visits
    }


def how_it_stands(visit: Visit, gap: int | None, limits_kept: Iterable[bool], drawn: Journey) -> Timeliness:
    """Return how a visit stands, given the gap before it in milliseconds, and whether each span that it ended kept its
    limit, if it had one.

    It is late if anything that holds for it was not kept: the date that its event says was promised, the longest gap
    before its touchpoint, the limit of a span, or of the whole case, that ended with it.
    """
    kept = [*limits_kept]
    if visit.due_at is not None:
        kept.append(visit.occurred_at <= visit.due_at)
    if gap is not None and visit.touchpoint in drawn.gap_limits:
        kept.append(gap <= drawn.gap_limits[visit.touchpoint])
    if not kept:
        return _UNKNOWN
    return _IN_TIME if all(kept) else _LATE
