"""What cases really did: the directly-follows graph of their touchpoints, with volumes and gaps. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from schemas.journey import Journey
from services.monitor.figures.histograms import DurationFigure, duration_figure, summed
from services.store.path_reading import Edge
from services.store.reading import Histogram
from streams.observations import Measure
from streams.suppression import Cell, left_out

Hidden = Collection[tuple[str | None, str]]
"""Steps that are not shown, by the touchpoint before them ('' for a case's first) and their own; None: all of its."""

NOTHING: Hidden = frozenset()


@dataclass(frozen=True)
class Step:
    """Cases that went from one touchpoint right to another: how long that took, and their share of all that went on."""

    edge: Edge
    gap: DurationFigure
    share: float


@dataclass(frozen=True)
class Stop:
    """A touchpoint: its visits, how many of them were the first of their case, and the gap before the others.

    None where that would tell of a small group.
    """

    touchpoint: str
    visits: int | None
    first: int | None
    gap: DurationFigure | None


@dataclass(frozen=True)
class RealPaths:
    """The graph: touchpoints in the journey's order, steps by how many took them, how many steps are not shown.

    `unknown` counts gaps of which it was never noted from where they ran.
    """

    stops: Sequence[Stop]
    steps: Sequence[Step]
    left_out: int
    unknown: int


def real_paths(
    gaps: Mapping[Edge, Histogram], visits: Mapping[str, int], drawn: Journey, hidden: Hidden = NOTHING
) -> RealPaths:
    """Return the graph that the gaps of a time make, without what is hidden."""
    onward: Counter[str] = Counter()
    for edge, histogram in gaps.items():
        onward[edge.after] += histogram.n
    known = {edge: histogram for edge, histogram in gaps.items() if edge.after}
    steps = [
        Step(edge, duration_figure(Measure.GAP, [histogram], None), histogram.n / onward[edge.after])
        for edge, histogram in known.items()
        if edge not in hidden
    ]
    order = drawn.in_order([*visits, *(touchpoint for edge in known for touchpoint in edge)])
    places = {touchpoint: place for place, touchpoint in enumerate(order)}
    return RealPaths(
        stops=[_stop(touchpoint, gaps, visits, hidden) for touchpoint in order],
        steps=sorted(steps, key=lambda step: (-step.gap.n, places[step.edge.after], places[step.edge.touchpoint])),
        left_out=len(known) - len(steps),
        unknown=onward[""],
    )


def hidden_of(steps: Mapping[tuple[Edge, str], int], persona: str, least: int) -> Hidden:
    """Return the steps of a persona that would tell of fewer than `least` visits (streams.suppression).

    `steps` are those of all personas: what all of them come to is shown elsewhere, and so are a persona's visits.
    """
    tables: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    personas = {persona, *(each for _, each in steps)}
    for (edge, each), n in steps.items():
        tables[edge.touchpoint][edge.after][each] += n
    hidden: set[tuple[str | None, str]] = set()
    for touchpoint, table in tables.items():
        counts = {after: {each: table[after][each] for each in personas} for after in table}
        cells = left_out(counts, least)
        hidden |= {(after, touchpoint) for after in (None, *counts) if Cell(after, persona) in cells}
    return hidden


def _stop(touchpoint: str, gaps: Mapping[Edge, Histogram], visits: Mapping[str, int], hidden: Hidden) -> Stop:
    before = summed(histogram for edge, histogram in gaps.items() if edge.touchpoint == touchpoint)
    number = visits.get(touchpoint, 0)
    if (None, touchpoint) in hidden:
        return Stop(touchpoint, None, None, None)
    some_hidden = any(each == touchpoint for _, each in hidden)
    return Stop(
        touchpoint,
        number,
        None if ("", touchpoint) in hidden else number - before.n,
        None if some_hidden else duration_figure(Measure.GAP, [before], None),
    )
