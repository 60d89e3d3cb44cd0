"""The journey as a line: what customers say of each touchpoint, in the order of the journey. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.journey import Journey, Touchpoint
from services.monitor.figures.score_figures import ScoreFigure, out_of_ten, score_figure
from services.store.reading import Histograms
from streams.observations import Measure
from streams.releasing import shown_as
from streams.scores import Counts, Estimate

Said = Callable[[str, str], Counts]
"""The scores that are shown of a measure (by its own name) at a touchpoint."""

GOOD = 7.0
IMPORTANT = 7.0
"""From where on a score is good and a touchpoint important, both on a scale of 1 to 10."""

_ABOUT_THE_TOUCHPOINT = (Measure.SATISFACTION, Measure.EFFORT)


class Quadrant(StrEnum):
    """What to do about a touchpoint, by its importance and its score; both are held against a 7."""

    IMPROVE = "improve"
    KEEP = "keep"
    NO_NEED_TO_INVEST = "no_need_to_invest"
    WATCH = "watch"


@dataclass(frozen=True)
class Point:
    """A touchpoint on the line.

    `score` is what its own question measures: satisfaction, or effort where that is asked instead. `asked` is how
    important customers say that it is, `ideal` the score that is aimed at.
    """

    touchpoint: Touchpoint
    volume: int
    complaints: int
    score: ScoreFigure
    emotion: ScoreFigure
    asked: ScoreFigure
    ideal: float | None

    @property
    def level(self) -> Estimate | None:
        """The score on the scale of 1 to 10; None if there are too few."""
        return self.score.estimate and out_of_ten(self.score.measure, self.score.estimate)

    @property
    def ideal_gap(self) -> float | None:
        """How far the score lies below the ideal; negative above it."""
        if self.level is None or self.ideal is None:
            return None
        return self.ideal - self.level.value

    @property
    def importance(self) -> float | None:
        """What customers say if enough of them do, else what the organisation states."""
        if self.asked.estimate is not None:
            return self.asked.estimate.value
        return None if self.touchpoint.importance is None else float(self.touchpoint.importance)

    @property
    def quadrant(self) -> Quadrant | None:
        """Its place in the priority matrix; None if its score or its importance is not known."""
        if self.level is None or self.importance is None:
            return None
        good, important = self.level.value >= GOOD, self.importance >= IMPORTANT
        if important:
            return Quadrant.KEEP if good else Quadrant.IMPROVE
        return Quadrant.WATCH if good else Quadrant.NO_NEED_TO_INVEST


def curve(
    drawn: Journey, said: Said, histograms: Histograms, enough: int, persona: str | None = None
) -> Sequence[Point]:
    """Return a point for each touchpoint, in the order of the journey; under `enough` scores there is no figure.

    `histograms` hold the visits and the complaints, whoever they were by. Ideals are those of a persona, if one is
    meant.
    """
    return [
        Point(
            touchpoint=touchpoint,
            volume=number_of(Measure.VOLUME, histograms, touchpoint.id),
            complaints=number_of(Measure.COMPLAINTS, histograms, touchpoint.id),
            score=_figure(own_measure(touchpoint, drawn), touchpoint, said, enough),
            emotion=_figure(Measure.EMOTION, touchpoint, said, enough),
            asked=_figure(Measure.IMPORTANCE, touchpoint, said, enough),
            ideal=ideal_score(touchpoint, persona),
        )
        for touchpoint in drawn.touchpoints
    ]


def ideal_score(touchpoint: Touchpoint, persona: str | None) -> float | None:
    """Return the score that is aimed at, for a persona or for everybody; None if the journey names none."""
    ideal = touchpoint.ideal_of(persona).score
    return None if ideal is None else float(ideal)


def own_measure(touchpoint: Touchpoint, drawn: Journey) -> Measure:
    """Return what the question about a touchpoint itself measures."""
    asked = (drawn.question_by_id[question].measure for question in touchpoint.asks)
    return next((Measure(measure) for measure in asked if measure in _ABOUT_THE_TOUCHPOINT), Measure.SATISFACTION)


def number_of(measure: Measure, histograms: Histograms, touchpoint: str | None = None) -> int:
    """Return how many visits there were to a touchpoint, or complaints about it; without one, to all of them."""
    return sum(
        histogram.n
        for subject, histogram in histograms.items()
        if subject.measure == measure and touchpoint in (None, subject.touchpoint)
    )


def said_in(histograms: Histograms) -> Said:
    """Return the scores that a window holds, over all departments."""
    found: dict[tuple[str, str], dict[int, int]] = {}
    for subject, histogram in histograms.items():
        counts = found.setdefault((subject.measure, subject.touchpoint), {})
        for value, n in histogram.bins.items():
            counts[value] = counts.get(value, 0) + n
    return lambda measure, touchpoint: found.get((shown_as(measure), touchpoint), {})


def _figure(measure: Measure, touchpoint: Touchpoint, said: Said, enough: int) -> ScoreFigure:
    return score_figure(measure, said(measure, touchpoint.id), enough)
