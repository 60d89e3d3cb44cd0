"""The review's two pictures, in SVG's units: months as bars, and a control chart. Pure."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from schemas.improvement import Improvement
from services.monitor.improvements.improvement_marks import Mark, marks
from services.monitor.review.charted import Charted, Kind, PeriodFigure, Series
from services.monitor.review.review import SHOWN
from streams.control_chart import Limits, Section

WIDTH = 1100
_LEFT, _RIGHT, _TOP = 64, 1016, 24
_BARS_FOOT, _BARS_HEIGHT = 240, 300
_CHART_FOOT, _CHART_HEIGHT = 280, 320
_TICKS = 4
_DAY, _HOUR, _MINUTE, _SECOND = 86_400_000, 3_600_000, 60_000, 1_000

Scale = Callable[[float], float]


@dataclass(frozen=True)
class Bar:
    """A month: from `top` to the foot, and where the ends of its interval are; None where there is no figure."""

    figure: PeriodFigure
    x: float
    width: float
    top: float | None
    high: float | None
    low: float | None

    @property
    def middle(self) -> float:
        """The middle of its width."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class BarsDrawing:
    """Months as bars, from the least that a value can be; `norm` is where the norm lies, `marks` what was improved."""

    bars: Sequence[Bar]
    norm: float | None
    grid: Sequence[tuple[float, float]]
    marks: Sequence[Mark]
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    foot: int = _BARS_FOOT
    width: int = WIDTH
    height: int = _BARS_HEIGHT


@dataclass(frozen=True)
class Dot:
    """A value at its place, and whether it is part of a signal."""

    figure: PeriodFigure
    x: float
    y: float
    signals: bool


@dataclass(frozen=True)
class Band:
    """A section of the chart: from where to where it runs, and where its limits lie; None until it has any."""

    section: Section
    x: float
    end: float
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ChartDrawing:
    """A control chart: its values as a line, what signals, where its limits lie; months along the foot.

    `marks` is what was improved, and what is planned.
    """

    dots: Sequence[Dot]
    line: str
    bands: Sequence[Band]
    grid: Sequence[tuple[float, float]]
    months: Sequence[tuple[PeriodFigure, float]]
    marks: Sequence[Mark]
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    foot: int = _CHART_FOOT
    width: int = WIDTH
    height: int = _CHART_HEIGHT


def bars_drawing(
    of: Charted, figures: Sequence[PeriodFigure], norm: float | None, improvements: Sequence[Improvement] = ()
) -> BarsDrawing:
    """Draw the last twelve months that are finished, the one that is not, and the improvements of all these."""
    shown = figures[-SHOWN - 1 :]
    lowest, most = of.scale
    known = [figure.interval.high if figure.interval else figure.value for figure in shown]
    highest = (
        most if of.kind is Kind.POINTS else max([each for each in known if each is not None] + [norm or 0], default=0)
    )
    y = _scale(lowest, highest or 1, _BARS_FOOT)
    step = (_RIGHT - _LEFT) / (SHOWN + 1)
    return BarsDrawing(
        bars=[_bar(figure, _LEFT + step * (place + 0.14), step * 0.72, y) for place, figure in enumerate(shown)],
        norm=None if norm is None else y(norm),
        grid=[(tick, y(tick)) for tick in ticks(lowest, highest or 1, of.kind)],
        marks=marks(improvements, shown, _LEFT, step),
    )


def chart_drawing(series: Series, improvements: Sequence[Improvement] = ()) -> ChartDrawing:
    """Draw a control chart with all its periods, the running one last, and the improvements of them."""
    known = [figure.value for figure in series.figures if figure.value is not None]
    limits = [section.limits for section in series.sections if section.limits is not None]
    known += [each for limit in limits for each in (limit.low, limit.high)]
    lowest, highest = _room(known, series.of.scale)
    y = _scale(lowest, highest, _CHART_FOOT)
    step = (_RIGHT - _LEFT) / max(1, len(series.figures))
    dots = _dots(series, lambda place: round(_LEFT + step * (place + 0.5), 1), y)
    return ChartDrawing(
        dots=dots,
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots if dot.figure.finished),
        bands=[_band(section, lambda place: round(_LEFT + step * place, 1), y) for section in series.sections],
        grid=[(tick, y(tick)) for tick in ticks(lowest, highest, series.of.kind)],
        months=[
            (figure, round(_LEFT + step * place, 1))
            for place, figure in enumerate(series.figures)
            if figure.period.day.day <= 7 and figure.period.day.month in (1, 4, 7, 10)
        ],
        marks=marks(improvements, series.figures, _LEFT, step),
    )


def ticks(lowest: float, highest: float, kind: Kind) -> Sequence[float]:
    """Return a few round values of a scale, of durations in whole units of their size."""
    unit = _unit(highest) if kind is Kind.DURATION else 1.0
    wide = (highest - lowest) / unit / _TICKS
    size = 10.0 ** math.floor(math.log10(wide)) if wide > 0 else 1.0
    step = unit * size * max(part for part in (1, 2, 5) if part == 1 or part * size <= wide)
    if kind is Kind.COUNT:
        step = max(1.0, step)
    first = math.ceil(lowest / step - 1e-9)
    return [number * step for number in range(first, math.floor(highest / step + 1e-9) + 1)]


def _unit(milliseconds: float) -> int:
    return next((unit for unit in (_DAY, _HOUR, _MINUTE) if milliseconds >= 2 * unit), _SECOND)


def _scale(lowest: float, highest: float, foot: int) -> Scale:
    span = highest - lowest or 1.0
    return lambda value: round(foot - (foot - _TOP) * (value - lowest) / span, 1)


def _room(values: Iterable[float], scale: tuple[float, float]) -> tuple[float, float]:
    """Return from where to where values are drawn: a little beyond them all, but not beyond the scale."""
    found = list(values) or [0.0, 1.0]
    room = 0.06 * (max(found) - min(found) or 1.0)
    return max(scale[0], min(found) - room), min(scale[1], max(found) + room)


def _bar(figure: PeriodFigure, x: float, width: float, y: Scale) -> Bar:
    interval = figure.interval
    return Bar(
        figure=figure,
        x=round(x, 1),
        width=round(width, 1),
        top=None if figure.value is None else y(figure.value),
        high=interval and y(interval.high),
        low=interval and y(interval.low),
    )


def _dots(series: Series, x: Scale, y: Scale) -> Sequence[Dot]:
    signalling = {
        place
        for section in series.sections
        for signal in section.signals
        for place in range(signal.first, signal.last + 1)
    }
    return [
        Dot(figure, x(place), y(figure.value), place in signalling)
        for place, figure in enumerate(series.figures)
        if figure.value is not None
    ]


def _band(section: Section, x: Scale, y: Scale) -> Band:
    limits = section.limits

    def at(value: Callable[[Limits], float]) -> float | None:
        return None if limits is None else y(value(limits))

    return Band(
        section=section,
        x=x(section.first),
        end=x(section.end),
        mean=at(lambda each: each.mean),
        low=at(lambda each: each.low),
        high=at(lambda each: each.high),
    )
