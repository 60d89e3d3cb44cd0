"""Scores -> figures: a mean, a share or an NPS with its interval, or that there are too few. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from schemas.question import SCALES, THOUSANDTHS
from streams.observations import Measure
from streams.scores import Counts, Estimate, mean, net_promoter_score, number, share_high, share_met

_YES_OR_NO = (Measure.EXPECTATION_MET, Measure.OUTCOME_REACHED, Measure.MISSED_MESSAGE)
_OUT_OF_TEN = SCALES[Measure.SATISFACTION]


class Unit(StrEnum):
    """What a figure is in: points of its scale, a share of 0 to 1, or NPS, -100 to 100."""

    POINTS = "points"
    SHARE = "share"
    NPS = "nps"


@dataclass(frozen=True)
class ScoreFigure:
    """What customers said of one thing, on one measure; figures are None where there are too few scores.

    `distribution` is how many scores there are of each value, in thousandths of a point.
    """

    measure: str
    n: int
    enough: int
    estimate: Estimate | None
    high: Estimate | None
    distribution: Counts | None

    @property
    def unit(self) -> Unit:
        """What the estimate is in."""
        if self.measure == Measure.NPS:
            return Unit.NPS
        return Unit.SHARE if self.measure in _YES_OR_NO else Unit.POINTS

    @property
    def missing(self) -> int:
        """How many more scores it takes for there to be a figure."""
        return max(0, self.enough - self.n)


def score_figure(measure: str, counts: Counts, enough: int) -> ScoreFigure:
    """Return the figure that scores on one measure make; under `enough` of them there is none."""
    n = number(counts)
    if n < max(enough, 2):
        return ScoreFigure(measure, n, max(enough, 2), None, None, None)
    high = share_high(counts) if SCALES[measure] == _OUT_OF_TEN else None
    return ScoreFigure(measure, n, enough, _estimate(measure)(counts), high, counts)


def out_of_ten(measure: str, estimate: Estimate) -> Estimate:
    """Return an estimate in points on the scale of 1 to 10, on which the journey's line is drawn."""
    scale = SCALES[measure]
    step = Fraction(_OUT_OF_TEN.high - _OUT_OF_TEN.low, scale.high - scale.low)
    return Estimate(*(_OUT_OF_TEN.low + (each - scale.low) * float(step) for each in estimate))


def points(counts: Counts) -> Mapping[float, int]:
    """Return a distribution by points, lowest first."""
    return {value / THOUSANDTHS: counts[value] for value in sorted(counts)}


def _estimate(measure: str) -> Callable[[Counts], Estimate | None]:
    if measure == Measure.NPS:
        return net_promoter_score
    if measure in _YES_OR_NO:
        return share_met
    return lambda counts: mean(counts, SCALES[measure])
