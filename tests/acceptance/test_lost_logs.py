"""A log that is not the one that was counted: the worker stops with a clear word, and the next one begins anew."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from kafka.admin import KafkaAdminClient

from schemas.topics import TOUCHPOINT_EVENTS
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.kafka_topics import ensure_topics, log_ids
from services.settings import Settings
from tests.desk import Desk
from tests.monitoring import RunningMonitor, running_monitor
from tests.scraping import metric
from tests.sending import Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def monitor(settings: Settings) -> Iterator[RunningMonitor]:
    with running_monitor(settings) as monitor:
        yield monitor


@pytest.fixture(scope="module")
def worker(settings: Settings) -> Iterator[Child]:
    """A worker, not started yet or left running by another test."""
    worker = command_child("worker", "worker", settings.model_copy(update={"session_seconds": 2.0}))
    yield worker
    worker.stop(30)


def wait_for_the_end(worker: Child, monitor: RunningMonitor, *words: str) -> None:
    """Wait until the worker has ended by itself and has said why, and the metrics tell that none is seen any more."""
    wait_until(lambda: not worker.running, 60, "the worker ends by itself")
    assert worker.exit_code == 1
    said = [line for line in worker.log_tail(200).splitlines() if "the worker stops" in line]
    assert any(all(word in line for word in words) for line in said), worker.log_tail(40)
    seen = "klantreis_worker_seen_timestamp_seconds"
    wait_until(lambda: time.time() - metric(monitor, seen) > 2.5, 10, "no worker has been seen for more than a moment")


def test_an_offset_beyond_the_end_of_the_log(settings: Settings, worker: Child, monitor: RunningMonitor) -> None:
    """What a broker leaves that has lost its last records. Once the offset is put right, nothing was passed by."""
    with Sender(settings) as sender:
        desk = Desk(settings, sender, "beyond")
        desk.send(desk.passages(range(20)))
        note_offset(settings, 160)
        worker.start()
        wait_for_the_end(worker, monitor, "touchpoint-events", "counted up to offset 160, but its log ends")
        note_offset(settings, 0)
        worker.start()
        sender.wait_until_counted()
    assert desk.differences() == []


def note_offset(settings: Settings, offset: int) -> None:
    """Say that the first partition of events has been counted up to an offset."""
    with psycopg.connect(settings.database_url) as connection:
        connection.execute(
            """INSERT INTO stream_offsets VALUES (%s, %s, 0, %s)
               ON CONFLICT (log_id, topic, partition) DO UPDATE SET next_offset = excluded.next_offset""",
            (log_ids(settings.kafka)[TOUCHPOINT_EVENTS.name], TOUCHPOINT_EVENTS.name, offset),
        )


def test_a_topic_that_is_made_anew(settings: Settings, worker: Child, monitor: RunningMonitor) -> None:
    """The new log is longer than the old one was when it is first read, so that its end tells nothing."""
    if not worker.running:
        worker.start()
    with Sender(settings) as sender:
        desk = Desk(settings, sender, "anew")
        desk.send(desk.passages(range(20)))
        sender.wait_until_counted()
    recreate(settings)
    with Sender(settings) as desk.sender:
        desk.send(desk.passages(range(15, 70)))
        wait_for_the_end(worker, monitor, "touchpoint-events", "made anew")
        worker.start()
        desk.sender.wait_until_counted()
    assert desk.differences() == []


def recreate(settings: Settings) -> None:
    """Delete the topic of events, and make it again."""
    before = log_ids(settings.kafka)
    admin = KafkaAdminClient(bootstrap_servers=settings.broker)
    admin.delete_topics([TOUCHPOINT_EVENTS.name])
    admin.close()
    ensure_topics(settings.kafka)
    assert log_ids(settings.kafka)[TOUCHPOINT_EVENTS.name] != before[TOUCHPOINT_EVENTS.name]
