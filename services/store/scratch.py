"""Scratch tables of what is right, beside the tables of what is stored; comparing them, and replacing what differs.

Figures are laid down in parts, for the database to add up: it has the disk for what does not fit into memory.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg import sql

from services.store.connection import Connection, tuples
from services.store.differences import Difference, of_case_hour, of_score, of_window
from services.store.queries import load
from services.store.recount import Recounted
from services.store.rows import array, copy
from streams.counting import CaseHour, CaseSums
from streams.observations import Observation, Scope
from streams.windows import Cell, Detail, Resolution, RetainedFrom, Sums

_QUERIES = load("rebuild")


class ScratchWindows:
    """Beside one of the six tables of windows."""

    def __init__(self, connection: Connection, detail: Detail, resolution: Resolution) -> None:
        self.name = f"{detail}_{resolution}"
        self._connection = connection
        self._resolution = resolution

    async def make(self) -> None:
        """Make the scratch tables; they go with the transaction."""
        await self._connection.execute(self._query("scratch_windows"))

    async def lay_down(self, cells: Iterable[tuple[int, Cell, Sums]]) -> None:
        """Add to what is right, by the scope's number."""
        await copy(self._connection, self._query("copy_windows"), (_row(*cell) for cell in cells))

    async def compare(self, kept_from: RetainedFrom, limits_from: datetime) -> int:
        """Find the windows that differ, of those that begin no earlier than `kept_from`, and return how many.

        Those that say of limits whether they were kept must begin no earlier than `limits_from`, too.
        """
        found = await self._connection.execute(
            self._query("compare_windows"), {"kept_from": kept_from[self._resolution]}
        )
        spared = await self._connection.execute(self._query("spare_limits"), {"limits_from": limits_from})
        return found.rowcount - spared.rowcount

    async def first(self, at_most: int) -> Sequence[Difference]:
        """Return the first windows that differ."""
        rows = await self._connection.execute(self._query("first_windows"), {"at_most": at_most})
        return [of_window(self.name, row) async for row in rows]

    async def replace(self) -> None:
        """Put what is right in the place of the windows that differ."""
        await self._connection.execute(self._query("clear_windows"))
        await self._connection.execute(self._query("fill_windows"))

    def _query(self, name: LiteralString) -> sql.Composed:
        held, right, differing = (sql.Identifier(f"{kind}{self.name}") for kind in ("", "right_", "differing_"))
        figures = sql.SQL(_QUERIES["figures"])
        return sql.SQL(_QUERIES[name]).format(
            held=held,
            right=right,
            differing=differing,
            held_figures=figures.format(rows=held),
            right_figures=figures.format(rows=right),
        )


class ScratchCaseHours:
    """Beside the hours of cases."""

    name = "case_hours"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def make(self) -> None:
        """Make the scratch tables; they go with the transaction."""
        await self._connection.execute(_QUERIES["scratch_case_hours"])

    async def lay_down(self, hours: Mapping[CaseHour, CaseSums]) -> None:
        """Add to what is right."""
        rows = ((*hour, *sums) for hour, sums in hours.items())
        await copy(self._connection, _QUERIES["copy_case_hours"], rows)

    async def compare(self, *_: object) -> int:
        """Find the hours that differ and return how many; all are compared, for every case still has its row."""
        return (await self._connection.execute(_QUERIES["compare_case_hours"])).rowcount

    async def first(self, at_most: int) -> Sequence[Difference]:
        """Return the first hours that differ."""
        rows = await self._connection.execute(_QUERIES["first_case_hours"], {"at_most": at_most})
        return [of_case_hour(row) async for row in rows]

    async def replace(self) -> None:
        """Put what is right in the place of the hours that differ."""
        await self._connection.execute(_QUERIES["clear_case_hours"])
        await self._connection.execute(_QUERIES["fill_case_hours"])


