"""The broker is killed and comes back: nothing that it had taken is lost, and nothing is counted twice."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.embedded.child import Child
from services.embedded.commands import command_child
from services.embedded.database import EmbeddedDatabase
from services.settings import Settings
from tests.apache_kafka import ApacheKafka
from tests.chaos import Plan, run
from tests.desk import Desk
from tests.monitoring import running_monitor
from tests.scraping import wait_for_metric
from tests.sending import Sender

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def worker(settings: Settings) -> Iterator[Child]:
    """A worker that writes little at a time, so that much is under way when the broker goes."""
    worker = command_child("worker", "worker", settings.model_copy(update={"batch_records": 20}))
    worker.start()
    yield worker
    worker.stop(30)


def test_it_is_killed_while_records_are_sent_and_counted(
    settings: Settings, apache_kafka: ApacheKafka, worker: Child
) -> None:
    """A producer that was not answered sends again: what the broker then has twice counts once."""
    with Sender(settings) as sender, running_monitor(settings) as monitor, ThreadPoolExecutor(1) as beside:
        desk = Desk(settings, sender, "killed")
        desk.send(desk.passages(range(10)))
        sender.wait_until_counted()
        sending = beside.submit(desk.send, desk.passages(range(10, 1010)), 1)
        time.sleep(0.3)  # somewhere within it
        apache_kafka.kill()
        apache_kafka.start()
        sending.result(120)
        sender.wait_until_counted(120)
        wait_for_metric(monitor, "klantreis_lag_records", 0)
    assert desk.differences() == []
    assert worker.running, worker.log_tail(40)


def test_it_is_killed_between_all_that_befalls_workers(
    settings: Settings, database_server: EmbeddedDatabase, apache_kafka: ApacheKafka
) -> None:
    """Rebalances, too: workers join, are killed, and are paused for longer than their sessions last."""
    disturbances = ["join", "kill_the_broker", "kill", "pause", "kill_the_broker", "restart_the_database"]
    plan = Plan(20261123, 1500, parts=10, batch_records=20, disturbances=disturbances)
    run(plan, settings, database_server, apache_kafka)
