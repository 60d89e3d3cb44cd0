"""Waiting, before the broker forgets what it holds, until the worker has counted it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.embedded.monitor_client import Lag

_PATIENCE_SECONDS = 30.0
_ASK_SECONDS = 1.0
_SETTLING = timedelta(seconds=2)
"""How long after the last record was sent the worker must have looked, to be sure to have seen it."""

_LATELY = timedelta(seconds=5)


class Drained(NamedTuple):
    """Whether everything is counted, and how that went, in words."""

    everything: bool
    said: str


def drain(ask: Callable[[], Lag | None], hindrance: Callable[[], str | None], say: Callable[[str], None]) -> Drained:
    """Wait until everything sent so far is counted, saying what is left; return how that went.

    Gives up after 30 s, or as soon as there is a hindrance.
    """
    begun_at, deadline = datetime.now(UTC), time.monotonic() + _PATIENCE_SECONDS
    said = ""
    while not drained(lag := ask(), begun_at):
        left = remaining(lag, begun_at)
        if left != said:
            say(left)
            said = left
        why = hindrance() or (f"not done in {_PATIENCE_SECONDS:.0f} s" if time.monotonic() > deadline else None)
        if why:
            return Drained(False, f"{why}: {left}")
        time.sleep(_ASK_SECONDS)
    return Drained(True, "everything is counted")


def drained(lag: Lag | None, begun_at: datetime) -> bool:
    """Say whether everything sent before a moment has been counted."""
    if lag is None or lag.seen_at is None:
        return False
    return lag.records == 0 and lag.seen_at >= begun_at + _SETTLING


def remaining(lag: Lag | None, begun_at: datetime) -> str:
    """Say what is known to be left."""
    if lag is None:
        return "the monitor does not say how many records are left"
    if lag.seen_at is None or lag.seen_at < begun_at - _LATELY:
        return "no worker has looked at the broker lately"
    return f"{lag.records:,} records left to count"
