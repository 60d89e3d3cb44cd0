"""One lane a partition: its batches are written one after another, grown together while they wait; lanes side by side.

While one lane waits for the database, another computes. What piles up in a lane becomes one larger transaction, so
that transactions are small while there is little to do and large under load.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

from faust.types import TP

from streams.batches import Batch

SIDE_BY_SIDE = 2
"""How many lanes write at a time: one computes while the other waits for the database."""

Write = Callable[[Batch], Awaitable[None]]


class Lanes:
    """Writes batches by `write`, at most `most` records at a time; an error of `write` goes to `failed`."""

    def __init__(self, write: Write, failed: Callable[[Exception], Awaitable[None]], most: int) -> None:
        self._write = write
        self._failed = failed
        self._most = most
        self._turns = asyncio.Semaphore(SIDE_BY_SIDE)
        self._lanes: dict[TP, _Lane] = {}

    async def put(self, batch: Batch) -> None:
        """Take a batch, once its lane has room for it."""
        lane = self._lanes.get(batch.partition)
        if lane is None:
            lane = self._lanes[batch.partition] = _Lane(self._written, self._most)
        await lane.put(batch)

    async def close(self) -> None:
        """Drop what waits, and cancel what is being written: a transaction is whole or has not been."""
        for lane in self._lanes.values():
            await lane.close()
        self._lanes.clear()

    async def _written(self, batch: Batch) -> None:
        try:
            async with self._turns:
                await self._write(batch)
        except Exception as error:
            await self._failed(error)


class _Lane:
    def __init__(self, write: Write, most: int) -> None:
        self._write = write
        self._most = most
        self._waiting: deque[Batch] = deque()
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def put(self, batch: Batch) -> None:
        while sum(len(each.records) for each in self._waiting) >= self._most:
            self._room.clear()
            await self._room.wait()
        self._waiting.append(batch)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._empty())

    async def close(self) -> None:
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _empty(self) -> None:
        while self._waiting:
            await self._write(self._next())

    def _next(self) -> Batch:
        """Take the oldest batch, together with as many that follow it as one transaction may hold."""
        batch = self._waiting.popleft()
        while self._waiting and batch.followed_by(self._waiting[0]):
            if len(batch.records) + len(self._waiting[0].records) > self._most:
                break
            batch = batch.with_next(self._waiting.popleft())
        self._room.set()
        return batch
