import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.cusum import ODDS, Bucket, Stretch, climb, share_allowance

_START = datetime(2026, 3, 2, 9, tzinfo=UTC)
_STEPS = st.lists(st.integers(-50, 50), max_size=30)


def test_a_level_rises_by_what_falls_short_of_the_reference() -> None:
    # three scores of 6, 5 and 9 against 7: short of 1 and 2, and 2 too many
    assert climb(4_000, Bucket(_START, 3, 20_000), 7_000) == 5_000


def test_a_level_does_not_fall_below_0() -> None:
    assert climb(500, Bucket(_START, 1, 10_000), 7_000) == 0


@pytest.mark.parametrize("norm", [800, 900, 950, 990])
def test_the_reference_of_a_share_makes_the_sum_a_log_likelihood_ratio(norm: int) -> None:
    """A miss and a case that was kept must weigh as the two hypotheses make them: their ratio is what was derived."""
    misses = 1 - norm / 1000
    odds = ODDS * misses / (1 - misses)
    worse = odds / (1 + odds)
    for_a_miss = math.log(worse / misses)
    against = math.log((1 - worse) / (1 - misses))
    reference = -against / (for_a_miss - against)
    assert share_allowance(norm) == pytest.approx(1000 * (reference - misses), abs=0.5)


def test_even_a_share_of_all_has_an_allowance() -> None:
    assert share_allowance(1000) == 1


@given(_STEPS, st.integers(0, 200))
def test_a_stretch_does_at_once_what_its_steps_do_one_by_one(steps: list[int], entered: int) -> None:
    level = highest = entered
    for step in steps:
        level = max(0, level + step)
        highest = max(highest, level)
    stretch = Stretch.of(steps)
    assert max(stretch.end, entered + stretch.rise) == level
    assert max(stretch.peak, entered + stretch.crest) == highest


@given(st.lists(st.integers(1_000, 10_000), max_size=40), st.integers(1, 9))
def test_folding_by_hours_never_shows_more_than_folding_by_answers(answers: list[int], in_an_hour: int) -> None:
    by_answer = by_hour = highest = 0
    for first in range(0, len(answers), in_an_hour):
        hour = answers[first : first + in_an_hour]
        for answer in hour:
            by_answer = climb(by_answer, Bucket(_START, 1, answer), 7_000)
            highest = max(highest, by_answer)
        by_hour = climb(by_hour, Bucket(_START + timedelta(hours=first), len(hour), sum(hour)), 7_000)
        assert by_hour <= highest
