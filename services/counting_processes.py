"""Processes that count for a worker: it reads the log and hands each batch to one of them.

What makes every record count once is in the database, in the transaction that moves the offset. So a process may end at
any moment, and so may the worker: its processes end with it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextvars import ContextVar
from datetime import datetime
from multiprocessing import active_children, connection, get_context, parent_process
from multiprocessing.util import Finalize
from threading import Thread
from typing import NamedTuple, Self

import structlog

from schemas.reject import Fault
from services import worker_memory
from services.logs import configure_logs
from services.settings import Settings
from services.worker_store import store_of, writing_of
from streams.ports import Record, Stretch
from streams.writing import Rejections

_FORK = "fork" if sys.platform == "linux" else "spawn"
"""A fork shares the memory of all that is loaded. Elsewhere the system's own libraries may not survive one."""

_GRACE_SECONDS = 5
"""For how long a process that was told to end may go on with the batch in hand."""

_CONNECTIONS = 2
"""How many a process has at most: one for its batch, and one more while that is lost and not yet known to be."""

_LAST_SECONDS = 3
"""For how long after that it may take to be gone."""

_log = structlog.get_logger()


class CountingProcessDied(Exception):  # noqa: N818 - what is the case, in words
    """A process that counts has died; the worker cannot go on without it."""


class _Written(NamedTuple):
    """What was set apart, and how long the process has waited for the database since it last told."""

    rejections: Rejections
    waited: float


class CountingProcesses:
    """So many processes; each writes one batch at a time, into a store of its own.

    Make it before there are threads: a fork has none of them, but would have their locks. `waited` is told how long
    they waited for the database, in seconds.
    """

    def __init__(self, n: int, settings: Settings, waited: Callable[[float], None]) -> None:
        self._waited = waited
        self._pool = ProcessPoolExecutor(n, get_context(_FORK), _begin, (settings,))
        self._pool.submit(os.getpid).result()  # the pool makes its processes when it is first asked

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End processes that were never closed: left to the interpreter's exit, the pool may fail while it ends."""
        self._pool.shutdown()

    async def write(
        self, stretch: Stretch, records: Sequence[Record], verdict: Fault | None, now: datetime
    ) -> Rejections:
        """Write the records of a stretch (streams.writing). Raises CountingProcessDied too."""
        offsets, values = [record.offset for record in records], [record.value for record in records]
        try:
            written = await asyncio.get_running_loop().run_in_executor(
                self._pool, _write, stretch, offsets, values, verdict, now
            )
        except BrokenProcessPool as error:
            why = f"a process that counts has died, perhaps for want of memory: {error.__cause__ or error}"
            raise CountingProcessDied(why) from error
        self._waited(written.waited)
        return written.rejections

    async def close(self) -> None:
        """End the processes, each once its batch in hand is written, or its grace is over.

        Ends the worker, with 1, if one of them does not end.
        """
        for process in active_children():
            process.terminate()
        try:
            async with asyncio.timeout(_GRACE_SECONDS + _LAST_SECONDS):
                await asyncio.to_thread(self._pool.shutdown)
        except TimeoutError:
            _log.error("a process that counts does not end; killed, and the worker with it")
            for process in active_children():
                process.kill()
            os._exit(1)


class _Counter:
    """What is in one of the processes."""

    def __init__(self, settings: Settings) -> None:
        self._waited = 0.0
        self._store = store_of(settings, self._wait, _CONNECTIONS)
        self._write = writing_of(settings, self._store)
        self._runner = asyncio.Runner()
        self._runner.run(self._store.open())

    def write(self, stretch: Stretch, records: Sequence[Record], verdict: Fault | None, now: datetime) -> _Written:
        rejections = self._runner.run(self._write(stretch, records, verdict, now))
        waited, self._waited = self._waited, 0.0
        return _Written(rejections, waited)

    def close(self) -> None:
        self._runner.run(self._store.close())
        self._runner.close()

    def _wait(self, seconds: float) -> None:
        self._waited += seconds


_COUNTER: ContextVar[_Counter] = ContextVar("_COUNTER")


def _begin(settings: Settings) -> None:
    """Begin a process; nothing of what the worker had set up holds in one that is no fork."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the worker
    signal.signal(signal.SIGTERM, lambda *_: signal.alarm(_GRACE_SECONDS))
    configure_logs(settings.json_logs, settings.log_level)
    worker_memory.tune()
    Thread(target=_end_with_the_worker, daemon=True).start()
    counter = _Counter(settings)
    Finalize(None, counter.close, exitpriority=0)
    _COUNTER.set(counter)


def _end_with_the_worker() -> None:
    worker = parent_process()
    if worker is not None:
        connection.wait([worker.sentinel])
        os._exit(1)


def _write(
    stretch: Stretch, offsets: Sequence[int], values: Sequence[bytes], verdict: Fault | None, now: datetime
) -> _Written:
    return _COUNTER.get().write(stretch, list(map(Record, offsets, values)), verdict, now)
