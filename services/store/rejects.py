"""Reading back records that could not be counted."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import psycopg
from psycopg.rows import dict_row

from schemas.reject import Reject
from services.store.queries import load
from services.store.secrecy import Secrecy

_QUERIES = load("upkeep")


class NumberedReject(NamedTuple):
    """A reject and the number it is asked for by."""

    number: int
    reject: Reject


def list_rejects(database_url: str, *, after: int, limit: int) -> Sequence[NumberedReject]:
    """Return the oldest rejects with a number above `after`, at most `limit`."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        rows = connection.execute(_QUERIES["rejects"], {"after": after, "limit": limit})
        return [NumberedReject(row.pop("reject_id"), Reject(**row)) for row in rows]


def raw_rejects(database_url: str, secrecy: Secrecy, numbers: Collection[int]) -> Mapping[int, tuple[str, bytes]]:
    """Return topic and bytes of each reject that is there, and whose bytes were kept.

    Raises InvalidToken if another secret sealed one.
    """
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        rows = connection.execute(_QUERIES["raw_rejects"], {"reject_ids": list(numbers)})
        opened = {row["reject_id"]: (row["topic"], secrecy.unseal(bytes(row["raw"]))) for row in rows}
    return {number: (topic, raw) for number, (topic, raw) in opened.items() if raw}
