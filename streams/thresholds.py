"""The threshold of a KPI's test, by how many values it has in a quarter. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from schemas.question import THOUSANDTHS
from streams.cusum import SCORE_ALLOWANCE, Bucket
from streams.kpi import QUARTER, Aim

_J_SHAPED = ((200, 36), (1_000, 54), (5_000, 100))
"""Thresholds in points for J-shaped scores, by values in a quarter."""


def baseline_of(buckets: Sequence[Bucket]) -> Sequence[Bucket]:
    """Return the buckets that make the threshold: those of the first quarter."""
    return [bucket for bucket in buckets if bucket.at < buckets[0].at + QUARTER]


def baseline_end(baseline: Sequence[Bucket]) -> datetime | None:
    """Return when a baseline ends; None if nothing has come yet."""
    return baseline[0].at + QUARTER if baseline else None


def threshold_of(aim: Aim, baseline: Sequence[Bucket], zone: ZoneInfo, *, seed: bytes) -> int:
    """Return the threshold, in thousandths."""
    del zone, seed
    n = sum(bucket.n for bucket in baseline) or 200
    points = _interpolated(math.log(n))
    return round(points * THOUSANDTHS * aim.allowance / SCORE_ALLOWANCE)


def _interpolated(log_n: float) -> float:
    table = [(math.log(n), points) for n, points in _J_SHAPED]
    if log_n <= table[0][0]:
        return table[0][1]
    for (left, low), (right, high) in pairwise(table):
        if log_n <= right:
            return low + (high - low) * (log_n - left) / (right - left)
    return table[-1][1]
