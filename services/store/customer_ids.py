"""The numbers that stand for customers: a reference becomes a keyed digest before it is stored."""

from collections.abc import Collection, Mapping

import psycopg
from psycopg.rows import DictRow

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
        missing = {self._secrecy.digest(reference): reference for reference in references if reference not in found}
        if missing:
            wanted = {"key_id": self._secrecy.key_id, "digests": sorted(missing)}
            ids = await _stored(connection, wanted)
            if len(ids) < len(missing):
                await _make(connection, {**wanted, "digests": sorted(missing.keys() - ids.keys())})
                ids = await _stored(connection, wanted)
            found |= {missing[digest]: number for digest, number in ids.items()}
        return found

    def forget(self) -> None:
        """Forget all numbers."""
        self._known.clear()

    def keep(self, ids: Mapping[str, int]) -> None:
        """Remember numbers that are committed."""
        if len(self._known) > _MOST:
            self._known.clear()
        self._known.update(ids)


async def _stored(connection: psycopg.AsyncConnection[DictRow], wanted: Mapping[str, object]) -> dict[bytes, int]:
    rows = await connection.execute(_QUERIES["customers"], wanted)
    return {bytes(row["digest"]): row["customer_id"] async for row in rows}


async def _make(connection: psycopg.AsyncConnection[DictRow], wanted: Mapping[str, object]) -> None:
    made = await (await connection.execute(_QUERIES["new_customers"], wanted)).fetchall()
    await connection.execute(_QUERIES["name_customers"], {"customer_ids": [row["customer_id"] for row in made]})
