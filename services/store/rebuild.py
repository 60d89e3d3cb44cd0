"""Holding windows, scores, hours, flags and progress of cases against the events that are kept, and mending them.

Everything is computed anew from events and answers, in a transaction that sees the database as it was at one moment,
and compared with what is stored; only what differs is replaced. What no event is left of stays as it is: windows that
begin before the moment from which events are kept, limits that were set before it, and the rows of cases whose history
was dropped.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from psycopg import AsyncConnection, IsolationLevel
from psycopg.rows import dict_row

from schemas.journey import Catalogue
from services.store.case_rows import save_cases
from services.store.catalogue_cache import CatalogueCache
from services.store.connection import LATE_DATA, Connection
from services.store.differences import SHOWN, Differences, of_case, of_flag
from services.store.flag_rows import flags_of, settle
from services.store.kpi_rows import mark_all
from services.store.queries import load
from services.store.recount import WrongCase, limits_from, recount, released_windows
from services.store.scratch import Scratch
from streams.counting import StoredCase
from streams.flagging import alert_of, settled
from streams.waiting import Expectation
from streams.windows import Resolution, RetainedFrom

Tell = Callable[[str, int, int], None]
"""Is told what is being done, how much of it has been done, and how much there is."""

_OPTIONS = f"-c TimeZone=UTC -c application_name=klantreis-rebuild {LATE_DATA}"
_QUERIES = load("rebuild")


async def check(database_url: str, tell: Tell) -> Differences:
    """Return where what is stored differs from what the kept events come to. Changes nothing and holds up nobody."""
    async with _connected(database_url) as connection, connection.transaction(force_rollback=True):
        return await _Comparison(connection, tell, mending=False).run()


async def rebuild(database_url: str, tell: Tell) -> Differences:
    """Put what the kept events come to in the place of what differs from it, and return what differed.

    It is one transaction: all or nothing. Workers wait for it: each finishes the batch that it is writing, and waits
    with the next one before it has locked anything that others want. Pruning leaves out its turn.
    """
    async with _connected(database_url) as connection:
        tell("Waiting for batches in hand", 0, 1)
        await connection.execute(_QUERIES["be_the_upkeep"])
        async with connection.transaction():
            await connection.execute(_QUERIES["hold_counting"])  # before anything is read: this is the one moment
            tell("Waiting for batches in hand", 1, 1)
            return await _Comparison(connection, tell, mending=True).run()


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator[Connection]:
    async with await AsyncConnection.connect(
        database_url, row_factory=dict_row, autocommit=True, options=_OPTIONS
    ) as connection:
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        yield connection


class _Comparison:
    """One comparison, in the transaction that a connection is in; when mending, what differs is replaced at once."""

    def __init__(self, connection: Connection, tell: Tell, *, mending: bool) -> None:
        self._connection = connection
        self._tell = tell
        self._mending = mending
        self._scratch = Scratch(connection)
        self._found = Differences()

    async def run(self) -> Differences:
        rows = await self._connection.execute(_QUERIES["kept_from"])
        found = {row["name"]: row["kept_from"] async for row in rows}
        kept_from = {resolution: found[resolution] for resolution in Resolution}
        catalogue = await CatalogueCache().read(self._connection)
        await self._scratch.make()
        await self._observe_cases(kept_from)
        await self._observe_lots(kept_from)
        await self._scratch.complete(storing=self._mending)
        await self._compare_tables(kept_from, limits_from(catalogue, found["events"]))
        if self._mending and self._found.total:
            await mark_all(self._connection, kept_from[Resolution.HOUR])
        return self._found

    async def _observe_cases(self, kept_from: RetainedFrom) -> None:
        """Lay down what all cases come to, and compare their own rows, which are at hand only here."""
        catalogue = await CatalogueCache().read(self._connection)
        (row,) = await (await self._connection.execute(_QUERIES["number_of_cases"])).fetchall()
        done = 0
        async for some in recount(self._connection, catalogue, kept_from):
            await self._scratch.lay_down(some)
            self._found.add(
                "cases", len(some.wrong), (of_case(*held.name, held.progress, right) for held, right in some.wrong)
            )
            if self._mending:
                await self._mend_cases(some.wrong, row["now"])
            await self._compare_flags(some.waited, catalogue, row["now"])
            done += some.number
            self._tell("Observing cases", done, row["n"])

    async def _observe_lots(self, kept_from: RetainedFrom) -> None:
        """Lay down what the lots show, whether right or not: scores that differ change their lots later on."""
        catalogue = await CatalogueCache().read(self._connection)
        async for some in released_windows(self._connection, catalogue, kept_from):
            await self._scratch.lay_down_windows(some)

    async def _mend_cases(self, wrong: Sequence[WrongCase], now: datetime) -> None:
        cases = {held.name: StoredCase(held.case_key, held.progress) for held, _ in wrong}
        await save_cases(self._connection, cases, {held.case_key: right for held, right in wrong}, now)

    async def _compare_flags(
        self, waited: Mapping[int, Sequence[Expectation]], catalogue: Catalogue, now: datetime
    ) -> None:
        """Compare how flags stand; what is mended is told to whoever heard of the flag."""
        flags = await flags_of(self._connection, waited)
        right = settled(flags, waited)
        held = {(flag.case_key, flag.expected): flag for flag in flags}
        differing = (of_flag(held[flag.case_key, flag.expected], flag) for flag in right)
        self._found.add("case_flags", len(right), differing)
        if self._mending:
            await settle(self._connection, right, [alert_of(flag, catalogue, now) for flag in right], now)

    async def _compare_tables(self, kept_from: RetainedFrom, limits_kept_from: datetime) -> None:
        tables = self._scratch.tables
        for place, table in enumerate(tables, 1):
            number = await table.compare(kept_from, limits_kept_from)
            if number:
                self._found.add(table.name, number, await table.first(SHOWN))
                if self._mending:
                    await table.replace()
            self._tell("Comparing tables", place, len(tables))
