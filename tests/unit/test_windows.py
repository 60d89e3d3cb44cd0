"""Bins, quantiles and buckets."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.observations import BY_DAY, Measure, Observation, Scope
from streams.windows import (
    ACCURACY,
    Cell,
    Detail,
    Resolution,
    Sums,
    bin_of,
    bucket_of,
    duration_of,
    fold,
    hour_of_the_clock,
    quantile,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SUMMER_BEGINS = datetime(2026, 3, 28, 22, tzinfo=UTC)
durations = st.integers(0, 10 * 365 * 86_400_000)
moments = st.integers(0, 36 * 3600 * 1000).map(lambda late: SUMMER_BEGINS + timedelta(milliseconds=late))
minutes_apart = st.integers(0, 90).map(lambda late: SUMMER_BEGINS + timedelta(minutes=late, microseconds=-1))

Change = tuple[Observation, int]


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """Observations added, taken back, and several at once, in few scopes and buckets."""
    measures = st.sampled_from([Measure.VOLUME, Measure.GAP, Measure.COST, Measure.SATISFACTION])
    scopes = st.builds(
        Scope,
        st.just("loket"),
        measures,
        st.just(""),
        st.sampled_from("ab"),
        st.just(""),
        st.sampled_from("xy"),
        st.just(""),
    )
    observations = st.builds(Observation, moments | minutes_apart, scopes, st.integers(0, 3000))
    return draw(st.lists(st.tuples(observations, st.sampled_from([1, 1, 1, -1, 2])), max_size=20))


def added_one_by_one(change: Change) -> Iterator[tuple[Cell, Counter[str | int]]]:
    """What one change adds to each row."""
    (at, scope, value), count = change
    by_day = scope.measure in BY_DAY
    sums: Counter[str | int] = Counter({"n": count, "total": count * value, "squares": count * value**2})
    if not by_day and scope.measure != "volume":
        sums[bin_of(scope.measure, value)] = count
    for resolution in (Resolution.DAY,) if by_day else Resolution:
        bucket = bucket_of(at, resolution, AMSTERDAM)
        yield Cell(Detail.WINDOWS, resolution, bucket, scope), sums
        yield Cell(Detail.ROLLUPS, resolution, bucket, scope._replace(channel="", persona="")), sums


def held(sums: Sums) -> Counter[str | int]:
    found: Counter[str | int] = Counter({"n": sums.n, "total": sums.total, "squares": sums.squares})
    found.update(sums.bins)
    return found


@given(changes(), moments)
def test_folding_comes_to_adding_one_by_one(changed: Sequence[Change], retained_from: datetime) -> None:
    rows: dict[Cell, Counter[str | int]] = defaultdict(Counter)
    too_old: Counter[Resolution] = Counter()
    for change in changed:
        for cell, sums in added_one_by_one(change):
            if cell.bucket >= retained_from:
                rows[cell].update(sums)
            elif cell.detail is Detail.WINDOWS:
                too_old[cell.resolution] += 1
    cells, skipped = fold(changed, {"loket": AMSTERDAM}, dict.fromkeys(Resolution, retained_from))
    assert {cell: held(sums) for cell, sums in cells.items()} == {
        cell: sums for cell, sums in rows.items() if any(sums.values())
    }
    assert skipped == too_old


@pytest.mark.parametrize(
    ("moment", "zone", "begins"),
    [
        ("2026-03-02T10:15:42+01:00", "Europe/Amsterdam", "2026-03-02T09:00:00Z"),
        ("2026-03-02T10:15:42+05:30", "Asia/Kolkata", "2026-03-02T04:30:00Z"),
        # the hour that the clock repeats is two
        ("2026-10-25T02:30:00+02:00", "Europe/Amsterdam", "2026-10-25T00:00:00Z"),
        ("2026-10-25T02:30:00+01:00", "Europe/Amsterdam", "2026-10-25T01:00:00Z"),
        # until 1937 Amsterdam was 19 minutes and 32 seconds ahead
        ("1930-01-15T11:40:27Z", "Europe/Amsterdam", "1930-01-15T10:40:28Z"),
        ("1930-01-15T11:40:28Z", "Europe/Amsterdam", "1930-01-15T11:40:28Z"),
    ],
)
def test_hours_of_the_clock(moment: str, zone: str, begins: str) -> None:
    assert hour_of_the_clock(datetime.fromisoformat(moment), ZoneInfo(zone)) == datetime.fromisoformat(begins)


@given(durations)
def test_a_bin_stands_for_its_values_within_the_accuracy(value: int) -> None:
    read = duration_of(bin_of("gap", value))
    assert abs(read - value) <= ACCURACY * value + 0.5  # half a millisecond for rounding to whole ones


@given(durations, durations)
def test_bins_keep_the_order_of_values(a: int, b: int) -> None:
    assert (bin_of("gap", a) <= bin_of("gap", b)) or a > b


@given(st.lists(durations, min_size=1), st.sampled_from([0.01, 0.25, 0.5, 0.9, 0.95, 1.0]))
def test_quantiles_are_nearest_rank_within_the_accuracy(values: list[int], q: float) -> None:
    bins: dict[int, int] = {}
    for value in values:
        bins[bin_of("throughput", value)] = bins.get(bin_of("throughput", value), 0) + 1
    exact = sorted(values)[math.ceil(q * len(values)) - 1]
    read = quantile(bins, q)
    assert read is not None
    assert abs(read - exact) <= ACCURACY * exact + 0.5


def test_a_quantile_of_nothing_is_none() -> None:
    assert quantile({}, 0.5) is None
    assert quantile({3: 0}, 0.5) is None


@pytest.mark.parametrize(
    ("moment", "resolution", "begins"),
    [
        ("2026-03-02T10:15:42+01:00", Resolution.MINUTE, "2026-03-02T09:15:00Z"),
        ("2026-03-02T10:15:42+01:00", Resolution.HOUR, "2026-03-02T09:00:00Z"),
        ("2026-03-02T10:15:42+01:00", Resolution.DAY, "2026-03-01T23:00:00Z"),
        ("2026-03-02T00:30:00+01:00", Resolution.DAY, "2026-03-01T23:00:00Z"),
        # the day the clock goes forward is 23 hours, the day it goes back 25
        ("2026-03-29T23:59:00+02:00", Resolution.DAY, "2026-03-28T23:00:00Z"),
        ("2026-03-30T00:01:00+02:00", Resolution.DAY, "2026-03-29T22:00:00Z"),
        ("2026-10-25T02:30:00+02:00", Resolution.DAY, "2026-10-24T22:00:00Z"),
        ("2026-10-25T02:30:00+01:00", Resolution.DAY, "2026-10-24T22:00:00Z"),
        ("2026-10-25T23:30:00+01:00", Resolution.DAY, "2026-10-24T22:00:00Z"),
    ],
)
def test_buckets(moment: str, resolution: Resolution, begins: str) -> None:
    found = bucket_of(datetime.fromisoformat(moment), resolution, AMSTERDAM)
    assert found == datetime.fromisoformat(begins)
