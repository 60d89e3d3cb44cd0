"""A producer that steps aside while the embedded broker is renewed, and goes on with the new one."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from services.event_producer import EventProducer, Place
from services.intake import Intake

_PATIENCE_SECONDS = 120.0


class PatientProducer:
    """Sends as `connect`'s producer does. A context; on entering it waits for the intake, or raises IntakeClosed.

    `renewals` counts how often it has stepped aside. All that was sent before had been acknowledged then, and has been
    counted since; the log that it lay in is no more.
    """

    def __init__(self, connect: Callable[[], EventProducer], intake: Intake) -> None:
        self.renewals = 0
        self._connect = connect
        self._intake = intake
        self._held = ExitStack()

    def send(self, topic: str, key: bytes | None, value: bytes) -> Future[Place]:
        """Hand over a record, as EventProducer.send does."""
        if self._intake.closing:
            self._producer.flush()
            self._held.close()
            self._begin()
            self.renewals += 1
        return self._producer.send(topic, key, value)

    def _begin(self) -> None:
        self._held.enter_context(self._intake.sending(_PATIENCE_SECONDS))
        self._producer = self._held.enter_context(self._connect())

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.__exit__(kind, error, trace)
