"""Windows as rows: adding to them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from psycopg import sql

from services.store.connection import Connection
from services.store.queries import load
from services.store.rows import array, as_json
from streams.counting import CaseHour, CaseSums
from streams.observations import Scope
from streams.windows import Cell, Detail, Resolution, RetainedFrom, Sums

_QUERIES = load("counting")


async def retained_from(connection: Connection) -> RetainedFrom:
    """Return from when on each resolution is kept; it does not move until this transaction has ended."""
    found = await connection.execute(_QUERIES["retained_from"])
    return {Resolution(row["name"]): row["retained_from"] async for row in found}


async def raise_windows(
    connection: Connection, cells: Mapping[Cell, Sums], scope_ids: Mapping[Scope, int], writer: int
) -> None:
    """Add increments to a writer's window rows."""
    tables: dict[tuple[Detail, Resolution], list[Cell]] = defaultdict(list)
    for cell in cells:
        tables[cell.detail, cell.resolution].append(cell)
    for (detail, resolution), of_table in sorted(tables.items()):
        of_table.sort(key=lambda cell: (scope_ids[cell.scope], cell.bucket))
        rows = [_row(cell, cells[cell], scope_ids[cell.scope]) for cell in of_table]
        table = sql.Identifier(f"{detail}_{resolution}")
        upsert = sql.SQL(_QUERIES["raise_windows"]).format(table=table)
        found = await connection.execute(upsert, {**as_json(rows), "writer": writer})
        overgrown = await found.fetchall()
        if overgrown:
            merge = sql.SQL(_QUERIES["merge_bins"]).format(table=table)
            await connection.execute(merge, {**as_json(overgrown), "writer": writer})


async def raise_case_hours(connection: Connection, hours: Mapping[CaseHour, CaseSums], writer: int) -> None:
    """Add to how many cases were opened in each hour, and how many of them are closed."""
    if hours:
        rows = [{**hour._asdict(), **hours[hour]._asdict()} for hour in sorted(hours)]
        await connection.execute(_QUERIES["raise_case_hours"], {**as_json(rows), "writer": writer})


async def count_skipped(connection: Connection, skipped: Mapping[Resolution, int], writer: int) -> None:
    """Count observations that are older than what a resolution keeps."""
    if skipped:
        columns = {"resolution": list(skipped), "n": list(skipped.values())}
        await connection.execute(_QUERIES["count_skipped"], {**columns, "writer": writer})


def _row(cell: Cell, sums: Sums, scope_id: int) -> dict[str, Any]:
    """Return a window row; the sum of squares may need more than 64 bits, so it goes as text."""
    return {
        "scope_id": scope_id,
        "bucket": cell.bucket,
        "n": sums.n,
        "total": sums.total,
        "squares": str(sums.squares),
        "bins": array(sums.bins),
        "counts": array(sums.bins.values()),
    }
