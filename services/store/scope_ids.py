"""The numbers that stand for scopes."""

from collections.abc import Collection, Mapping

from services.store.connection import Connection
from services.store.queries import load
from services.store.rows import as_json
from streams.observations import Scope

_QUERIES = load("counting")


async def number_scopes(connection: Connection, scopes: Collection[Scope]) -> Mapping[Scope, int]:
    """Return the number of each scope, giving one to those that are new."""
    if not scopes:
        return {}
    wanted = as_json([scope._asdict() for scope in sorted(scopes)])
    await connection.execute(_QUERIES["new_scopes"], wanted)
    rows = await connection.execute(_QUERIES["scopes"], wanted)
    return {Scope(*(row[field] for field in Scope._fields)): row["scope_id"] async for row in rows}
