"""The picture of real paths, in SVG's units: touchpoints side by side, steps as arcs between them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.journey import Journey
from schemas.journey_part import Label
from services.monitor.real_paths import RealPaths, Step, Stop
from streams.scores import Estimate

WIDTH = 1200
_LEFT, _RIGHT = 110, 30  # names lean over to the left
_MIDDLE = 330
_FORTH_HIGH, _BACK_HIGH = 262, 110
_NAMES = _MIDDLE + _BACK_HIGH + 44
HEIGHT = 640

_LEAST_WIDE, _WIDE = 1.0, 15.0
_LEAST_RADIUS, _RADIUS = 11.0, 13.0
_TOLD = 12
"""Of how many steps the numbers are written beside them."""


@dataclass(frozen=True)
class Node:
    """A touchpoint at its place; `level` is its score on a scale of 1 to 10, None where there are too few."""

    stop: Stop
    name: Label
    number: int
    x: float
    radius: float
    truth: bool
    level: Estimate | None


@dataclass(frozen=True)
class Arc:
    """A step: its line, how thick it is, where its numbers stand, and whether they are written or only told."""

    step: Step
    path: str
    width: float
    x: float
    y: float
    told: bool
    back: bool


@dataclass(frozen=True)
class Lane:
    """A phase: from where to where it runs, and whether its place among the phases is odd."""

    name: Label
    x: float
    width: float
    odd: bool


@dataclass(frozen=True)
class PathDrawing:
    """The graph. Steps towards the end of the journey run above the touchpoints, those back below them."""

    nodes: Sequence[Node]
    arcs: Sequence[Arc]
    lanes: Sequence[Lane]
    busiest: int
    middle: int = _MIDDLE
    names: int = _NAMES
    width: int = WIDTH
    height: int = HEIGHT


def path_drawing(found: RealPaths, drawn: Journey, levels: Mapping[str, Estimate]) -> PathDrawing:
    """Draw the graph; touchpoints that are drawn no more stand last."""
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(found.stops))
    most = max((stop.visits or 0 for stop in found.stops), default=0) or 1
    nodes = [
        Node(
            stop=stop,
            name=_name(stop.touchpoint, drawn),
            number=place + 1,
            x=round(_LEFT + step * (place + 0.5), 1),
            radius=round(_LEAST_RADIUS + _RADIUS * ((stop.visits or 0) / most) ** 0.5, 1),
            truth=stop.touchpoint in drawn.touchpoint_ids and drawn.touchpoint(stop.touchpoint).moment_of_truth,
            level=levels.get(stop.touchpoint),
        )
        for place, stop in enumerate(found.stops)
    ]
    busiest = max((each.gap.n for each in found.steps), default=0)
    by_id = {node.stop.touchpoint: node for node in nodes}
    arcs = [
        _arc(each, by_id[each.edge.after], by_id[each.edge.touchpoint], busiest, told=place < _TOLD)
        for place, each in enumerate(found.steps)
    ]
    return PathDrawing(nodes, arcs[::-1], list(_lanes(drawn, step)), busiest)  # the commonest on top


def _arc(step: Step, start: Node, end: Node, busiest: int, *, told: bool) -> Arc:
    width = round(max(_LEAST_WIDE, _WIDE * step.gap.n / busiest), 1)
    if start is end:
        top = _MIDDLE - start.radius
        path = f"M{start.x - 7} {top}C{start.x - 26} {top - 42} {start.x + 26} {top - 42} {start.x + 7} {top}"
        return Arc(step, path, width, start.x, round(top - 34, 1), told, back=False)
    back = end.x < start.x
    reach = abs(end.x - start.x) / 2
    share = 2 * reach / (WIDTH - _LEFT - _RIGHT)
    high = round((_BACK_HIGH if back else _FORTH_HIGH) * (0.12 + 0.88 * share**0.75), 1)
    path = f"M{start.x} {_MIDDLE}A{reach:.1f} {high} 0 0 1 {end.x} {_MIDDLE}"
    y = _MIDDLE + high + 14 if back else _MIDDLE - high - 5
    return Arc(step, path, width, round((start.x + end.x) / 2, 1), round(y, 1), told, back)


def _lanes(drawn: Journey, step: float) -> Iterator[Lane]:
    x = float(_LEFT)
    for place, phase in enumerate(drawn.phases):
        width = step * len(phase.touchpoints)
        yield Lane(phase.name, round(x, 1), round(width, 1), place % 2 == 1)
        x += width


def _name(touchpoint: str, drawn: Journey) -> Label:
    """Return the name of a touchpoint; of one that is drawn no more there is only its id."""
    if touchpoint in drawn.touchpoint_ids:
        return drawn.touchpoint(touchpoint).name
    return Label(nl=touchpoint, en=touchpoint)
