"""What a run takes: records a second, processor time and of workers the peak memory."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import psutil

_SAMPLE_SECONDS = 0.5
_MB = 1_000_000


class HasPid(Protocol):
    """A process, or what runs as one."""

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""


@dataclass(frozen=True)
class Reading:
    """At this moment (seconds of the monotonic clock) so many records were done, with this much processor time."""

    at: float
    n: int
    cpu: Mapping[str, float]


class Meter:
    """Reads what processes use, each with all that it started; twice a second, how much memory workers hold."""

    def __init__(self, parts: Mapping[str, Sequence[int]]) -> None:
        """Take the process ids of each part, such as "worker"."""
        self._parts = {name: [psutil.Process(pid) for pid in pids] for name, pids in parts.items()}
        self._peak = 0

    def read(self, n: int) -> Reading:
        """Note that n records are done now."""
        at = time.monotonic()
        return Reading(at, n, {name: sum(map(_cpu_seconds, roots)) for name, roots in self._parts.items()})

    @property
    def peak_mb(self) -> float:
        """The most memory that one worker held with its processes, in 10^6 bytes; what they share counts once."""
        return self._peak / _MB

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Watch the memory in the meantime."""
        done = threading.Event()
        thread = threading.Thread(target=self._sample, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _sample(self, done: threading.Event) -> None:
        while not done.wait(_SAMPLE_SECONDS):
            self._peak = max(self._peak, *map(_held_bytes, self._parts["worker"]))


def meter_of(**parts: HasPid | Sequence[HasPid]) -> Meter:
    """Return a meter on running processes, by the name of the part that each plays."""
    started = {name: part if isinstance(part, Sequence) else [part] for name, part in parts.items()}
    return Meter({name: [each.pid for each in part if each.pid is not None] for name, part in started.items()})


def result(first: Reading, last: Reading, meter: Meter) -> dict[str, Any]:
    """Return records per second, processor shares (1 is one core) between two readings, and the worker's peak memory.

    Raises RuntimeError if nothing was done between them.
    """
    seconds = last.at - first.at
    if last.n <= first.n:
        raise RuntimeError(f"{last.n:,} records are too few: they were done before the clock could start")
    shares = {f"{part}_cpu": round((used - first.cpu[part]) / seconds, 3) for part, used in last.cpu.items()}
    return {"rate": round((last.n - first.n) / seconds, 1), "rss_mb": round(meter.peak_mb, 1), **shares}


def _family(root: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [root, *root.children(recursive=True)]
    return []


def _cpu_seconds(root: psutil.Process) -> float:
    total = 0.0
    for process in _family(root):
        with suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            total += used.user + used.system + used.children_user + used.children_system  # children that have ended
    return total


def _held_bytes(root: psutil.Process) -> int:
    """Return the memory of a process and its children; what they share counts once, where the system tells."""
    total = 0
    for process in _family(root):
        with suppress(psutil.NoSuchProcess):
            memory = process.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return total