class ScratchScores:
    """Beside the scores, in lots or on their way there. What differs goes into lots as if it had just been counted."""

    name = "scores"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def make(self) -> None:
        """Make the scratch tables; they go with the transaction."""
        await self._connection.execute(_QUERIES["scratch_scores"])

    async def lay_down(self, scores: Iterable[tuple[int, Observation]]) -> None:
        """Add to what is right, by the scope's number."""
        rows = ((scope_id, each.at, each.value) for scope_id, each in scores)
        await copy(self._connection, _QUERIES["copy_scores"], rows)

    async def compare(self, kept_from: RetainedFrom, _: datetime) -> int:
        """Find the scores that differ, of those as far back as days are compared, and return how many."""
        wanted = {"kept_from": kept_from[Resolution.DAY]}
        return (await self._connection.execute(_QUERIES["compare_scores"], wanted)).rowcount

    async def first(self, at_most: int) -> Sequence[Difference]:
        """Return the first scores that differ."""
        rows = await self._connection.execute(_QUERIES["first_scores"], {"at_most": at_most})
        return [of_score(row) async for row in rows]

    async def replace(self) -> None:
        """Note what must be added and taken back; what is in a scope that is gone goes."""
        for scores in ("scores", "score_changes"):
            forget = sql.SQL(_QUERIES["forget_scores"]).format(scores=sql.Identifier(scores))
            await self._connection.execute(forget)
        await self._connection.execute(_QUERIES["replace_scores"])


class ScratchScopes:
    """The numbers of scopes. Those that are not stored get a negative one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbers: dict[Scope, int] = {}
        self._new: list[Scope] = []

    async def make(self) -> None:
        """Make the scratch table and read the scopes that are stored."""
        await self._connection.execute(_QUERIES["scratch_scopes"])
        found = await tuples(self._connection, _QUERIES["scopes"])
        self._numbers = {Scope(*names): number for number, *names in found}

    def number(self, scope: Scope) -> int:
        """Return a scope's number."""
        number = self._numbers.get(scope)
        if number is None:
            self._new.append(scope)
            number = self._numbers[scope] = -len(self._new)
        return number

    async def lay_down(self) -> None:
        """Lay down the scopes that are not stored."""
        rows = ((self._numbers[scope], *scope) for scope in self._new)
        await copy(self._connection, _QUERIES["copy_scopes"], rows)

    async def store(self) -> None:
        """Store those that were laid down."""
        await self._connection.execute(_QUERIES["add_scopes"])


class Scratch:
    """All scratch tables, in the transaction that a connection is in."""

    def __init__(self, connection: Connection) -> None:
        self._scopes = ScratchScopes(connection)
        self._hours = ScratchCaseHours(connection)
        self._scores = ScratchScores(connection)
        self._windows = {
            (detail, resolution): ScratchWindows(connection, detail, resolution)
            for detail in Detail
            for resolution in Resolution
        }

    @property
    def tables(self) -> Sequence[ScratchWindows | ScratchScores | ScratchCaseHours]:
        """The tables that are compared."""
        return [*self._windows.values(), self._scores, self._hours]

    async def make(self) -> None:
        """Make the scratch tables."""
        for scratch in (self._scopes, *self.tables):
            await scratch.make()

    async def lay_down(self, some: Recounted) -> None:
        """Add what some cases come to."""
        await self.lay_down_windows(some.cells)
        await self._scores.lay_down((self._scopes.number(each.scope), each) for each in some.scores)
        await self._hours.lay_down(some.hours)

    async def lay_down_windows(self, cells: Mapping[Cell, Sums]) -> None:
        """Add to what is right of the windows."""
        windows: dict[tuple[Detail, Resolution], list[tuple[int, Cell, Sums]]] = defaultdict(list)
        for cell, sums in cells.items():
            windows[cell.detail, cell.resolution].append((self._scopes.number(cell.scope), cell, sums))
        for key, rows in windows.items():
            await self._windows[key].lay_down(rows)

    async def complete(self, *, storing: bool) -> None:
        """Say that everything has been laid down; store new scopes if tables are to be replaced."""
        await self._scopes.lay_down()
        if storing:
            await self._scopes.store()


def _row(scope_id: int, cell: Cell, sums: Sums) -> tuple[Any, ...]:
    bins = array(sums.bins.keys()), array(sums.bins.values())
    return scope_id, cell.bucket, sums.n, sums.total, str(sums.squares), *bins
