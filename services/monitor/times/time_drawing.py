"""The picture of the whole time, in SVG's units: one bar, divided. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.monitor.times.step_parts import PartName, TimeParts

WIDTH = 1000
HEIGHT = 56


@dataclass(frozen=True)
class Slice:
    """A part of the bar: from where, how wide, and its share of the whole, 0 to 1."""

    name: PartName
    x: float
    width: float
    share: float


def bar(found: TimeParts) -> Sequence[Slice]:
    """Return the bar's slices, side by side; none if there is no time at all."""
    whole, before = found.whole.calendar, 0
    slices = []
    for name, time in found.parts.items():
        if time.calendar:
            x, end = (round(WIDTH * each / whole, 2) for each in (before, before + time.calendar))
            slices.append(Slice(name, x, round(end - x, 2), time.calendar / whole))
        before += time.calendar
    return slices
