"""The keys with which sources send events: made, listed and revoked by the command line, looked up by the monitor."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row

from services.api_key import ApiKey
from services.store.queries import load
from services.store.writing_pool import WritingPool

_QUERIES = load("keys")


class ListedKey(NamedTuple):
    """What is known of a key; `last_used_at` is the hour of it, `revoked_at` is None while it is good."""

    key_id: str
    source: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class GoodKey(NamedTuple):
    """A key that is good: whose events it may send, and the digest of its secret."""

    source: str
    digest: bytes


def create_key(database_url: str, source: str, now: datetime) -> ApiKey:
    """Make a key for a source and return it; it cannot be read back."""
    key = ApiKey.new()
    given = {"key_id": key.key_id, "source": source, "digest": key.digest, "now": now}
    with psycopg.connect(database_url) as connection:
        connection.execute(_QUERIES["add_key"], given)
    return key


def list_keys(database_url: str) -> Sequence[ListedKey]:
    """Return all keys, those that were revoked among them, by source and age."""
    with psycopg.connect(database_url, row_factory=class_row(ListedKey)) as connection:
        return connection.execute(_QUERIES["keys"]).fetchall()


def revoke_key(database_url: str, key_id: str, now: datetime) -> bool:
    """Make a key good for nothing, for ever; say whether there was a good one with this id."""
    with psycopg.connect(database_url) as connection:
        return connection.execute(_QUERIES["revoke_key"], {"key_id": key_id, "now": now}).rowcount == 1


class ApiKeys:
    """The keys as the monitor asks for them."""

    def __init__(self, pool: WritingPool) -> None:
        self._pool = pool

    async def good(self) -> Mapping[str, GoodKey]:
        """Return all keys that are good now, by id. Raises Unreadable."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_QUERIES["good_keys"])).fetchall()
        return {row["key_id"]: GoodKey(row["source"], bytes(row["digest"])) for row in rows}

    async def note_use(self, key_id: str, hour: datetime) -> None:
        """Note that a key was used in an hour. Raises Unreadable."""
        async with self._pool.connection() as connection:
            await connection.execute(_QUERIES["note_use"], {"key_id": key_id, "hour": hour})
