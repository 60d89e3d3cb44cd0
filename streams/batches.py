"""A Faust transport whose unit is a batch: one message per partition and fetch, holding the fetched records.

Stock Faust hands records over one by one, acknowledges them even when their handler fails, and begins where Kafka
says. Here a handler gets a `Batch`; where reading begins is asked of whoever keeps the offsets (`Origins`); and
Kafka's own committed offset only follows, for lag tools.

Faust runs its Kafka client in a thread of its own. Three things must agree about a partition: the client's position,
our cursor, and the epoch that tells batches read before a seek from those read after it. They are set together in
that thread, by `_BatchThread.place`, and nothing else seeks.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError, KafkaError, KafkaTimeoutError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust import Schema
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.ports import Record

Origins = Callable[[AbstractSet[TP]], Awaitable[Mapping[TP, int]]]
"""Returns the offset at which reading begins; a partition that lacks begins at the beginning. May take its time."""

SETTLE_SECONDS = 3.0
"""How long a rebalance waits for the batches in hand."""

PAST_THE_END_SECONDS = 5.0
"""How long a log may seem to end before our cursor: what a broker says of its end may lag behind what it handed out."""

_LONG_POLL_MS = 100
"""How long a broker holds a fetch for which it has nothing. The embedded one looks again only at half that time."""

_UNDER_PRESSURE_SECONDS = 0.005
_log = structlog.get_logger()


@dataclass(frozen=True)
class Batch:
    """The records of one partition with begin <= offset < end; offsets may have gaps.

    `first` says that reading began at the log's beginning for want of a stored offset, and this is the first batch.
    """

    partition: TP
    epoch: int
    begin: int
    end: int
    records: Sequence[Record]
    first: bool = False

    @cached_property
    def size(self) -> int:
        """How many bytes its records hold."""
        return sum(len(record.value) for record in self.records)

    def halves(self) -> tuple["Batch", "Batch"]:
        """Return the batch in two parts, of at least one record each; needs two records."""
        middle = len(self.records) // 2
        border = self.records[middle].offset
        return (
            replace(self, end=border, records=self.records[:middle]),
            replace(self, begin=border, records=self.records[middle:], first=False),
        )

    def followed_by(self, other: "Batch") -> bool:
        """Say whether another batch goes on where this one ends."""
        return (self.partition, self.epoch, self.end) == (other.partition, other.epoch, other.begin)

    def with_next(self, other: "Batch") -> "Batch":
        """Return this batch and the one that follows it as one."""
        return replace(self, end=other.end, records=[*self.records, *other.records])


@dataclass(frozen=True)
class _Cursor:
    epoch: int
    next_offset: int
    first: bool


class LogEndsBeforeOffset(Exception):  # noqa: N818 - what is the case, in words
    """The log ends before the offset that was stored for it: it was made anew, or the broker has lost its end."""


def _ends_before(partition: TP, expected: int, says: str) -> LogEndsBeforeOffset:
    return LogEndsBeforeOffset(
        f"{partition.topic}/{partition.partition} has been counted up to offset {expected}, but its log {says}. "
        "Was the topic made anew, or has the broker lost its end? A worker started now would know a topic made anew."
    )


def _compare(partition: TP, expected: int, found: int) -> None:
    """Raise LogEndsBeforeOffset, and say so, if the client fell back to the log's beginning."""
    if found < expected:
        error = _ends_before(partition, expected, f"ends before that and was read from {found} on")
        _log.error("the worker stops: a log ends before what was counted of it", why=str(error))
        raise error


class BatchSchema(Schema):  # type: ignore[misc]
    """Hands a batch on as it is: decoding is the agent's."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> None:
        """Return no key: the records of a batch have keys of their own."""

    def loads_value(self, app: Any, message: Any, **_: Any) -> Batch:
        """Return the batch."""
        del app
        batch: Batch = message.value
        return batch


class BatchTransport(driver.Transport):  # type: ignore[misc]
    """Faust's Kafka transport with batches for messages. `overtaken` is told of a log that retention has cut short."""

    def __init__(self, app: Any, origins: Origins, overtaken: Callable[[], None]) -> None:
        super().__init__(app.conf.broker, app)
        self.origins = origins
        self.overtaken = overtaken


class _NeverRead(dict[TP, int]):
    """Faust drops messages below the offset it has read last. We keep our own cursor: it may go back."""

    def __missing__(self, key: TP) -> None:
        return None

    def __setitem__(self, key: TP, value: int) -> None:
        pass


