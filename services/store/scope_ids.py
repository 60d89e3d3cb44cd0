"""The numbers that stand for scopes in window rows."""

from collections.abc import Iterable, Mapping

import psycopg
from psycopg.rows import DictRow

from services.store.queries import load
from services.store.rows import as_json
from streams.observations import Scope

_MOST = 100_000
_QUERIES = load("counting")


class ScopeIds:
    """A cache of scope numbers. What a transaction makes is known to others only after `keep`."""

    def __init__(self) -> None:
        self._known: dict[Scope, int] = {}

    async def of(self, connection: psycopg.AsyncConnection[DictRow], scopes: Iterable[Scope]) -> Mapping[Scope, int]:
        """Return the number of each scope, giving one to those that are new."""
        wanted = set(scopes)
        found = {scope: self._known[scope] for scope in wanted if scope in self._known}
        missing = sorted(wanted - found.keys())
        if missing:
            wanted_rows = as_json([scope._asdict() for scope in missing])
            await connection.execute(_QUERIES["new_scopes"], wanted_rows)
            rows = await connection.execute(_QUERIES["scopes"], wanted_rows)
            found |= {Scope(*(row[field] for field in Scope._fields)): row["scope_id"] async for row in rows}
        return found

    def forget(self) -> None:
        """Forget all numbers."""
        self._known.clear()

    def keep(self, ids: Mapping[Scope, int]) -> None:
        """Remember numbers that are committed."""
        if len(self._known) > _MOST:
            self._known.clear()
        self._known.update(ids)
