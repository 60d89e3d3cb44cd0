"""Means, shares and NPS with their intervals: by hand, by published tables, and by drawing from what is known."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.question import SCALES, Scale
from streams.scores import (
    Estimate,
    difference,
    mean,
    net_promoter_score,
    share,
    share_high,
    share_met,
    student_quantile,
)

OUT_OF_TEN = SCALES["satisfaction"]


def counts(*scores: int) -> Counter[int]:
    return Counter(1000 * score for score in scores)


@pytest.mark.parametrize(  # two-sided 95 %, from any table of Student's t
    ("df", "published"),
    [(1, 12.706), (2, 4.303), (4, 2.776), (5, 2.571), (9, 2.262), (19, 2.093), (30, 2.042), (120, 1.980)],
)
def test_student_quantiles_are_those_of_the_tables(df: int, published: float) -> None:
    assert student_quantile(df) == pytest.approx(published, abs=0.001)


def test_with_three_degrees_of_freedom_the_quantile_is_a_little_off() -> None:
    assert student_quantile(3) == pytest.approx(3.182, abs=0.004)


def test_a_mean_and_its_interval() -> None:
    """7, 8, 9, 6, 10: mean 8, variance 2.5, standard error 0.7071, t 2.776."""
    found = mean(counts(7, 8, 9, 6, 10), OUT_OF_TEN)
    assert found == pytest.approx((8.0, 8 - 1.963, 8 + 1.963), abs=0.001)


def test_an_interval_stays_on_the_scale() -> None:
    assert mean(counts(10, 10, 10, 1), OUT_OF_TEN) == (7.75, 1.0, 10.0)
    assert mean(counts(-2, 2), SCALES["emotion"]) == (0.0, -2.0, 2.0)


def test_one_score_says_nothing_of_how_sure_it_is() -> None:
    assert mean(counts(8), OUT_OF_TEN) is None
    assert mean(counts(), OUT_OF_TEN) is None
    assert net_promoter_score(counts(8)) is None
    assert share(0, 0) is None


def test_a_share_and_its_interval() -> None:
    """Wilson's interval for 9 of 10, as Agresti and Coull (1998) have it."""
    assert share(9, 10) == pytest.approx((0.9, 0.596, 0.982), abs=0.001)
    assert share(0, 10) == pytest.approx((0, 0, 0.278), abs=0.001)


def test_eight_and_up_are_high_and_one_is_yes() -> None:
    high, met = share_high(counts(7, 8, 9, 10)), share_met(counts(0, 1, 1))
    assert high is not None
    assert met is not None
    assert high.value == 0.75
    assert met.value == pytest.approx(2 / 3)


def test_nps_is_promoters_less_detractors() -> None:
    """Two promoters, a passive and three detractors: -1/6; each adds 1, 0 or -1."""
    found = net_promoter_score(counts(9, 10, 7, 6, 0, 3))
    assert found is not None
    assert found.value == pytest.approx(-100 / 6)
    variance = (2 * (1 + 1 / 6) ** 2 + (1 / 6) ** 2 + 3 * (1 - 1 / 6) ** 2) / 5
    assert found.high - found.value == pytest.approx(100 * 2.5706 * (variance / 6) ** 0.5, abs=0.1)


@given(st.lists(st.integers(1, 10), min_size=2, max_size=60))
def test_a_mean_lies_within_its_interval_and_that_on_the_scale(scores: list[int]) -> None:
    found = mean(counts(*scores), OUT_OF_TEN)
    assert found is not None
    assert 1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 10
    assert found.value == pytest.approx(sum(scores) / len(scores))


@pytest.mark.parametrize("n", [20, 100])
def test_of_many_intervals_nearly_all_hold_the_truth(n: int) -> None:
    """From a skewed population of scores, as surveys bring; 95 % is promised, and the draw itself wavers by 0.5 %."""
    chance = Random(f"coverage {n}")
    population, weights = range(1, 11), [3, 2, 2, 3, 5, 9, 18, 30, 18, 10]
    truth = sum(score * weight for score, weight in zip(population, weights, strict=True)) / sum(weights)
    rounds = 2000
    held = 0
    for _ in range(rounds):
        found = mean(counts(*chance.choices(population, weights, k=n)), OUT_OF_TEN)
        assert found is not None
        held += found.low <= truth <= found.high
    assert 0.93 <= held / rounds <= 0.97


def test_a_scale_of_other_numbers_has_a_mean_too() -> None:
    assert mean(counts(2, 4), Scale(low=1, high=5)) == (3.0, 1.0, 5.0)


@pytest.mark.parametrize(  # Newcombe (1998), Statistics in Medicine 17, table II, method 10
    ("now", "before", "published"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ],
)
def test_the_difference_of_shares_is_newcombes(
    now: tuple[int, int], before: tuple[int, int], published: tuple[float, float]
) -> None:
    later, earlier = share(*now), share(*before)
    assert later is not None
    assert earlier is not None
    found = difference(later, earlier)
    assert found.value == pytest.approx(now[0] / now[1] - before[0] / before[1])
    assert (found.low, found.high) == pytest.approx(published, abs=5e-5)


def test_the_difference_of_figures_that_are_sure_is_sure() -> None:
    assert difference(Estimate(7, 7, 7), Estimate(5, 5, 5)) == (2, 2, 2)
