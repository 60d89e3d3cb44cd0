"""The numbers that stand for customers: a reference becomes a keyed digest before it is stored."""

from collections import defaultdict
from collections.abc import Collection, Mapping

import orjson

from services.store.connection import Connection, tuples
from services.store.queries import load
from services.store.rows import as_json
from services.store.secrecy import Secrecy

_QUERIES = load("counting")


async def number_customers(connection: Connection, references: Collection[str], secrecy: Secrecy) -> Mapping[str, int]:
    """Return the number of each customer reference, giving one to those that are new.

    Who was known under a former key keeps the number, and is known under the present key from then on.
    """
    if not references:
        return {}
    named = {secrecy.digest(reference).hex(): reference for reference in references}
    found = await _stored(connection, "customers", named.keys(), secrecy.key_id)
    if len(found) < len(named):
        unknown = {digest: reference for digest, reference in named.items() if digest not in found}
        found |= await _known_before(connection, unknown, secrecy)
    if len(found) < len(named):
        found |= await _stored(connection, "new_customers", named.keys() - found.keys(), secrecy.key_id)
    if len(found) < len(named):  # another transaction has just made some
        found |= await _stored(connection, "customers", named.keys() - found.keys(), secrecy.key_id)
    return {named[digest]: number for digest, number in found.items()}


async def unreadable(connection: Connection, secrecy: Secrecy) -> int:
    """Return how many customers no key tells: whoever of them comes again is taken for somebody new."""
    ((customers,),) = await tuples(connection, _QUERIES["unreadable"], {"key_ids": secrecy.key_ids})
    return int(customers)


async def _known_before(connection: Connection, unknown: Mapping[str, str], secrecy: Secrecy) -> dict[str, int]:
    """Return the numbers of customers, by their present digest, that former keys stand for."""
    by_key: dict[str, dict[str, str]] = defaultdict(dict)
    for digest, reference in unknown.items():
        for key_id, former in secrecy.former_digests(reference).items():
            by_key[key_id][former.hex()] = digest
    found: dict[str, int] = {}
    for key_id, digests in by_key.items():
        known = await _stored(connection, "customers", digests.keys(), key_id)
        found = {digests[former]: number for former, number in known.items()} | found
    if found:
        rows = [{"digest": digest, "customer_id": number} for digest, number in sorted(found.items())]
        await connection.execute(_QUERIES["known_customers"], {**as_json(rows), "key_id": secrecy.key_id})
    return found


async def _stored(connection: Connection, query: str, digests: Collection[str], key_id: str) -> dict[str, int]:
    wanted = {"key_id": key_id, "digests": orjson.dumps(sorted(digests)).decode()}
    return dict(await tuples(connection, _QUERIES[query], wanted))
