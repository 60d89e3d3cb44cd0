"""Case b: a stock Faust agent that takes 2,000 events at a time, with the product's validation and store.

As Faust's documentation shows batches: https://faust-streaming.github.io/faust/userguide/streams.html
It begins at Kafka's committed offset and acknowledges after the block. What a transaction must know of its stretch of
the log, it keeps track of by itself.
"""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import faust
from faust.types import TP

from schemas.codec import decode_events
from schemas.topics import TOUCHPOINT_EVENTS
from services.kafka_access import KafkaAccess
from services.kafka_topics import log_ids
from services.store.postgres import PostgresStore
from services.store.secrecy import Secrecy
from services.survey_links import SurveyLinks
from streams.invitations import FatigueRule
from streams.ports import Partition, Record, Stretch
from streams.writing import write

_SECRET = os.environ["BENCHMARK_SECRET"]
_RULE = FatigueRule(2, timedelta(days=30))
_BROKER = os.environ["BENCHMARK_BROKER"]

app = faust.App(
    "benchmark-take",
    broker=f"kafka://{_BROKER}",
    datadir=os.environ["BENCHMARK_FOLDER"],
    store="memory://",
    value_serializer="raw",
    web_enabled=False,
)
events = app.topic(TOUCHPOINT_EVENTS.name)
store = PostgresStore(
    os.environ["BENCHMARK_DATABASE_URL"],
    Secrecy(_SECRET),
    SurveyLinks(_SECRET, "", timedelta(days=14)).link,
    "benchmark",
)
log_id = log_ids(KafkaAccess(_BROKER))[TOUCHPOINT_EVENTS.name]


@app.agent(events)  # type: ignore[untyped-decorator]
async def count(stream: Any) -> None:
    """Write each partition's part of a batch in a transaction of its own."""
    await store.open()
    ends: dict[TP, int] = {}
    async for batch in stream.take_events(2000, within=0.2):
        for tp, records in _by_partition(batch).items():
            begin = ends.get(tp, records[0].offset)
            ends[tp] = records[-1].offset + 1
            stretch = Stretch(Partition(log_id, *tp), begin, ends[tp], first=begin == 0)
            await write(store, stretch, records, decode_events, now=datetime.now(UTC), rule=_RULE)


def _by_partition(batch: Sequence[Any]) -> Mapping[TP, Sequence[Record]]:
    found: dict[TP, list[Record]] = defaultdict(list)
    for event in batch:
        found[event.message.tp].append(Record(event.message.offset, event.value))
    return found


if __name__ == "__main__":
    app.main()
