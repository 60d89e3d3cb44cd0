"""Who has a case in hand: what each visit brings to a department, and what it takes away. Pure.

An open case is with the department of its last visit. So what came to a department less what left it is what it has:
arrivals less completions are the cases that are open now, of the journey as a whole and of each department. Whoever
closes a case had it, if only for that moment. The empty string is 'not given', a department like the others.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from streams.timeline import Versions, Visit
from streams.waiting import closed_after


class Level(StrEnum):
    """Whose work is meant: the journey's as a whole, or each department's."""

    CASE = "case"
    DEPARTMENT = "department"


class Move(NamedTuple):
    """A case comes to (`arrives`), or leaves, a department or (of the level CASE) the journey."""

    level: Level
    department: str
    arrives: bool


def moves(before: str | None, department: str, *, closed: bool) -> Iterator[Move]:
    """Yield what a visit to a department does to a case that is open, or was never there.

    `before` is the department that had the open case, None if none did; `closed` says whether the visit closes it.
    """
    if before is None:
        yield Move(Level.CASE, "", True)
    if before != department:
        if before is not None:
            yield Move(Level.DEPARTMENT, before, False)
        yield Move(Level.DEPARTMENT, department, True)
    if closed:
        yield Move(Level.DEPARTMENT, department, False)
        yield Move(Level.CASE, "", False)


def all_moves(ordered: Sequence[Visit], versions: Versions) -> Iterator[tuple[Visit, Move]]:
    """Yield all moves of a case with these ordered visits, each with the visit that made it."""
    with_: str | None = None
    closed = False
    for visit in ordered:
        was_closed, closed = closed, closed_after(visit, versions[visit.journey_version], closed=closed)
        if not (was_closed and closed):
            department = visit.department or ""
            yield from ((visit, move) for move in moves(with_, department, closed=closed))
            with_ = None if closed else department
