"""The few connections with which the monitor writes: that a question was answered, that an alert was noticed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from services.store.connection import Connection
from services.store.reading import Unreadable

_OPTIONS = "-c statement_timeout=8000 -c application_name=klantreis-desk -c TimeZone=UTC"
_PATIENCE_SECONDS = 3.0
_CONNECTIONS = 2


class WritingPool:
    """A pool of connections that write. `open` before use and `close` after, on the loop it is used on."""

    def __init__(self, database_url: str) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            database_url,
            connection_class=psycopg.AsyncConnection[DictRow],
            kwargs={"row_factory": dict_row, "options": _OPTIONS, "connect_timeout": 3},
            check=AsyncConnectionPool.check_connection,
            min_size=0,
            max_size=_CONNECTIONS,
            timeout=_PATIENCE_SECONDS,
            reconnect_timeout=_PATIENCE_SECONDS,
            open=False,
        )

    async def open(self) -> None:
        """Get ready to connect when it is needed."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close(timeout=_PATIENCE_SECONDS)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection in a transaction. Raises Unreadable, within the block too."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.Error) as error:
            raise Unreadable(str(error)) from error
