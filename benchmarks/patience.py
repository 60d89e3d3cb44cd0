"""Waiting for a process that may have ended, but not for ever."""

import time
from collections.abc import Callable, Sequence

from services.embedded.child import Child

_LONGEST_SECONDS = 1200.0


def alive(children: Sequence[Child], seconds: float = _LONGEST_SECONDS) -> Callable[[], None]:
    """Return a check that raises RuntimeError once one of the processes has ended, or the time is up."""
    deadline = time.monotonic() + seconds

    def check() -> None:
        for child in children:
            if not child.running:
                raise RuntimeError(f"{child.name} ended ({child.ending}):\n{child.log_tail()}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"not done within {seconds:.0f} s:\n{children[0].log_tail()}")

    return check
