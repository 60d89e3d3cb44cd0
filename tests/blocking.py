"""Holding up a worker within the database: locks that a test takes from it, and seeing it wait."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.waiting import wait_until

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'klantreis-worker' AND wait_event_type = 'Lock'
"""


@contextmanager
def holding(database_url: str, statement: str, *given: object) -> Iterator[psycopg.Connection]:
    """Hold the locks that a statement takes, until the connection is rolled back or the block ends."""
    with psycopg.connect(database_url) as connection:
        connection.execute(statement.encode(), given)
        yield connection
        connection.rollback()


def wait_until_a_worker_waits(database_url: str) -> None:
    """Wait until the session of a worker waits for a lock."""
    with psycopg.connect(database_url, autocommit=True) as connection:

        def waits() -> bool:
            row = connection.execute(_WAITING.encode()).fetchone()
            return row is not None and row[0] > 0

        wait_until(waits, 30, "a worker waits for a lock")
