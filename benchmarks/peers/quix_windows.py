"""Case d: Quix Streams with pydantic's validation and its own windows and store, without a database.

As its documentation shows windows: https://quix.io/docs/quix-streams/windowing.html. It runs in an environment of its
own, since it and the product want different versions of pydantic. Windows there are by record key: the records come
keyed by what windows are kept apart by, which spares it the detour through another topic that `group_by` takes.
"""

import os
from datetime import timedelta
from typing import Any

from quixstreams import Application
from quixstreams.dataframe.windows import Count, Mean, Sum
from quixstreams.models import Deserializer, SerializationContext, TopicConfig

from benchmarks.marks import FIRST, LAST, mark
from schemas.topics import TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent

_RECORDS = int(os.environ["BENCHMARK_RECORDS"])


class Touchpoint(Deserializer):  # type: ignore[misc]
    """Bytes to what is summed of a valid event."""

    def __call__(self, value: bytes, ctx: SerializationContext) -> Any:
        """Validate, and return when it was and what it cost."""
        del ctx
        event = TouchpointEvent.model_validate_json(value)
        return {"at": int(event.occurred_at.timestamp() * 1000), "cost": float(event.cost or 0)}


def _event_time(value: Any, *_: Any) -> int:
    return int(value["at"])


class Progress:
    """Marks the first record and the last."""

    def __init__(self) -> None:
        self._done = 0

    def __call__(self, _topic: str, _partition: int, _offset: int) -> None:
        """Take note that a record was processed."""
        self._done += 1
        if self._done == 1:
            mark(FIRST, 1)
        elif self._done == _RECORDS:
            mark(LAST, _RECORDS)


def main() -> None:
    """Run until told to stop."""
    app = Application(
        broker_address=os.environ["BENCHMARK_BROKER"],
        consumer_group="benchmark",
        auto_offset_reset="earliest",
        state_dir=os.environ["BENCHMARK_FOLDER"],
        on_message_processed=Progress(),
        loglevel="WARNING",
    )
    config = TopicConfig(
        num_partitions=TOUCHPOINT_EVENTS.partitions,
        replication_factor=1,
        extra_config={"retention.ms": str(TOUCHPOINT_EVENTS.retention_days * 86_400_000)},
    )
    topic = app.topic(
        TOUCHPOINT_EVENTS.name, value_deserializer=Touchpoint(), timestamp_extractor=_event_time, config=config
    )
    windows = app.dataframe(topic).tumbling_window(timedelta(minutes=1))
    windows.agg(count=Count(), total=Sum("cost"), mean=Mean("cost")).final()
    app.run()


if __name__ == "__main__":
    main()
