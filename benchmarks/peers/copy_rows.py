"""Case e, the ceiling: the rows that an event is in the database, by binary COPY into the same indexed tables.

What COPY takes is made beforehand, by the database itself: what is measured is the database's own work. An event is a
row of touchpoint_events and a row of event_keys; without the second it can be measured, but not counted once.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from benchmarks.marks import FIRST, LAST, mark
from benchmarks.traffic import records
from schemas.touchpoint_event import TouchpointEvent

_TRANSACTION = 5_000


class _Table(NamedTuple):
    name: str
    columns: Sequence[str]

    def put_in(self, statement: str) -> sql.Composed:
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        words = {"table": sql.Identifier(self.name), "draft": sql.Identifier(f"draft_{self.name}"), "columns": columns}
        return sql.SQL(statement).format(**words)


class _Payload(NamedTuple):
    statement: sql.Composed
    data: bytes


_EVENTS = _Table(
    "touchpoint_events",
    (
        *("case_key", "occurred_at", "source", "event_id", "journey_version", "touchpoint"),
        *("channel", "department", "persona", "customer_id", "cost_cents"),
    ),
)
_KEYS = _Table("event_keys", ("source", "event_id", "digest"))


def main() -> None:
    """Copy all events in, a transaction a chunk; the first one is where the clock starts."""
    n, now = int(os.environ["BENCHMARK_RECORDS"]), datetime.fromisoformat(os.environ["BENCHMARK_NOW"])
    with_keys = os.environ["BENCHMARK_KEYS"] == "1"
    with psycopg.connect(os.environ["BENCHMARK_DATABASE_URL"]) as connection:
        chunks = list(_chunks(connection, n, now, with_keys=with_keys))
        connection.commit()
        for number, (size, payloads) in enumerate(chunks):
            for payload in payloads:
                with connection.cursor() as cursor, cursor.copy(payload.statement) as copy:
                    copy.write(payload.data)
            connection.commit()
            if number == 0:
                mark(FIRST, size)
    mark(LAST, n)


def _chunks(
    connection: psycopg.Connection, n: int, now: datetime, *, with_keys: bool
) -> Iterator[tuple[int, Sequence[_Payload]]]:
    """Yield the number of events of each transaction and what it copies."""
    events = [TouchpointEvent.model_validate_json(record.value) for record in records(n, now)]
    numbers: dict[str, int] = {}
    for start in range(0, n, _TRANSACTION):
        chunk = events[start : start + _TRANSACTION]
        payloads = [_payload(connection, _EVENTS, (_event_row(event, numbers) for event in chunk))]
        if with_keys:
            payloads.append(_payload(connection, _KEYS, (_key_row(event) for event in chunk)))
        yield len(chunk), payloads


def _payload(connection: psycopg.Connection, table: _Table, rows: Iterable[Sequence[Any]]) -> _Payload:
    """Return rows as binary COPY has them: put into a table of the same kind, and read out again."""
    with connection.cursor() as cursor:
        cursor.execute(table.put_in("CREATE TEMP TABLE {draft} (LIKE {table})"))
        with cursor.copy(table.put_in("COPY {draft} ({columns}) FROM STDIN")) as copy:
            for row in rows:
                copy.write_row(row)
        with cursor.copy(table.put_in("COPY {draft} ({columns}) TO STDOUT (FORMAT binary)")) as copy:
            data = b"".join(copy)
        cursor.execute(table.put_in("DROP TABLE {draft}"))
    return _Payload(table.put_in("COPY {table} ({columns}) FROM STDIN (FORMAT binary)"), data)


def _event_row(event: TouchpointEvent, numbers: dict[str, int]) -> Sequence[Any]:
    """Return the row; cases and customers get the numbers that they would have, in the order in which they come."""
    return (
        numbers.setdefault(event.case_id, len(numbers) + 1),
        event.occurred_at,
        event.source,
        event.event_id,
        1,
        event.touchpoint,
        event.channel,
        event.department,
        event.persona,
        int((event.customer or "-0").rpartition("-")[2]),
        event.cost_cents,
    )


def _key_row(event: TouchpointEvent) -> Sequence[Any]:
    return event.source, event.event_id, UUID(bytes=event.content_digest())


if __name__ == "__main__":
    main()
