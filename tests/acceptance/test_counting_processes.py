"""A worker's processes: whichever of them ends, and however, what was in hand is counted, once."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil
import pytest

from services.embedded.child import Child
from services.embedded.commands import command_child
from services.settings import Settings
from tests.blocking import holding, wait_until_a_worker_waits
from tests.desk import Desk
from tests.sending import Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(120)

_SESSION_SECONDS = 2.0


@pytest.fixture(scope="module")
def sender(settings: Settings) -> Iterator[Sender]:
    with Sender(settings) as sender:
        yield sender


@contextmanager
def running(settings: Settings, name: str) -> Iterator[Child]:
    """Run a worker that is missed soon after it is gone."""
    quick = settings.model_copy(update={"session_seconds": _SESSION_SECONDS})
    worker = command_child(name, "worker", quick)
    worker.start()
    try:
        wait_until(lambda: " reading " in worker.log.read_text(), 60, f"{name} reads\n{worker.log_tail()}")
        yield worker
    finally:
        worker.stop(30)


def processes(worker: Child) -> Sequence[psutil.Process]:
    """Return the processes in which a worker counts, in the order in which it made them."""
    return sorted(psutil.Process(worker.pid).children(), key=lambda process: process.pid)


def kill_one(worker: Child) -> None:
    processes(worker)[0].kill()


def kill_the_worker(worker: Child) -> None:
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)


def stop_one(worker: Child) -> None:
    """Have one process never answer again, and tell the worker to end."""
    processes(worker)[0].suspend()
    end_the_worker(worker)


def end_the_worker(worker: Child) -> None:
    """Tell the worker to end, and nobody else, as a container is told."""
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGTERM)


def end_all(worker: Child) -> None:
    """Tell the whole group to end, as a service manager may."""
    assert worker.pid is not None
    os.killpg(worker.pid, signal.SIGTERM)


def interrupt_all(worker: Child) -> None:
    """Do what Ctrl-C in a terminal does."""
    assert worker.pid is not None
    os.killpg(worker.pid, signal.SIGINT)


SAID: Mapping[Callable[[Child], None], str] = {
    kill_one: "a process that counts has died",
    stop_one: "a process that counts does not end",
}


@pytest.mark.parametrize(
    ("befalls", "ending"),
    [
        (kill_one, "exit code 1"),
        (kill_the_worker, "signal SIGKILL"),
        (stop_one, "exit code 1"),
        (end_the_worker, "exit code 0"),
        (end_all, "exit code 0"),
        (interrupt_all, "exit code 0"),
    ],
)
def test_what_was_in_hand_is_counted_once(
    settings: Settings, sender: Sender, befalls: Callable[[Child], None], ending: str
) -> None:
    """The batch in hand waits for the database until the worker has ended; then another worker goes on."""
    desk = Desk(settings, sender, befalls.__name__.replace("_", "-"))
    with running(settings, befalls.__name__) as worker:
        count_in_all_partitions(desk, range(20))
        counting = processes(worker)
        assert len(counting) == 2
        with holding(settings.database_url, "LOCK TABLE journey_versions") as held:
            for partition in range(4):
                desk.send(desk.passages(range(100 * partition + 20, 100 * partition + 40)), partition)
            wait_until_a_worker_waits(settings.database_url)
            befalls(worker)
            assert worker.wait(30), worker.log_tail(40)
            held.rollback()
        assert SAID.get(befalls, "") in worker.log.read_text()
        assert worker.ending == ending, worker.log_tail(40)
        gone, alive = psutil.wait_procs(counting, timeout=15)
        assert not alive, gone
    with running(settings, f"after {befalls.__name__}"):
        sender.wait_until_counted()
    assert desk.differences() == []


def test_a_worker_of_one_process_counts_by_itself(settings: Settings, sender: Sender) -> None:
    desk = Desk(settings, sender, "alone")
    with running(settings.model_copy(update={"worker_processes": 1}), "alone") as worker:
        count_in_all_partitions(desk, range(20))
        assert processes(worker) == []
    assert desk.differences() == []


def count_in_all_partitions(desk: Desk, cases: range) -> None:
    for partition in range(4):
        desk.send([desk.event("aanvraag", partition, 1000 * partition + case) for case in cases], partition)
    desk.sender.wait_until_counted()
