"""Sending records to partitions of one's choice, and knowing which of them have been counted."""

from collections.abc import Iterable
from types import TracebackType
from typing import NamedTuple, Self

from kafka import KafkaProducer

from schemas.codec import MAX_RECORD_BYTES
from schemas.topics import TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.kafka_topics import log_ids
from services.settings import Settings
from services.store.offsets import next_offsets
from tests.waiting import wait_until


class Parcel(NamedTuple):
    """A record and where it goes."""

    topic: str
    partition: int
    value: bytes


def parcels(events: Iterable[TouchpointEvent], partition: int = 0) -> list[Parcel]:
    return [Parcel(TOUCHPOINT_EVENTS.name, partition, event.model_dump_json().encode()) for event in events]


class Sender:
    """A producer that remembers where what it sent came to lie."""

    def __init__(self, settings: Settings) -> None:
        self._database_url = settings.database_url
        self._log_ids = log_ids(settings.kafka)
        self._producer = KafkaProducer(
            **settings.kafka.client(), acks="all", linger_ms=5, max_request_size=2 * MAX_RECORD_BYTES
        )
        self._ends: dict[tuple[str, int], int] = {}

    def send(self, parcels: Iterable[Parcel]) -> None:
        """Send, and wait until the broker has it all."""
        sent = [self._producer.send(each.topic, value=each.value, partition=each.partition) for each in parcels]
        self._producer.flush()
        for place in (future.get(30) for future in sent):
            key = place.topic, place.partition
            self._ends[key] = max(self._ends.get(key, 0), place.offset + 1)

    def uncounted(self) -> int:
        """Return how many records are in the log up to the last one sent, and not counted yet."""
        offsets = next_offsets(self._database_url, self._log_ids)
        return sum(max(0, end - offsets.get(key, 0)) for key, end in self._ends.items())

    def wait_until_counted(self, seconds: float = 60) -> None:
        wait_until(lambda: self.uncounted() == 0, seconds, "all that was sent is counted")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._producer.close(10)
