"""The visits of a log, held case by case in little memory, and what they show of each touchpoint. Pure."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from statistics import mean, median

from schemas.values import milliseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOUCHPOINT_BITS = 12
MOST_TOUCHPOINTS = 1 << _TOUCHPOINT_BITS
"""How many touchpoints a visit, which is one number of 64 bits, can tell apart."""


@dataclass
class Seen:
    """What a log shows of a touchpoint.

    How many cases came by it, came by it twice or more, and ended with it; for each case that came by it, which of its
    visits, from 0, was the first to it; and how long it was, in milliseconds, until something followed, where it did.
    """

    touchpoint: str
    cases: int = 0
    again: int = 0
    last: int = 0
    places: "array[int]" = field(default_factory=lambda: array("q"))
    waits: "array[int]" = field(default_factory=lambda: array("q"))

    def position(self) -> tuple[float, float]:
        """Return what to order touchpoints by: the median of its places, then their mean."""
        return median(self.places), mean(self.places)

    def wait(self, percent: int) -> int | None:
        """Return a percentile of the waits, by nearest rank; None if nothing ever followed."""
        if not self.waits:
            return None
        rank = -(-len(self.waits) * percent // 100)
        return sorted(self.waits)[rank - 1]


class Passages:
    """Every visit of every case, some ten bytes each. To one touchpoint at one moment there is one visit of a case."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._cases: dict[str, array[int]] = {}

    def add(self, case: str, touchpoint: str, at: datetime) -> None:
        """Take in a visit; raise OverflowError beyond MOST_TOUCHPOINTS touchpoints."""
        number = self._numbers.setdefault(touchpoint, len(self._numbers))
        if number == MOST_TOUCHPOINTS:
            raise OverflowError(f"has more than {MOST_TOUCHPOINTS:,} touchpoints")
        # So that visits in the order of these numbers are in the order of time.
        visit = milliseconds(at, _EPOCH) << _TOUCHPOINT_BITS | number
        self._cases.setdefault(case, array("q")).append(visit)

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return len(self._cases)

    @property
    def visits(self) -> int:
        """How many visits there are."""
        return sum(len(set(visits)) for visits in self._cases.values())

    def seen(self) -> Sequence[Seen]:
        """Return what the cases show, by the touchpoints' median position.

        Visits of one moment are in the order in which their touchpoints first come up in the log.
        """
        seen = [Seen(touchpoint) for touchpoint in self._numbers]
        for visits in self._cases.values():
            _note(seen, sorted(set(visits)))
        return sorted(seen, key=Seen.position)


def _note(seen: Sequence[Seen], visits: Sequence[int]) -> None:
    """Add the visits of one case, in the order of time, to what is seen of their touchpoints."""
    numbers = [visit % MOST_TOUCHPOINTS for visit in visits]
    for number, times in Counter(numbers).items():
        seen[number].cases += 1
        seen[number].again += times > 1
        seen[number].places.append(numbers.index(number))
    for earlier, later in pairwise(visits):
        wait = (later >> _TOUCHPOINT_BITS) - (earlier >> _TOUCHPOINT_BITS)
        seen[earlier % MOST_TOUCHPOINTS].waits.append(wait)
    seen[numbers[-1]].last += 1
