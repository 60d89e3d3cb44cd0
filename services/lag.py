"""How far counting lies behind the log, in records and in seconds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.store.reading import LogPosition

_REMEMBERED = 600
"""How many ends are remembered a partition; beyond that every second one is forgotten, and the wait is understated."""


@dataclass(frozen=True)
class PartitionLag:
    """The lag of one partition: records not counted yet, and since when the oldest of them is known to wait."""

    topic: str
    partition: int
    next_offset: int
    end_offset: int
    records: int
    waiting_since: datetime | None


@dataclass(frozen=True)
class Lag:
    """The lag of all partitions together, and when a worker last saw their ends (None: never)."""

    partitions: tuple[PartitionLag, ...] = ()
    worker_seen_at: datetime | None = None

    @property
    def records(self) -> int:
        """Records that are in the log and have not been counted."""
        return sum(partition.records for partition in self.partitions)

    def seconds(self, now: datetime) -> float:
        """Return how long the oldest record that has not been counted is known to wait; 0 if there is none.

        A lower bound: a record is known from the first time that its partition's end was seen behind it.
        """
        since = [partition.waiting_since for partition in self.partitions if partition.waiting_since]
        return max(0.0, (now - min(since)).total_seconds()) if since else 0.0


@dataclass
class LagWatch:
    """Remembers the ends of the log as they went by, so that the oldest record still waiting can be dated."""

    _ends: dict[tuple[str, int], list[tuple[datetime, int]]] = field(default_factory=dict)

    def look(self, positions: Sequence[LogPosition]) -> Lag:
        """Take in where the partitions stand now and return the lag."""
        self._ends = {(position.topic, position.partition): self._still_waiting(position) for position in positions}
        return Lag(
            partitions=tuple(self._partition(position) for position in positions),
            worker_seen_at=max((position.seen_at for position in positions), default=None),
        )

    def _still_waiting(self, position: LogPosition) -> list[tuple[datetime, int]]:
        known = self._ends.get((position.topic, position.partition), [])
        if known and known[-1][1] > position.end_offset:  # another log: a topic that was made anew
            known = []
        if not known or known[-1][1] < position.end_offset:
            known = [*known, (position.seen_at, position.end_offset)]
        waiting = [(seen_at, end) for seen_at, end in known if end > position.next_offset]
        return waiting if len(waiting) <= _REMEMBERED else waiting[::2]

    def _partition(self, position: LogPosition) -> PartitionLag:
        waiting = self._ends[position.topic, position.partition]
        return PartitionLag(
            topic=position.topic,
            partition=position.partition,
            next_offset=position.next_offset,
            end_offset=position.end_offset,
            records=max(0, position.end_offset - position.next_offset),
            waiting_since=waiting[0][0] if waiting else None,
        )
