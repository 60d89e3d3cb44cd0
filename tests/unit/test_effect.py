"""Effects of improvements, held against figures worked out by hand and against what must hold of any."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from random import Random
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.effect import OTHERS, Sides, Step, Weekly, beside
from streams.effect_weeks import Alarm, after, before, disturbed, sides
from streams.improvement_effect import Lacking, Measured, Unmeasured, expected_reach, measured
from streams.placebo import earlier, placebos, reach, unrest
from streams.sample import Sample

_SIDES = Sides(tuple(range(-13, 0)), tuple(range(6)))
_CHANGE = date(2026, 6, 1)


def _sample(*values: int) -> Sample:
    return Sample(len(values), sum(values), sum(value * value for value in values))


def _weekly(values: Mapping[int, Sequence[int]], disturbed: Sequence[int] = ()) -> Weekly:
    return Weekly({week: _sample(*each) for week, each in values.items()}, frozenset(disturbed))


def test_a_step_is_the_difference_of_means_with_its_variance_and_how_uneven_the_weeks_weigh() -> None:
    first, second, third = [6, 8, 7], [7, 9], [9, 9, 10, 8, 9, 9]
    step = _weekly({-2: first, -1: second, 0: third}).step(Sides((-2, -1), (0,)))
    assert step is not None
    assert step.value == pytest.approx(fmean(third) - fmean([*first, *second]))
    assert step.sampling == pytest.approx(variance(third) / 6 + variance([*first, *second]) / 5)
    assert step.unrest == pytest.approx(1 + (9 + 4) / 25)


def test_under_five_values_on_a_side_there_is_no_step() -> None:
    own = _weekly({-1: [7, 8, 7, 8], 0: [9, 9, 9, 8, 9]})
    assert own.step(Sides((-1,), (0,))) is None
    assert own.step(Sides((-1,), (5,))) is None


def test_a_touchpoint_at_which_something_changed_between_the_sides_is_no_placebo() -> None:
    values = {week: [7, 8, 6, 7, 8] for week in range(-3, 3)}
    quiet, between = Sides((-3,), (-2,)), Sides((-3,), (2,))
    own = _weekly(values, [0])
    assert own.calm_step(quiet) is not None
    assert own.calm_step(between) is None
    assert own.step(between) is not None


def test_what_happens_to_all_alike_falls_away() -> None:
    own, others = Step(1.5, 0.04, 0.2), [Step(0.3, 0.01, 0.3), Step(0.7, 0.03, 0.1)]
    found = beside(own, others)
    assert found == pytest.approx((1.5 - 0.5, 0.04 + 0.04 / 4, 0.2 + 0.4 / 4))


@given(st.lists(st.integers(-2000, 2000), min_size=19, max_size=19), st.integers(0, 5))
def test_an_effect_does_not_depend_on_what_happens_to_all_touchpoints_in_a_week(common: list[int], seed: int) -> None:
    chance = Random(seed)
    scores = [[[chance.randrange(1, 11) * 1000 for _ in range(5)] for _ in range(19)] for _ in range(7)]
    moved = [[[value + level for value in week] for week, level in zip(own, common, strict=True)] for own in scores]
    found = [_effect_of(each) for each in (scores, moved)]
    assert found[1].estimate.value == pytest.approx(found[0].estimate.value, abs=1e-6)


def _effect_of(scores: Sequence[Sequence[Sequence[int]]]) -> Measured:
    own, *others = (_weekly(dict(enumerate(each, -13))) for each in scores)
    found = measured(own, others, _SIDES, -13, 20)
    assert isinstance(found, Measured)
    return found


def test_placebos_vary_just_as_much_as_they_should_with_the_unrest_that_is_found() -> None:
    chance = Random(3)
    steps = [Step(chance.gauss(0, 0.5), 0.02 * place, 0.1 + 0.05 * place) for place in range(1, 9)]
    found = unrest([steps[:4], steps[4:]])
    assert found is not None
    assert found.freedom == 3 + 3
    assert fmean(step.value**2 / (step.sampling + step.unrest * found.variance) for step in steps) == pytest.approx(1)


def test_placebos_that_vary_no_more_than_their_answers_show_no_unrest() -> None:
    found = unrest([[Step(0.1, 1.0, 0.2), Step(-0.1, 1.0, 0.2)]])
    assert found is not None
    assert found.variance == 0
    # of Student's t: the 97.5 % point of one degree of freedom
    assert reach(Step(0, 4.0, 0.2), found) == pytest.approx(2 * 12.706, rel=1e-4)


def test_each_placebo_is_held_against_all_others_of_its_time() -> None:
    levels = [0, 1, 2, 3, 4, 10]
    touchpoints = [_weekly({0: [0, 1, 2, 3, 4], 1: [level + each for each in range(5)]}) for level in levels]
    found = placebos(touchpoints, Sides((0,), (1,)))
    assert [step.value for step in found] == pytest.approx([level - (20 - level) / 5 for level in levels])
    assert placebos(touchpoints[:-1], Sides((0,), (1,))) == []


def test_earlier_changes_follow_each_other_and_hold_no_week_of_the_real_one() -> None:
    assert [each.after for each in earlier(_SIDES, -31)] == [
        (-6, -5, -4, -3, -2, -1),
        (-12, -11, -10, -9, -8, -7),
        (-18, -17, -16, -15, -14, -13),
        (-24, -23, -22, -21, -20, -19),
    ]
    assert [each.before[0] for each in earlier(_SIDES, -31)] == [-19, -25, -31, -31]
    assert not list(earlier(_SIDES, -11))
    settled = Sides((-2, -1), (4, 5, 6, 7, 8, 9))
    assert next(earlier(settled, -20)) == Sides((-12, -11), (-6, -5, -4, -3, -2, -1))


ALARMS = {
    # the change is on 1 June; a line is a week, from -13 to -1: c evidence, A alarm, . quiet
    "none": ([], range(-13, 0), 0),
    # ......cA..... it still stands: only what came after it is of the same level
    "stands": ([Alarm(date(2026, 4, 14), date(2026, 4, 22))], range(-5, 0), 8),
    # ...cAAAm..... it had ended: from its first evidence until its end nothing counts
    "ended": (
        [Alarm(date(2026, 3, 24), date(2026, 3, 31), date(2026, 4, 14), date(2026, 4, 22))],
        [-13, -12, -11, -5, -4, -3, -2, -1],
        5,
    ),
    # ...........cc it was raised after the change: its evidence had begun to gather
    "later": ([Alarm(date(2026, 5, 20), date(2026, 6, 3))], range(-13, -2), 2),
    # it was raised on the day before the change
    "just raised": ([Alarm(date(2026, 5, 1), date(2026, 5, 31))], [], 13),
    "long ago": ([Alarm(date(2025, 5, 1), date(2025, 5, 9))], range(-13, 0), 0),
}


@pytest.mark.parametrize("name", ALARMS)
def test_the_evidence_of_an_alarm_is_left_out_of_before(name: str) -> None:
    alarms, weeks, left_out = ALARMS[name]
    found = before(_CHANGE, alarms, -100)
    assert found.weeks == tuple(weeks)
    assert found.left_out == left_out
    assert (sides(found, 4) is None) == (not found.weeks)


def test_before_goes_back_no_further_than_the_figures_do() -> None:
    assert before(_CHANGE, [], -4).weeks == (-4, -3, -2, -1)


def test_customers_may_take_weeks_to_meet_a_change() -> None:
    assert after(0) == (0, 1, 2, 3, 4, 5)
    assert after(4) == (4, 5, 6, 7, 8, 9)


def test_a_level_changes_while_an_alarm_comes_and_goes_and_while_a_change_settles() -> None:
    alarm = Alarm(date(2026, 4, 14), date(2026, 4, 22), date(2026, 5, 25), date(2026, 6, 1))
    assert set(disturbed([alarm], [], _CHANGE)) == {-7, -6, -1, 0}
    assert set(disturbed([], [(date(2026, 6, 9), 2)], _CHANGE)) == {1, 2, 3}


def _quiet(seed: int, *, level: int = 0, n: int = 6) -> Weekly:
    chance = Random(seed)
    values = {
        week: [1000 * chance.randrange(5, 10) + (level if week >= 0 else 0) for _ in range(n)] for week in range(-13, 6)
    }
    return _weekly(values)


def test_an_effect_has_the_touchpoints_own_step_less_that_of_the_others() -> None:
    own, others = _quiet(0, level=2000), [_quiet(seed) for seed in range(1, 8)]
    found = measured(own, others, _SIDES, -13, 20)
    assert isinstance(found, Measured)
    rises = [Fraction(_mean(each, range(6))) - Fraction(_mean(each, range(-13, 0))) for each in (own, *others)]
    assert found.estimate.value == pytest.approx(float(rises[0] - sum(rises[1:]) / 7))
    assert found.sign == 1
    assert (found.others, found.n_before, found.n_after) == (7, 78, 36)
    # seven at the time itself, and eight half of the weeks earlier
    assert found.placebos == 7 + 8


def _mean(own: Weekly, weeks: Sequence[int]) -> Fraction:
    return Fraction(sum(own.weeks[week].total for week in weeks), sum(own.weeks[week].n for week in weeks))


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (_quiet(0, n=1), 7, Unmeasured(Lacking.ANSWERS_BEFORE, 13, 20)),
        (_quiet(0, n=3), 7, Unmeasured(Lacking.ANSWERS_AFTER, 18, 20)),
        (_quiet(0), 4, Unmeasured(Lacking.OTHERS, 4, OTHERS)),
    ],
)
def test_what_cannot_be_told_says_what_is_lacking(own: Weekly, others: int, expected: Unmeasured) -> None:
    assert measured(own, [_quiet(seed) for seed in range(1, others + 1)], _SIDES, -13, 20) == expected


def test_touchpoints_that_never_vary_tell_nothing() -> None:
    same = _weekly({week: [7000] * 5 for week in range(-13, 6)})
    found = measured(same, [same] * 6, _SIDES, -13, 20)
    assert found == Unmeasured(Lacking.SPREAD, 0, 1)


def test_what_to_expect_is_known_beforehand_and_looks_at_no_week_of_the_change() -> None:
    own, others = _quiet(0), [_quiet(seed) for seed in range(1, 8)]
    changed = _quiet(0, level=2000)
    expected = expected_reach(own, others, _SIDES, -13)
    assert expected is not None
    assert expected == expected_reach(changed, others, _SIDES, -13)
    found = measured(changed, others, _SIDES, -13, 20)
    assert isinstance(found, Measured)
    assert expected == pytest.approx(found.estimate.high - found.estimate.value, rel=0.5)
    assert expected_reach(own, others[:5], _SIDES, -13) is None
