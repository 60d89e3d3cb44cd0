"""How far the log has been counted, as the database has it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

import psycopg

from benchmarks.measuring import Meter, Reading
from schemas.topics import TOUCHPOINT_EVENTS
from services.kafka_access import KafkaAccess
from services.kafka_topics import log_ids

_POLL_SECONDS = 0.02
_COUNTED = """
SELECT coalesce(sum(next_offset), 0)::bigint FROM stream_offsets WHERE log_id = %s AND topic = %s
"""


_NOT_COUNTED = """
SELECT (SELECT count(*) FROM rejects) + (SELECT coalesce(sum(n), 0) FROM skipped_observations)
"""


class Progress:
    """Asks the database how many records of the topic of touchpoint events are counted."""

    def __init__(self, connection: psycopg.Connection, log_id: str) -> None:
        self._connection = connection
        self._log_id = log_id

    @classmethod
    @contextmanager
    def watching(cls, database_url: str, broker: str) -> Iterator[Self]:
        """Connect."""
        with psycopg.connect(database_url, autocommit=True) as connection:
            yield cls(connection, log_ids(KafkaAccess(broker))[TOUCHPOINT_EVENTS.name])

    def counted(self) -> int:
        """Return how many records are counted now."""
        row = self._connection.execute(_COUNTED, (self._log_id, TOUCHPOINT_EVENTS.name)).fetchone()
        return int(row[0]) if row else 0

    def reading(self, meter: Meter, least: int, check: Callable[[], None]) -> Reading:
        """Wait until at least so many records are counted, and read the meter; `check` raises when waiting is vain."""
        while (n := self.counted()) < least:
            check()
            time.sleep(_POLL_SECONDS)
        return meter.read(n)

    def verify(self) -> None:
        """Raise RuntimeError if anything was rejected or left out of the windows: that would be done too soon."""
        row = self._connection.execute(_NOT_COUNTED).fetchone()
        if row is None or row[0]:
            raise RuntimeError(f"{row and row[0]} records or observations were not counted")
