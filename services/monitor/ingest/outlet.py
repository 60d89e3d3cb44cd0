"""The way from HTTP to the broker: connects when first needed, and anew after a failure."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from time import monotonic

import structlog

from schemas.topics import Topic
from services.event_producer import BrokerFault, EventProducer, Place
from services.intake import Intake, IntakeClosed
from services.kafka_access import KafkaAccess

_CONNECT_SECONDS = 3.0
_DELIVERY_SECONDS = 8.0
_PAUSE_SECONDS = 2.0
_log = structlog.get_logger()

Record = tuple[bytes, bytes]


class Outlet:
    """Sends records and waits for the broker's word on each. Blocking; safe to use from several threads."""

    def __init__(self, kafka: KafkaAccess, intake: Intake) -> None:
        self._kafka = kafka
        self._intake = intake
        self._lock = threading.Lock()
        self._producer: EventProducer | None = None
        self._generation = 0
        self._fault: tuple[float, BrokerFault] | None = None

    def deliver(self, topic: Topic, records: Sequence[Record]) -> list[str | None]:
        """Send (key, value) records; return for each None if the broker has it, else why that is not known.

        Takes no longer than the time to connect and to deliver together, some 15 seconds.
        """
        try:
            with self._intake.sending():
                self._meet(self._intake.generation)
                producer = self._connected()
                promises = _sent(producer, topic, records)
                wait(promises, timeout=_DELIVERY_SECONDS + 1)
        except (BrokerFault, IntakeClosed) as fault:
            self._give_up()
            return [str(fault)] * len(records)
        faults = [_fault(promise) for promise in promises]
        if any(faults):
            self._give_up()
        return faults

    def close(self) -> None:
        """Disconnect."""
        self._give_up()

    def _meet(self, generation: int) -> None:
        """Leave a connection to a broker that is no more."""
        if generation != self._generation:
            self._give_up()
            self._generation = generation

    def _connected(self) -> EventProducer:
        """Return the connection; a failed attempt is not repeated at once, so that callers do not queue for it."""
        with self._lock:
            if self._producer is None:
                if self._fault is not None and monotonic() - self._fault[0] < _PAUSE_SECONDS:
                    raise self._fault[1]
                try:
                    self._producer = EventProducer(
                        self._kafka, connect_seconds=_CONNECT_SECONDS, delivery_seconds=_DELIVERY_SECONDS
                    )
                except BrokerFault as fault:
                    _log.warning("events cannot be taken", why=str(fault))
                    self._fault = monotonic(), fault
                    raise
            return self._producer

    def _give_up(self) -> None:
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            try:
                producer.close()
            except BrokerFault as fault:
                _log.warning("the broker was left before it had answered", why=str(fault))


def _sent(producer: EventProducer, topic: Topic, records: Sequence[Record]) -> list[Future[Place]]:
    return [producer.send(topic.name, key, value) for key, value in records]


def _fault(promise: Future[Place]) -> str | None:
    if not promise.done():
        return "the broker did not answer in time"
    error = promise.exception()
    return None if error is None else str(error)
