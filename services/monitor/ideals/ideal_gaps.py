"""Ideal against actual: how far each touchpoint is from what the organisation aims at, by persona. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from schemas.ideal import Ideal
from schemas.journey import Journey, Touchpoint
from services.monitor.figures.curve import Said, own_measure
from services.monitor.figures.histograms import ENOUGH
from services.monitor.figures.score_figures import ScoreFigure, out_of_ten, score_figure
from services.store.ideal_reading import Gaps
from streams.observations import Measure
from streams.scores import Counts, Estimate
from streams.suppression import Cell, left_out
from streams.windows import quantile

_MILLISECOND = timedelta(milliseconds=1)

EVERYBODY = ""
"""Stands where a persona's id would."""


@dataclass(frozen=True)
class Gap:
    """How something is and how it should be; `actual` is None where too few say it.

    `short` is how far it falls short of the ideal: negative where it does better. `certain` says that the interval of
    what is measured leaves out the ideal. Scores are in points, durations in milliseconds.
    """

    ideal: float
    actual: float | None
    short: float | None
    certain: bool


@dataclass(frozen=True)
class IdealGaps:
    """A touchpoint held against its ideal for a persona (EVERYBODY: for all); None where there is no ideal."""

    touchpoint: Touchpoint
    persona: str
    score: Gap | None
    effort: Gap | None
    duration: Gap | None


def ideal_gaps(
    drawn: Journey,
    said: Mapping[str, Said],
    gaps: Gaps,
    visits: Mapping[tuple[str, str], int],
    *,
    enough: int,
    group: int,
) -> Sequence[IdealGaps]:
    """Return the gaps of each touchpoint that has an ideal, in the journey's order, for everybody and each persona.

    `said` are scores by persona, and `visits` those by (touchpoint, persona). Under `enough` scores there is no figure;
    what would tell of a group of fewer than `group` visits is left out.
    """
    hidden = _hidden(drawn, said, visits, group)
    found = []
    for touchpoint in drawn.touchpoints:
        for persona, of_them in said.items():
            ideal = touchpoint.ideal_of(persona or None)
            seen = Cell(touchpoint.id, persona) not in hidden
            each = IdealGaps(
                touchpoint,
                persona,
                _score_gap(ideal, touchpoint, drawn, of_them if seen else _nothing, enough),
                _effort_gap(ideal, touchpoint, of_them if seen else _nothing, enough),
                _duration_gap(ideal, _bins(gaps, touchpoint.id, persona) if seen else {}, max(ENOUGH, group)),
            )
            if (each.score, each.effort, each.duration) != (None, None, None):
                found.append(each)
    return found


def _hidden(
    drawn: Journey, said: Mapping[str, Said], visits: Mapping[tuple[str, str], int], group: int
) -> frozenset[Cell]:
    """Return the cells of touchpoints and personas that would tell of a small group."""
    personas = sorted({*said, *(persona for _, persona in visits)} - {EVERYBODY})
    counts = {
        each.id: {persona: visits.get((each.id, persona), 0) for persona in personas} for each in drawn.touchpoints
    }
    unknown = {each.id: visits.get((each.id, ""), 0) for each in drawn.touchpoints}
    return left_out({row: {**cells, "?": unknown[row]} for row, cells in counts.items()}, group)


def _score_gap(ideal: Ideal, touchpoint: Touchpoint, drawn: Journey, said: Said, enough: int) -> Gap | None:
    if ideal.score is None:
        return None
    measure = own_measure(touchpoint, drawn)
    figure = score_figure(measure, said(measure, touchpoint.id), enough)
    return _points(float(ideal.score), figure.estimate and out_of_ten(measure, figure.estimate))


def _effort_gap(ideal: Ideal, touchpoint: Touchpoint, said: Said, enough: int) -> Gap | None:
    if ideal.effort is None:
        return None
    figure: ScoreFigure = score_figure(Measure.EFFORT, said(Measure.EFFORT, touchpoint.id), enough)
    return _points(float(ideal.effort), figure.estimate)


def _points(ideal: float, found: Estimate | None) -> Gap:
    if found is None:
        return Gap(ideal, None, None, certain=False)
    return Gap(ideal, found.value, ideal - found.value, certain=not found.low <= ideal <= found.high)


def _duration_gap(ideal: Ideal, bins: Mapping[int, int], enough: int) -> Gap | None:
    """Hold the median against the ideal; that half take longer is certain where a sign test leaves no doubt."""
    if ideal.duration is None:
        return None
    aim = float(ideal.duration // _MILLISECOND)
    n = sum(bins.values())
    low, median, high = (quantile(bins, q) for q in _median_ranks(n)) if n >= enough else (None, None, None)
    if low is None or median is None or high is None:
        return Gap(aim, None, None, certain=False)
    return Gap(aim, float(median), median - aim, certain=not low <= aim <= high)


def _median_ranks(n: int) -> tuple[float, float, float]:
    """Return the quantiles between which the median lies in 95 % of samples of n, and the median in the middle."""
    half = 0.98 / n**0.5
    return max(1 / n, 0.5 - half), 0.5, min(1.0, 0.5 + half)


def _bins(gaps: Gaps, touchpoint: str, persona: str) -> Mapping[int, int]:
    if persona != EVERYBODY:
        return gaps.get((touchpoint, persona), {})
    together: Counter[int] = Counter()
    for (where, _), bins in gaps.items():
        if where == touchpoint:
            together.update(bins)
    return together


def _nothing(_measure: str, _touchpoint: str) -> Counts:
    return {}
