"""Whether the figures may be trusted to be of now. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.monitor.figures.snapshot import Snapshot

STALE_AFTER = timedelta(seconds=10)
"""A snapshot older than this is not of now."""

WORKER_GONE_AFTER = timedelta(seconds=15)
"""A worker that has not been seen for this long does not count."""


class Trouble(StrEnum):
    """Why the figures stand still."""

    NOTHING_READ = "nothing_read"
    NOT_READ = "not_read"
    NO_WORKER = "no_worker"
    WORKER_GONE = "worker_gone"


@dataclass(frozen=True)
class Freshness:
    """How old the figures are; if they stand still, why and since when (None: from the start)."""

    age: timedelta | None
    trouble: Trouble | None = None
    since: datetime | None = None


def freshness(snapshot: Snapshot | None, now: datetime) -> Freshness:
    """Judge a snapshot: one that is too old comes before a worker that is gone, since it would not show one."""
    if snapshot is None:
        return Freshness(None, Trouble.NOTHING_READ)
    age = snapshot.age(now)
    if age > STALE_AFTER:
        return Freshness(age, Trouble.NOT_READ, snapshot.taken_at)
    seen_at = snapshot.lag.worker_seen_at
    if seen_at is None:
        return Freshness(age, Trouble.NO_WORKER)
    if now - seen_at > WORKER_GONE_AFTER:
        return Freshness(age, Trouble.WORKER_GONE, seen_at)
    return Freshness(age)
