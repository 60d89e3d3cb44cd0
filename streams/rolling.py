"""Rolling windows: which buckets make up the last hour, day or month. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from streams.windows import Resolution, bucket_of

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

_HOUR = timedelta(hours=1)
_HALF_A_DAY = timedelta(hours=12)
_STEPS = {Resolution.MINUTE: timedelta(minutes=1), Resolution.HOUR: _HOUR}
_DAYS = 3


class Part(NamedTuple):
    """The buckets start <= bucket < end of one resolution; both are the beginning of one, in UTC."""

    resolution: Resolution
    start: datetime
    end: datetime


def rolling(window: timedelta, now: datetime) -> Part:
    """Return a rolling window in buckets of one resolution, the finest that it needs.

    Windows of up to 24 hours move by whole minutes, longer ones by whole hours; the running bucket is the last.
    """
    resolution = Resolution.MINUTE if window <= timedelta(hours=24) else Resolution.HOUR
    end = bucket_of(now, resolution, ZoneInfo("UTC")) + _STEPS[resolution]
    return Part(resolution, end - window, end)


def parts(window: timedelta, now: datetime, zone: ZoneInfo) -> Sequence[Part]:
    """Return the same window in few buckets: whole hours between minutes, or whole days of a zone between hours.

    The parts follow each other without a gap. The running bucket is a part of its own, the last; all others lie in
    the past. None holds more than an hour of minutes, half a day of hours or three days, so that each is soon read.
    Where the zone's midnights are no whole hours of UTC, hours stay hours.
    """
    finest, start, end = rolling(window, now)
    running = end - _STEPS[finest]
    midnights = _midnights(start, running, zone)
    halves = [half for night in map(_next_hour, midnights) for half in (night, night + _HALF_A_DAY)]
    if finest is Resolution.MINUTE:
        coarser, edges, cuts = Resolution.HOUR, _hours(start, running), halves
    else:
        edges = [midnight for midnight in midnights if midnight >= start and midnight == _next_hour(midnight)]
        coarser, cuts = Resolution.DAY, edges[::_DAYS]
    first, last = (edges[0], edges[-1]) if edges else (start, start)
    return [
        *_stretch(finest, start, first, halves),
        *_stretch(coarser, first, last, cuts),
        *_stretch(finest, last, running, halves),
        Part(finest, running, end),
    ]


def _stretch(resolution: Resolution, start: datetime, end: datetime, cuts: Sequence[datetime]) -> list[Part]:
    edges = [start, *(cut for cut in cuts if start < cut < end), end]
    return [Part(resolution, earlier, later) for earlier, later in pairwise(edges) if earlier < later]


def _hours(start: datetime, end: datetime) -> list[datetime]:
    """Return where whole hours begin from `start` up to and including `end`."""
    first = _next_hour(start)
    return [first + _HOUR * number for number in range((end - first) // _HOUR + 1)]


def _midnights(start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return where the days of a zone begin, from the one that holds `start` to the one that holds `end`.

    A day that a zone skipped, as Samoa did when it crossed the date line, begins with the next one.
    """
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    days = [day + timedelta(days=number) for number in range((last - day).days + 1)]
    beginnings = {datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in days}
    return sorted(beginnings)


def _next_hour(moment: datetime) -> datetime:
    """Return the whole hour that is now or comes next."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + _HOUR
