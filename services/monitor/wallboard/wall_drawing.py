"""The journey's line as a drawing: one small picture a touchpoint, which meet where two touchpoints do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.monitor.figures.curve import Point

_WIDTH, _HEIGHT = 100.0, 90.0
_LOWEST, _HIGHEST = 1.0, 10.0


@dataclass(frozen=True)
class Picture:
    """What is drawn of a touchpoint, 100 wide and 90 high, a score of 10 at the top. None where there is nothing.

    `line` is the part of the curve that lies within it, as SVG's points; `at` its score, `low` and `high` the ends of
    the interval, `ideal` what is aimed at. `feelings` and `felt` are the same of what customers feel, +2 at the top.
    `weight` says how important it is, 1 to 3.
    """

    line: str
    feelings: str
    felt: float | None
    weight: int
    at: float | None
    low: float | None
    high: float | None
    ideal: float | None


def pictures(points: Sequence[Point]) -> Sequence[Picture]:
    """Return a picture for each touchpoint. Curves run straight from each figure to the next that is known."""
    scores = [_height(point.level.value) if point.level else None for point in points]
    feelings = [_felt(point) for point in points]
    return [
        _picture(point, _line(scores, place), _line(feelings, place), feelings[place])
        for place, point in enumerate(points)
    ]


def _picture(point: Point, line: str, feelings: str, felt: float | None) -> Picture:
    level, ideal = point.level, point.touchpoint.ideal
    return Picture(
        line=line,
        feelings=feelings,
        felt=felt,
        weight=1 + ((point.importance or 0) >= 5) + ((point.importance or 0) >= 8),
        at=level and _height(level.value),
        low=level and _height(level.low),
        high=level and _height(level.high),
        ideal=None if ideal is None else _height(float(ideal)),
    )


def _line(heights: Sequence[float | None], place: int) -> str:
    known = [(float(at), height) for at, height in enumerate(heights) if height is not None]
    edges = ((0.0, place - 0.5), (_WIDTH / 2, float(place)), (_WIDTH, place + 0.5))
    drawn = [(x, _between(known, at)) for x, at in edges]
    corners = [f"{x:g},{height:g}" for x, height in drawn if height is not None]
    return " ".join(corners) if len(corners) > 1 else ""


def _between(known: Sequence[tuple[float, float]], at: float) -> float | None:
    """Return the height anywhere on a curve, also between touchpoints; None before the first and after the last."""
    before = [each for each in known if each[0] <= at][-1:]
    after = [each for each in known if each[0] >= at][:1]
    if not before or not after:
        return None
    (start, left), (end, right) = *before, *after
    return left if start == end else round(left + (right - left) * (at - start) / (end - start), 2)


def _height(level: float) -> float:
    return round(_HEIGHT * (_HIGHEST - level) / (_HIGHEST - _LOWEST), 2)


def _felt(point: Point) -> float | None:
    estimate = point.emotion.estimate
    return None if estimate is None else round(_HEIGHT * (2 - estimate.value) / 4, 2)
