"""Batches in lanes: in order within a partition, grown together while they wait, side by side across partitions."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from faust.types import TP

from streams.batches import Batch
from streams.lanes import MOST_BYTES, Lanes
from streams.ports import Record

MOST = 4
SIDE_BY_SIDE = 2


def batch(partition: int, begin: int, n: int, epoch: int = 1) -> Batch:
    records = [Record(offset, b"") for offset in range(begin, begin + n)]
    return Batch(TP("touchpoint-events", partition), epoch, begin, begin + n, records)


class Desk:
    """Notes what is written; holds writes back until told to go on."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.written: list[tuple[int, int, int]] = []
        self.begun = 0
        self.failures: list[Exception] = []

    async def write(self, each: Batch) -> None:
        self.begun += 1
        await self.open.wait()
        if each.begin == 99:
            raise ValueError("no")
        self.written.append((each.partition.partition, each.begin, each.end))

    async def failed(self, error: Exception) -> None:
        self.failures.append(error)


@pytest.fixture
async def desk() -> Desk:
    return Desk()


@pytest.fixture
async def lanes(desk: Desk) -> AsyncIterator[Lanes]:
    lanes = Lanes(desk.write, desk.failed, MOST, SIDE_BY_SIDE)
    yield lanes
    await lanes.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - it is the lanes' own turns that are waited for
            await asyncio.sleep(0)


async def test_what_waits_is_written_together_and_in_order(desk: Desk, lanes: Lanes) -> None:
    for begin in range(7):
        putting = asyncio.ensure_future(lanes.put(batch(0, begin, 1)))
        await asyncio.sleep(0)
    desk.open.set()
    await putting
    await until(lambda: sum(end - begin for _, begin, end in desk.written) == 7)
    assert desk.written[0] == (0, 0, 1)
    assert [begin for _, begin, _ in desk.written[1:]] == [end for _, _, end in desk.written[:-1]]
    assert max(end - begin for _, begin, end in desk.written) == MOST


async def test_a_batch_of_another_epoch_is_not_joined(desk: Desk, lanes: Lanes) -> None:
    for each in (batch(0, 0, 1), batch(0, 1, 1), batch(0, 2, 1, epoch=2)):
        await lanes.put(each)
    desk.open.set()
    await until(lambda: len(desk.written) == 2)
    assert desk.written == [(0, 0, 2), (0, 2, 3)]


async def test_lanes_write_side_by_side_but_not_more_than_so_many(desk: Desk, lanes: Lanes) -> None:
    for partition in range(SIDE_BY_SIDE + 2):
        await lanes.put(batch(partition, 0, 1))
    await until(lambda: desk.begun == SIDE_BY_SIDE)
    await asyncio.sleep(0.01)
    assert desk.begun == SIDE_BY_SIDE
    desk.open.set()
    await until(lambda: len(desk.written) == SIDE_BY_SIDE + 2)


async def test_full_lanes_make_the_reader_wait(desk: Desk, lanes: Lanes) -> None:
    await lanes.put(batch(0, 0, MOST))
    await until(lambda: desk.begun == 1)  # it is in hand now
    for place in range(1, 5):
        await lanes.put(batch(0, place * MOST, MOST))
    waiting: Awaitable[None] = asyncio.ensure_future(lanes.put(batch(1, 0, 1)))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.02)
    desk.open.set()
    await asyncio.wait_for(waiting, 5)


async def test_what_fails_is_handed_on(desk: Desk, lanes: Lanes) -> None:
    desk.open.set()
    await lanes.put(replace(batch(0, 99, 1)))
    await until(lambda: bool(desk.failures))
    assert str(desk.failures[0]) == "no"


async def test_what_waits_is_dropped_on_closing(desk: Desk, lanes: Lanes) -> None:
    await lanes.put(batch(0, 0, 1))
    await lanes.put(batch(0, 1, 1))
    await asyncio.sleep(0)
    await lanes.close()
    desk.open.set()
    await asyncio.sleep(0.01)
    assert desk.written == []


async def test_large_records_are_not_piled_up(desk: Desk, lanes: Lanes) -> None:
    """They are few, but memory holds fewer still."""
    half = b"x" * (MOST_BYTES // 2)
    large = [replace(batch(0, offset, 1), records=[Record(offset, half)]) for offset in range(12)]
    putting = [asyncio.ensure_future(lanes.put(each)) for each in large]
    await until(lambda: desk.begun == 1)
    await asyncio.sleep(0.01)
    assert not all(each.done() for each in putting)
    desk.open.set()
    await until(lambda: sum(end - begin for _, begin, end in desk.written) == len(large))
    assert max(end - begin for _, begin, end in desk.written) == 2
