"""What goes wrong and what is said of it: in the log, in the metrics, and nothing lost or doubled."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg
import pytest

from schemas.codec import MAX_RECORD_BYTES
from schemas.interruption import Interruption
from schemas.topics import TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.embedded.database import EmbeddedDatabase
from services.settings import Settings
from tests.blocking import holding, wait_until_a_worker_waits
from tests.database_proxy import DatabaseProxy
from tests.desk import Desk
from tests.full_disk import full_disk
from tests.monitoring import RunningMonitor, running_monitor
from tests.scraping import metric, wait_for_lag, wait_for_metric
from tests.sending import Parcel, Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(120)

TRYING_AGAIN = "the database does not take this now; trying again"
INTERRUPTIONS = "klantreis_interruptions_total"
SET_APART = "records were set apart that cannot be counted"


@pytest.fixture(scope="module")
def sender(settings: Settings) -> Iterator[Sender]:
    with Sender(settings) as sender:
        yield sender


@pytest.fixture(scope="module")
def proxy(settings: Settings) -> Iterator[DatabaseProxy]:
    with DatabaseProxy(settings.database_url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def worker(settings: Settings, proxy: DatabaseProxy) -> Iterator[Child]:
    """A worker that reaches the database through the proxy. No fault here ends it."""
    worker = command_child("worker", "worker", settings.model_copy(update={"database_url": proxy.url}))
    worker.start()
    yield worker
    ended = worker.ending if not worker.running else None
    worker.stop(30)
    assert ended is None, f"the worker ended by itself: {ended}\n{worker.log_tail(40)}"


@pytest.fixture(scope="module")
def monitor(settings: Settings, worker: Child) -> Iterator[RunningMonitor]:
    with running_monitor(settings.model_copy(update={"snapshot_seconds": 0.2})) as monitor:
        yield monitor


class Words:
    """What a worker says from now on."""

    def __init__(self, worker: Child) -> None:
        self._log = Path(worker.log)
        self._known = self._log.stat().st_size

    def wait_for(self, *words: str) -> None:
        """Wait for a line that has all these words in it."""
        what = f"the worker says {' ... '.join(words)!r}"
        wait_until(lambda: any(all(word in line for word in words) for line in self._lines()), 30, what)

    def _lines(self) -> list[str]:
        return self._log.read_bytes()[self._known :].decode(errors="replace").splitlines()


def counted_once(desk: Desk, monitor: RunningMonitor) -> bool:
    """Wait until all is counted, and say whether it left what it must, and no lag."""
    desk.sender.wait_until_counted()
    wait_for_metric(monitor, "klantreis_lag_records", 0)
    wait_for_metric(monitor, "klantreis_up", 1)
    return desk.differences() == []


@contextmanager
def interrupting(monitor: RunningMonitor, cause: Interruption) -> Iterator[None]:
    """Do what interrupts a batch, and wait until the metric says so."""
    before = metric(monitor, INTERRUPTIONS, cause=cause)
    yield
    wait_until(lambda: metric(monitor, INTERRUPTIONS, cause=cause) > before, 30, f"{INTERRUPTIONS} counts {cause}")


def large(desk: Desk, size: int) -> TouchpointEvent:
    """Return an event whose record has so many bytes."""
    full = {f"bijlage-{number}": "x" * 9_900 for number in range(100)}
    padding = size - len(desk.event("vraag", size % 7, attributes={**full, "rest": ""}).model_dump_json().encode())
    return desk.event("vraag", size % 7, attributes={**full, "rest": "x" * padding})


def test_a_batch_of_only_bad_records(
    settings: Settings, sender: Sender, worker: Child, monitor: RunningMonitor
) -> None:
    desk, words = Desk(settings, sender, "bad"), Words(worker)
    desk.send(desk.passages(range(5)))
    sender.wait_until_counted()
    before = metric(monitor, "klantreis_rejects_total", reason="malformed_json")
    sender.send([Parcel(TOUCHPOINT_EVENTS.name, 0, b'{"source": ')] * 50)
    desk.send(desk.passages(range(5, 10)))
    assert counted_once(desk, monitor)
    words.wait_for(SET_APART, "malformed_json=")
    wait_for_metric(monitor, "klantreis_rejects_total", before + 50, reason="malformed_json")


def test_a_poison_record(settings: Settings, sender: Sender, worker: Child, monitor: RunningMonitor) -> None:
    """The database refuses what no codec objects to: the batch is halved until that record stands alone."""
    desk, words = Desk(settings, sender, "poison"), Words(worker)
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("ALTER TABLE touchpoint_events ADD CONSTRAINT no_poison CHECK (event_id <> 'poison')")
    poison = desk.event("besluit", 30, event_id="poison").model_dump_json().encode()
    desk.sent += (passages := desk.passages(range(20)))
    records = [Parcel(TOUCHPOINT_EVENTS.name, 0, each.model_dump_json().encode()) for each in passages]
    with interrupting(monitor, Interruption.REFUSED):
        sender.send([*records[:33], Parcel(TOUCHPOINT_EVENTS.name, 0, poison), *records[33:]])
        assert counted_once(desk, monitor)
    words.wait_for(SET_APART, "refused_by_database=1")
    wait_for_metric(monitor, "klantreis_rejects_total", 1, reason="refused_by_database")


def test_records_of_a_megabyte(settings: Settings, sender: Sender, worker: Child, monitor: RunningMonitor) -> None:
    """The largest one that is taken, and one that is a byte larger."""
    desk, words = Desk(settings, sender, "large"), Words(worker)
    desk.send([*desk.passages(range(5)), large(desk, MAX_RECORD_BYTES)])
    too_large = large(desk, MAX_RECORD_BYTES + 1).model_dump_json().encode()
    assert len(too_large) == MAX_RECORD_BYTES + 1
    sender.send([Parcel(TOUCHPOINT_EVENTS.name, 0, too_large)])
    desk.send(desk.passages(range(5, 10)))
    assert counted_once(desk, monitor)
    words.wait_for(SET_APART, "too_large=1")
    wait_for_metric(monitor, "klantreis_rejects_total", 1, reason="too_large")


def test_the_answer_to_a_commit_is_lost(
    settings: Settings, sender: Sender, worker: Child, monitor: RunningMonitor, proxy: DatabaseProxy
) -> None:
    """The batch is written and its worker does not know; the next try finds the offset where the batch ends."""
    desk, words = Desk(settings, sender, "commit"), Words(worker)
    desk.send(desk.passages(range(10)))
    sender.wait_until_counted()
    lost = proxy.lose_the_next_commit_answer()
    with interrupting(monitor, Interruption.ANSWER_LOST):
        desk.send(desk.passages(range(10, 20)))
        words.wait_for("the batch was written before; only the answer was lost")
    assert lost.is_set()
    desk.send(desk.passages(range(15, 30)))
    assert counted_once(desk, monitor)


def test_the_connection_is_lost_within_a_copy(
    settings: Settings, sender: Sender, worker: Child, monitor: RunningMonitor, proxy: DatabaseProxy
) -> None:
    desk, words = Desk(settings, sender, "copy"), Words(worker)
    lost: Event = proxy.lose_the_next_copy()
    with interrupting(monitor, Interruption.CONNECTION):
        desk.send(desk.passages(range(200)))
        words.wait_for(TRYING_AGAIN, "connection")
    assert lost.is_set()
    assert counted_once(desk, monitor)


def test_a_deadlock(settings: Settings, sender: Sender, worker: Child, monitor: RunningMonitor) -> None:
    """Someone locks two cases in the wrong order. The worker, which waited first, is the one that is turned away."""
    desk, words = Desk(settings, sender, "deadlock"), Words(worker)
    desk.send(desk.passages(range(2)))
    sender.wait_until_counted()
    lock = "SELECT FROM cases WHERE journey = 'deadlock' AND case_id = %s FOR UPDATE"
    with (
        interrupting(monitor, Interruption.CONTENTION),
        holding(settings.database_url, lock, "deadlock-0001") as held,
    ):
        desk.send([desk.event("factuur", 200, case) for case in (0, 1)])
        wait_until_a_worker_waits(settings.database_url)
        held.execute(lock.encode(), ("deadlock-0000",))
        words.wait_for(TRYING_AGAIN, "40P01")
        wait_for_lag(monitor)
    assert counted_once(desk, monitor)


def test_the_disk_is_full(
    settings: Settings, sender: Sender, worker: Child, monitor: RunningMonitor, scratch: Path
) -> None:
    desk, words = Desk(settings, sender, "full"), Words(worker)
    desk.send(desk.passages(range(10)))
    sender.wait_until_counted()
    with interrupting(monitor, Interruption.RESOURCES), full_disk(settings.database_url, scratch / "disk"):
        desk.send(desk.passages(range(10, 1000)))
        words.wait_for(TRYING_AGAIN, "53100")
        wait_for_lag(monitor)
    assert counted_once(desk, monitor)


def test_the_database_stops(
    settings: Settings, sender: Sender, worker: Child, monitor: RunningMonitor, database_server: EmbeddedDatabase
) -> None:
    desk, words = Desk(settings, sender, "away"), Words(worker)
    desk.send(desk.passages(range(20)))
    sender.wait_until_counted()
    with interrupting(monitor, Interruption.CONNECTION):
        database_server.stop()
        try:
            desk.send(desk.passages(range(20, 40)))
            words.wait_for(TRYING_AGAIN)
            wait_for_metric(monitor, "klantreis_up", 0)
        finally:
            database_server.start()
        assert counted_once(desk, monitor)
