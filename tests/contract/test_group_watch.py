"""A worker that gets no partitions for long has its group freed, and joins it anew."""

import asyncio
from dataclasses import dataclass, field

import pytest

from services.group_watch import GroupWatch, free_group
from services.kafka_access import KafkaAccess
from services.kafka_topics import log_ids
from services.settings import Settings
from tests.conftest import Processes
from tests.waiting import wait_until


@dataclass
class PretendConsumer:
    assigned: bool = False


@dataclass
class PretendApp:
    consumer: PretendConsumer = field(default_factory=PretendConsumer)


async def test_the_group_is_freed_after_some_patience_and_again_after_as_much() -> None:
    freed = asyncio.Queue[None]()
    loop = asyncio.get_running_loop()

    def free() -> None:
        loop.call_soon_threadsafe(freed.put_nowait, None)

    async with GroupWatch(PretendApp(), free, 1.0):
        await asyncio.wait_for(freed.get(), 10)
        await asyncio.wait_for(freed.get(), 10)


async def test_whoever_has_been_assigned_something_or_nothing_is_left_alone() -> None:
    watch = GroupWatch(PretendApp(PretendConsumer(assigned=True)), lambda: pytest.fail("freed"), 1.0)
    async with watch:
        await asyncio.sleep(2.5)


def test_a_worker_goes_on_when_its_group_was_freed_under_it(settings: Settings, processes: Processes) -> None:
    worker = processes.start("worker")
    try:
        wait_until(lambda: "reading" in worker.log.read_text(), 40, "the worker reads")
        before = worker.log.read_text().count("reading")
        free_group(settings.kafka, settings.group)
        wait_until(lambda: worker.log.read_text().count("reading") > before, 60, "it reads again")
        assert worker.running
    finally:
        assert worker.stop(30)


def test_a_broker_that_is_away_is_left_to_the_next_time() -> None:
    free_group(KafkaAccess("127.0.0.1:1"), "klantreis")


def test_a_group_that_is_not_there_is_no_trouble(settings: Settings) -> None:
    free_group(settings.kafka, "nobody")
    assert log_ids(settings.kafka)
