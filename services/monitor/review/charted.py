"""What a control chart is of, and its figures by week or month. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from math import inf, sqrt
from typing import Self

from pydantic import BaseModel, Field, model_validator

from schemas.journey import CASE_SPAN, JourneyVersion
from schemas.outcome import OTHER
from schemas.question import SCALES
from schemas.values import Slug, Term
from services.monitor.figures.histograms import ENOUGH, summed
from services.monitor.figures.score_figures import score_figure
from services.monitor.http.problems import ProblemError
from services.store.chart_reading import ChartReset
from services.store.reading import Histogram, Histograms, Subject
from streams.control_chart import Section, control_chart
from streams.observations import BY_DAY, OF_SPANS, SCORED, Measure
from streams.periods import By, Period
from streams.releasing import shown_as
from streams.scores import Estimate, share
from streams.windows import quantile

MONTHS = 26
"""How many months back charts reach."""

_HALF_Z = 0.98  # half of 1.96: the standard error of a rank at the median is half the root of n


class Kind(StrEnum):
    """What the values of a chart are: points, shares of 0 to 1, NPS, milliseconds, or how many there were."""

    POINTS = "points"
    SHARE = "share"
    NPS = "nps"
    DURATION = "duration"
    COUNT = "count"


_COUNTED = (Measure.VOLUME, Measure.COMPLAINTS)
_TIMED = (Measure.THROUGHPUT, Measure.GAP)
_SCALES: Mapping[Kind, tuple[float, float]] = {
    Kind.SHARE: (0, 1),
    Kind.NPS: (-100, 100),
    Kind.DURATION: (0, inf),
    Kind.COUNT: (0, inf),
}


class Charted(BaseModel):
    """What a chart is of. A touchpoint, department or outcome that is left out may be any, a span the whole case."""

    measure: Measure
    touchpoint: Slug | None = None
    span: Slug | None = Field(
        None, description="Of throughput and within; left out, the whole case.", validate_default=True
    )
    department: Term | None = None
    outcome: Slug | None = Field(None, description="Of scores; left out, any.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.measure in BY_DAY:
            raise ValueError(f"measure: of {self.measure} there is no chart; where the time goes is told elsewhere")
        if self.measure in OF_SPANS:
            if self.touchpoint is not None:
                raise ValueError(f"touchpoint: {self.measure} is that of a span, not of a touchpoint")
            self.span = self.span or CASE_SPAN
        elif self.span is not None:
            raise ValueError(f"span: {self.measure} is not measured of spans; throughput and within are")
        if self.outcome is not None and self.measure not in SCORED:
            raise ValueError(f"outcome: {self.measure} is not kept apart by outcome; scores are")
        return self

    @property
    def kind(self) -> Kind:
        """What its values are."""
        if self.measure in SCORED:
            return Kind(score_figure(self.measure, {}, 0).unit.value)
        if self.measure is Measure.WITHIN:
            return Kind.SHARE
        return Kind.COUNT if self.measure in _COUNTED else Kind.DURATION

    @property
    def scale(self) -> tuple[float, float]:
        """The least and the most that a value can be."""
        if self.kind is not Kind.POINTS:
            return _SCALES[self.kind]
        lowest, *_, highest = SCALES[self.measure].scores
        return lowest, highest

    @property
    def named(self) -> Mapping[str, str]:
        """What it is called in an address: only what is given."""
        return {name: str(value) for name, value in self.model_dump(mode="json", include=set(_NAMES)).items() if value}

    @property
    def stored(self) -> str:
        """The measure as which it is stored: of scores what is shown of them."""
        return shown_as(self.measure) if self.measure in SCORED else self.measure.value

    def takes(self, subject: Subject) -> bool:
        """Say whether observations of a subject are charted. How a visit stood to its limits makes no difference."""
        return (
            subject.measure == self.stored
            and (self.measure not in OF_SPANS or subject.span == self.span)
            and self.touchpoint in (None, subject.touchpoint)
            and self.department in (None, subject.department)
            and self.outcome in (None, subject.outcome)
        )

    def concerns(self, reset: ChartReset) -> bool:
        """Say whether a reset is of this chart."""
        return all(getattr(reset, name) == (getattr(self, name) or "") for name in _NAMES)

    def check(self, versions: Sequence[JourneyVersion]) -> None:
        """Raise ProblemError for a touchpoint or a span that no version of the journey has had."""
        drawn = [version.journey for version in versions]
        if self.touchpoint is not None and not any(self.touchpoint in each.touchpoint_ids for each in drawn):
            raise ProblemError(404, f"touchpoint: {drawn[-1].id!r} has no touchpoint {self.touchpoint!r}")
        if self.span is not None and not any(self.span in each.span_by_id for each in drawn):
            raise ProblemError(404, f"span: {drawn[-1].id!r} has no span {self.span!r}")
        if self.outcome not in (None, OTHER) and not any(self.outcome in each.outcome_by_id for each in drawn):
            raise ProblemError(404, f"outcome: {drawn[-1].id!r} has no outcome {self.outcome!r}")


_NAMES = ("measure", "touchpoint", "span", "department", "outcome")


class ChartAsked(Charted):
    """A chart, by week or by month."""

    by: By = By.WEEK


@dataclass(frozen=True)
class PeriodFigure:
    """A week or a month: how many observations, and what they come to; None if there are too few of them.

    What is only counted has a value and no interval. The running period is not finished.
    """

    period: Period
    n: int
    value: float | None
    interval: Estimate | None
    finished: bool


@dataclass(frozen=True)
class Series:
    """A chart: its figures in order, the last of which may be unfinished, and what those that are finished signal."""

    of: Charted
    figures: Sequence[PeriodFigure]
    sections: Sequence[Section]
    resets: Sequence[ChartReset]

    @property
    def false_signals(self) -> float:
        """How many signals there would be if nothing had ever changed, on average."""
        return sum(section.false_signals for section in self.sections)


@dataclass(frozen=True)
class Periods:
    """What a journey's days hold by week or month, the running one last, and when the first of them all begins."""

    periods: Sequence[Period]
    histograms: Sequence[Histograms]
    begins: datetime | None
    now: datetime

    def figures(self, of: Charted, enough: int) -> Sequence[PeriodFigure]:
        """Return the figures of a chart. A period that had begun before the first day is left out: it is not whole."""
        return [
            _figure(of, period, self._found(of, place), finished=period.end <= self.now, enough=enough)
            for place, period in enumerate(self.periods)
            if self.begins is not None and period.start >= self.begins
        ]

    def p90(self, of: Charted, day: date) -> float | None:
        """Return the 90th percentile (nearest rank) of durations in the period of a day, in milliseconds."""
        place = next(place for place, period in enumerate(self.periods) if period.day == day)
        found = self._found(of, place)
        return quantile(found.bins, 0.9) if found.n >= ENOUGH else None

    def series(self, of: Charted, resets: Sequence[ChartReset], enough: int) -> Series:
        """Return a chart, of which resets that hold make sections. Under `enough` scores a period has no figure."""
        figures, own = self.figures(of, enough), [reset for reset in resets if of.concerns(reset)]
        finished = [figure for figure in figures if figure.finished]
        lowest, highest = of.scale
        sections = control_chart(
            [figure.value for figure in finished],
            lowest=lowest,
            highest=highest,
            resets=[
                sum(figure.period.day < reset.since for figure in finished) for reset in own if reset.undone_at is None
            ],
        )
        return Series(of, figures, sections, own)

    def _found(self, of: Charted, place: int) -> Histogram:
        found = self._by_name[place].get((of.stored, of.touchpoint or of.span), ())
        return summed(histogram for subject, histogram in found if of.takes(subject))

    @cached_property
    def _by_name(self) -> Sequence[Mapping[tuple[str, str | None], Sequence[tuple[Subject, Histogram]]]]:
        """What each period holds, by measure and what it is of (None: anything). A review asks for dozens of charts."""
        found: list[dict[tuple[str, str | None], list[tuple[Subject, Histogram]]]] = []
        for histograms in self.histograms:
            by_name = defaultdict(list)
            for subject, histogram in histograms.items():
                of = subject.span if subject.measure in OF_SPANS else subject.touchpoint
                for name in (of, None):
                    by_name[subject.measure, name].append((subject, histogram))
            found.append(by_name)
        return found


