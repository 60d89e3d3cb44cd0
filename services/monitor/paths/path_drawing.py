"""The picture of real paths, in SVG's units: touchpoints side by side, steps as arcs between them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.journey import Journey
from schemas.journey_part import Label
from services.monitor.paths.real_paths import RealPaths, Step, Stop
from streams.scores import Estimate

WIDTH = 1200
_LEFT, _RIGHT = 130, 30  # names lean over to the left
_MIDDLE = 330
_FORTH_HIGH, _BACK_HIGH = 270, 70
_NAMES = _MIDDLE + _BACK_HIGH + 44
HEIGHT = 630

_LEAST_WIDE, _WIDE = 1.0, 15.0
_LEAST_RADIUS, _RADIUS = 11.0, 13.0
_RARE = 0.01
"""What share of the busiest step is so rare that the picture need not have room for how long its arc is."""
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
    """The graph. Steps towards the end of the journey run above the touchpoints, others below."""

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
    pairs = [(each, by_id[each.edge.after], by_id[each.edge.touchpoint]) for each in found.steps]
    often = [(start, end) for each, start, end in pairs if each.gap.n >= _RARE * busiest]
    longest = max((abs(end.x - start.x) for start, end in often), default=0) or step
    arcs = [
        _loop(each, start, busiest, told=place < _TOLD)
        if start is end
        else _arc(each, start, end, busiest, longest, told=place < _TOLD)
        for place, (each, start, end) in enumerate(pairs)
    ]
    return PathDrawing(nodes, arcs[::-1], list(_lanes(drawn, step)), busiest)  # the commonest on top


def _arc(step: Step, start: Node, end: Node, busiest: int, longest: float, *, told: bool) -> Arc:
    back = end.x < start.x
    across = abs(end.x - start.x)
    high = round((_BACK_HIGH if back else _FORTH_HIGH) * (0.2 + 0.8 * min(1, across / longest)), 1)
    path = f"M{start.x} {_MIDDLE}A{across / 2:.1f} {high} 0 0 1 {end.x} {_MIDDLE}"
    aside = 11 * (start.number % 3)  # so that the numbers of neighbours do not touch
    y = _MIDDLE + high + 14 + aside if back else _MIDDLE - high - 8 - aside
    return Arc(step, path, _thick(step, busiest), round((start.x + end.x) / 2, 1), round(y, 1), told, back)


def _loop(step: Step, node: Node, busiest: int, *, told: bool) -> Arc:
    foot = round(_MIDDLE + node.radius, 1)
    path = (
        f"M{node.x - 7:.1f} {foot}C{node.x - 30:.1f} {foot + 44} {node.x + 30:.1f} {foot + 44} {node.x + 7:.1f} {foot}"
    )
    return Arc(step, path, _thick(step, busiest), node.x, round(foot + 48, 1), told, back=True)


def _thick(step: Step, busiest: int) -> float:
    return round(max(_LEAST_WIDE, _WIDE * step.gap.n / busiest), 1)


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
