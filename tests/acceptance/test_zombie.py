"""A worker that is paused for longer than its session lasts is a zombie: it writes nothing, and loses nothing."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from schemas.topics import TOUCHPOINT_EVENTS
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.settings import Settings
from services.store.rejects import list_rejects
from tests.blocking import holding, wait_until_a_worker_waits
from tests.desk import Desk
from tests.sending import Parcel, Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)

PARTITIONS = range(4)
SESSION_SECONDS = 2.0


@pytest.fixture(scope="module")
def sender(settings: Settings) -> Iterator[Sender]:
    with Sender(settings) as sender:
        yield sender


@pytest.fixture(scope="module")
def workers(settings: Settings) -> Iterator[Sequence[Child]]:
    """Two workers that have shared the partitions between them."""
    quick = settings.model_copy(update={"session_seconds": SESSION_SECONDS})
    pair = [command_child(name, "worker", quick) for name in ("first", "second")]
    for worker in pair:
        worker.start()
    wait_until(lambda: all(said(worker, " reading ") for worker in pair), 60, "both have a share")
    yield pair
    ended = [worker.log_tail(40) for worker in pair if not worker.running]
    for worker in pair:
        worker.stop(30)
    assert not ended, "\n".join(["a worker ended by itself", *ended])


@contextmanager
def paused(worker: Child) -> Iterator[None]:
    assert worker.pid is not None
    os.killpg(worker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGCONT)


def said(worker: Child, words: str) -> bool:
    return words in Path(worker.log).read_text()


def owner(workers: Sequence[Child], partition: int) -> Child:
    """Return the worker that was last to begin reading a partition of events."""
    begun = {
        line.split()[0]: worker
        for worker in workers
        for line in Path(worker.log).read_text().splitlines()
        if "reading" in line and f"partition={partition} topic=touchpoint-events" in line
    }
    return begun[max(begun)]


def test_a_zombie_with_a_batch_in_hand_is_fenced(settings: Settings, workers: Sequence[Child], sender: Sender) -> None:
    """It has decided to write when it is stopped, and goes on to do so when others have written long since."""
    desk = Desk(settings, sender, "fenced")
    desk.send(desk.passages(range(20)))
    sender.wait_until_counted()
    with holding(settings.database_url, "LOCK TABLE journey_versions") as held:
        sender.send([Parcel(TOUCHPOINT_EVENTS.name, 0, b"not an event")])
        desk.send(desk.passages(range(20, 40)))
        wait_until_a_worker_waits(settings.database_url)
        zombie = owner(workers, 0)
        with paused(zombie):
            held.rollback()
            sender.wait_until_counted()
            desk.send(desk.passages(range(40, 60)))
            sender.wait_until_counted()
    wait_until(lambda: said(zombie, "another worker has written this partition"), 30, "the zombie's word")
    for partition in PARTITIONS:
        desk.send([desk.event("factuur", 200 + partition, case) for case in range(60)], partition)
    sender.wait_until_counted()
    assert desk.differences() == []
    assert len(list_rejects(settings.database_url, after=0, limit=10)) == 1


def test_a_zombie_within_its_transaction_is_ended(settings: Settings, workers: Sequence[Child], sender: Sender) -> None:
    """Its session holds the partition's lock; the new owner waits a while, ends it, and goes on."""
    desk = Desk(settings, sender, "ended")
    desk.send(desk.passages(range(20)))
    sender.wait_until_counted()
    row = "SELECT FROM cases WHERE journey = %s AND case_id = %s FOR UPDATE"
    with holding(settings.database_url, row, "ended", "ended-0007") as held:
        desk.send([desk.event("factuur", 200, case) for case in range(20)])
        wait_until_a_worker_waits(settings.database_url)
        zombie = owner(workers, 0)
        (heir,) = (worker for worker in workers if worker is not zombie)
        with paused(zombie):
            held.rollback()
            sender.wait_until_counted()
            assert said(heir, "ended the session of the partition's former owner")
            assert desk.differences() == []
        wait_until(lambda: said(zombie, "the database does not take this now"), 30, "the zombie's word")
    for partition in PARTITIONS:
        desk.send([desk.event("aanvulling", 100 + partition, case) for case in range(20)], partition)
    sender.wait_until_counted()
    assert desk.differences() == []