def _figure(of: Charted, period: Period, found: Histogram, *, finished: bool, enough: int) -> PeriodFigure:
    if of.kind is Kind.COUNT:
        return PeriodFigure(period, found.n, float(found.n), None, finished)
    # Of a period that runs nobody knows which limits are still to fall.
    estimate = None if of.measure is Measure.WITHIN and not finished else _estimate(of.measure, found, enough)
    return PeriodFigure(period, max(0, found.n), estimate and estimate.value, estimate, finished)


def _estimate(measure: Measure, found: Histogram, enough: int) -> Estimate | None:
    if measure in SCORED:
        return score_figure(measure, found.bins, enough).estimate
    if found.n < ENOUGH:
        return None
    if measure is Measure.WITHIN:
        return share(min(max(found.total, 0), found.n), found.n)
    return median(found)


def median(found: Histogram) -> Estimate | None:
    """Return the median of durations in milliseconds, with the interval that lies between two of their ranks.

    The ranks lie 0.98 roots of n from the middle one: the normal approximation of the binomial (Conover, 1999, 3.2).
    """
    if found.n <= 0:
        return None
    reach = _HALF_Z / sqrt(found.n)
    places = (0.5, max(0.5 - reach, 1 / found.n), min(0.5 + reach, 1.0))
    values = [quantile(found.bins, place) for place in places]
    return Estimate(*(float(value) for value in values if value is not None)) if None not in values else None
