from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from services.event_producer import BrokerFault, Place
from services.importer.patient_producer import PatientProducer
from services.importer.row_reader import ReadRecord
from services.importer.sender import Stretches, paced, send_all, wait_until_counted

TOPIC = "touchpoint-events"
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)


def record(minute: int) -> ReadRecord:
    return ReadRecord(TOPIC, BEGIN + timedelta(minutes=minute), b"key", b"%d" % minute)


class FakeProducer:
    """Gives each record the next offset of its partition (its value modulo 2), `late` sends afterwards."""

    def __init__(self, late: int = 0, refuse: bytes = b"") -> None:
        self._late = late
        self._refuse = refuse
        self._waiting: list[tuple[Future[Place], bytes]] = []
        self._next = [100, 500]
        self.values: list[bytes] = []
        self.renewals = 0

    def send(self, topic: str, key: bytes, value: bytes) -> Future[Place]:
        assert (topic, key) == (TOPIC, b"key")
        self.values.append(value)
        future: Future[Place] = Future()
        self._waiting.append((future, value))
        if len(self._waiting) > self._late:
            self.arrive()
        return future

    def arrive(self) -> None:
        for future, value in self._waiting:
            partition = int(value) % 2
            if value == self._refuse:
                future.set_exception(BrokerFault("no"))
            else:
                future.set_result(Place(TOPIC, partition, self._next[partition]))
                self._next[partition] += 1
        self._waiting = []


def sent_by(fake: FakeProducer, minutes: range) -> tuple[Stretches, int]:
    arrived = 0

    def note() -> None:
        nonlocal arrived
        arrived += 1

    return send_all(cast(PatientProducer, fake), map(record, minutes), note), arrived


@pytest.mark.parametrize("late", [0, 4])
def test_sending_keeps_the_order_and_tells_where_events_came_to_stand(late: int) -> None:
    fake = FakeProducer(late)
    stretches, arrived = sent_by(fake, range(5 * (late + 1)))
    assert fake.values == [b"%d" % minute for minute in range(5 * (late + 1))]
    assert arrived == len(fake.values)
    assert stretches.first == {(TOPIC, 0): 100, (TOPIC, 1): 500}
    assert stretches.length() == len(fake.values)


def test_sending_stops_at_the_first_event_that_the_broker_refuses() -> None:
    fake = FakeProducer(refuse=b"3")
    with pytest.raises(BrokerFault):
        sent_by(fake, range(100))
    assert len(fake.values) < 10


def test_nothing_to_send_is_nothing_to_wait_for() -> None:
    stretches, _ = sent_by(FakeProducer(), range(0))
    assert wait_until_counted(stretches, dict, lambda _: None, patience=0.0) == 0


def test_a_paced_replay_goes_by_the_time_of_the_events() -> None:
    clock = 1000.0
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal clock
        waits.append(seconds)
        clock += seconds

    def replayed() -> Iterator[tuple[bytes, float]]:
        for each in paced(map(record, [10, 0, 1, 1]), 60.0, clock=lambda: clock, sleep=sleep):
            yield each.value, clock

    assert list(replayed()) == [(b"0", 1000.0), (b"1", 1001.0), (b"1", 1001.0), (b"10", 1010.0)]
    assert waits == [1.0, 9.0]


def test_a_replay_that_lags_does_not_wait() -> None:
    ticks = iter([0.0, 50.0, 100.0])

    def never(seconds: float) -> None:
        pytest.fail(f"slept {seconds} s")

    assert len(list(paced(map(record, [0, 1]), 60.0, clock=lambda: next(ticks), sleep=never))) == 2


class TestWaiting:
    stretches = Stretches(first={(TOPIC, 0): 10, (TOPIC, 1): 0}, end={(TOPIC, 0): 20, (TOPIC, 1): 5})

    def wait(self, answers: list[dict[tuple[str, int], int]], patience: float) -> tuple[int, list[int], float]:
        clock = 0.0
        heard: list[int] = []
        remaining = iter(answers)
        last: dict[tuple[str, int], int] = {}

        def sleep(seconds: float) -> None:
            nonlocal clock
            clock += seconds

        def next_offsets() -> dict[tuple[str, int], int]:
            nonlocal last
            last = next(remaining, last)
            return last

        uncounted = wait_until_counted(
            self.stretches, next_offsets, heard.append, patience, clock=lambda: clock, sleep=sleep
        )
        return uncounted, heard, clock

    def test_it_ends_when_every_partition_is_counted(self) -> None:
        answers = [{}, {(TOPIC, 0): 4}, {(TOPIC, 0): 15, (TOPIC, 1): 2}, {(TOPIC, 0): 99, (TOPIC, 1): 5}]
        uncounted, heard, _ = self.wait(answers, patience=30)
        assert (uncounted, heard) == (0, [0, 0, 7, 15])

    def test_it_gives_up_when_no_worker_counts(self) -> None:
        uncounted, heard, clock = self.wait([{}], patience=3)
        assert uncounted == 15
        assert set(heard) == {0}
        assert 3 < clock < 3.5

    def test_progress_renews_its_patience(self) -> None:
        slowly = [{(TOPIC, 0): 10 + step // 20} for step in range(200)]
        uncounted, heard, clock = self.wait(slowly, patience=3)
        assert heard[-1] == 9
        assert uncounted == 6
        assert clock > 18


def test_what_lay_in_a_log_that_was_renewed_is_not_waited_for() -> None:
    class Renewed(FakeProducer):
        def send(self, topic: str, key: bytes, value: bytes) -> Future[Place]:
            if value == b"7":
                self.arrive()
                self.renewals += 1
                self._next = [0, 0]
            return super().send(topic, key, value)

    stretches, arrived = sent_by(Renewed(late=2), range(10))
    assert arrived == 10
    assert stretches.length() == 3
    assert stretches.first == {(TOPIC, 1): 0, (TOPIC, 0): 0}
