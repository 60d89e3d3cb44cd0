"""Observations -> increments of windows, and windows -> figures. Pure.

A window row holds the observations of one scope and one bucket of time: how many (n), their sum (total), the sum of
their squares, and a histogram, all integers. Rows add up, in any order, and can be taken back.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from operator import mul
from typing import NamedTuple
from zoneinfo import ZoneInfo

from streams.observations import BY_DAY, Measure, Observation, Scope

ACCURACY = 0.01
"""The largest relative error of a duration read from its bin."""

_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GAMMA = math.log(_GAMMA)
_DURATIONS = frozenset({Measure.GAP, Measure.THROUGHPUT})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_WITHOUT_BINS = BY_DAY | {Measure.VOLUME}


class Resolution(StrEnum):
    """The width of a bucket. Days begin at midnight in the journey's time zone."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class Detail(StrEnum):
    """How fine a scope is: windows keep channel and persona apart, roll-ups do not."""

    WINDOWS = "windows"
    ROLLUPS = "rollups"


class Cell(NamedTuple):
    """The key of one window row, but for its writer."""

    detail: Detail
    resolution: Resolution
    bucket: datetime
    scope: Scope


class Sums(NamedTuple):
    """What a window row holds, or what is added to it; then it may be negative.

    `bins` is the histogram: how many observations lie in each bin. Volume has none, as each of its values is 1, and
    neither has what is kept by the day only.
    """

    n: int
    total: int
    squares: int
    bins: Mapping[int, int]


class Increments(NamedTuple):
    """What to add to the window rows, and how many observations were too old for each resolution."""

    cells: Mapping[Cell, Sums]
    skipped: Mapping[Resolution, int]


RetainedFrom = Mapping[Resolution, datetime]
"""From when on each resolution is kept."""


class _Tally:
    """Sums in the making, of `changes` observations."""

    __slots__ = ("bins", "changes", "n", "squares", "total")

    def __init__(self) -> None:
        self.n = self.total = self.squares = self.changes = 0
        self.bins: dict[int, int] = {}

    def add(self, measure: str, values: Sequence[int], count: int = 1) -> None:
        """Add values of a measure, each so many times."""
        self.changes += len(values)
        self.n += count * len(values)
        self.total += count * sum(values)
        self.squares += count * sum(map(mul, values, values))
        if measure not in _WITHOUT_BINS:
            bins = self.bins
            for value in values:
                bin_ = bin_of(measure, value)
                bins[bin_] = bins.get(bin_, 0) + count

    def take(self, more: "_Tally") -> None:
        self.n += more.n
        self.total += more.total
        self.squares += more.squares
        self.changes += more.changes
        bins = self.bins
        for bin_, n in more.bins.items():
            bins[bin_] = bins.get(bin_, 0) + n

    def sums(self) -> Sums:
        bins = self.bins
        if 0 in bins.values():  # what was added was taken back
            bins = {bin_: n for bin_, n in bins.items() if n}
        return Sums(self.n, self.total, self.squares, bins)


_Tallies = dict[Scope, dict[datetime, _Tally]]
"""By scope and bucket."""


def fold(
    changes: Iterable[tuple[Observation, int]], zones: Mapping[str, ZoneInfo], retained_from: RetainedFrom
) -> Increments:
    """Fold (observation, count) pairs into increments; `zones` holds each journey's time zone.

    Each observation goes into its minute; hours and days are made of minutes, and roll-ups of windows. In a busy hour
    there are far fewer minutes than observations. What is kept by the day only stays out of minutes and hours.
    """
    cells: dict[Cell, Sums] = {}
    skipped: dict[Resolution, int] = {}
    all_minutes = _minutes(changes)
    minutes = {scope: buckets for scope, buckets in all_minutes.items() if scope.measure not in BY_DAY}
    hours = _coarser(minutes, Resolution.HOUR, zones)
    days = _coarser(all_minutes, Resolution.DAY, zones)
    for resolution, windows in zip(Resolution, (minutes, hours, days), strict=True):
        too_old = _drop_old(windows, retained_from[resolution])
        if too_old:
            skipped[resolution] = too_old
        for detail, tallies in ((Detail.WINDOWS, windows), (Detail.ROLLUPS, _rolled_up(windows))):
            for scope, buckets in tallies.items():
                for bucket, tally in buckets.items():
                    sums = tally.sums()
                    if any(sums):
                        cells[Cell(detail, resolution, bucket, scope)] = sums
    return Increments(cells, skipped)


