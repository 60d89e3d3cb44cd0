"""Case h: how long it takes from a record's being produced to its being visible in /metrics.

Both sides count: so many records were handed to the broker's client by a moment, so many visits are in the touchpoint
volumes of the last hour at another. The k-th record is visible once the second count has reached k. The monitor is
asked twenty times a second, which is part of what is measured.
"""

import asyncio
import re
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from math import ceil
from typing import Any, NamedTuple

from benchmarks.measuring import meter_of, result
from benchmarks.patience import alive
from benchmarks.publishing import Publisher
from benchmarks.run import Run
from benchmarks.testbed import running_broker, running_database, settings_for
from benchmarks.traffic import Event, Record, events
from benchmarks.worker_runs import running_workers
from schemas.metrics import TOUCHPOINT_VOLUME
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.embedded.ports import free_port
from services.settings import Settings

_SECONDS = 20
_TICK_SECONDS = 0.02
_POLL_SECONDS = 0.05
_PATIENCE_SECONDS = 120.0
_GRACE_SECONDS = 10.0
_WARM_UP = 400
_VOLUME = re.compile(rf'^{TOUCHPOINT_VOLUME.name}{{[^}}]*window="1h"[^}}]*}} (\S+)$'.encode(), re.MULTILINE)


class Count(NamedTuple):
    """So many records, from the first on, at a moment of the monotonic clock."""

    at: float
    n: int


def fresh_at(run: Run, rate: float | None = None) -> dict[str, Any]:
    """Produce for twenty seconds at a rate, half of the run's if none is given, and say how soon it is visible."""
    rate = (run.rate or 0) / 2 if rate is None else rate
    traffic = events(_WARM_UP + round(rate * _SECONDS))
    with running_database(run.folder) as database, running_broker(run.folder) as broker:
        settings = settings_for(run.folder, database.url, broker.address)
        settings = settings.model_copy(update={"monitor_port": free_port()})
        with running_workers(settings, 1) as (worker,), _running_monitor(settings) as monitor:
            check = alive([worker, monitor], _PATIENCE_SECONDS)
            visible = _Visible(settings.monitor_port, check)
            with _producing(broker.address, traffic[:_WARM_UP], rate):
                visible.watch(_WARM_UP)
            meter = meter_of(worker=worker, monitor=monitor, database=database, broker=broker)
            with meter.sampling(), _producing(broker.address, traffic[_WARM_UP:], rate) as produced:
                first = meter.read(0)
                seen = visible.watch(len(traffic))
                last = meter.read(len(traffic) - _WARM_UP)
    waits = list(_waits(produced, [Count(at, n - _WARM_UP) for at, n in seen]))
    offered = (produced[-1].n - produced[0].n) / (produced[-1].at - produced[0].at)
    figures = {"rate": round(offered, 1), "p50_seconds": _rank(waits, 0.5), "p99_seconds": _rank(waits, 0.99)}
    return result(first, last, meter) | figures


class _Visible:
    """What /metrics shows."""

    def __init__(self, port: int, check: Callable[[], None]) -> None:
        self._port = port
        self._check = check
        self._connection = HTTPConnection("127.0.0.1", port, timeout=10)

    def watch(self, n: int) -> Sequence[Count]:
        """Ask until n visits are visible, and return each answer."""
        seen = [self._ask()]
        while seen[-1].n < n:
            self._check()
            time.sleep(max(0.0, seen[-1].at + _POLL_SECONDS - time.monotonic()))
            seen.append(self._ask())
        return seen

    def _ask(self) -> Count:
        try:
            self._connection.request("GET", "/metrics")
            page = self._connection.getresponse().read()
        except (OSError, HTTPException):  # it is not there yet
            self._connection.close()
            return Count(time.monotonic(), 0)
        return Count(time.monotonic(), round(sum(map(float, _VOLUME.findall(page)))))


@contextmanager
def _running_monitor(settings: Settings) -> Iterator[Child]:
    monitor = command_child("monitor", "monitor", settings)
    monitor.start()
    try:
        yield monitor
    finally:
        monitor.stop(_GRACE_SECONDS)


@contextmanager
def _producing(broker: str, traffic: Sequence[Event], rate: float) -> Iterator[list[Count]]:
    """Produce in a thread of its own; the list says how many were handed over when, complete after the block."""
    produced: list[Count] = []
    thread = threading.Thread(target=lambda: asyncio.run(_produce(broker, traffic, rate, produced)), daemon=True)
    thread.start()
    yield produced
    thread.join()


async def _produce(broker: str, traffic: Sequence[Event], rate: float, produced: list[Count]) -> None:
    """Hand over what is due, tick by tick, dated now."""
    async with Publisher(broker) as publisher:
        begin, done = time.monotonic(), 0
        while done < len(traffic):
            due = min(len(traffic), 1 + int((time.monotonic() - begin) * rate))
            at, now = time.monotonic(), datetime.now(UTC)
            await publisher.send([Record(event.key, event.value(now)) for event in traffic[done:due]])
            done = due
            produced.append(Count(at, done))
            await asyncio.sleep(_TICK_SECONDS)
        await publisher.settle()


def _waits(produced: Sequence[Count], seen: Sequence[Count]) -> Iterator[float]:
    """Yield for each record how long it took from being handed over to being visible."""
    before = 0
    visible = [n for _, n in seen]
    for at, n in produced:
        for k in range(before + 1, n + 1):
            yield seen[bisect_left(visible, k)].at - at
        before = n


def _rank(waits: Sequence[float], q: float) -> float:
    """Return a quantile, nearest rank."""
    return round(sorted(waits)[ceil(q * len(waits)) - 1], 3)
