"""How much touchpoints differ from each other from before to after when nothing was changed: placebos. Pure.

A placebo is the same comparison (streams.effect) where there was no change: at each of the other touchpoints, held
against the rest of them, and at all of them at earlier times. What placebos vary more than the answers behind them
would make them is what happens to one touchpoint alone in one week, its unrest; it is found by letting them vary just
as much as they should (Paule and Mandel, 1982). The interval is Student's, by how many placebos there were.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streams.effect import OTHERS, Sides, Step, Weekly, beside
from streams.scores import student_quantile

_HALVINGS = 40


class Unrest(NamedTuple):
    """The variance of what happens to one touchpoint alone in one week; by how many degrees of freedom it is known."""

    variance: float
    freedom: int


def placebos(touchpoints: Sequence[Weekly], sides: Sides) -> Sequence[Step]:
    """Return each touchpoint's step beside those of the rest; nothing if there are fewer than OTHERS."""
    steps = [step for each in touchpoints if (step := each.calm_step(sides)) is not None]
    if len(steps) < OTHERS:
        return []
    return [beside(step, [*steps[:place], *steps[place + 1 :]]) for place, step in enumerate(steps)]


def earlier(sides: Sides, first_week: int) -> Iterator[Sides]:
    """Yield the sides of changes that were not made, each ending where the after of the next one begins.

    None of them holds a week of the change itself or later, nor one before `first_week`: the first may have fewer weeks
    before than the others, but no fewer than after, unless the change has as few.
    """
    least = min(len(sides.before), len(sides.after))
    weeks = sides.after[-1] + 1
    while True:
        moved = sides.earlier(weeks)
        before = tuple(week for week in moved.before if week >= first_week)
        if len(before) < least:
            return
        yield moved._replace(before=before)
        weeks += len(sides.after)


def unrest(lots: Sequence[Sequence[Step]]) -> Unrest | None:
    """Find the unrest of touchpoints by lots of placebos, each of one time; None without any."""
    found = [step for lot in lots for step in lot]
    freedom = sum(len(lot) - 1 for lot in lots if lot)
    if freedom < 1:
        return None
    low, high = 0.0, sum(step.value**2 / step.unrest for step in found)
    if _ratio(found, low) <= 1:
        return Unrest(0.0, freedom)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _ratio(found, middle) > 1 else (low, middle)
    return Unrest(high, freedom)


def reach(step: Step, found: Unrest) -> float:
    """Return how far the 95 % interval of a step goes to either side."""
    return student_quantile(found.freedom) * math.sqrt(step.variance(found.variance))


def _ratio(found: Sequence[Step], of_weeks: float) -> float:
    """Return how much placebos vary, as a part of how much they should."""
    variances = [step.variance(of_weeks) for step in found]
    if min(variances) <= 0:
        return math.inf
    return sum(step.value**2 / variance for step, variance in zip(found, variances, strict=True)) / len(found)
