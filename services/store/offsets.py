"""How far the log has been counted, for those who wait for it."""

from collections.abc import Mapping

import psycopg

from services.store.queries import load


def next_offsets(database_url: str, log_ids: Mapping[str, str]) -> dict[tuple[str, int], int]:
    """Return the next offset by (topic, partition); `log_ids` gives each topic's log. What was never read lacks."""
    found = {"log_ids": list(log_ids.values()), "topics": list(log_ids)}
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(load("upkeep")["offsets_of_logs"], found).fetchall()
    return {(topic, partition): offset for topic, partition, offset in rows}


def event_ids(database_url: str, source: str) -> frozenset[str]:
    """Return the ids of all events and answers of one source that have been counted."""
    with psycopg.connect(database_url) as connection:
        return frozenset(
            event_id for (event_id,) in connection.execute(load("upkeep")["event_ids"], {"source": source})
        )
