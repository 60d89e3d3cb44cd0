"""What an import must remember: the shift in time that its log got the first time."""

from datetime import timedelta

import psycopg

from services.store.queries import load


def remembered_shift(database_url: str, journey: str, digest: bytes, shift: timedelta) -> timedelta:
    """Return the shift that this log (by the digest of its content) got at its first import; this one if it is new."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            load("upkeep")["remembered_shift"], {"journey": journey, "digest": digest, "shift": shift}
        ).fetchone()
    return timedelta(0) if row is None else row[0]
