"""What departing costs, held against figures worked out elsewhere."""

from fractions import Fraction
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.departing_cost import difference
from streams.sample import Sample, together

values = st.lists(st.integers(-(10**12), 10**12), min_size=2, max_size=30)


def sample(found: list[int]) -> Sample:
    return Sample(len(found), sum(found), sum(value * value for value in found))


def test_welchs_own_interval() -> None:
    """n 10 and 20, variances 4 and 25: standard error (0.4 + 1.25) ** 0.5 and 27.2 degrees of freedom.

    Student's t at 0.975 with 27 is 2.0518 in any table; the means are 20 and 15.
    """
    one = [20 + step for step in (-2, 2) for _ in range(5)]  # squared deviations 40
    other = [15 + step for step in (-5, 5) for _ in range(10)]  # squared deviations 500
    se = (40 / 9 / 10 + 500 / 19 / 20) ** 0.5
    found = difference(sample(one), sample(other), 2)
    assert found is not None
    freedom = (40 / 90 + 500 / 380) ** 2 / ((40 / 90) ** 2 / 9 + (500 / 380) ** 2 / 19)
    assert 27 <= freedom < 28
    assert found.value == 5
    assert (found.high - 5, 5 - found.low) == pytest.approx((2.0518 * se, 2.0518 * se), abs=2e-4)


@given(one=values, other=values)
def test_it_is_the_difference_of_the_means_in_the_middle_of_its_interval(one: list[int], other: list[int]) -> None:
    found = difference(sample(one), sample(other), 2)
    assert found is not None
    exact = Fraction(sum(one), len(one)) - Fraction(sum(other), len(other))
    assert found.value == pytest.approx(float(exact), abs=1e-3)
    assert found.high - found.value == pytest.approx(found.value - found.low, abs=1e-3)
    spread = (variance(one) / len(one) + variance(other) / len(other)) ** 0.5
    assert found.high - found.value >= 1.959 * spread * (1 - 1e-9)  # no narrower than had they been normal


@given(one=values, other=values)
def test_samples_add_up(one: list[int], other: list[int]) -> None:
    assert together([sample(one), sample(other)]) == sample(one + other)
    assert sample(one).mean == pytest.approx(fmean(one))


@pytest.mark.parametrize(("one", "other", "enough"), [([1, 2], [3, 4], 3), ([1, 2, 3], [3, 4], 3), ([1], [1, 2], 1)])
def test_of_too_few_nothing_is_said(one: list[int], other: list[int], enough: int) -> None:
    assert difference(sample(one), sample(other), enough) is None


def test_where_nothing_differs_the_interval_is_a_point() -> None:
    assert difference(Sample(3, 30, 300), Sample(2, 10, 50), 2) == (5, 5, 5)
    assert Sample().mean is None
