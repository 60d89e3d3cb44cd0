"""Ideals as tables: one for each measure, with a row for each touchpoint and a column for each persona. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from schemas.journey import Journey, Touchpoint
from services.monitor.ideals.ideal_gaps import EVERYBODY, Gap, IdealGaps

_MEASURES: Mapping[str, Callable[[IdealGaps], Gap | None]] = {
    "score": lambda each: each.score,
    "effort": lambda each: each.effort,
    "duration": lambda each: each.duration,
}


@dataclass(frozen=True)
class IdealRow:
    """A touchpoint and what is lacking, by persona; None where there is no ideal."""

    touchpoint: Touchpoint
    gaps: Mapping[str, Gap | None]


@dataclass(frozen=True)
class IdealTable:
    """What is lacking on one measure; `personas` are the columns, everybody first."""

    measure: str
    personas: Sequence[str]
    rows: Sequence[IdealRow]


def ideal_tables(found: Sequence[IdealGaps], drawn: Journey) -> Sequence[IdealTable]:
    """Return a table for each measure for which the journey names an ideal."""
    personas = [EVERYBODY, *(persona.id for persona in drawn.personas)]
    by_place = {(each.touchpoint.id, each.persona): each for each in found}
    tables = []
    for measure, gap_of in _MEASURES.items():
        rows = []
        for touchpoint in drawn.touchpoints:
            held = {persona: by_place.get((touchpoint.id, persona)) for persona in personas}
            gaps = {persona: None if each is None else gap_of(each) for persona, each in held.items()}
            if any(gap is not None for gap in gaps.values()):
                rows.append(IdealRow(touchpoint, gaps))
        if rows:
            tables.append(IdealTable(measure, personas, rows))
    return tables
