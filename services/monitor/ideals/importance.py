"""How important touchpoints are: as the organisation states it, as customers do, and as their scores show. Pure.

What scores show is how far the score of a touchpoint goes together with what the same case says overall, afterwards or
at the same time. That two things go together does not say that one makes the other; if it may be chance, nothing does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.journey import Journey, Touchpoint
from services.monitor.figures.curve import Point, own_measure
from services.monitor.figures.score_figures import ScoreFigure
from services.store.ideal_reading import GivenScore
from streams.observations import Measure
from streams.rank_correlation import LEAST_PAIRS, Pairs, rank_correlation
from streams.scores import Estimate


@dataclass(frozen=True)
class Importance:
    """How important a touchpoint is, 1 to 10: `stated` by the organisation, `asked` of customers.

    `together` is the rank correlation of its score with the overall score of the same case, over so many `pairs`; None
    under LEAST_PAIRS, or where all scores are alike.
    """

    touchpoint: Touchpoint
    stated: int | None
    asked: ScoreFigure
    pairs: int
    together: Estimate | None

    @property
    def difference(self) -> float | None:
        """How much more important customers say it is than the organisation; None if either is not known."""
        if self.asked.estimate is None or self.stated is None:
            return None
        return self.asked.estimate.value - self.stated

    @property
    def differs(self) -> bool:
        """Whether customers' answers leave no doubt that they see it otherwise."""
        found = self.asked.estimate
        return found is not None and self.stated is not None and not found.low <= self.stated <= found.high

    @property
    def drives(self) -> bool:
        """Whether it may be called a driver: the better its score, the better the overall one, beyond chance."""
        return self.together is not None and self.together.low > 0

    @property
    def missing(self) -> int:
        """How many more pairs it takes."""
        return max(0, LEAST_PAIRS - self.pairs)


def importance(points: Sequence[Point], pairs: Mapping[str, Pairs]) -> Sequence[Importance]:
    """Return the importance of each touchpoint on the line, in its order."""
    found = []
    for point in points:
        of_it = pairs.get(point.touchpoint.id, {})
        together = rank_correlation(of_it)
        found.append(
            Importance(point.touchpoint, point.touchpoint.importance, point.asked, sum(of_it.values()), together)
        )
    return found


def score_pairs(given: Iterable[GivenScore], versions: Mapping[int, Journey], drawn: Journey) -> Mapping[str, Pairs]:
    """Return pairs of (a touchpoint's own score, the overall score of its case), by touchpoint, each case once.

    Of a case, that is the last of its scores of the touchpoint, and the last overall one, unless that came before.
    """
    own = {touchpoint.id: own_measure(touchpoint, drawn) for touchpoint in drawn.touchpoints if touchpoint.asks}
    last: dict[tuple[int, str], tuple[GivenScore, int]] = {}
    overall: dict[int, tuple[GivenScore, int]] = {}
    for each in sorted(given, key=lambda each: (each.answered_at, each.question, each.touchpoint)):
        question = versions[each.journey_version].question_by_id.get(each.question)
        if question is None or each.score not in question.values:
            continue
        said, measure = (each, question.values[each.score]), str(question.measure)
        if measure == Measure.OVERALL:
            overall[each.case_key] = said
        elif measure == own.get(each.touchpoint):
            last[each.case_key, each.touchpoint] = said
    return _paired(last, overall)


def _paired(
    last: Mapping[tuple[int, str], tuple[GivenScore, int]], overall: Mapping[int, tuple[GivenScore, int]]
) -> Mapping[str, Pairs]:
    pairs: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    for (case_key, touchpoint), (own, value) in last.items():
        if case_key in overall:
            whole, of_all = overall[case_key]
            if whole.answered_at >= own.answered_at:
                pairs[touchpoint][value, of_all] += 1
    return pairs
