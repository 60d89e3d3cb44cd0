"""Bins, quantiles and buckets."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.windows import ACCURACY, Resolution, bin_of, bucket_of, duration_of, quantile

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
durations = st.integers(0, 10 * 365 * 86_400_000)


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
