"""Rank correlations, held against figures worked out with the plain formulas and against simulated pairs."""

import math
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rank_correlation import LEAST_PAIRS, rank_correlation


def counted(pairs: list[tuple[int, int]]) -> Counter[tuple[int, int]]:
    return Counter(pairs)


def test_without_ties_it_is_spearmans_formula() -> None:
    chance = Random(1)
    second = list(range(120))
    chance.shuffle(second)
    found = rank_correlation(counted(list(enumerate(second))))
    squares = sum((place - other) ** 2 for place, other in enumerate(second))
    assert found is not None
    assert found.value == pytest.approx(1 - 6 * squares / (120 * (120**2 - 1)))


def test_the_interval_is_fishers_with_the_error_of_ranks() -> None:
    pairs = [(n, n if n % 3 else 200 - n) for n in range(150)]
    found = rank_correlation(counted(pairs))
    assert found is not None
    turned = 0.5 * math.log((1 + found.value) / (1 - found.value))
    error = math.sqrt((1 + found.value**2 / 2) / 147)
    for end, sign in ((found.low, -1), (found.high, 1)):
        assert 0.5 * math.log((1 + end) / (1 - end)) == pytest.approx(turned + sign * 1.959964 * error)


def test_under_a_hundred_pairs_or_with_scores_that_are_all_alike_nothing_is_said() -> None:
    assert LEAST_PAIRS == 100
    assert rank_correlation(counted([(n, n) for n in range(99)])) is None
    assert rank_correlation(counted([(n, n) for n in range(100)])) is not None
    assert rank_correlation(counted([(5, n) for n in range(150)])) is None
    assert rank_correlation({}) is None


@given(st.integers(0, 1000), st.integers(1, 4))
def test_only_the_order_of_scores_counts_and_both_sides_alike(seed: int, apart: int) -> None:
    chance = Random(seed)
    pairs = [(chance.randrange(1, 11), chance.randrange(1, 11)) for _ in range(110)]
    found = rank_correlation(counted(pairs))
    assert found is not None
    stretched = rank_correlation(counted([(1000 * a**apart, b) for a, b in pairs]))
    turned = rank_correlation(counted([(b, a) for a, b in pairs]))
    against = rank_correlation(counted([(a, -b) for a, b in pairs]))
    assert stretched == pytest.approx(found)
    assert turned == pytest.approx(found)
    assert against is not None
    assert against.value == pytest.approx(-found.value)
    assert against.low == pytest.approx(-found.high)


def test_of_scores_that_have_nothing_to_do_with_each_other_few_are_told_apart_from_chance() -> None:
    chance, claimed = Random(7), 0
    for _ in range(400):
        pairs = [(chance.choice((5, 7, 8, 8, 9)), chance.choice((4, 7, 8, 10))) for _ in range(100)]
        found = rank_correlation(counted(pairs))
        assert found is not None
        claimed += not found.low <= 0 <= found.high
    assert claimed <= 0.07 * 400