def _minutes(changes: Iterable[tuple[Observation, int]]) -> _Tallies:
    """Return what changes by the minute. Nearly all is added once: such values of one scope and minute go together."""
    tallies: _Tallies = defaultdict(lambda: defaultdict(_Tally))
    added: dict[Scope, dict[datetime, list[int]]] = defaultdict(lambda: defaultdict(list))
    moment = minute = datetime.min.replace(tzinfo=UTC)
    for (at, scope, value), count in changes:
        if at is not moment:  # observations of one visit come one after another
            moment, minute = at, _minute((at - _EPOCH) // _MINUTE)
        if count == 1:
            added[scope][minute].append(value)
        else:
            tallies[scope][minute].add(scope.measure, (value,), count)
    for scope, buckets in added.items():
        for minute, values in buckets.items():
            tallies[scope][minute].add(scope.measure, values)
    return tallies


@lru_cache(maxsize=10_000)
def _minute(number: int) -> datetime:
    """Return when a minute begins, by how many there are from 1970 until then."""
    return _EPOCH + number * _MINUTE


def _coarser(minutes: _Tallies, resolution: Resolution, zones: Mapping[str, ZoneInfo]) -> _Tallies:
    known: dict[tuple[str, datetime], datetime] = {}
    tallies: _Tallies = defaultdict(lambda: defaultdict(_Tally))
    for scope, buckets in minutes.items():
        coarser = tallies[scope]
        for minute, tally in buckets.items():
            bucket = known.get((scope.journey, minute))
            if bucket is None:
                bucket = known[scope.journey, minute] = bucket_of(minute, resolution, zones[scope.journey])
            coarser[bucket].take(tally)
    return tallies


def _rolled_up(windows: _Tallies) -> _Tallies:
    tallies: _Tallies = defaultdict(lambda: defaultdict(_Tally))
    for scope, buckets in windows.items():
        together = tallies[_rolled_up_scope(scope)]
        for bucket, tally in buckets.items():
            together[bucket].take(tally)
    return tallies


@lru_cache(maxsize=10_000)
def _rolled_up_scope(scope: Scope) -> Scope:
    return scope._replace(channel="", persona="")


def _drop_old(windows: _Tallies, retained_from: datetime) -> int:
    """Drop buckets before a moment, and return of how many observations."""
    dropped = 0
    for buckets in windows.values():
        for bucket in [bucket for bucket in buckets if bucket < retained_from]:
            dropped += buckets.pop(bucket).changes
    return dropped


def bucket_of(at: datetime, resolution: Resolution, zone: ZoneInfo) -> datetime:
    """Return when the bucket that holds a moment begins, in UTC."""
    if resolution is Resolution.DAY:
        midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return midnight.astimezone(UTC)
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if resolution is Resolution.MINUTE else whole.replace(minute=0)


def hour_of_the_clock(at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the hour of a zone's clock that holds a moment begins, in UTC. Midnight begins one everywhere."""
    local = at.astimezone(zone)
    return _hour_begins(local.toordinal(), local.hour, local.fold, zone)


@lru_cache(maxsize=10_000)
def _hour_begins(day: int, hour: int, fold: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromordinal(day), time(hour, fold=fold), zone).astimezone(UTC)


def bin_of(measure: str, value: int) -> int:
    """Return the bin of a value: durations on a logarithmic scale (0 for none at all), all else one bin a value.

    The scale is DDSketch's (Masson, Rim and Lee, VLDB 2019): bin i + 1 holds the values in (gamma^(i-1), gamma^i].
    """
    if measure not in _DURATIONS:
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
