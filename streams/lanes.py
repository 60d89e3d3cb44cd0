"""One lane a partition: its batches are written one after another, grown together while they wait; lanes side by side.

While one lane waits for the database, another computes, or several do where there are processes for them. What piles
up in a lane becomes one larger transaction, so that transactions are small while there is little to do and large under
load.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

from faust.types import TP

from streams.batches import Batch

MOST_BYTES = 4_000_000
"""How many bytes of records one transaction counts at most, unless one batch alone holds more."""

_WAITING = 4
"""How many full transactions may wait in all lanes together."""

Write = Callable[[Batch], Awaitable[None]]


class Lanes:
    """Writes batches by `write`, at most `most` records and MOST_BYTES at a time; an error of it goes to `failed`.

    At most `side_by_side` lanes write at a time.
    """

    def __init__(
        self, write: Write, failed: Callable[[Exception], Awaitable[None]], most: int, side_by_side: int
    ) -> None:
        self._write = write
        self._failed = failed
        self._most = most
        self._turns = asyncio.Semaphore(side_by_side)
        self._lanes: dict[TP, deque[Batch]] = defaultdict(deque)
        self._tasks: dict[TP, asyncio.Task[None]] = {}
        self._room = asyncio.Event()

    async def put(self, batch: Batch) -> None:
        """Take a batch, once there is room for it."""
        while self._is_full():
            self._room.clear()
            await self._room.wait()
        self._lanes[batch.partition].append(batch)
        task = self._tasks.get(batch.partition)
        if task is None or task.done():
            self._tasks[batch.partition] = asyncio.get_running_loop().create_task(self._empty(batch.partition))

    def _is_full(self) -> bool:
        waiting = [batch for lane in self._lanes.values() for batch in lane]
        records, size = sum(len(batch.records) for batch in waiting), sum(batch.size for batch in waiting)
        return records >= _WAITING * self._most or size >= _WAITING * MOST_BYTES

    async def close(self) -> None:
        """Drop what waits, and cancel what is being written: a transaction is whole or has not been."""
        self._lanes.clear()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _empty(self, partition: TP) -> None:
        while self._lanes[partition]:
            async with self._turns:
                await self._write_next(partition)

    async def _write_next(self, partition: TP) -> None:
        lane = self._lanes[partition]
        if lane:
            batch = _next(lane, self._most)
            self._room.set()
            try:
                await self._write(batch)
            except Exception as error:
                await self._failed(error)


def _next(lane: deque[Batch], most: int) -> Batch:
    """Take the oldest batch, together with as many that follow it as one transaction may hold."""
    batch = lane.popleft()
    size = batch.size
    while lane and batch.followed_by(lane[0]):
        size += lane[0].size
        if len(batch.records) + len(lane[0].records) > most or size > MOST_BYTES:
            break
        batch = batch.with_next(lane.popleft())
    return batch
