"""Visits by touchpoint and by group of people, without what would single out a few of them. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from schemas.journey import Journey
from streams.suppression import Cell, left_out

Visited = Mapping[tuple[str, str], int]
"""Visits by touchpoint and group; the empty string is the group of those of whom it is not known."""


class VisitRow(NamedTuple):
    """All visits to a touchpoint (None: to any), and those of each group: None where that is left out."""

    touchpoint: str | None
    visits: int
    groups: Mapping[str, int | None]


def visit_table(visited: Visited, drawn: Journey, groups: Collection[str], least: int) -> Sequence[VisitRow]:
    """Return a row for all touchpoints and one for each, in the journey's order, each with all groups, by name.

    `groups` are there whether anybody of them came or not. What is shown tells of no group of fewer than `least` visits
    (streams.suppression).
    """
    columns = sorted({*groups, "", *(group for _, group in visited)})
    rows: dict[str | None, dict[str, int]] = {
        touchpoint: {group: visited.get((touchpoint, group), 0) for group in columns}
        for touchpoint in drawn.in_order(touchpoint for touchpoint, _ in visited)
    }
    hidden = left_out({touchpoint or "": counts for touchpoint, counts in rows.items()}, least)
    together = {group: sum(counts[group] for counts in rows.values()) for group in columns}
    return [
        VisitRow(
            touchpoint,
            sum(counts.values()),
            {group: None if Cell(touchpoint, group) in hidden else n for group, n in counts.items()},
        )
        for touchpoint, counts in ({None: together} | rows).items()
    ]
