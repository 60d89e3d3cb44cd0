"""The picture of an effect, in SVG's units: a touchpoint's weeks beside those of others, and the change. Pure."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from services.monitor.effects.improvement_effects import EffectReport
from services.monitor.review.charted import Kind
from services.monitor.review.review_drawing import ticks
from streams.effect import Sides, Weekly
from streams.improvement_effect import number
from streams.sample import Sample, together
from streams.scores import Estimate, student_quantile

WIDTH = 1100
HEIGHT = 340
_LEFT, _RIGHT, _TOP, _FOOT = 72, 1076, 40, 292
_EARLIER, _LATER = 7, 6
"""How many weeks are shown before the first of before, and after the last of after."""

_FEWEST = 2


class Counts(StrEnum):
    """What a week counts as."""

    BEFORE = "before"
    AFTER = "after"
    LEFT_OUT = "left_out"
    SETTLING = "settling"
    LATER = "later"


@dataclass(frozen=True)
class Stretch:
    """Weeks in a row that count as the same, as many as it takes to have a figure: the touchpoint's mean, with its 95 %
    interval, and that of the others, laid on the touchpoint's level before; None where there is too little.

    All in points of the measure, or in milliseconds.
    """

    first: date
    last: date
    counts: Counts
    n: int
    own: Estimate | None
    others: float | None


@dataclass(frozen=True)
class Dot:
    """A stretch at its place."""

    stretch: Stretch
    x: float
    left: float
    right: float
    y: float | None
    low: float | None
    high: float | None
    others: float | None


@dataclass(frozen=True)
class EffectDrawing:
    """The picture: dots, the others as a line, what counts as what, and where the change was made."""

    dots: Sequence[Dot]
    others: str
    bands: Sequence[tuple[Counts, float, float]]
    change: float
    grid: Sequence[tuple[float, float]]
    months: Sequence[tuple[date, float]]
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    foot: int = _FOOT
    width: int = WIDTH
    height: int = HEIGHT


def stretches(report: EffectReport, enough: int) -> Sequence[Stretch]:
    """Return the weeks around a change in stretches of at least `enough` values each, as far as there are so many."""
    sides, level = report.sides, report.gauge.level
    anchor = _anchor(report)
    found = []
    for counts, weeks in _runs(_shown(report), sides, report):
        for lot in _lots(report.own, weeks, enough):
            own = together(report.own.weeks[week] for week in lot if week in report.own.weeks)
            others = None if anchor is None else _others(report.compared, lot, sides)
            found.append(
                Stretch(
                    first=report.day + timedelta(weeks=lot[0]),
                    last=report.day + timedelta(weeks=lot[-1] + 1, days=-1),
                    counts=counts,
                    n=own.n,
                    own=_mean(own, level) if own.n >= max(enough, _FEWEST) else None,
                    others=None if others is None or anchor is None else level(anchor + others),
                )
            )
    return found


def effect_drawing(report: EffectReport, shown: Sequence[Stretch]) -> EffectDrawing | None:
    """Draw the stretches of a report; None if there is no figure among them."""
    values = [end for each in shown if each.own for end in (each.own.low, each.own.high)]
    if not values:
        return None
    values += [each.others for each in shown if each.others is not None]
    room = 0.06 * (max(values) - min(values) or 1.0)
    lowest, highest = max(0.0, min(values) - room), max(values) + room
    begin, end = shown[0].first, max(shown[-1].last, report.day) + timedelta(days=1)

    def x(day: date) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * ((day - begin).days / (end - begin).days), 1)

    def y(value: float) -> float:
        return round(_FOOT - (_FOOT - _TOP) * (value - lowest) / (highest - lowest), 1)

    dots = [_dot(each, x, y) for each in shown]
    kind = Kind.POINTS if report.gauge.is_score else Kind.DURATION
    return EffectDrawing(
        dots=dots,
        others=" ".join(f"{dot.x},{dot.others}" for dot in dots if dot.others is not None),
        bands=list(_bands(dots)),
        change=x(report.day),
        grid=[(tick, y(tick)) for tick in ticks(lowest, highest, kind)],
        months=[(day, x(day)) for day in _months(begin, end)],
    )


def _shown(report: EffectReport) -> range:
    """Return the weeks that are drawn: all that count, and some around them, as far as they are known."""
    first = min(report.before.weeks, default=0) - _EARLIER
    first = min(first, -report.before.left_out - len(report.before.weeks) - _EARLIER)
    last = report.sides.after[-1] + 1 + _LATER if report.sides else _LATER
    return range(max(report.known.start, first), min(report.known.stop, last))


def _runs(shown: range, sides: Sides | None, report: EffectReport) -> Iterator[tuple[Counts, Sequence[int]]]:
    for counts, run in groupby(shown, key=lambda week: _counts_as(week, sides, report)):
        yield counts, list(run)


def _counts_as(week: int, sides: Sides | None, report: EffectReport) -> Counts:
    if week < 0:
        return Counts.BEFORE if week in report.before.weeks else Counts.LEFT_OUT
    settles = report.improvement.settles_weeks
    if week < settles:
        return Counts.SETTLING
    return Counts.AFTER if sides is None or week in sides.after else Counts.LATER


def _lots(own: Weekly, weeks: Sequence[int], enough: int) -> Sequence[Sequence[int]]:
    """Return weeks in lots with enough values; what is too little at the end goes with the lot before it."""
    lots: list[list[int]] = [[]]
    for week in weeks:
        lots[-1].append(week)
        if number(own, lots[-1]) >= enough:
            lots.append([])
    rest = lots.pop()
    if rest and lots:
        lots[-1].extend(rest)
    return lots or [rest]


def _mean(own: Sample, level: Callable[[float], float]) -> Estimate:
    middle = own.total / own.n
    reach = student_quantile(own.n - 1) * math.sqrt(own.variance_of_mean)
    return Estimate(level(middle), level(middle - reach), level(middle + reach))


def _anchor(report: EffectReport) -> float | None:
    """Return the touchpoint's mean before, on the common scale."""
    own = together(report.own.weeks[week] for week in report.before.weeks if week in report.own.weeks)
    return own.mean if report.compared else None


def _others(compared: Sequence[Weekly], lot: Sequence[int], sides: Sides | None) -> float | None:
    """Return how far the others lie above their own level before, on average."""
    rises = []
    for each in compared:
        before = together(each.weeks[week] for week in (sides.before if sides else ()) if week in each.weeks)
        here = together(each.weeks[week] for week in lot if week in each.weeks)
        if before.n and here.n:
            rises.append(here.total / here.n - before.total / before.n)
    return sum(rises) / len(rises) if rises else None


def _dot(stretch: Stretch, x: Callable[[date], float], y: Callable[[float], float]) -> Dot:
    left, right = x(stretch.first), x(stretch.last + timedelta(days=1))
    own = stretch.own
    return Dot(
        stretch=stretch,
        x=round((left + right) / 2, 1),
        left=left,
        right=right,
        y=own and y(own.value),
        low=own and y(own.low),
        high=own and y(own.high),
        others=None if stretch.others is None else y(stretch.others),
    )


def _bands(dots: Sequence[Dot]) -> Iterator[tuple[Counts, float, float]]:
    for counts, run in groupby(dots, key=lambda dot: dot.stretch.counts):
        held = list(run)
        yield counts, held[0].left, held[-1].right


def _months(begin: date, end: date) -> Iterator[date]:
    day = begin.replace(day=1)
    while day < end:
        if day >= begin:
            yield day
        day = (day + timedelta(days=32)).replace(day=1)
