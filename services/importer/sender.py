"""Sending a log's records, and waiting until they have been counted."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from services.event_producer import Place
from services.importer.patient_producer import PatientProducer
from services.importer.row_reader import ReadRecord

_IN_FLIGHT = 20_000
"""How many records may be on their way: it bounds memory, and keeps the batches full."""

Offsets = Mapping[tuple[str, int], int]
"""An offset by topic and partition."""


@dataclass
class Stretches:
    """What the broker gave a log's records: from the first offset up to the end, in each partition."""

    first: dict[tuple[str, int], int] = field(default_factory=dict)
    end: dict[tuple[str, int], int] = field(default_factory=dict)

    def add(self, place: Place) -> None:
        """Take in the place of one record."""
        partition = place.topic, place.partition
        self.first[partition] = min(place.offset, self.first.get(partition, place.offset))
        self.end[partition] = max(place.offset + 1, self.end.get(partition, 0))

    def length(self) -> int:
        """Return how many offsets they span; others may have sent events between ours."""
        return sum(end - self.first[partition] for partition, end in self.end.items())

    def counted(self, next_offsets: Offsets) -> int:
        """Return how many of these offsets come before the next offset to be counted."""
        return sum(
            min(max(next_offsets.get(partition, 0) - self.first[partition], 0), end - self.first[partition])
            for partition, end in self.end.items()
        )


def send_all(producer: PatientProducer, records: Iterable[ReadRecord], sent: Callable[[], None]) -> Stretches:
    """Send records in the order given and return where they came to stand; `sent` is called for each that arrived.

    What lay in a log that has been renewed since has been counted, and is not among them.

    Raises BrokerFault at the first record that the broker does not take.
    """
    stretches = Stretches()
    on_their_way: deque[Future[Place]] = deque()
    renewals = producer.renewals
    for record in records:
        promise = producer.send(record.topic, record.key, record.value)
        if producer.renewals > renewals:
            for arrived in on_their_way:
                arrived.result()
                sent()
            on_their_way.clear()
            stretches, renewals = Stretches(), producer.renewals
        on_their_way.append(promise)
        while on_their_way and (len(on_their_way) >= _IN_FLIGHT or on_their_way[0].done()):
            stretches.add(on_their_way.popleft().result())
            sent()
    for promise in on_their_way:
        stretches.add(promise.result())
        sent()
    return stretches


def paced(
    records: Iterable[ReadRecord],
    speed: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[ReadRecord]:
    """Yield records in the order of their time, `speed` times as fast as what they tell of happened."""
    in_time_order = sorted(records, key=lambda record: record.at)
    begin = clock()
    for record in in_time_order:
        due = begin + (record.at - in_time_order[0].at).total_seconds() / speed
        if (ahead := due - clock()) > 0:
            sleep(ahead)
        yield record


def wait_until_counted(
    stretches: Stretches,
    next_offsets: Callable[[], Offsets],
    counted: Callable[[int], None],
    patience: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Wait until the worker has counted these stretches; return how many offsets it has not.

    Gives up when nothing has been counted for `patience` seconds. `counted` hears how many have been so far.
    """
    total, so_far, last_progress = stretches.length(), 0, clock()
    while True:
        now_counted = stretches.counted(next_offsets())
        if now_counted > so_far:
            so_far, last_progress = now_counted, clock()
        counted(so_far)
        if so_far == total or clock() - last_progress > patience:
            return total - so_far
        sleep(0.1)
