"""The store on PostgreSQL and TimescaleDB, as the worker sees it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

import orjson
import psycopg
import structlog
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from schemas.interruption import Interruption
from schemas.journey import Catalogue
from services.store.catalogue_cache import CatalogueCache
from services.store.connection import LATE_DATA, Connection, TimedConnection
from services.store.customer_ids import number_customers, unreadable
from services.store.flag_rows import flag_some
from services.store.invitation_rows import Link
from services.store.kpi_rows import call
from services.store.memory import Memory
from services.store.queries import load
from services.store.releases import release_some
from services.store.retention import prune
from services.store.secrecy import Secrecy
from services.store.tombstones import erased, standing
from services.store.transaction import PostgresTransaction
from services.store.window_rows import retained_from
from streams.counting import Arrival
from streams.ports import Fenced, Letter, Partition, Refused, Stretch, Unavailable

_RETRY = {
    "08": Interruption.CONNECTION,
    "25006": Interruption.READ_ONLY,
    "40": Interruption.CONTENTION,
    "53": Interruption.RESOURCES,
    "55": Interruption.CONTENTION,
    "57": Interruption.CONNECTION,
}
"""What the beginning of an SQLSTATE says of trying again."""

_REFUSE = ("22", "23", "54")
_QUERIES = load("upkeep")
_log = structlog.get_logger()

CONNECTIONS = 8
"""How many a worker has at most to write, and for all that goes by timer."""

_CONNECTING = {
    "options": f"-c TimeZone=UTC -c application_name=klantreis-worker {LATE_DATA}",
    # A network that drops silently must not hold all partitions for as long as the kernel hopes.
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}


class PostgresStore:
    """Implements streams.ports.Store. `open` before use, `close` after; both belong to the loop it is used on.

    `waited` is told each time how long a connection waited for the database, in seconds. There are at most so many
    `connections`.
    """

    def __init__(
        self,
        database_url: str,
        secrecy: Secrecy,
        link: Link,
        group: str,
        waited: Callable[[float], None] | None = None,
        *,
        connections: int = CONNECTIONS,
    ) -> None:
        self._database_url = database_url
        self._secrecy = secrecy
        self._link = link
        self._group = group
        self._memory = Memory()
        self._catalogue = CatalogueCache()
        self._waited = waited
        self._keys_looked_at = False
        self._pool: AsyncConnectionPool[TimedConnection] = AsyncConnectionPool(
            database_url,
            connection_class=TimedConnection,
            kwargs={"row_factory": dict_row, **_CONNECTING},
            min_size=1,
            max_size=connections,
            timeout=10,
            open=False,
            configure=self._configure,
            check=AsyncConnectionPool.check_connection,
        )

    async def open(self) -> None:
        """Open the pool; a database that is away is waited for by whoever asks first."""
        await self._pool.open()

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.close()

    async def catalogue(self) -> Catalogue:
        """Return every version of every journey."""
        async with self._connection() as connection:
            return await self._catalogue.read(connection)

    async def offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Return the next offset of each partition that has been counted before."""
        async with self._connection() as connection:
            rows = await connection.execute(_QUERIES["offsets"], _partition_columns(partitions))
            return {Partition(row["log_id"], row["topic"], row["partition"]): row["next_offset"] async for row in rows}

    async def meet(self, arrivals: Collection[Arrival]) -> None:
        """Give each customer reference in arrivals that is new its number, in a transaction of its own."""
        named = {each.customer for each in arrivals if each.customer}
        unknown = named - self._memory.customers.of(named).keys()
        if unknown:
            async with self._connection() as connection:
                stands = await standing(connection)
                self._memory.heed(stands.last)
                if stands.any:
                    of_unknown = [each for each in arrivals if each.customer in unknown]
                    unknown = await self._not_erased(connection, of_unknown)
                await self._look_at_keys(connection)
                numbers = await number_customers(connection, unknown, self._secrecy)
            self._memory.keep_customers(numbers, stands.last)

    @asynccontextmanager
    async def transaction(self, stretch: Stretch, now: datetime) -> AsyncIterator[PostgresTransaction]:
        """Open the transaction that counts a stretch; it commits at the end of the block."""
        try:
            async with self._connection() as connection:
                transaction = PostgresTransaction(
                    connection,
                    stretch,
                    now=now,
                    group=self._group,
                    secrecy=self._secrecy,
                    link=self._link,
                    memory=self._memory,
                )
                await transaction.begin()
                yield transaction
        except (Fenced, Unavailable):  # it may be another database now, restored from a backup
            self._memory.forget()
            raise
        transaction.keep()

    async def note_ends(self, ends: Mapping[Partition, int], now: datetime) -> None:
        """Note where partitions end, for those who want to know the lag."""
        columns = _partition_columns(sorted(ends)) | {"ends": [ends[partition] for partition in sorted(ends)]}
        async with self._connection() as connection:
            await connection.execute(_QUERIES["note_ends"], {**columns, "seen_at": now})

    async def note_interruptions(self, counts: Mapping[Interruption, int]) -> None:
        """Add to how often batches were interrupted."""
        columns = {"causes": sorted(counts), "ns": [counts[cause] for cause in sorted(counts)]}
        async with self._connection() as connection:
            await connection.execute(_QUERIES["note_interruptions"], columns)

    async def relay(self, send: Callable[[Sequence[Letter]], Awaitable[None]]) -> int:
        """Hand the oldest letters of the outbox to `send`, forget them when it returns, and return how many."""
        async with self._connection() as connection:
            relay = await (await connection.execute(_QUERIES["be_the_relay"])).fetchone()
            if not relay or not relay["locked"]:
                return 0
            rows = await (await connection.execute(_QUERIES["oldest_letters"])).fetchall()
            if rows:
                await send([Letter(row["topic"], row["key"], row["value"]) for row in rows])
                await connection.execute(_QUERIES["forget_letters"], {"outbox_ids": [row["outbox_id"] for row in rows]})
            return len(rows)

    async def release(self, least: int) -> bool:
        """Release some of the scores counted, and return whether there may be more of them."""
        async with self._connection() as connection:
            catalogue = await self._catalogue.read(connection)
            return await release_some(connection, catalogue, await retained_from(connection), least)

    async def call_kpis(self, now: datetime) -> int:
        """Post a word for each KPI that is due, and return how many are."""
        async with self._connection() as connection:
            return await call(connection, await self._catalogue.read(connection), now)

    async def flag_overdue(self, now: datetime) -> int:
        """Flag the cases that wait for something overdue, some in each transaction, and return how many flags."""
        flagged = 0
        more = True
        while more:
            async with self._connection() as connection:
                made, more = await flag_some(connection, await self._catalogue.read(connection), now)
                flagged += made
        return flagged

    async def prune(self, now: datetime) -> None:
        """Drop what is past its retention."""
        with _answers():
            await asyncio.to_thread(prune, self._database_url, now)

    async def _look_at_keys(self, connection: Connection) -> None:
        """Say, once, if there are customers whom no key tells."""
        if not self._keys_looked_at and (customers := await unreadable(connection, self._secrecy)):
            _log.error("customers would be taken for new ones: name their key in former secrets", customers=customers)
        self._keys_looked_at = True

    async def _not_erased(self, connection: Connection, arrivals: Sequence[Arrival]) -> set[str]:
        found = await erased(connection, arrivals, self._secrecy)
        gone = found.repeats | found.late
        return {each.customer for place, each in enumerate(arrivals) if each.customer and place not in gone}

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """Lend a connection in a transaction, and put what the database says in the words of streams.ports."""
        with _answers():
            async with self._pool.connection() as connection:
                yield connection

    async def _configure(self, connection: TimedConnection) -> None:
        self._memory.forget()  # what is connected to may be another database now, restored from a backup
        connection.waited = self._waited
        set_json_loads(orjson.loads, connection)


@contextmanager
def _answers() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable(str(error)) from error
    except psycopg.Error as error:
        state = error.sqlstate or ""
        if state.startswith(_REFUSE):
            raise Refused(_words(error)) from error
        if not state and isinstance(error, psycopg.OperationalError):
            raise Unavailable(_words(error)) from error
        for beginning, cause in _RETRY.items():
            if state.startswith(beginning):
                raise Unavailable(_words(error), cause) from error
        raise


def _words(error: psycopg.Error) -> str:
    """Return what the database says without its details: they quote the row."""
    constraint = f" ({error.diag.constraint_name})" if error.diag.constraint_name else ""
    return f"{error.sqlstate or 'connection'}: {error.diag.message_primary or error}{constraint}"


def _partition_columns(partitions: Collection[Partition]) -> dict[str, list[object]]:
    log_ids, topics, numbers = (
        (list(column) for column in zip(*partitions, strict=True)) if partitions else ([], [], [])
    )
    return {"log_ids": log_ids, "topics": topics, "partitions": numbers}
