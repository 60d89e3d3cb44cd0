"""The journey page's two pictures, in SVG's units: the journey with its scores and feelings, the priorities. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from schemas.journey import Journey
from schemas.journey_part import Label
from services.monitor.figures.curve import GOOD, IMPORTANT, Point, ideal_score
from streams.scores import Estimate

WIDTH = 1200
_LEFT, _RIGHT = 44, 96  # names lean over to the right
_TOP, _SCORES_HIGH = 150, 250
_FEELINGS_TOP, _FEELINGS_HIGH = 440, 96
_VOLUMES_TOP, _VOLUMES_HIGH = 566, 54
HEIGHT = 636

_MATRIX_LEFT, _MATRIX_TOP, _MATRIX_SPAN = 44, 16, 440


@dataclass(frozen=True)
class Whisker:
    """A figure at its place, and the ends of its interval."""

    at: float
    low: float
    high: float


@dataclass(frozen=True)
class Mark:
    """What is drawn of one touchpoint; None where there is nothing to draw. `size` says how important it is."""

    point: Point
    x: float
    score: Whisker | None
    feeling: Whisker | None
    ideal: float | None
    size: float
    volume_top: float
    volume_high: float


@dataclass(frozen=True)
class Band:
    """A phase: from where to where it runs, and its place among the phases."""

    name: Label
    x: float
    width: float
    odd: bool


@dataclass(frozen=True)
class PersonaIdeals:
    """The ideals of a persona along the line, where they are not those of everybody."""

    name: Label
    ideals: str


@dataclass(frozen=True)
class LineDrawing:
    """The journey as a line: scores above, feelings below them, volumes at the foot."""

    marks: Sequence[Mark]
    bands: Sequence[Band]
    scores: str
    ideals: str
    persona_ideals: Sequence[PersonaIdeals]
    feelings: str
    score_grid: Sequence[tuple[int, float]]
    feeling_grid: Sequence[tuple[int, float]]
    top: int = _TOP
    foot: int = _VOLUMES_TOP + _VOLUMES_HIGH
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Spot:
    """A touchpoint in the matrix; `number` is its place in the journey, from 1."""

    point: Point
    number: int
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class MatrixDrawing:
    """Importance upwards, score to the right, both up to 10; where they begin, and where the quadrants meet."""

    spots: Sequence[Spot]
    lowest_score: int
    lowest_importance: int
    middle_x: float
    middle_y: float
    left: int = _MATRIX_LEFT
    top: int = _MATRIX_TOP
    right: int = _MATRIX_LEFT + _MATRIX_SPAN
    foot: int = _MATRIX_TOP + _MATRIX_SPAN


def line_drawing(points: Sequence[Point], drawn: Journey, *, of_personas: bool = True) -> LineDrawing:
    """Draw the journey as a line; with the ideals of personas beside those of its points, where they differ."""
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(points))
    busiest = max((point.volume for point in points), default=0) or 1
    marks = [_mark(point, _LEFT + step * (place + 0.5), busiest) for place, point in enumerate(points)]
    return LineDrawing(
        marks=marks,
        bands=list(_bands(drawn, step)),
        scores=_through((mark.x, mark.score.at) for mark in marks if mark.score),
        ideals=_through((mark.x, mark.ideal) for mark in marks if mark.ideal is not None),
        persona_ideals=list(_persona_ideals(marks, drawn)) if of_personas else [],
        feelings=_through((mark.x, mark.feeling.at) for mark in marks if mark.feeling),
        score_grid=[(score, _score_y(score)) for score in (1, 4, 7, 10)],
        feeling_grid=[(feeling, _feeling_y(feeling)) for feeling in (-2, 0, 2)],
    )


def matrix_drawing(points: Sequence[Point]) -> MatrixDrawing:
    """Draw the touchpoints whose score and importance are known; the scales begin a little below the lowest of them."""
    known = [
        (number, point, point.level.value, point.importance)
        for number, point in enumerate(points, 1)
        if point.level is not None and point.importance is not None
    ]
    lowest_score = _beginning(score for _, _, score, _ in known)
    lowest_importance = _beginning(importance for *_, importance in known)
    busiest = max((point.volume for point in points), default=0) or 1
    spots = [
        Spot(
            point=point,
            number=number,
            x=_MATRIX_LEFT + _part(score, lowest_score),
            y=_MATRIX_TOP + _MATRIX_SPAN - _part(importance, lowest_importance),
            radius=10 + 12 * (point.volume / busiest) ** 0.5,
        )
        for number, point, score, importance in known
    ]
    return MatrixDrawing(
        spots=sorted(spots, key=lambda spot: -spot.radius),  # the small ones on top
        lowest_score=lowest_score,
        lowest_importance=lowest_importance,
        middle_x=_MATRIX_LEFT + _part(GOOD, lowest_score),
        middle_y=_MATRIX_TOP + _MATRIX_SPAN - _part(IMPORTANT, lowest_importance),
    )


def _mark(point: Point, x: float, busiest: int) -> Mark:
    high = _VOLUMES_HIGH * point.volume / busiest
    return Mark(
        point=point,
        x=x,
        score=_whisker(point.level, _score_y),
        feeling=_whisker(point.emotion.estimate, _feeling_y),
        ideal=None if point.ideal is None else _score_y(point.ideal),
        size=4 + (point.importance or 5) * 0.7,
        volume_top=_VOLUMES_TOP + _VOLUMES_HIGH - high,
        volume_high=high,
    )


def _persona_ideals(marks: Sequence[Mark], drawn: Journey) -> Iterator[PersonaIdeals]:
    for persona in drawn.personas:
        places = [(mark, ideal_score(mark.point.touchpoint, persona.id)) for mark in marks]
        if any(ideal != mark.point.ideal for mark, ideal in places):
            through = _through((mark.x, _score_y(ideal)) for mark, ideal in places if ideal is not None)
            yield PersonaIdeals(persona.name, through)


def _whisker(estimate: Estimate | None, y: Callable[[float], float]) -> Whisker | None:
    if estimate is None:
        return None
    return Whisker(y(estimate.value), y(estimate.low), y(estimate.high))


def _bands(drawn: Journey, step: float) -> Iterator[Band]:
    x = float(_LEFT)
    for place, phase in enumerate(drawn.phases):
        width = step * len(phase.touchpoints)
        yield Band(phase.name, x, width, place % 2 == 1)
        x += width


def _through(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _score_y(score: float) -> float:
    return round(_TOP + (10 - score) / 9 * _SCORES_HIGH, 1)


def _feeling_y(feeling: float) -> float:
    return round(_FEELINGS_TOP + (2 - feeling) / 4 * _FEELINGS_HIGH, 1)


def _beginning(values: Iterable[float]) -> int:
    return max(1, min(5, *(int(value) - 1 for value in values), 5))


def _part(value: float, lowest: int) -> float:
    return round((value - lowest) / (10 - lowest) * _MATRIX_SPAN, 1)
