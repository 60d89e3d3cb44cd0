"""The picture of workload, in SVG's units: what came and what went, week by week. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.monitor.workload.workload_figures import Week

WIDTH = 1000
_LEFT, _FOOT, _HIGH = 46, 190, 160
_GAP = 0.24


@dataclass(frozen=True)
class WeekBars:
    """A week: where its two bars stand, how wide each is, and where they begin from above."""

    week: Week
    x: float
    width: float
    came: float
    went: float
    running: bool


@dataclass(frozen=True)
class WorkDrawing:
    """The weeks side by side, and the lines to read them by: where each lies, and of how many cases."""

    weeks: Sequence[WeekBars]
    grid: Sequence[tuple[float, int]]
    left: int = _LEFT
    foot: int = _FOOT
    width: int = WIDTH
    height: int = _FOOT + 34


def week_bars(weeks: Sequence[Week]) -> WorkDrawing:
    """Draw what came and went in weeks; the last of them is under way."""
    most = max((max(week.arrivals, week.completions) for week in weeks), default=0) or 1
    step = (WIDTH - _LEFT) / max(1, len(weeks))
    wide = round(step * (1 - _GAP) / 2, 1)

    def top(number: int) -> float:
        return round(_FOOT - _HIGH * number / most, 1)

    bars = [
        WeekBars(
            week=week,
            x=round(_LEFT + step * (place + _GAP / 2), 1),
            width=wide,
            came=top(week.arrivals),
            went=top(week.completions),
            running=place == len(weeks) - 1,
        )
        for place, week in enumerate(weeks)
    ]
    return WorkDrawing(bars, [(top(number), number) for number in sorted({0, round(most / 2), most})])
