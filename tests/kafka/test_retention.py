"""Retention that passes the worker: it says which records were lost, counts that, and goes on with what is left."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from schemas.topics import TOUCHPOINT_EVENTS
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.settings import Settings
from tests.desk import Desk
from tests.monitoring import RunningMonitor, running_monitor
from tests.scraping import wait_for_metric
from tests.sending import Sender, parcels
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(120)

OVERTAKEN = "retention has overtaken the counting"
INTERRUPTIONS = "klantreis_interruptions_total"
A_CASE = 3  # records: request, completion, decision


@pytest.fixture
def worker(settings: Settings) -> Iterator[Child]:
    worker = command_child("worker", "worker", settings)
    worker.start()
    yield worker
    worker.stop(30)


@pytest.fixture(scope="module")
def monitor(settings: Settings) -> Iterator[RunningMonitor]:
    with running_monitor(settings) as monitor:
        yield monitor


def drop(settings: Settings, before: int) -> None:
    """Let the broker drop the first partition's records up to an offset, as it does when their time is over."""
    with KafkaAdminClient(bootstrap_servers=settings.broker) as admin:
        admin.delete_records({TopicPartition(TOUCHPOINT_EVENTS.name, 0): before})


def test_what_was_dropped_is_told_and_counted_and_the_rest_counts(
    settings: Settings, worker: Child, monitor: RunningMonitor
) -> None:
    with Sender(settings) as sender:
        desk = Desk(settings, sender, "passed")
        desk.send(desk.passages(range(5)))
        sender.wait_until_counted()
        assert worker.stop(30)
        sender.send(parcels(desk.passages(range(5, 10))))
        desk.send(desk.passages(range(10, 20)))
        drop(settings, 10 * A_CASE)
        worker.start()
        sender.wait_until_counted()
    assert desk.differences() == []
    wait_until(lambda: OVERTAKEN in Path(worker.log).read_text(), 30, "the worker says so")
    (line,) = [each for each in Path(worker.log).read_text().splitlines() if OVERTAKEN in each]
    assert f"first={5 * A_CASE} " in line
    assert f"last={10 * A_CASE - 1} " in line
    wait_for_metric(monitor, INTERRUPTIONS, 1, cause="overtaken")


def test_a_log_that_was_emptied_is_read_on_from_its_end(
    settings: Settings, worker: Child, monitor: RunningMonitor
) -> None:
    """While it is empty nothing tells; the first record that comes does, and counts."""
    with Sender(settings) as sender:
        desk = Desk(settings, sender, "emptied")
        desk.send(desk.passages(range(5)))
        sender.wait_until_counted()
        assert worker.stop(30)
        sender.send(parcels(desk.passages(range(5, 10))))
        drop(settings, -1)
        worker.start()
        desk.send(desk.passages(range(10, 15)))
        sender.wait_until_counted()
    assert desk.differences() == []
    wait_until(lambda: Path(worker.log).read_text().count(OVERTAKEN) == 2, 30, "the worker says so")
    wait_for_metric(monitor, INTERRUPTIONS, 2, cause="overtaken")
