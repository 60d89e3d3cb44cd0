"""What is measured: each function takes records and returns the seconds that its part took with them."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.traffic import NOW, catalogue, journey
from schemas.codec import decode_events
from schemas.topics import TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.embedded.broker import EmbeddedBroker
from services.embedded.database import EmbeddedDatabase
from services.event_producer import EventProducer
from services.kafka_topics import log_ids
from services.store.journeys import apply_journey
from services.store.migrate import migrate
from services.store.offsets import next_offsets
from services.store.postgres import PostgresStore
from services.store.secrecy import Secrecy
from streams.counting import count
from streams.ports import Partition, StoredCase, Stretch

BATCH = 2000
_SECRET = "a secret for benchmarks only"
_WAIT_SECONDS = 120.0


def decode(records: Sequence[bytes]) -> float:
    """Bytes to validated events."""
    known = catalogue()
    began = time.perf_counter()
    decode_events(records, known, NOW)
    return time.perf_counter() - began


def fold(records: Sequence[bytes]) -> float:
    """Events to increments, in batches, every case as if new: the arithmetic alone."""
    known = catalogue()
    events = _events(records)
    began = time.perf_counter()
    for batch in _batches(events):
        cases = {event.case_key: StoredCase(0, ()) for event in batch}
        count(batch, cases, known, {resolution: NOW.replace(year=2000) for resolution in ("minute", "hour", "day")})  # type: ignore[misc]
    return time.perf_counter() - began


def store(records: Sequence[bytes]) -> float:
    """Events to committed transactions, without Kafka."""
    with tempfile.TemporaryDirectory(prefix="klantreis-bench-", ignore_cleanup_errors=True) as folder:
        database = _database(Path(folder))
        try:
            return asyncio.run(_write(database.url, _events(records)))
        finally:
            database.stop()


def whole(records: Sequence[bytes]) -> float:
    """Records that lie in the topic to committed transactions: the worker as it runs, from first to last batch."""
    with tempfile.TemporaryDirectory(prefix="klantreis-bench-", ignore_cleanup_errors=True) as folder:
        database, broker = _database(Path(folder)), EmbeddedBroker(Path(folder) / "broker")
        broker.start()
        try:
            _send(broker.address, records)
            return _watch_worker(Path(folder), database.url, broker.address, len(records))
        finally:
            broker.stop()
            database.stop()


CASES: Mapping[str, Callable[[Sequence[bytes]], float]] = {
    "decode": decode,
    "fold": fold,
    "store": store,
    "whole": whole,
}
"""In order of how much of the path they hold."""


def _events(records: Sequence[bytes]) -> list[TouchpointEvent]:
    return [each for each in decode_events(records, catalogue(), NOW) if isinstance(each, TouchpointEvent)]


def _batches(events: Sequence[TouchpointEvent]) -> list[Sequence[TouchpointEvent]]:
    return [events[start : start + BATCH] for start in range(0, len(events), BATCH)]


def _database(folder: Path) -> EmbeddedDatabase:
    database = EmbeddedDatabase(folder / "database")
    database.start()
    migrate(database.url)
    apply_journey(database.url, journey())
    return database


async def _write(database_url: str, events: Sequence[TouchpointEvent]) -> float:
    store = PostgresStore(database_url, Secrecy(_SECRET), "bench")
    await store.open()
    known = await store.catalogue()
    partition = Partition("bench", TOUCHPOINT_EVENTS.name, 0)
    began = time.perf_counter()
    for number, batch in enumerate(_batches(events)):
        async with store.transaction(Stretch(partition, number, number + 1, first=number == 0), NOW) as transaction:
            claim = await transaction.claim(batch)
            fresh = [batch[place] for place in sorted(claim.fresh)]
            cases = await transaction.lock_cases({event.case_key for event in fresh})
            counted = count(fresh, cases, known, await transaction.retained_from())
            await transaction.save(counted.visits, counted.statuses, counted.increments, [])
    took = time.perf_counter() - began
    await store.close()
    return took


def _send(broker: str, records: Sequence[bytes]) -> None:
    with EventProducer(broker) as producer:
        for record in records:
            producer.send(TOUCHPOINT_EVENTS.name, None, record)
        producer.flush()


def _watch_worker(folder: Path, database_url: str, broker: str, n: int) -> float:
    environment = {
        **os.environ,
        "KLANTREIS_DATABASE_URL": database_url,
        "KLANTREIS_BROKER": broker,
        "KLANTREIS_SECRET": _SECRET,
    }
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen([sys.executable, "-m", "services.cli", "worker"], env=environment, stderr=log)
        try:
            return _time_until_counted(database_url, log_ids(broker), n)
        finally:
            worker.terminate()
            worker.wait(30)


def _time_until_counted(database_url: str, logs: Mapping[str, str], n: int) -> float:
    """Return the seconds per n records from the first batch's commit on; what the first one held is left out."""
    deadline = time.monotonic() + _WAIT_SECONDS
    first: tuple[float, int] | None = None
    while time.monotonic() < deadline:
        counted = sum(next_offsets(database_url, logs).values())
        now = time.perf_counter()
        if counted and first is None:
            first = now, counted
        if first is not None and counted >= n:
            return (now - first[0]) * n / (n - first[1])
        time.sleep(0.02)
    raise TimeoutError(f"the worker did not count {n} records within {_WAIT_SECONDS:g} s")
