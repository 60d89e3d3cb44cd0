"""What is measured at a touchpoint, or of a span, week by week, on a scale on which others can stand beside it. Pure.

Scores count in thousandths of a point on the scale of 1 to 10. Durations count in thousandths of their natural
logarithm: so touchpoints that take minutes stand beside ones that take weeks, a few that take very long do not outweigh
the rest, and an effect is a ratio.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from schemas.improvement import Expected
from schemas.journey import Journey, Touchpoint
from schemas.question import SCALES, THOUSANDTHS
from services.monitor.figures.curve import own_measure
from services.store.reading import Histogram, Histograms
from streams.effect import Weekly
from streams.observations import OF_SPANS, SCORED, Measure
from streams.releasing import shown_as
from streams.sample import Sample
from streams.scores import Estimate
from streams.windows import duration_of

_OUT_OF_TEN = SCALES[Measure.SATISFACTION]
_SECOND = 1000


@dataclass(frozen=True)
class Gauge:
    """A measure of a touchpoint, or of a span."""

    measure: Measure
    of: str

    @property
    def key(self) -> tuple[str, str]:
        """The measure as which it is stored, and of what."""
        return shown_as(self.measure) if self.measure in SCORED else self.measure.value, self.of

    @property
    def is_score(self) -> bool:
        """Whether it is what customers gave, not a duration."""
        return self.measure in SCORED

    def sample(self, bins: Mapping[int, int]) -> Sample:
        """Return values by bin as a sample on the common scale."""
        value_of = self._out_of_ten if self.is_score else _logarithm
        counts: Counter[int] = Counter()
        for bin_, n in bins.items():
            if n > 0:
                counts[value_of(bin_)] += n
        return Sample.of(counts)

    def points(self, found: float) -> float:
        """Return a difference on the common scale in points of the measure's own."""
        own = SCALES[self.measure]
        return found / THOUSANDTHS * (own.high - own.low) / (_OUT_OF_TEN.high - _OUT_OF_TEN.low)

    def shown(self, found: Estimate) -> Estimate:
        """Return a difference on the common scale in points, or of durations as a share more (or, negative, less)."""
        change = self.points if self.is_score else _share
        return Estimate(*(change(each) for each in found))

    def level(self, found: float) -> float:
        """Return a mean on the common scale in points of the measure's own, or of durations in milliseconds."""
        if not self.is_score:
            return math.exp(found / THOUSANDTHS)
        return SCALES[self.measure].low + self.points(found - _OUT_OF_TEN.low * THOUSANDTHS)

    def _out_of_ten(self, value: int) -> int:
        own = SCALES[self.measure]
        steps = (value - own.low * THOUSANDTHS) * (_OUT_OF_TEN.high - _OUT_OF_TEN.low)
        return _OUT_OF_TEN.low * THOUSANDTHS + steps // (own.high - own.low)


def own_gauge(touchpoint: str, expected: Expected) -> Gauge:
    """Return what an improvement at a touchpoint is measured by."""
    return Gauge(Measure(expected.measure), expected.span or touchpoint)


def other_gauges(touchpoint: str, expected: Expected, drawn: Journey) -> Sequence[Gauge]:
    """Return by what touchpoints without an improvement are measured, in the order of the journey.

    For a score that is the score of each; for a duration the gap before each, but not before those that lie within the
    span, whose gaps are a part of it.
    """
    if expected.span is None:
        asking = [each for each in drawn.touchpoints if each.id != touchpoint and _has_score(each, drawn)]
        return [Gauge(own_measure(each, drawn), each.id) for each in asking]
    within = _within(expected.span, drawn)
    return [Gauge(Measure.GAP, each.id) for each in drawn.touchpoints if each.id not in within | {touchpoint}]


def by_week(gauges: Collection[Gauge], weeks: Mapping[int, Histograms]) -> Mapping[Gauge, Mapping[int, Sample]]:
    """Return the samples of each gauge by week; weeks without values are left out."""
    keys = {gauge.key: gauge for gauge in gauges}
    bins: dict[Gauge, dict[int, Counter[int]]] = {gauge: {} for gauge in gauges}
    for week, histograms in weeks.items():
        for subject, histogram in histograms.items():
            of = subject.span if subject.measure in OF_SPANS else subject.touchpoint
            gauge = keys.get((subject.measure, of))
            if gauge is not None:
                _add(bins[gauge].setdefault(week, Counter()), histogram)
    return {
        gauge: {week: sample for week, found in held.items() if (sample := gauge.sample(found)).n}
        for gauge, held in bins.items()
    }


def weekly(samples: Mapping[int, Sample], disturbed: Collection[int]) -> Weekly:
    """Return what was measured by week, given the weeks in which something of its own changed."""
    return Weekly(samples, frozenset(disturbed))


def _has_score(touchpoint: Touchpoint, drawn: Journey) -> bool:
    measures = {drawn.question_by_id[question].measure for question in touchpoint.asks}
    return bool(measures & {Measure.SATISFACTION, Measure.EFFORT})


def _within(span: str, drawn: Journey) -> set[str]:
    """Return the touchpoints whose gap is a part of a span: those after its start, up to its end."""
    found = drawn.span_by_id[span]
    if not found.start:  # the whole case
        return set(drawn.touchpoint_ids) - drawn.aftercare_ids
    places = drawn.touchpoint_ids
    first, last = sorted((places[found.start], places[found.end]))
    return {touchpoint for touchpoint, place in places.items() if first < place <= last}


def _add(into: Counter[int], histogram: Histogram) -> None:
    for bin_, n in histogram.bins.items():
        into[bin_] += n


def _logarithm(bin_: int) -> int:
    """Return the logarithm of a duration; what took less than a second counts as a second."""
    return round(THOUSANDTHS * math.log(max(_SECOND, duration_of(bin_))))


def _share(found: float) -> float:
    return math.exp(found / THOUSANDTHS) - 1
