"""Histograms -> figures and verdicts."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitor.figures.histograms import ENOUGH, Verdict, duration_figure
from tests.snapshots import DAY, histogram

WEEK = timedelta(weeks=1)
durations = st.lists(st.integers(0, 400 * DAY), min_size=1, max_size=60)


@given(durations, durations)
def test_histograms_add_up_to_the_figure_of_all_their_values(first: list[int], second: list[int]) -> None:
    both = sorted(first + second)
    figure = duration_figure("gap", [histogram("gap", first), histogram("gap", second)], WEEK)
    assert figure.n == len(both)
    assert figure.mean == round(sum(both) / len(both))
    for found, rank in ((figure.median, 0.5), (figure.p90, 0.9)):
        exact = both[math.ceil(rank * len(both)) - 1]
        assert found == pytest.approx(exact, rel=0.02)  # 1 % by the bins, and half a millisecond by rounding


@given(durations)
def test_within_the_limit_is_exact_but_for_one_percent_above_it(values: list[int]) -> None:
    limit = 7 * DAY
    figure = duration_figure("gap", [histogram("gap", values)], WEEK)
    least = sum(value <= limit for value in values)
    most = sum(value <= limit * 1.021 for value in values)
    assert figure.within is not None
    assert least <= figure.within <= most


@pytest.mark.parametrize(
    ("late", "verdict"),
    [
        (0, Verdict.WITHIN),
        (1, Verdict.WITHIN),
        (2, Verdict.PARTLY),
        (5, Verdict.PARTLY),
        (6, Verdict.OVER),
        (10, Verdict.OVER),
    ],
)
def test_verdicts_by_how_many_in_ten_are_late(late: int, verdict: Verdict) -> None:
    values = [3 * DAY] * (10 - late) + [20 * DAY] * late
    figure = duration_figure("gap", [histogram("gap", values)], WEEK)
    assert figure.verdict is verdict
    assert figure.share_within == 1 - late / 10


def test_few_observations_are_not_judged() -> None:
    few = duration_figure("gap", [histogram("gap", [20 * DAY] * (ENOUGH - 1))], WEEK)
    enough = duration_figure("gap", [histogram("gap", [20 * DAY] * ENOUGH)], WEEK)
    assert (few.verdict, enough.verdict) == (Verdict.FEW, Verdict.OVER)


def test_without_a_limit_there_is_no_verdict() -> None:
    figure = duration_figure("gap", [histogram("gap", [DAY] * 9)], None)
    assert figure.verdict is Verdict.NO_LIMIT
    assert figure.share_within is None


def test_no_observations() -> None:
    figure = duration_figure("gap", [], WEEK)
    assert (figure.n, figure.mean, figure.median, figure.p90, figure.share_within) == (0, None, None, None, None)
    assert figure.verdict is Verdict.FEW
