"""Rolling windows and the parts that make them up."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.rolling import ROLLING, Part, parts, rolling
from streams.windows import Resolution, bucket_of

ZONES = (
    "Europe/Amsterdam",
    "Asia/Kolkata",  # midnight is half past an hour of UTC
    "Asia/Kathmandu",  # and a quarter to one
    "Australia/Lord_Howe",  # half past in winter, whole in summer: the clock goes forward by half an hour
    "Africa/Cairo",  # the clock goes forward at midnight, so that a day begins at one
    "Pacific/Apia",  # had no 30 December in 2011
    "UTC",
)
CLOCK_CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Amsterdam
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 4, 23, 22, tzinfo=UTC),  # Cairo
    datetime(2026, 10, 29, 21, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia
)
MINUTE, HOUR, DAY = Resolution
STEPS = {MINUTE: timedelta(minutes=1), HOUR: timedelta(hours=1), DAY: timedelta(days=1)}

windows = st.sampled_from(list(ROLLING.values()))
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CLOCK_CHANGES),
    st.integers(-200 * 86_400, 200 * 86_400),
)


def times_counted(bucket: datetime, zone: ZoneInfo, found: list[Part]) -> int:
    """In how many parts something that happened in a bucket is counted."""
    holding = {resolution: bucket_of(bucket, resolution, zone) for resolution in Resolution}
    return sum(part.start <= holding[part.resolution] < part.end for part in found)


@settings(deadline=None)
@given(windows, moments, zones)
@example(ROLLING["24h"], datetime(2011, 12, 30, 23, tzinfo=UTC), ZoneInfo("Pacific/Apia"))  # 30 December began never
def test_the_parts_count_every_bucket_of_the_window_once_and_no_other(
    window: timedelta, now: datetime, zone: ZoneInfo
) -> None:
    finest, start, end = rolling(window, now)
    found = list(parts(window, now, zone))
    step, spare = STEPS[finest], timedelta(hours=26)
    bucket = start - spare
    while bucket < end + spare:
        assert times_counted(bucket, zone, found) == (start <= bucket < end), bucket
        bucket += step


@given(windows, moments, zones)
def test_parts_follow_each_other_and_only_the_last_is_running(window: timedelta, now: datetime, zone: ZoneInfo) -> None:
    whole = rolling(window, now)
    *past, running = parts(window, now, zone)
    assert [later.start for later in (*past[1:], running)] == [earlier.end for earlier in past]
    assert (past[0].start, running.end) == (whole.start, whole.end)
    assert running.start <= now < running.end
    assert running.end - running.start == STEPS[whole.resolution]
    assert past[-1].end <= now


@given(windows, moments, zones)
def test_no_part_holds_much(window: timedelta, now: datetime, zone: ZoneInfo) -> None:
    clock_change = timedelta(hours=24 if zone.key == "Pacific/Apia" else 1)
    most = {MINUTE: timedelta(hours=1), HOUR: timedelta(hours=12) + clock_change, DAY: timedelta(days=3) + clock_change}
    for part in parts(window, now, zone):
        assert part.end - part.start <= most[part.resolution]


def buckets(found: list[Part]) -> Counter[Resolution]:
    """How many buckets of each resolution are read; days in UTC, or on either side of a clock change."""
    counts: Counter[Resolution] = Counter()
    for part in found:
        counts[part.resolution] += round((part.end - part.start) / STEPS[part.resolution])
    return counts


@given(st.sampled_from([1, 4, 24]), moments, zones)
def test_a_window_of_hours_is_sixty_minutes_and_whole_hours(hours: int, now: datetime, zone: ZoneInfo) -> None:
    assert buckets(list(parts(timedelta(hours=hours), now, zone))) == Counter({MINUTE: 60, HOUR: hours - 1})


@given(st.sampled_from([7, 28, 90]), moments)
def test_a_window_of_days_is_a_day_of_hours_and_whole_days(days: int, now: datetime) -> None:
    read = buckets(list(parts(timedelta(days=days), now, ZoneInfo("Europe/Amsterdam"))))
    assert read[DAY] >= days - 2  # the clock's going back may take one more
    assert read[HOUR] <= 24 * (days - read[DAY]) + 1
    assert read[MINUTE] == 0


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu"])
def test_days_that_begin_between_hours_are_read_in_hours(zone: str) -> None:
    now = datetime(2026, 11, 22, 13, 32, 5, tzinfo=UTC)
    assert buckets(list(parts(ROLLING["28d"], now, ZoneInfo(zone)))) == Counter({HOUR: 28 * 24})


def test_parts_of_two_windows_are_the_same_where_they_can_be() -> None:
    now, zone = datetime(2026, 11, 22, 13, 32, 5, tzinfo=UTC), ZoneInfo("Europe/Amsterdam")
    hour, day, month = (set(parts(ROLLING[window], now, zone)) for window in ("1h", "24h", "28d"))
    assert len(hour & day) == 2  # the minutes since one o'clock, and the running one
    assert len(day & month) == 2  # the hours since midnight, before and after noon


@pytest.mark.parametrize(
    ("window", "resolution", "start", "end"),
    [
        (timedelta(minutes=15), Resolution.MINUTE, "10:06", "10:21"),
        (timedelta(hours=24), Resolution.MINUTE, "10:21", "10:21"),
        (timedelta(days=7), Resolution.HOUR, "11:00", "11:00"),
    ],
)
def test_a_rolling_window_ends_with_the_running_bucket(
    window: timedelta, resolution: Resolution, start: str, end: str
) -> None:
    now = datetime(2026, 3, 2, 10, 20, 30, tzinfo=UTC)
    found, begins, ends = rolling(window, now)
    assert found is resolution
    assert (begins.strftime("%H:%M"), ends.strftime("%H:%M")) == (start, end)
    assert ends - begins == window
    assert begins <= now < ends
