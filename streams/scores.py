"""What scores say together, and how sure that is: mean, share and NPS, each with its 95 % interval. Pure.

Scores come as how many there are of each value, in thousandths of a point of the measure's scale (schemas.question).
"""

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import NamedTuple

from schemas.question import THOUSANDTHS, Scale
from streams.sample import Sample

CONFIDENCE = 0.95

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_HIGH = 8 * THOUSANDTHS
_PROMOTER = 9 * THOUSANDTHS
_DETRACTOR = 6 * THOUSANDTHS

Counts = Mapping[int, int]
"""How many scores there are of each value."""


class Estimate(NamedTuple):
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def number(counts: Counts) -> int:
    """Return how many scores there are."""
    return sum(counts.values())


def mean(counts: Counts, scale: Scale) -> Estimate | None:
    """Return the mean in points, with Student's t interval, cut off where the scale ends. None under two scores.

    Where all agree the interval is a point, which says more than is known: the figure wants a least number of scores.
    """
    sample = Sample.of(counts)
    if sample.n < 2:
        return None
    reach = student_quantile(sample.n - 1) * math.sqrt(sample.variance_of_mean)
    lowest, *_, highest = scale.scores
    value, spread = sample.total / sample.n / THOUSANDTHS, reach / THOUSANDTHS
    return Estimate(value, max(lowest, value - spread), min(highest, value + spread))


def share(part: int, n: int) -> Estimate | None:
    """Return a share of n, 0 to 1, with Wilson's interval (1927). None of nothing."""
    if n == 0:
        return None
    p, z2 = part / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    reach = _Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return Estimate(p, max(0.0, middle - reach), min(1.0, middle + reach))


def share_high(counts: Counts) -> Estimate | None:
    """Return the share of scores of 8 and up, on a scale of 1 to 10."""
    return share(sum(count for value, count in counts.items() if value >= _HIGH), number(counts))


def share_met(counts: Counts) -> Estimate | None:
    """Return the share of yes, on a scale of no (0) and yes (1)."""
    return share(counts.get(THOUSANDTHS, 0), number(counts))


def net_promoter_score(counts: Counts) -> Estimate | None:
    """Return the share of 9 and 10 less the share of 0 to 6, in percent, on a scale of 0 to 10. None under two scores.

    The interval is that of the mean of what each score adds: 1, 0 or -1 (Student's t).
    """
    added = {-THOUSANDTHS: 0, 0: 0, THOUSANDTHS: 0}
    for value, count in counts.items():
        added[THOUSANDTHS * ((value >= _PROMOTER) - (value <= _DETRACTOR))] += count
    found = mean(added, Scale(low=-1, high=1))
    return found and Estimate(*(100 * each for each in found))


def difference(now: Estimate, before: Estimate) -> Estimate:
    """Return how far one figure lies above another that does not depend on it, with the 95 % interval of that.

    Made of both intervals, so that it holds for means, shares and medians alike (Zou and Donner, 2008; of shares
    Newcombe, 1998).
    """
    value = now.value - before.value
    down = math.hypot(now.value - now.low, before.high - before.value)
    up = math.hypot(now.high - now.value, before.value - before.low)
    return Estimate(value, value - down, value + up)


def student_quantile(df: int) -> float:
    """Return how many standard errors Student's t interval reaches to either side, with `df` degrees of freedom.

    Exact up to two degrees; above, the expansion of Cornish and Fisher (Abramowitz and Stegun, 26.7.5), which is
    0.004 off at three and less than 0.001 from four on.
    """
    if df == 1:
        return math.tan(math.pi * CONFIDENCE / 2)
    if df == 2:
        return math.sqrt(2 * CONFIDENCE**2 / (1 - CONFIDENCE**2))
    z = _Z
    return (
        z
        + (z**3 + z) / (4 * df)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * df**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * df**4)
    )
