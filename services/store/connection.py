"""The worker's connections: their rows are dicts, and plain tuples where there are many."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, tuple_row

Connection: TypeAlias = AsyncConnection[DictRow]


async def tuples(
    connection: Connection, query: str | sql.Composed, parameters: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Return all rows that a query finds, as tuples."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        return await (await cursor.execute(query, parameters)).fetchall()