async def _beginnings(client: AIOKafkaConsumer, partitions: Sequence[TP]) -> Mapping[TopicPartition, int]:
    """Return where partitions begin, asking for all at once; waits for the broker if it is away."""
    named = [TopicPartition(*partition) for partition in partitions]
    while named:
        try:
            beginnings: Mapping[TopicPartition, int] = await client.beginning_offsets(named)
        except KafkaTimeoutError as error:
            _log.warning("the broker does not say where its logs begin; asking again", why=repr(error))
        else:
            return beginnings
    return {}


def _keep(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    """Begin some work, and keep hold of it until it is done."""
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


class InHand:
    """How many batches are being written, for those who wait until none is."""

    def __init__(self) -> None:
        self._held = 0
        self._none = asyncio.Event()
        self._none.set()

    def __enter__(self) -> None:
        self._held += 1
        self._none.clear()

    def __exit__(self, *_: object) -> None:
        self._held -= 1
        if not self._held:
            self._none.set()

    async def settle(self, seconds: float) -> None:
        """Wait until no batch is in hand, but no longer than `seconds`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._none.wait(), seconds)


class _BatchThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread that the Kafka client runs in."""

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        client = super()._create_worker_consumer(transport)
        client._fetch_max_wait_ms = _LONG_POLL_MS
        return client

    async def place(self, origins: Mapping[TP, int | None]) -> None:
        """Read each partition on at its offset (None: the beginning), in a new epoch; not those that have gone.

        One call for all: the thread does one thing at a time, and a fetch in between may take a second.
        """
        client = self._ensure_consumer()
        beginnings = await _beginnings(client, [partition for partition, origin in origins.items() if origin is None])
        for partition, origin in origins.items():
            named = TopicPartition(*partition)
            offset = beginnings[named] if origin is None else origin
            with suppress(IllegalStateError):
                client.seek(named, offset)
                self.consumer.begin_epoch(partition, offset, first=origin is None)

    async def beginning(self, partition: TP) -> int:
        """Return the first offset that the log still holds."""
        return next(iter((await _beginnings(self._ensure_consumer(), [partition])).values()))

    async def commit_quietly(self, offsets: Mapping[TP, int]) -> None:
        """Tell Kafka how far we are. It is told again at the next batch, so a failure is only worth a line."""
        client = self._ensure_consumer()
        assigned = {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in offsets.items()}
        try:
            await client.commit({tp: offset for tp, offset in assigned.items() if tp in client.assignment()})
        except KafkaError as error:
            _log.info("Kafka did not take the committed offsets; the database has them", error=repr(error))

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> dict[TP, tuple[int, list[Any]]]:
        # No await may come between the fetch and the look at the epochs.
        fetched = await super()._fetch_records(*args, **kwargs)
        return {tp: (self.consumer.epoch(tp), records) for tp, records in fetched.items()}


class BatchConsumer(driver.Consumer):  # type: ignore[misc]
    """Reads batches. A batch counts only while it `is_current`: seeks and rebalances make older ones void."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.in_hand = InHand()
        """The batches that are being written."""
        self.assigned = False
        """Whether the group has told this member what it is to read; it may be nothing."""
        self._cursors: dict[TP, _Cursor] = {}
        self._written: dict[TP, int] = {}
        self._epochs = count(1)
        self._seeks: set[asyncio.Task[None]] = set()
        self._looks: set[asyncio.Task[None]] = set()
        self._past_the_end: dict[TP, float] = {}
        self._read_offset = _NeverRead()

    def _new_consumer_thread(self) -> _BatchThread:
        return _BatchThread(self, loop=self.loop, beacon=self.beacon)

    def epoch(self, partition: TP) -> int:
        """Return the partition's epoch; 0 while it has none."""
        cursor = self._cursors.get(partition)
        return cursor.epoch if cursor else 0

    def begin_epoch(self, partition: TP, offset: int, *, first: bool) -> None:
        """Void all batches read so far; the next one begins at this offset. Called in the client's thread only."""
        self._cursors[partition] = _Cursor(next(self._epochs), offset, first)

    def is_current(self, batch: Batch) -> bool:
        """Say whether the partition is still ours and has not been sought since the batch was read."""
        return self.epoch(batch.partition) == batch.epoch

    def written(self, batch: Batch) -> None:
        """Note that a batch is durable, for Kafka's committed offset."""
        self._written[batch.partition] = batch.end

    def restart(self, partition: TP) -> None:
        """Void the partition's batches and read on where its stored offset says, if it is still ours."""
        self._cursors.pop(partition, None)
        self._seek_soon({partition})

    async def perform_seek(self) -> None:
        """Begin to seek all partitions. Faust awaits this after each assignment, but not for long."""
        self._cancel_seeks()
        self._cursors.clear()
        self._seek_soon(self.assignment())

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Note that the group has come to an assignment."""
        self.assigned = True
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Void the revoked partitions' batches and give those in hand a moment to be written."""
        self.assigned = False
        self._cancel_seeks()
        for partition in revoked:
            self._cursors.pop(partition, None)
        await self.in_hand.settle(SETTLE_SECONDS)
        await super().on_partitions_revoked(revoked)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109
        """Fetch once and yield one message per partition."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        active = self._get_active_partitions()
        if not active:
            await asyncio.sleep(_UNDER_PRESSURE_SECONDS)
            return
        fetched = await self._getmany(active_partitions=active, timeout=timeout)
        for partition, (epoch, records) in (fetched or {}).items():
            batch = self._take(partition, epoch, records) if self.flow_active else None
            if batch is not None:
                if batch.begin < batch.records[0].offset:
                    _keep(self._look_into_gap(batch), self._looks)
                yield partition, self._message(batch)

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Let Kafka's committed offsets follow what is durable. Faust calls this by timer and when it stops."""
        del topics, start_new_transaction
        written, self._written = self._written, {}
        if written:
            await self._thread.call_thread(self._thread.commit_quietly, written)
        return bool(written)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Look for nothing: Faust's look-out for stuck streams goes by acknowledgements, and we give none.

        It also stops the worker when it comes by before a partition has a position.
        """

    def end(self, partition: TP) -> int | None:
        """Return where a partition ends, if that is known and the partition is ours at this moment."""
        try:
            end: int | None = self.highwater(partition)
        except AssertionError:  # the client gives partitions back in its own thread, at any moment
            return None
        return end

    def look_for_the_end(self, seconds: float) -> None:
        """Raise LogEndsBeforeOffset if a log has ended before our cursor for PAST_THE_END_SECONDS; call it often.

        `seconds` is the time on a steady clock. A broker may answer a read past its end with nothing, for ever.
        """
        behind = {
            tp: cursor.next_offset
            for tp, cursor in self._cursors.items()
            if (end := self.end(tp)) is not None and end < cursor.next_offset
        }
        self._past_the_end = {tp: self._past_the_end.get(tp, seconds) for tp in behind}
        for tp, since in self._past_the_end.items():
            if seconds - since >= PAST_THE_END_SECONDS:
                raise _ends_before(tp, behind[tp], f"ends at {self.end(tp)}")

    def _next_offset(self, partition: TP) -> int | None:
        cursor = self._cursors.get(partition)
        return cursor.next_offset if cursor else None

    def _take(self, partition: TP, epoch: int, records: Sequence[Any]) -> Batch | None:
        cursor = self._cursors.get(partition)
        if cursor is None or cursor.epoch != epoch or not records:
            return None
        _compare(partition, cursor.next_offset, records[0].offset)
        taken = [Record(record.offset, record.value or b"") for record in records]
        end = taken[-1].offset + 1
        self._cursors[partition] = _Cursor(epoch, end, first=False)
        return Batch(partition, epoch, cursor.next_offset, end, taken, cursor.first)

    def _message(self, batch: Batch) -> ConsumerMessage:
        topic, partition = batch.partition
        return ConsumerMessage(
            topic=topic,
            partition=partition,
            offset=batch.records[0].offset,
            timestamp=0.0,
            timestamp_type=0,
            headers=None,
            key=None,
            value=batch,
            checksum=None,
            tp=batch.partition,
            generation_id=self.app.consumer_generation_id,
        )

    def _seek_soon(self, partitions: AbstractSet[TP]) -> None:
        _keep(self._seek_to_origins(partitions), self._seeks)

    def _cancel_seeks(self) -> None:
        for task in self._seeks:
            task.cancel()

    async def _look_into_gap(self, batch: Batch) -> None:
        """Say so if records had gone before they were read. Transactions and compaction leave gaps that are none."""
        beginning = await self._thread.call_thread(self._thread.beginning, batch.partition)
        if beginning <= batch.begin:
            return
        _log.error(
            "retention has overtaken the counting: records were lost that the log no longer holds",
            topic=batch.partition.topic,
            partition=batch.partition.partition,
            first=batch.begin,
            last=min(beginning, batch.records[0].offset) - 1,
        )
        self.transport.overtaken()

    async def _seek_to_origins(self, partitions: AbstractSet[TP]) -> None:
        try:
            stored = await self.transport.origins(partitions)
            await self._thread.call_thread(self._thread.place, {tp: stored.get(tp) for tp in partitions})
            for topic, partition in sorted(partitions):
                _log.info("reading", topic=topic, partition=partition, offset=self._next_offset(TP(topic, partition)))
        except Exception as error:
            await self.app.crash(error)


BatchTransport.Consumer = BatchConsumer
