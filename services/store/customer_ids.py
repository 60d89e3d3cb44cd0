"""The numbers that stand for customers: a reference becomes a keyed digest before it is stored."""

from collections.abc import Collection, Mapping

import orjson
import psycopg
from psycopg.rows import DictRow, tuple_row

from services.store.queries import load
from services.store.secrecy import Secrecy

_MOST = 100_000
_QUERIES = load("counting")


class CustomerIds:
    """A cache of customer numbers. What a transaction makes is known to others only after `keep`."""

    def __init__(self, secrecy: Secrecy) -> None:
        self._secrecy = secrecy
        self._known: dict[str, int] = {}

    async def of(self, connection: psycopg.AsyncConnection[DictRow], references: Collection[str]) -> Mapping[str, int]:
        """Return the number of each customer reference, giving one to those that are new."""
        found = {reference: self._known[reference] for reference in references if reference in self._known}
        missing = {self._secrecy.digest(each).hex(): each for each in references if each not in found}
        if missing:
            ids = await self._stored(connection, "customers", missing)
            if len(ids) < len(missing):
                ids |= await self._stored(connection, "new_customers", missing.keys() - ids.keys())
            if len(ids) < len(missing):  # another transaction has just made some
                ids |= await self._stored(connection, "customers", missing.keys() - ids.keys())
            found |= {missing[digest]: number for digest, number in ids.items()}
        return found

    async def _stored(
        self, connection: psycopg.AsyncConnection[DictRow], query: str, digests: Collection[str]
    ) -> dict[str, int]:
        wanted = {"key_id": self._secrecy.key_id, "digests": orjson.dumps(sorted(digests)).decode()}
        async with connection.cursor(row_factory=tuple_row) as cursor:
            return dict(await (await cursor.execute(_QUERIES[query], wanted)).fetchall())

    def forget(self) -> None:
        """Forget all numbers."""
        self._known.clear()

    def keep(self, ids: Mapping[str, int]) -> None:
        """Remember numbers that are committed."""
        if len(self._known) > _MOST:
            self._known.clear()
        self._known.update(ids)
