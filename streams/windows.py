"""Observations -> increments of windows, and windows -> figures. Pure.

A window row holds the observations of one scope, one bucket of time and one bin of a histogram: how many (n), their
sum (total) and the sum of their squares, all integers. Rows add up, in any order, and can be taken back.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from streams.observations import Measure, Observation

ACCURACY = 0.01
"""The largest relative error of a duration read from its bin."""

_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GAMMA = math.log(_GAMMA)

ROLLING: Mapping[str, timedelta] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "28d": timedelta(days=28),
    "90d": timedelta(days=90),
}
"""The rolling windows that figures are shown over."""


class Resolution(StrEnum):
    """The width of a bucket. Days begin at midnight in the journey's time zone."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


_RESOLUTIONS = tuple(Resolution)


class Detail(StrEnum):
    """How fine a scope is: windows keep channel and persona apart, roll-ups do not."""

    WINDOWS = "windows"
    ROLLUPS = "rollups"


class Scope(NamedTuple):
    """What a figure is about. The empty string is 'not given', and in roll-ups 'all together'."""

    journey: str
    measure: str
    span: str
    touchpoint: str
    department: str
    channel: str
    persona: str


class Cell(NamedTuple):
    """The key of one window row, but for its writer."""

    detail: Detail
    resolution: Resolution
    bucket: datetime
    scope: Scope
    bin: int


class Sums(NamedTuple):
    """What a window row holds; may be negative in an increment."""

    n: int
    total: int
    squares: int


class Increments(NamedTuple):
    """What to add to the window rows, and how many observations were too old for each resolution."""

    cells: Mapping[Cell, Sums]
    skipped: Mapping[Resolution, int]


RetainedFrom = Mapping[Resolution, datetime]
"""From when on each resolution is kept."""


def fold(
    changes: Iterable[tuple[Observation, int]], zones: Mapping[str, ZoneInfo], retained_from: RetainedFrom
) -> Increments:
    """Fold (observation, count) pairs into increments; `zones` holds each journey's time zone."""
    cells: dict[tuple[Any, ...], list[int]] = {}  # by Cell; plain tuples and lists, for this is the inner loop
    skipped: Counter[Resolution] = Counter()
    for observation, count in changes:
        value, zone = observation.value, zones[observation.journey]
        bin_ = bin_of(observation.measure, value)
        scopes = scopes_of(observation)
        for resolution in _RESOLUTIONS:
            bucket = bucket_of(observation.at, resolution, zone)
            if bucket < retained_from[resolution]:
                skipped[resolution] += 1
                continue
            for detail, scope in scopes:
                sums = cells.setdefault((detail, resolution, bucket, scope, bin_), [0, 0, 0])
                sums[0] += count
                sums[1] += count * value
                sums[2] += count * value * value
    return Increments({Cell(*cell): Sums(*sums) for cell, sums in cells.items() if any(sums)}, skipped)


def scopes_of(observation: Observation) -> tuple[tuple[Detail, Scope], ...]:
    """Return the full scope of an observation and its roll-up."""
    full = Scope(*observation[1:8])
    return (Detail.WINDOWS, full), (Detail.ROLLUPS, full._replace(channel="", persona=""))


def bucket_of(at: datetime, resolution: Resolution, zone: ZoneInfo) -> datetime:
    """Return when the bucket that holds a moment begins, in UTC."""
    if resolution is Resolution.DAY:
        midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return midnight.astimezone(UTC)
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if resolution is Resolution.MINUTE else whole.replace(minute=0)


def bin_of(measure: str, value: int) -> int:
    """Return the bin of a value: durations on a logarithmic scale (0 for none at all), all else one bin a value.

    The scale is DDSketch's (Masson, Rim and Lee, VLDB 2019): bin i + 1 holds the values in (gamma^(i-1), gamma^i].
    """
    if measure not in (Measure.GAP, Measure.THROUGHPUT):
        return value
    return 0 if value <= 0 else 1 + math.ceil(math.log(value) / _LOG_GAMMA)


def duration_of(bin_: int) -> int:
    """Return the duration in milliseconds that stands for a bin, within ACCURACY of all that it holds."""
    return 0 if bin_ <= 0 else round(2 * _GAMMA ** (bin_ - 1) / (_GAMMA + 1))


def quantile(bins: Mapping[int, int], q: float) -> int | None:
    """Return a quantile (nearest rank, 0 < q <= 1) of durations in milliseconds, from the count in each bin.

    None if the bins are empty.
    """
    counted = sorted((bin_, n) for bin_, n in bins.items() if n)
    total = sum(n for _, n in counted)
    if total <= 0:
        return None
    rank = math.ceil(q * total)
    running = accumulate(n for _, n in counted)
    return next(duration_of(bin_) for (bin_, _), seen in zip(counted, running, strict=True) if seen >= rank)


def rolling(window: timedelta, now: datetime) -> tuple[Resolution, datetime, datetime]:
    """Return the resolution and the buckets start <= bucket < end that make up a rolling window.

    Windows of up to 24 hours move by whole minutes, longer ones by whole hours; the running bucket is the last.
    """
    resolution = Resolution.MINUTE if window <= timedelta(hours=24) else Resolution.HOUR
    step = timedelta(minutes=1) if resolution is Resolution.MINUTE else timedelta(hours=1)
    end = bucket_of(now, resolution, ZoneInfo("UTC")) + step
    return resolution, end - window, end
