"""What a change did: how a touchpoint went on from before to after it, less how others went on without it. Pure.

That is a difference in differences: what happens to all touchpoints alike, such as a holiday or bad news, falls away.
What happens to one of them alone in one week does not; streams.placebo says how much that is.

Weeks are counted from the change: week 0 is the first seven days of it, week -1 the seven before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from streams.sample import Sample, together

WEEKS_BEFORE = 13
WEEKS_AFTER = 6

OTHERS = 6
"""How many touchpoints without the change it takes."""

FEWEST = 5
"""How many values it takes on either side of a change, for a spread of them to be known."""


class Sides(NamedTuple):
    """The weeks before a change and those after it, in order."""

    before: tuple[int, ...]
    after: tuple[int, ...]

    def earlier(self, weeks: int) -> Self:
        """Return the sides of a change that was made so many weeks earlier."""
        before, after = (tuple(week - weeks for week in side) for side in self)
        return self._replace(before=before, after=after)

    @property
    def weeks(self) -> range:
        """All weeks from the first before to the last after, those between the sides too."""
        return range(self.before[0], self.after[-1] + 1)


class Step(NamedTuple):
    """How far the mean after lies above the mean before.

    Its variance by chance is `sampling`, since few were asked, plus `unrest` times the variance of what happens to one
    touchpoint alone in one week: the fewer the weeks that it rests on, the more.
    """

    value: float
    sampling: float
    unrest: float

    def variance(self, of_weeks: float) -> float:
        """Return its variance, given that of a touchpoint's weeks."""
        return self.sampling + self.unrest * of_weeks


@dataclass(frozen=True)
class Weekly:
    """What was measured at a touchpoint in each week; in `disturbed` ones something of its own changed."""

    weeks: Mapping[int, Sample]
    disturbed: Collection[int] = frozenset()

    def calm_step(self, sides: Sides) -> Step | None:
        """Return the step between two sides; None if something changed on the way, or there is too little to go by."""
        return None if any(week in self.disturbed for week in sides.weeks) else self.step(sides)

    def step(self, sides: Sides) -> Step | None:
        """Return the step between two sides; None if there is too little to go by."""
        before, after = ([self.weeks[week] for week in side if week in self.weeks] for side in sides)
        first, last = together(before), together(after)
        if min(first.n, last.n) < FEWEST:
            return None
        return Step(
            last.total / last.n - first.total / first.n,
            first.variance_of_mean + last.variance_of_mean,
            _unrest(before, first.n) + _unrest(after, last.n),
        )


def beside(step: Step, others: Sequence[Step]) -> Step:
    """Return how far a step differs from the mean of others; there must be one or more."""
    return Step(
        step.value - sum(other.value for other in others) / len(others),
        step.sampling + sum(other.sampling for other in others) / len(others) ** 2,
        step.unrest + sum(other.unrest for other in others) / len(others) ** 2,
    )


def _unrest(weeks: Sequence[Sample], n: int) -> float:
    """Return how much of the variance of one week is left in the mean of weeks that weigh as they have values."""
    return sum((week.n / n) ** 2 for week in weeks)
