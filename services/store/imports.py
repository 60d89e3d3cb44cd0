"""What an import must remember: the shift in time that its log got the first time."""

from datetime import timedelta

import psycopg
from psycopg.rows import scalar_row

from services.store.queries import load


def remembered_shift(database_url: str, journey: str, digest: bytes, shift: timedelta) -> timedelta:
    """Return the shift that this log (by the digest of its content) got at its first import; this one if it is new."""
    queries, log = load("upkeep"), {"journey": journey, "digest": digest, "shift": shift}
    with psycopg.connect(database_url, row_factory=scalar_row) as connection:
        connection.execute(queries["remember_shift"], log)
        remembered: timedelta = connection.execute(queries["remembered_shift"], log).fetchall()[0]
    return remembered
