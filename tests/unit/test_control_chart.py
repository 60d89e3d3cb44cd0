"""Control charts against published examples, hand-made timelines, and chance."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.control_chart import (
    BASELINE,
    Rule,
    Section,
    Signal,
    control_chart,
    expected_false_signals,
)

FLOW_RATES = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
"""NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: ten batches. Mean 50.81, limits 45.8159 and 55.8041."""

DEFICITS_OF_1988 = [10.5, 11.2, 9.2, 10.1, 10.4, 10.5]
DEFICITS_OF_1989 = [8.7, 8.7, 7.0, 6.8, 9.6, 9.0]
"""Wheeler, Understanding Variation (1993), figures 6.7 and 6.9: the first shift is detected in March 1989."""

STEADY = [5.0, 6.0] * (BASELINE // 2)
"""A baseline of mean 5.5 whose moving ranges are all 1: sigma 1 / 1.128, limits 2.66 from the mean."""


def only(values: Sequence[float | None], **given: object) -> Section:
    (section,) = control_chart(values, **given)  # type: ignore[arg-type]
    return section


def test_the_limits_of_the_handbook() -> None:
    section = only([*FLOW_RATES], baseline=10)
    assert section.limits is not None
    assert section.limits.mean == pytest.approx(50.81)
    assert section.limits.sigma * 1.128 == pytest.approx(1.8778, abs=5e-5)
    assert section.limits.low == pytest.approx(45.8159, abs=5e-5)
    assert section.limits.high == pytest.approx(55.8041, abs=5e-5)
    assert section.signals == []


def test_the_shift_that_the_deficits_show() -> None:
    """The mean is 61.9 / 6, the mean moving range 4 / 5: the lower limit lies 2.66 * 0.8 below 10.317, at 8.19."""
    section = only([*DEFICITS_OF_1988, *DEFICITS_OF_1989], baseline=6)
    assert section.limits is not None
    assert section.limits.low == pytest.approx(8.19, abs=0.005)
    assert section.limits.high == pytest.approx(12.44, abs=0.005)
    assert section.signals == [Signal(Rule.BEYOND_THE_LIMITS, above=False, first=8, last=9)]


@pytest.mark.parametrize("missing", [1, 23])
def test_a_short_baseline_concludes_nothing(missing: int) -> None:
    section = only([*STEADY[missing:-1], 99.0])
    assert (section.limits, section.missing, section.signals) == (None, missing, ())


@pytest.mark.parametrize(
    ("after", "signals"),
    [
        ([8.1], []),
        ([8.2], [Signal(Rule.BEYOND_THE_LIMITS, True, 24, 24)]),
        ([2.9], []),
        ([2.8], [Signal(Rule.BEYOND_THE_LIMITS, False, 24, 24)]),
        (
            [9.0, 9.0, 5.0, 9.0],
            [Signal(Rule.BEYOND_THE_LIMITS, True, 24, 25), Signal(Rule.BEYOND_THE_LIMITS, True, 27, 27)],
        ),
        ([9.0, 1.0], [Signal(Rule.BEYOND_THE_LIMITS, True, 24, 24), Signal(Rule.BEYOND_THE_LIMITS, False, 25, 25)]),
        ([5.0, *[5.6] * 7], []),
        ([5.0, *[5.6] * 8], [Signal(Rule.RUN_OF_EIGHT, True, 25, 32)]),
        ([5.0, *[5.6] * 8, 5.0], [Signal(Rule.RUN_OF_EIGHT, True, 25, 32)]),
        ([5.0, *[5.6] * 11], [Signal(Rule.RUN_OF_EIGHT, True, 25, 35)]),
        ([5.0, *[5.6] * 4, 5.5, *[5.6] * 4], []),
        ([5.0, *[5.6] * 4, None, *[5.6] * 4], [Signal(Rule.RUN_OF_EIGHT, True, 25, 33)]),
        ([5.4] * 7, []),
        ([6.0, *[5.4] * 8], [Signal(Rule.RUN_OF_EIGHT, False, 25, 32)]),
    ],
)
def test_what_signals(after: list[float | None], signals: list[Signal]) -> None:
    """The last value of the baseline is a 6, above the mean: a 5 ends that run."""
    assert list(only([*STEADY, *after]).signals) == signals


def test_limits_end_where_the_scale_does() -> None:
    section = only([*STEADY, 9.9, 1.0], lowest=3, highest=8)
    assert section.limits is not None
    assert (section.limits.low, section.limits.high) == (3, 8)
    assert [signal.first for signal in section.signals] == [24, 25]


def test_values_that_never_differ_signal_nothing_until_they_do() -> None:
    assert only([0.1] * 40).signals == []
    assert [signal.first for signal in only([0.1] * 40 + [0.2]).signals] == [40]


def test_signals_on_one_side_that_touch_are_one_change() -> None:
    """Twelve values of 3, of which the fifth is beyond: one change."""
    after = [6.0, *[3.0] * 4, 2.0, *[3.0] * 7, 6.0]
    (change,) = only([*STEADY, *after]).changes
    assert (change.above, change.first, change.last) == (False, 25, 36)
    assert change.shift.value == pytest.approx((11 * 3 + 2) / 12 - 5.5)
    reach = 2.145 / 1.128 * (1 / 12 + 1 / 24) ** 0.5  # Student's t at 97.5 % with 14 degrees of freedom is 2.145
    assert change.shift.high - change.shift.value == pytest.approx(reach, rel=1e-3)


def test_a_change_ends_when_the_other_side_signals() -> None:
    changes = only([*STEADY, *[5.9] * 8, *[5.1] * 8]).changes
    assert [(change.above, change.first, change.last) for change in changes] == [(True, 23, 31), (False, 32, 39)]


def test_a_reset_begins_a_baseline_of_its_own() -> None:
    lower = [value - 4 for value in STEADY]
    before, after = control_chart([*STEADY, *lower, 5.5], resets=[24])
    assert before.signals == []
    assert [signal.first for signal in after.signals] == [48]
    assert after.limits is not None
    assert after.limits.mean == pytest.approx(1.5)
    without = only([*STEADY, *lower])
    assert [change.above for change in without.changes] == [False]
    assert [section.first for section in control_chart(STEADY, resets=[0, 24, 99])] == [0]


def test_nothing_to_chart() -> None:
    assert control_chart([]) == []
    assert only([None, None]).missing == BASELINE


_VALUES = st.lists(st.none() | st.integers(-50, 50).map(float), min_size=24, max_size=60)


@settings(max_examples=40)
@given(_VALUES, st.integers(-20, 20))
def test_another_scale_changes_no_signal(values: list[float | None], moved: int) -> None:
    there = [None if value is None else 4 * value + moved for value in values]
    assert only(there).signals == only(values).signals


@settings(max_examples=40)
@given(_VALUES)
def test_upside_down_signals_are_on_the_other_side(values: list[float | None]) -> None:
    turned = only([None if value is None else -value for value in values])
    assert [(each.rule, not each.above, each.first, each.last) for each in turned.signals] == [
        tuple(each) for each in only(values).signals
    ]


@settings(max_examples=40)
@given(_VALUES, st.integers(0, 59))
def test_what_was_told_is_told_still_when_more_comes(values: list[float | None], upto: int) -> None:
    """A signal may go on for longer; none goes away and none comes earlier."""
    earlier = {(each.rule, each.above, each.first) for each in only(values[:upto]).signals} if upto else set()
    assert earlier <= {(each.rule, each.above, each.first) for each in only(values).signals}


@pytest.mark.parametrize(("weeks", "deviation"), [(24, 0.4), (52, 0.9), (113, 1.5)])
def test_as_many_false_signals_as_are_told(weeks: int, deviation: float) -> None:
    """Of 1,500 charts of chance; `deviation` is that of the number of signals in one."""
    chance, charts = Random(weeks), 1_500
    signals = sum(len(only([chance.gauss() for _ in range(weeks)]).signals) for _ in range(charts))
    assert signals / charts == pytest.approx(expected_false_signals(weeks), abs=3 * deviation / charts**0.5)


def test_no_false_signals_are_told_where_nothing_is_concluded() -> None:
    assert expected_false_signals(23) == 0
