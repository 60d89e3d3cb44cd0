"""What to improve first is a sum that one can do again by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.priority import Factor, priority

SCORE = st.none() | st.floats(1, 10)


@pytest.mark.parametrize(
    ("given", "gap", "value"),
    [
        ((9, 5.4, 7.0, None, 480), "1.6", "6912"),  # 9 x 1.6 x 480
        ((9, 5.4, 7.0, 7.5, 480), "2.1", "9072"),  # the ideal asks for more
        ((9, 5.4, 7.0, 6.0, 480), "1.6", "6912"),  # here the norm does
        ((4, 5.8, None, 6.5, 1000), "0.7", "2800"),
        ((8, 8.3, 7.0, 8.0, 480), "0.0", "0"),  # it does not fall short
        ((8, 6.0, 7.0, None, 0), "1.0", "0"),  # nobody came
        ((8.66, 5.44, 7.04, None, 10), "1.6", "139.2"),  # 8.7 x (7.0 - 5.4) x 10, not 8.66 x 1.6 x 10
    ],
)
def test_a_priority_is_the_product_of_what_is_shown(
    given: tuple[float, float, float | None, float | None, int], gap: str, value: str
) -> None:
    importance, score, norm, ideal, volume = given
    found = priority(importance=importance, score=score, norm=norm, ideal=ideal, volume=volume)
    assert (found.gap, found.value, found.unknown) == (Decimal(gap), Decimal(value), ())


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ({"importance": None}, (Factor.IMPORTANCE,)),
        ({"score": None}, (Factor.SCORE,)),
        ({"norm": None}, (Factor.AIM,)),
        ({"importance": None, "score": None, "norm": None}, (Factor.IMPORTANCE, Factor.SCORE, Factor.AIM)),
    ],
)
def test_what_is_not_known_is_said_and_is_not_nothing(
    known: dict[str, float | None], unknown: tuple[Factor, ...]
) -> None:
    given = {"importance": 9.0, "score": 5.4, "norm": 7.0, **known}
    found = priority(**given, ideal=None, volume=480)
    assert (found.value, found.unknown) == (None, unknown)


@pytest.mark.parametrize(
    ("norm", "ideal", "aims_at_ideal"), [(7, 8, True), (8, 7, False), (7, 7, True), (7, None, False), (None, 7, True)]
)
def test_which_of_norm_and_ideal_is_aimed_at_is_told(
    norm: float | None, ideal: float | None, aims_at_ideal: bool
) -> None:
    assert priority(importance=1, score=1, norm=norm, ideal=ideal, volume=1).aims_at_ideal is aims_at_ideal


@given(SCORE, SCORE, SCORE, SCORE, st.integers(0, 10**6))
def test_a_priority_is_never_below_nothing_and_is_lacking_only_where_it_says_why(
    importance: float | None, score: float | None, norm: float | None, ideal: float | None, volume: int
) -> None:
    found = priority(importance=importance, score=score, norm=norm, ideal=ideal, volume=volume)
    assert (found.value is None) == bool(found.unknown)
    if found.value is not None:
        assert found.importance is not None
        assert 0 <= found.value <= found.importance * 9 * volume
