"""Which partitions each worker reads, from what it logs."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import orjson

from benchmarks.patience import alive
from schemas.topics import TOUCHPOINT_EVENTS
from services.embedded.child import Child

_BURST = timedelta(seconds=1)
_SETTLED_SECONDS = 2.0
_POLL_SECONDS = 0.25
_LONGEST_SECONDS = 120.0


def await_assignment(workers: Sequence[Child], partitions: int) -> None:
    """Wait until every worker reads some partitions, and every partition has one reader. Raises RuntimeError."""
    check = alive(workers, _LONGEST_SECONDS)
    while not _settled(workers, partitions):
        check()
        time.sleep(_POLL_SECONDS)
    time.sleep(_SETTLED_SECONDS)
    if not _settled(workers, partitions):
        await_assignment(workers, partitions)


def _settled(workers: Sequence[Child], partitions: int) -> bool:
    shares = [_share(worker) for worker in workers]
    return all(shares) and sorted(partition for share in shares for partition in share) == list(range(partitions))


def _share(worker: Child) -> set[int]:
    """Return what a worker says that it reads since it was last given partitions."""
    said = list(_reading(worker))
    if not said:
        return set()
    last = max(at for at, _ in said)
    return {partition for at, partition in said if at > last - _BURST}


def _reading(worker: Child) -> Iterator[tuple[datetime, int]]:
    *whole, _ = worker.log.read_bytes().split(b"\n")
    for line in whole:
        if line.startswith(b"{"):
            said = orjson.loads(line)
            if said.get("event") == "reading" and said["topic"] == TOUCHPOINT_EVENTS.name:
                yield datetime.fromisoformat(said["timestamp"]), said["partition"]
