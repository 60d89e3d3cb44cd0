"""The whole topology: which topics are read, by which agent, and what runs beside them by timer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import faust
import structlog
from aiokafka.errors import KafkaError
from faust.exceptions import ProducerSendError
from faust.types.auth import CredentialsT

from streams.agents import BatchAgent, Clock
from streams.batches import Batch, BatchConsumer, BatchSchema, BatchTransport, LogEndsBeforeOffset
from streams.lanes import Lanes
from streams.ports import Letter, Meter, Partition, Store, Unavailable
from streams.writing import Write
from streams.written_topics import TOPICS

_FETCHED_BYTES = 512 * 1024
"""What one fetch brings of a partition: little, so that all partitions have something to write side by side."""

REBALANCE_SECONDS = 10.0
"""How long the members of a group have to join it anew."""

_NOTE_ENDS_SECONDS = 1.0
_RELAY_SECONDS = 0.5
_RELEASE_SECONDS = 0.5
_CALL_SECONDS = 0.5
_FLAG_SECONDS = 20.0
_PRUNE_SECONDS = 3600.0
_NAME_LOGS_SECONDS = 5.0
_log = structlog.get_logger()

T = TypeVar("T")


class LogMadeAnew(Exception):  # noqa: N818 - what is the case, in words
    """A topic was deleted and made again under a running worker: offsets that it knows mean other records now."""


@dataclass(frozen=True)
class StreamSettings:
    """What the topology is told. `log_ids` names the broker's log behind each topic; `name_logs` looks again.

    `credentials` are who it says it is to the broker, if it need say that.

    `batch_records` is how many records one transaction counts at most, `side_by_side` how many transactions there are
    at a time; `least_released` how many new scores of a scope are shown together at least.
    """

    broker: str
    credentials: CredentialsT | None
    group: str
    data_dir: Path
    batch_records: int
    side_by_side: int
    session_seconds: float
    log_ids: Mapping[str, str]
    name_logs: Callable[[], Mapping[str, str]]
    least_released: int


def build_app(settings: StreamSettings, store: Store, write: Write, clock: Clock, meter: Meter) -> faust.App:
    """Build the worker's Faust app on an opened store, telling `meter` of its work; nothing runs yet.

    `write` writes what is received, with its offsets, into the same store.
    """
    app = faust.App(
        settings.group,
        broker=f"aiokafka://{settings.broker}",
        broker_credentials=settings.credentials,
        datadir=settings.data_dir,
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=settings.batch_records,
        consumer_max_fetch_size=_FETCHED_BYTES,
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.session_seconds / 6,
        broker_rebalance_timeout=REBALANCE_SECONDS,
        broker_request_timeout=max(10.0, settings.session_seconds),
        broker_commit_interval=1.0,
        stream_buffer_maxsize=2,
        stream_recovery_delay=0.0,
    )
    agent = BatchAgent(store, write, settings.log_ids, clock, meter)
    app.transport = BatchTransport(app, agent.origins, agent.overtaken)
    for topic in TOPICS:
        _add_agent(app, topic, agent, settings)
    _add_timers(app, agent, store, clock, meter)
    _flag_cases(app, store, clock)
    _release_scores(app, store, settings.least_released)
    _watch_logs(app, settings)
    return app


def _add_agent(app: faust.App, topic: str, agent: BatchAgent, settings: StreamSettings) -> None:
    async def write(batch: Batch) -> None:
        await agent.receive(batch, app.consumer)

    async def failed(error: Exception) -> None:
        _log.error("a batch could not be written; the worker stops", topic=topic, exc_info=error)
        await app.crash(error)

    async def receive(batches: Any) -> None:
        lanes = Lanes(write, failed, settings.batch_records, settings.side_by_side)
        try:
            async for batch in batches:
                await lanes.put(batch)
        finally:
            await lanes.close()

    source = app.topic(topic, schema=BatchSchema(), acks=False, internal=False)
    app.agent(source, name=topic)(receive)


def _add_timers(app: faust.App, agent: BatchAgent, store: Store, clock: Clock, meter: Meter) -> None:
    async def note_ends() -> None:
        try:
            app.consumer.look_for_the_end(time.monotonic())
        except LogEndsBeforeOffset as error:
            _log.error("the worker stops: a log ends before what was counted of it", why=str(error))
            await app.crash(error)
        ends = _ends(app.consumer, agent)
        meter.ends(ends, clock())
        await _unless_away(store.note_ends(ends, clock()))
        await _unless_away(agent.note_interruptions())

    async def relay() -> None:
        async def send(letters: Sequence[Letter]) -> None:
            for letter in letters:
                await (await app.producer.send(letter.topic, letter.key, letter.value, None, None, None))

        await _unless_away(store.relay(send))

    async def call_kpis() -> None:
        await _unless_away(store.call_kpis(clock()))

    async def prune() -> None:
        await _unless_away(store.prune(clock()))

    app.timer(_NOTE_ENDS_SECONDS)(note_ends)
    app.timer(_RELAY_SECONDS)(relay)
    app.timer(_CALL_SECONDS)(call_kpis)
    app.timer(_PRUNE_SECONDS)(prune)


def _flag_cases(app: faust.App, store: Store, clock: Clock) -> None:
    async def flag_overdue() -> None:
        flagged = await _unless_away(store.flag_overdue(clock()))
        if flagged:
            _log.info("flagged cases that wait too long", flags=flagged)

    app.timer(_FLAG_SECONDS)(flag_overdue)


def _release_scores(app: faust.App, store: Store, least: int) -> None:
    async def release_scores() -> None:
        while not app.should_stop:
            more = await _unless_away(store.release(least))
            await app.sleep(0 if more else _RELEASE_SECONDS)

    app.task(release_scores)


def _watch_logs(app: faust.App, settings: StreamSettings) -> None:
    """Stop when a topic was made anew. Its log may be longer than the old one already: then its end tells nothing."""

    async def watch_logs() -> None:
        try:
            named = await asyncio.to_thread(settings.name_logs)
        except (ConnectionError, LookupError):  # the broker is away, or a topic is just being made: the next turn sees
            return
        for topic, log_id in settings.log_ids.items():
            if named[topic] != log_id:
                why = f"{topic} was {log_id} and is {named[topic]} now. A worker started now counts the new one"
                _log.error("the worker stops: a topic was made anew", why=why)
                await app.crash(LogMadeAnew(why))

    app.timer(_NAME_LOGS_SECONDS)(watch_logs)


def _ends(consumer: BatchConsumer, agent: BatchAgent) -> dict[Partition, int]:
    ends = {tp: consumer.end(tp) for tp in consumer.assignment()}
    return {agent.named(tp): end for tp, end in ends.items() if end is not None}


async def _unless_away(upkeep: Awaitable[T]) -> T | None:
    """Do a piece of upkeep; while the store or the broker is away, leave it to the next turn."""
    try:
        return await upkeep
    except Unavailable as error:
        _log.warning("the database does not answer; upkeep waits", why=str(error))
    except (KafkaError, ProducerSendError) as error:
        _log.warning("the broker does not take what is to be sent; it is tried again", why=repr(error))
    return None
