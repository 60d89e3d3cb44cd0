"""Case c: a stock Faust agent with a Record and a tumbling windowed table, in memory, without a database.

As Faust's documentation shows tables: https://faust-streaming.github.io/faust/userguide/tables.html
"""

import os
from datetime import datetime, timedelta
from typing import Any

import faust

from benchmarks.marks import FIRST, LAST, mark
from schemas.topics import TOUCHPOINT_EVENTS

_RECORDS = int(os.environ["BENCHMARK_RECORDS"])

app = faust.App(
    "benchmark-table",
    broker=f"kafka://{os.environ['BENCHMARK_BROKER']}",
    datadir=os.environ["BENCHMARK_FOLDER"],
    store="memory://",
    topic_partitions=TOUCHPOINT_EVENTS.partitions,
    web_enabled=False,
)


class Touchpoint(faust.Record, serializer="json", coerce=True):  # type: ignore[misc, call-arg]
    """A touchpoint event."""

    source: str
    event_id: str
    journey: str
    case_id: str
    customer: str
    touchpoint: str
    occurred_at: datetime
    channel: str
    department: str
    persona: str
    cost: float


events = app.topic(TOUCHPOINT_EVENTS.name, value_type=Touchpoint)
costs = (
    app.Table("costs", default=lambda: [0, 0.0, 0.0])
    .tumbling(timedelta(minutes=1), expires=timedelta(hours=2))
    .relative_to_field(Touchpoint.occurred_at)
)


@app.agent(events)  # type: ignore[untyped-decorator]
async def sum_up(stream: Any) -> None:
    """Keep count, sum and mean of the cost by minute."""
    done = 0
    async for event in stream:
        key = f"{event.touchpoint}|{event.department}|{event.channel}|{event.persona}"
        so_far = costs[key].value()
        count, total = so_far[0] + 1, so_far[1] + event.cost
        costs[key] = [count, total, total / count]
        done += 1
        if done == 1:
            mark(FIRST, done)
        elif done == _RECORDS:
            mark(LAST, done)


if __name__ == "__main__":
    app.main()
