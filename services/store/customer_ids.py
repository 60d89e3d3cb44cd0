"""The numbers that stand for customers: a reference becomes a keyed digest before it is stored."""

from collections.abc import Collection, Mapping

import orjson

from services.store.connection import Connection, tuples
from services.store.queries import load
from services.store.secrecy import Secrecy

_QUERIES = load("counting")


async def number_customers(connection: Connection, references: Collection[str], secrecy: Secrecy) -> Mapping[str, int]:
    """Return the number of each customer reference, giving one to those that are new."""
    if not references:
        return {}
    named = {secrecy.digest(reference).hex(): reference for reference in references}
    found = await _stored(connection, "customers", named.keys(), secrecy)
    if len(found) < len(named):
        found |= await _stored(connection, "new_customers", named.keys() - found.keys(), secrecy)
    if len(found) < len(named):  # another transaction has just made some
        found |= await _stored(connection, "customers", named.keys() - found.keys(), secrecy)
    return {named[digest]: number for digest, number in found.items()}


async def _stored(connection: Connection, query: str, digests: Collection[str], secrecy: Secrecy) -> dict[str, int]:
    wanted = {"key_id": secrecy.key_id, "digests": orjson.dumps(sorted(digests)).decode()}
    return dict(await tuples(connection, _QUERIES[query], wanted))
