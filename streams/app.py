"""The whole topology: which topics are read, by which agent, and what runs beside them by timer."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import KafkaError
from faust.exceptions import ProducerSendError

from schemas.topics import TOUCHPOINT_EVENTS
from streams.agents import Clock, TouchpointAgent
from streams.batches import BatchConsumer, BatchSchema, BatchTransport
from streams.ports import Letter, Partition, Store, Unavailable

_NOTE_ENDS_SECONDS = 1.0
_RELAY_SECONDS = 1.0
_PRUNE_SECONDS = 3600.0
_log = structlog.get_logger()


@dataclass(frozen=True)
class StreamSettings:
    """What the topology is told. `log_ids` names the broker's log behind each topic."""

    broker: str
    group: str
    data_dir: Path
    batch_records: int
    session_seconds: float
    log_ids: Mapping[str, str]


def build_app(settings: StreamSettings, store: Store, clock: Clock) -> faust.App:
    """Build the worker's Faust app on an opened store; nothing runs yet."""
    app = faust.App(
        settings.group,
        broker=f"aiokafka://{settings.broker}",
        datadir=settings.data_dir,
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=settings.batch_records,
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.session_seconds / 6,
        broker_rebalance_timeout=10.0,
        broker_request_timeout=max(10.0, settings.session_seconds),
        broker_commit_interval=1.0,
        stream_buffer_maxsize=16,
        stream_recovery_delay=0.0,
    )
    touchpoints = TouchpointAgent(store, settings.log_ids, clock)
    app.transport = BatchTransport(app, touchpoints.origins)

    topic = app.topic(TOUCHPOINT_EVENTS.name, schema=BatchSchema(), acks=False, internal=False)

    async def count_touchpoints(batches: Any) -> None:
        async for batch in batches:
            try:
                await touchpoints.receive(batch, app.consumer)
            except Exception as error:
                _log.exception("a batch could not be counted; the worker stops", partition=str(batch.partition))
                await app.crash(error)

    app.agent(topic, name="touchpoints")(count_touchpoints)
    _add_timers(app, touchpoints, store, clock)
    return app


def _add_timers(app: faust.App, touchpoints: TouchpointAgent, store: Store, clock: Clock) -> None:
    async def note_ends() -> None:
        await _unless_away(store.note_ends(_ends(app.consumer, touchpoints), clock()))

    async def relay() -> None:
        async def send(letters: Sequence[Letter]) -> None:
            for letter in letters:
                await (await app.producer.send(letter.topic, letter.key, letter.value, None, None, None))

        await _unless_away(store.relay(send))

    async def prune() -> None:
        await _unless_away(store.prune(clock()))

    app.timer(_NOTE_ENDS_SECONDS)(note_ends)
    app.timer(_RELAY_SECONDS)(relay)
    app.timer(_PRUNE_SECONDS)(prune)


def _ends(consumer: BatchConsumer, touchpoints: TouchpointAgent) -> dict[Partition, int]:
    ends = {tp: consumer.highwater(tp) for tp in consumer.assignment()}
    return {touchpoints.named(tp): end for tp, end in ends.items() if end is not None}


async def _unless_away(upkeep: Awaitable[object]) -> None:
    """Do a piece of upkeep; while the store or the broker is away, leave it to the next turn of the timer."""
    try:
        await upkeep
    except Unavailable as error:
        _log.warning("the database does not answer; upkeep waits", why=str(error))
    except (KafkaError, ProducerSendError) as error:
        _log.warning("the broker does not take what is to be sent; it is tried again", why=repr(error))
