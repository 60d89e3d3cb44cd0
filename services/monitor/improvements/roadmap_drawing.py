"""The roadmap in SVG's units: what was improved and what is planned, week by week. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.improvement import Improvement

WIDTH = 1100
_LEFT, _RIGHT = 20, 1080
_TOP, _ROW, _FOOT = 40, 44, 34
_WEEKS_BACK = 26
_WEEKS_AHEAD = 26
_WEEK = timedelta(weeks=1)
_ROOM_FOR_NAME = 420


@dataclass(frozen=True)
class Stop:
    """An improvement on its day, and until where customers begin to meet it; its name stands left of it if `turned`."""

    improvement: Improvement
    x: float
    y: float
    settled: float
    overdue: bool
    turned: bool


@dataclass(frozen=True)
class RoadmapDrawing:
    """Improvements by their day, a row for each; months along the head, and where today is."""

    stops: Sequence[Stop]
    months: Sequence[tuple[date, float]]
    today: float
    height: float
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    width: int = WIDTH


def is_overdue(improvement: Improvement, today: date) -> bool:
    """Say whether the week for which an improvement is planned is over, without its having been made."""
    planned = improvement.planned_week
    return improvement.done_on is None and planned is not None and planned + _WEEK <= today


def on_the_road(improvements: Sequence[Improvement], today: date) -> Sequence[Improvement]:
    """Return those whose day lies within half a year of today, by day."""
    first, last = _ends(today)
    dated = [(each.held_on, each.id, each) for each in improvements if each.held_on is not None]
    return [each for day, _, each in sorted(dated, key=lambda known: known[:2]) if first <= day < last]


def roadmap_drawing(improvements: Sequence[Improvement], today: date) -> RoadmapDrawing:
    """Draw those whose day lies within half a year of today, a row for each, by day."""
    shown = on_the_road(improvements, today)
    first, last = _ends(today)

    def x(day: date) -> float:
        part = (min(max(day, first), last) - first).days / (last - first).days
        return round(_LEFT + part * (_RIGHT - _LEFT), 1)

    return RoadmapDrawing(
        stops=[_stop(each, place, x, today) for place, each in enumerate(shown)],
        months=[(day, x(day)) for day in _months(first, last)],
        today=x(today),
        height=_TOP + _ROW * max(1, len(shown)) + _FOOT,
    )


def _stop(each: Improvement, place: int, x: Callable[[date], float], today: date) -> Stop:
    day = each.held_on or today
    at = x(day)
    return Stop(
        improvement=each,
        x=at,
        y=_TOP + _ROW * (place + 0.5),
        settled=x(day + each.settles_weeks * _WEEK),
        overdue=is_overdue(each, today),
        turned=at > _RIGHT - _ROOM_FOR_NAME,
    )


def _ends(today: date) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday())
    return monday - _WEEKS_BACK * _WEEK, monday + _WEEKS_AHEAD * _WEEK


def _months(first: date, last: date) -> Sequence[date]:
    days = (first + timedelta(days=each) for each in range((last - first).days))
    return [day for day in days if day.day == 1]
