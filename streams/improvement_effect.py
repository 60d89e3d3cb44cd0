"""Whether an improvement worked: its effect beside touchpoints without it, or what is still lacking to tell. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from streams.effect import OTHERS, Sides, Step, Weekly, beside
from streams.placebo import Unrest, earlier, placebos, reach, unrest
from streams.sample import together
from streams.scores import Estimate


class Lacking(StrEnum):
    """Why an effect cannot be told."""

    WEEKS_BEFORE = "weeks_before"
    """There is no whole week of its level before: measuring began too late, or an alarm has only just been raised."""
    ANSWERS_BEFORE = "answers_before"
    ANSWERS_AFTER = "answers_after"
    OTHERS = "others"
    """Too few touchpoints that are measured alike, and at which nothing changed."""
    SPREAD = "spread"
    """All values are alike, so nothing says how much they vary by chance."""


@dataclass(frozen=True)
class Unmeasured:
    """What is lacking: how many there are, and how many it takes."""

    lacking: Lacking
    found: int
    needed: int


@dataclass(frozen=True)
class Measured:
    """An effect in the unit of the values, with its 95 % interval.

    It rests on so many other touchpoints, and placebos; `n_before` and `n_after` values at the touchpoint itself.
    `others_step` is how far the others rose meanwhile, `mean_before` the touchpoint's mean before.
    """

    estimate: Estimate
    others: int
    placebos: int
    n_before: int
    n_after: int
    mean_before: float
    others_step: float

    @property
    def sign(self) -> int:
        """1 or -1 if it is an effect upwards or downwards, 0 if it may be chance."""
        return (self.estimate.low > 0) - (self.estimate.high < 0)


def measured(
    own: Weekly, others: Sequence[Weekly], sides: Sides, first_week: int, enough: int
) -> Measured | Unmeasured:
    """Measure a change at a touchpoint; under `enough` of its values on either side it is not.

    `first_week` is the first one of which there are values at all.
    """
    n_before, n_after = (number(own, side) for side in sides)
    if min(n_before, n_after) < enough:
        of, n = (Lacking.ANSWERS_BEFORE, n_before) if n_before < enough else (Lacking.ANSWERS_AFTER, n_after)
        return Unmeasured(of, n, enough)
    steps = _steps(others, sides)
    if len(steps) < OTHERS:
        return Unmeasured(Lacking.OTHERS, len(steps), OTHERS)
    lots = [placebos(others, sides), *_earlier_lots(own, others, sides, first_week)]
    step, known = own.step(sides), unrest(lots)
    if step is None or known is None:
        return Unmeasured(Lacking.ANSWERS_BEFORE, n_before, enough)
    found = beside(step, steps)
    if found.variance(known.variance) <= 0:
        return Unmeasured(Lacking.SPREAD, 0, 1)
    half = reach(found, known)
    before = together(own.weeks[week] for week in sides.before if week in own.weeks)
    return Measured(
        estimate=Estimate(found.value, found.value - half, found.value + half),
        others=len(steps),
        placebos=sum(map(len, lots)),
        n_before=n_before,
        n_after=n_after,
        mean_before=before.total / before.n,
        others_step=math.fsum(each.value for each in steps) / len(steps),
    )


def expected_reach(own: Weekly, others: Sequence[Weekly], sides: Sides, first_week: int) -> float | None:
    """Return how far an interval would reach to either side, by the last time at which nothing was changed.

    None if there is none yet at which as many touchpoints could be compared. Weeks from the change on do not count.
    """
    known = unrest(_earlier_lots(own, others, sides, first_week))
    return None if known is None else _reach_of_last(own, others, sides, first_week, known)


def number(own: Weekly, weeks: Sequence[int]) -> int:
    """Return how many values there are in some weeks."""
    return sum(own.weeks[week].n for week in weeks if week in own.weeks)


def _reach_of_last(own: Weekly, others: Sequence[Weekly], sides: Sides, first_week: int, known: Unrest) -> float | None:
    for moved in earlier(sides, first_week):
        step, steps = own.step(moved), _steps(others, moved)
        if step is not None and len(steps) >= OTHERS:
            return reach(beside(step, steps), known)
    return None


def _earlier_lots(own: Weekly, others: Sequence[Weekly], sides: Sides, first_week: int) -> Sequence[Sequence[Step]]:
    return [placebos([own, *others], moved) for moved in earlier(sides, first_week)]


def _steps(others: Sequence[Weekly], sides: Sides) -> Sequence[Step]:
    return [step for each in others if (step := each.calm_step(sides)) is not None]
