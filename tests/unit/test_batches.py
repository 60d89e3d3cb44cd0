"""Halving a batch, and what the batch transport leans on in the installed Faust and aiokafka."""

import inspect
from importlib.metadata import version
from typing import Any

import pytest
from faust import Schema
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.batches import Batch, BatchConsumer, BatchTransport, Record, _BatchThread


def batch(begin: int, end: int, *offsets: int) -> Batch:
    return Batch(TP("touchpoint-events", 0), 1, begin, end, [Record(offset, b"") for offset in offsets])


@pytest.mark.parametrize(
    ("whole", "first", "second"),
    [
        (batch(0, 4, 0, 1, 2, 3), batch(0, 2, 0, 1), batch(2, 4, 2, 3)),
        (batch(5, 12, 7, 11), batch(5, 11, 7), batch(11, 12, 11)),  # offsets have gaps: the halves still meet
        (batch(0, 3, 0, 1, 2), batch(0, 1, 0), batch(1, 3, 1, 2)),
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
