"""Halving a batch, and what the batch transport leans on in the installed Faust and aiokafka."""

import inspect
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from faust import Schema
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.batches import Batch, BatchConsumer, BatchTransport, LogEndsBeforeOffset, _BatchThread
from streams.ports import Record

PARTITION = TP("touchpoint-events", 0)


def batch(begin: int, end: int, *offsets: int, first: bool = False) -> Batch:
    return Batch(PARTITION, 1, begin, end, [Record(offset, b"") for offset in offsets], first)


@pytest.mark.parametrize(
    ("whole", "first", "second"),
    [
        (batch(0, 4, 0, 1, 2, 3), batch(0, 2, 0, 1), batch(2, 4, 2, 3)),
        (batch(5, 12, 7, 11), batch(5, 11, 7), batch(11, 12, 11)),  # offsets have gaps: the halves still meet
        (batch(0, 3, 0, 1, 2), batch(0, 1, 0), batch(1, 3, 1, 2)),
        (batch(0, 2, 0, 1, first=True), batch(0, 1, 0, first=True), batch(1, 2, 1)),
    ],
)
def test_halves_cover_the_stretch_without_a_seam(whole: Batch, first: Batch, second: Batch) -> None:
    assert whole.halves() == (first, second)


def test_the_versions_that_were_read() -> None:
    assert (version("faust-streaming"), version("aiokafka")) == ("0.15.3", "0.14.0")


@pytest.mark.parametrize(
    ("owner", "method", "parameters"),
    [
        (driver.Consumer, "_new_consumer_thread", ["self"]),
        (Consumer, "perform_seek", ["self"]),
        (Consumer, "on_partitions_revoked", ["self", "revoked"]),
        (Consumer, "getmany", ["self", "timeout"]),
        (driver.Consumer, "verify_event_path", ["self", "now", "tp"]),
        (Consumer, "force_commit", ["self", "topics", "start_new_transaction"]),
        (driver.AIOKafkaConsumerThread, "_create_worker_consumer", ["self", "transport"]),
        (
            driver.AIOKafkaConsumerThread,
            "_fetch_records",
            ["self", "consumer", "active_partitions", "timeout", "max_records"],
        ),
        (Schema, "loads_key", ["self", "app", "message", "loads", "serializer"]),
        (Schema, "loads_value", ["self", "app", "message", "loads", "serializer"]),
    ],
)
def test_what_is_overridden_is_there_and_takes_what_it_took(owner: Any, method: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, method)).parameters) == parameters


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        (Recovery._resume_streams, ["consumer.perform_seek()", "broker_request_timeout"]),
        (Consumer._drain_messages, ["getmany(timeout=1.0)", "self._read_offset.__getitem__", "r_offset is None"]),
        (driver.AIOKafkaConsumerThread._create_worker_consumer, ["fetch_max_wait_ms=1500"]),
        (AIOKafkaConsumer.start, ["fetch_max_wait_ms=self._fetch_max_wait_ms"]),
        (driver.Consumer._new_consumer_thread, ["AIOKafkaConsumerThread(self, loop=self.loop, beacon=self.beacon)"]),
    ],
)
def test_what_is_leant_on_reads_as_it_did(owner: Any, words: list[str]) -> None:
    source = inspect.getsource(owner)
    assert [word for word in words if word not in source] == []


def test_our_classes_are_the_ones_that_run() -> None:
    assert BatchTransport.Consumer is BatchConsumer
    assert "_BatchThread" in inspect.getsource(BatchConsumer._new_consumer_thread)
    assert issubclass(_BatchThread, driver.AIOKafkaConsumerThread)


@dataclass(frozen=True)
class Fetched:
    """A record as the Kafka client has it."""

    offset: int
    value: bytes | None = b"{}"


def consumer_at(offset: int, *, first: bool = False) -> BatchConsumer:
    """A consumer with a cursor and nothing else: no app, no broker."""
    consumer = BatchConsumer.__new__(BatchConsumer)
    consumer._cursors, consumer._epochs, consumer._past_the_end = {}, count(1), {}
    consumer.begin_epoch(PARTITION, offset, first=first)
    return consumer


def test_batches_follow_each_other_and_only_the_first_says_so() -> None:
    consumer = consumer_at(5, first=True)
    one = consumer._take(PARTITION, 1, [Fetched(5), Fetched(7, None)])
    two = consumer._take(PARTITION, 1, [Fetched(8)])
    assert one == Batch(PARTITION, 1, 5, 8, [Record(5, b"{}"), Record(7, b"")], first=True)
    assert two == Batch(PARTITION, 1, 8, 9, [Record(8, b"{}")])


def test_what_was_fetched_before_a_seek_is_dropped() -> None:
    consumer = consumer_at(5)
    before = consumer._take(PARTITION, 1, [Fetched(5)])
    assert before is not None
    assert consumer.is_current(before)
    consumer.begin_epoch(PARTITION, 5, first=False)
    assert consumer._take(PARTITION, 1, [Fetched(6)]) is None
    assert not consumer.is_current(before)
    assert consumer._take(TP("touchpoint-events", 3), 0, [Fetched(0)]) is None


def test_a_log_that_ends_before_the_stored_offset_is_an_error_in_words() -> None:
    """The Kafka client falls back to the log's beginning by itself, and says nothing."""
    with pytest.raises(LogEndsBeforeOffset, match="touchpoint-events/0 has been counted up to offset 100"):
        consumer_at(100)._take(PARTITION, 1, [Fetched(0), Fetched(1)])


def test_a_cursor_past_the_log_s_end_is_an_error_after_a_while() -> None:
    """The embedded broker answers a read past its end with nothing."""
    consumer = consumer_at(100)
    ends: dict[TP, int | None] = {PARTITION: None}
    consumer.highwater = ends.get
    consumer.look_for_the_end(0.0)
    ends[PARTITION] = 60
    consumer.look_for_the_end(1.0)
    ends[PARTITION] = 100
    consumer.look_for_the_end(4.0)
    ends[PARTITION] = 60
    consumer.look_for_the_end(5.0)
    consumer.look_for_the_end(9.0)
    with pytest.raises(LogEndsBeforeOffset, match="up to offset 100, but its log ends at 60"):
        consumer.look_for_the_end(10.0)


def test_a_partition_that_is_just_being_given_back_has_no_end() -> None:
    """A seek that was under way when it was revoked has left a cursor behind."""
    consumer = consumer_at(100)

    def highwater(partition: TP) -> int:
        raise AssertionError("Partition is not assigned")

    consumer.highwater = highwater
    assert consumer.end(PARTITION) is None
    consumer.look_for_the_end(0.0)


def test_batches_that_follow_each_other_become_one() -> None:
    one, two = batch(0, 4, 0, 3, first=True), batch(4, 6, 5)
    assert one.followed_by(two)
    assert one.with_next(two) == batch(0, 6, 0, 3, 5, first=True)
    assert not two.followed_by(one)
    assert not one.followed_by(batch(5, 6, 5))
