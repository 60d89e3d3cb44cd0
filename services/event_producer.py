"""Sending records to the broker from the edge: import, simulator, HTTP ingest."""

from concurrent.futures import Future
from types import TracebackType
from typing import Any, NamedTuple, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas.codec import MAX_RECORD_BYTES
from services.kafka_access import KafkaAccess


class BrokerFault(ConnectionError):  # noqa: N818 - the broker's, not ours
    """The broker cannot be reached, or did not take a record; the text says which broker and why."""


class Place(NamedTuple):
    """Where the broker put a record."""

    topic: str
    partition: int
    offset: int


class EventProducer:
    """A connection that sends records in batches; safe to use from several threads.

    A record counts as sent once every in-sync replica has it. The client tries again by itself, without doubling or
    reordering, until `delivery_seconds` have passed.
    """

    def __init__(self, kafka: KafkaAccess, *, connect_seconds: float = 10.0, delivery_seconds: float = 60.0) -> None:
        """Connect; raise BrokerFault if no broker answers within `connect_seconds`."""
        self._broker = str(kafka)
        self._delivery_seconds = delivery_seconds
        try:
            self._producer = KafkaProducer(
                **kafka.client(),
                acks="all",
                enable_idempotence=True,
                linger_ms=20,
                batch_size=128 * 1024,
                compression_type="gzip",  # its checksums are in Python: fewer bytes are fewer seconds
                max_request_size=MAX_RECORD_BYTES + 48 * 1024,
                allow_auto_create_topics=False,
                bootstrap_timeout_ms=round(connect_seconds * 1000),
                max_block_ms=round(connect_seconds * 1000),
                request_timeout_ms=round(delivery_seconds * 500),
                delivery_timeout_ms=round(delivery_seconds * 1000),
            )
        except KafkaError as error:
            raise BrokerFault(
                f"no broker answers at {kafka} ({error}); is it running? `klantreis up` starts one"
            ) from error

    def send(self, topic: str, key: bytes | None, value: bytes) -> Future[Place]:
        """Hand over a record and return at once; the future holds its place, or a BrokerFault.

        The first record for a topic waits for the broker to say where its partitions are. Raises BrokerFault if
        it does not. Nothing bounds how much may be handed over: who sends much waits for earlier futures.
        """
        promise: Future[Place] = Future()
        try:
            sent = self._producer.send(topic, key=key, value=value)
        except KafkaError as error:
            raise self._fault(topic, error) from error
        sent.add_callback(lambda at: promise.set_result(Place(at.topic, at.partition, at.offset)))
        sent.add_errback(lambda error: promise.set_exception(self._fault(topic, error)))
        return promise

    def flush(self) -> None:
        """Wait until what was sent has arrived or failed, each as its future says."""
        try:
            self._producer.flush(self._delivery_seconds)
        except KafkaError as error:
            raise BrokerFault(f"the broker at {self._broker} did not answer in time: {error}") from error

    def close(self, seconds: float | None = None) -> None:
        """Wait for what was sent, as `flush` does but no longer than `seconds`, and disconnect."""
        try:
            self._producer.close(self._delivery_seconds if seconds is None else seconds)
        except KafkaError as error:
            raise BrokerFault(f"the broker at {self._broker} did not answer in time: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _fault(self, topic: str, error: Any) -> BrokerFault:
        return BrokerFault(f"the broker at {self._broker} did not take a record for topic {topic}: {error}")
