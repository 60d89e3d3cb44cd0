"""What docs/effect.md promises of effects; `python -m tests.effect_simulation` shows how far it is kept."""

from collections.abc import Sequence
from random import Random
from statistics import fmean

import pytest

from streams.effect import WEEKS_AFTER, WEEKS_BEFORE, Sides, Weekly
from streams.improvement_effect import Measured, measured
from streams.sample import together
from tests.effect_simulation import ENOUGH, LONG, SHOCKS, SIDES, Cell, Found, Times, weekly


@pytest.mark.parametrize("shock", SHOCKS)
@pytest.mark.parametrize("rate", [10, 30, 100])
def test_no_change_claims_none_and_the_interval_holds_it(rate: int, shock: float) -> None:
    found = Found.of(Cell(rate, shock, 0.0))
    assert found.covered >= 0.93
    assert found.claimed <= 0.07


@pytest.mark.parametrize(("rate", "shock", "effect"), [(10, 0.3, 1.0), (10, 0.15, 0.5), (30, 0.3, 0.5)])
def test_the_interval_holds_a_change(rate: int, shock: float, effect: float) -> None:
    assert Found.of(Cell(rate, shock, effect)).covered >= 0.93


@pytest.mark.parametrize("effect", [0.0, -0.25])
def test_so_it_does_of_durations_that_differ_by_weeks(effect: float) -> None:
    found = Found.of(Times(0.3, effect), runs=250)
    assert found.covered >= 0.93
    if not effect:
        assert found.claimed <= 0.07


def test_a_point_is_found_with_thirty_answers_a_week() -> None:
    assert Found.of(Cell(30, 0.15, 1.0), runs=200).claimed >= 0.95


def test_with_a_year_of_earlier_placebos_the_interval_is_shorter_and_still_right() -> None:
    year = Found.of(Cell(10, 0.3, 0.0, LONG), runs=250)
    assert year.covered >= 0.93
    assert year.reach < 0.95 * Found.of(Cell(10, 0.3, 0.0), runs=250).reach


def test_two_weeks_since_an_alarm_are_enough_for_an_interval_that_is_right() -> None:
    since_alarm = Sides((-2, -1), tuple(range(4, 4 + WEEKS_AFTER)))
    found = Found.of(Cell(30, 0.3, 0.0, LONG, sides=since_alarm), runs=250)
    assert found.covered >= 0.93


def test_what_raised_an_alarm_by_chance_would_flatter_an_improvement_that_does_nothing() -> None:
    """Of touchpoints that never changed, those are looked at whose last three weeks before happened to be low."""
    chance, cell, level = Random(1), Cell(30, 0.3, 0.0), 7.0
    left_out = Sides(SIDES.before[:-3], SIDES.after)
    flattered, fair = [], []
    for _ in range(600):
        own, *others = (weekly(chance, cell, [0.0] * (WEEKS_BEFORE + WEEKS_AFTER), level, 30) for _ in range(7))
        evidence = together(own.weeks[week] for week in SIDES.before[-3:])
        if evidence.total < evidence.n * (level - 0.35) * 1000:
            flattered.append(_effect(own, others, SIDES))
            fair.append(_effect(own, others, left_out))
    assert len(fair) > 40
    assert fmean(flattered) > 0.08
    assert abs(fmean(fair)) < 0.06


def _effect(own: Weekly, others: Sequence[Weekly], sides: Sides) -> float:
    found = measured(own, others, sides, -WEEKS_BEFORE, ENOUGH)
    assert isinstance(found, Measured)
    return found.estimate.value / 1000
