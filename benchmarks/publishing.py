"""Putting records into the topic quickly: whole batches, to the partition that producers would choose."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from benchmarks.traffic import Record
from schemas.topics import TOUCHPOINT_EVENTS

_BATCH_BYTES = 128 * 1024
_IN_FLIGHT = 16


def publish(broker: str, records: Sequence[Record], partitions: int = TOUCHPOINT_EVENTS.partitions) -> None:
    """Send the records to the topic of touchpoint events, in order, and wait until the broker has them."""
    asyncio.run(_publish(broker, records, partitions))


async def _publish(broker: str, records: Sequence[Record], partitions: int) -> None:
    async with Publisher(broker, partitions) as publisher:
        await publisher.send(records)
        await publisher.settle()


class Publisher:
    """A connection that sends records batch by batch."""

    def __init__(self, broker: str, partitions: int = TOUCHPOINT_EVENTS.partitions) -> None:
        self._partitions = partitions
        self._producer = AIOKafkaProducer(bootstrap_servers=broker, max_batch_size=_BATCH_BYTES, acks="all")
        self._sent: list[asyncio.Future[Any]] = []

    async def __aenter__(self) -> "Publisher":
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def send(self, records: Iterable[Record]) -> None:
        """Hand over the records, each partition's in order; of large numbers, wait for the earlier ones."""
        builders: dict[int, Any] = {}
        for record in records:
            partition = _partition(record.key, self._partitions)
            builder = builders.get(partition)
            if builder is None or builder.append(key=record.key, value=record.value, timestamp=None) is None:
                if builder is not None:
                    await self._hand_over(builder, partition)
                builder = builders[partition] = self._producer.create_batch()
                builder.append(key=record.key, value=record.value, timestamp=None)
        for partition, builder in builders.items():
            await self._hand_over(builder, partition)

    async def settle(self) -> None:
        """Wait until the broker has everything that was handed over. Raises aiokafka's KafkaError."""
        sent, self._sent = self._sent, []
        await asyncio.gather(*sent)

    async def _hand_over(self, builder: Any, partition: int) -> None:
        self._sent.append(await self._producer.send_batch(builder, TOUCHPOINT_EVENTS.name, partition=partition))
        if len(self._sent) > _IN_FLIGHT:
            await self._sent.pop(0)


@lru_cache(maxsize=1 << 17)
def _partition(key: bytes, partitions: int) -> int:
    """Return the partition that Kafka's own clients choose for a key."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
