"""Scores by touchpoint and by who handled it, without what would single out a few of them. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.journey import Journey
from services.monitor.figures.score_figures import ScoreFigure, score_figure
from streams.scores import Counts, number
from streams.suppression import Cell, left_out

Said = Mapping[tuple[str, str], Counts]
"""Scores by touchpoint and employee; the empty string is for those of whom that is not known."""


class EmployeeRow(NamedTuple):
    """The scores of a touchpoint (None: of all of them), together and by employee: None where that is left out."""

    touchpoint: str | None
    together: ScoreFigure
    employees: Mapping[str, ScoreFigure | None]


def employee_table(said: Said, drawn: Journey, measure: str, least: int, enough: int) -> Sequence[EmployeeRow]:
    """Return a row for all touchpoints and one for each of which something was said, in the journey's order.

    What is shown tells of no group of fewer than `least` scores (streams.suppression); under `enough` of them there is
    their number, and no figure.
    """
    columns = sorted({employee for _, employee in said})
    touchpoints = [each for each in drawn.in_order(name for name, _ in said) if any(name == each for name, _ in said)]
    rows = {each: {employee: said.get((each, employee), {}) for employee in columns} for each in touchpoints}
    hidden = left_out(
        {touchpoint: {who: number(counts) for who, counts in row.items()} for touchpoint, row in rows.items()}, least
    )
    every = {employee: _together(row[employee] for row in rows.values()) for employee in columns}
    return [
        EmployeeRow(
            touchpoint,
            score_figure(measure, _together(row.values()), enough),
            {
                who: None if Cell(touchpoint, who) in hidden else score_figure(measure, counts, enough)
                for who, counts in row.items()
            },
        )
        for touchpoint, row in [(None, every), *rows.items()]
    ]


def _together(some: Iterable[Counts]) -> Counts:
    counts: Counter[int] = Counter()
    for each in some:
        counts.update(each)
    return counts
