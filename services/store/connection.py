"""The worker's connections: their rows are dicts, and plain tuples where there are many."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, tuple_row

Connection: TypeAlias = AsyncConnection[DictRow]

LATE_DATA = "-c timescaledb.max_tuples_decompressed_per_dml_transaction=0"
"""The option with which a session may change compressed chunks however much it takes: what comes late must not fail.

A database without TimescaleDB does not mind it.
"""


class TimedConnection(AsyncConnection[DictRow]):
    """Tells how long it waited for the database, in seconds, each time that it has."""

    waited: Callable[[float], None] | None = None

    async def wait(self, *args: Any, **kwargs: Any) -> Any:
        """Wait for an answer, as all that a connection does comes to."""
        begun = time.monotonic()
        try:
            return await super().wait(*args, **kwargs)
        finally:
            if self.waited:
                self.waited(time.monotonic() - begun)


async def tuples(
    connection: Connection, query: str | sql.Composed, parameters: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Return all rows that a query finds, as tuples; in binary, which both sides make and read sooner."""
    async with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        return await (await cursor.execute(query, parameters)).fetchall()
