"""The cumulative sum by which a KPI is judged: how much too little there was, added up, and never less than 0. Pure.

Page (1954): a level S goes up with all that falls short of a reference and down with all that exceeds it, but not under
0, and says so when it reaches a threshold h. A mean that lies on the norm keeps S low, since the reference lies an
allowance under the norm; a mean that has fallen under the reference makes it climb until it is seen.

Everything is counted in whole thousandths, by buckets of an hour.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import NamedTuple, Self

from schemas.question import THOUSANDTHS

SCORE_ALLOWANCE = 450
"""How far the reference for a score lies under its norm, in thousandths of a point.

Half of a drop that matters, 1, is best against just that drop. A little less finds it as soon in nine of ten cases,
since those that take long are those in which scores happen to lie above, and finds smaller drops sooner.
"""

SCORE_RECOVERY = 250
"""The same for recovery, which is looked for above this."""

ODDS = 2.35
"""A share has dropped in a way that matters when the odds of a miss are so many times those at the norm.

From 10 % misses to 20 % they are 2.25 times, to 30 % 3.9 times: a little more than the former finds both soon.
"""


class Bucket(NamedTuple):
    """An hour: when it begins, in UTC; how many values there were; their sum in thousandths.

    A score counts in points of a ten-point scale. A share counts 1 for each that was kept and 0 for each that was not.
    """

    at: datetime
    n: int
    total: int


def climb(level: int, bucket: Bucket, reference: int, sense: int = 1) -> int:
    """Return S after a bucket: up with what falls short of the reference, which is that of one value.

    With -1 as its sense it goes up with what exceeds the reference.
    """
    return max(0, level + sense * (bucket.n * reference - bucket.total))


def share_allowance(norm: int) -> int:
    """Return how far under its norm the reference of a share lies, both in thousandths: at least 1.

    The reference is the one of the most powerful test of the norm's misses p0 against ODDS times their odds, R: misses
    of ln(1 + (R - 1) p0) / ln R (Reynolds and Stoumbos, 1999, of a Bernoulli CUSUM). It lies between the two.
    """
    misses = 1 - norm / THOUSANDTHS
    reference = math.log1p((ODDS - 1) * misses) / math.log(ODDS)
    return max(1, round((reference - misses) * THOUSANDTHS))


class Stretch(NamedTuple):
    """What a run of buckets does to any level S it is entered with: it leaves max(`end`, S + `rise`).

    On the way it reaches max(`peak`, S + `crest`). So a day is folded once, however often it is drawn.
    """

    rise: float = 0
    end: float = 0
    crest: float = 0
    peak: float = 0

    @classmethod
    def of(cls, steps: Iterable[float]) -> Self:
        """Make a stretch of what each bucket adds to S, before it is held at 0."""
        return reduce(cls._then, steps, cls())

    def _then(self, step: float) -> Self:
        rise, end = self.rise + step, max(0, self.end + step)
        return self._replace(rise=rise, end=end, crest=max(self.crest, rise), peak=max(self.peak, end))
