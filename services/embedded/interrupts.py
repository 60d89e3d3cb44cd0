"""Requests to stop, from Ctrl-C, a supervisor of ours, or a terminal that is closed."""

import signal
from types import FrameType, TracebackType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(Exception):  # noqa: N818 - a request, not a mistake
    """Somebody wants us to stop."""


class Interrupts:
    """Counts the requests to stop while it is open, instead of letting them cut off what is going on."""

    def __init__(self) -> None:
        self.asked = 0

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._count) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Raise StopAsked if anybody has asked."""
        if self.asked:
            raise StopAsked

    def _count(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked += 1
