"""Improvements on charts: which belong to a chart, and where on its time axis each stands. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.improvement import Improvement
from schemas.journey import CASE_SPAN, Journey
from services.monitor.review.charted import Charted, PeriodFigure

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Mark:
    """An improvement at its place on a time axis."""

    improvement: Improvement
    x: float


def concerning(of: Charted, improvements: Iterable[Improvement], drawn: Journey) -> Sequence[Improvement]:
    """Return those that stand in a chart, by day: planned or made, not withdrawn, and what is charted may show them.

    A chart of a touchpoint shows those of it. One of a span shows those that are expected to change it or are at a
    touchpoint within it, and one of the whole journey all. One of a department shows what is drawn with it.
    """
    found = [
        (each.held_on, each.id, each)
        for each in improvements
        if each.held_on is not None
        and each.withdrawn_at is None
        and _is_of(of, each, drawn)
        and of.department in (None, _department(drawn, each.touchpoint))
    ]
    return [each for _, _, each in sorted(found, key=lambda known: known[:2])]


def marks(
    improvements: Iterable[Improvement], figures: Sequence[PeriodFigure], left: float, step: float
) -> Sequence[Mark]:
    """Place those whose day lies in the figures' periods, the first of which begins at `left`, each `step` wide."""
    return [
        Mark(each, round(left + step * place, 1))
        for each in improvements
        if each.held_on is not None and (place := _place(each.held_on, figures)) is not None
    ]


def _place(day: date, figures: Sequence[PeriodFigure]) -> float | None:
    """Return how many periods after the first one begins a day lies; None if it lies outside them all."""
    for number, figure in enumerate(figures):
        lasts = round((figure.period.end - figure.period.start) / _DAY)
        passed = (day - figure.period.day).days
        if 0 <= passed < lasts:
            return number + passed / lasts
    return None


def _is_of(of: Charted, improvement: Improvement, drawn: Journey) -> bool:
    if of.touchpoint is not None:
        return improvement.touchpoint == of.touchpoint
    return of.span in (None, CASE_SPAN, improvement.effect.span) or _lies_within(drawn, of.span, improvement.touchpoint)


def _lies_within(drawn: Journey, span: str, touchpoint: str) -> bool:
    places, known = drawn.touchpoint_ids, drawn.span_by_id.get(span)
    if known is None or touchpoint not in places:
        return False
    return places[known.start] <= places[touchpoint] <= places[known.end]


def _department(drawn: Journey, touchpoint: str) -> str | None:
    return drawn.touchpoint(touchpoint).department if touchpoint in drawn.touchpoint_ids else None
