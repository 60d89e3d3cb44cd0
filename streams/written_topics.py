"""The topics that a worker reads, and how the records of each are written into a store."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from schemas.codec import DECODERS
from schemas.reject import Fault
from schemas.topics import KPI_CHECKS
from streams.invitations import FatigueRule
from streams.judging import judge_due
from streams.ports import Record, Store, Stretch
from streams.writing import Rejections, Write, WriteInto, counting

TOPICS = (*DECODERS, KPI_CHECKS.name)
"""The topics that a worker reads."""


def writing(store: Store, rule: FatigueRule) -> Write:
    """Return what writes records into a store, as their topic asks; `rule` says how often a customer may be asked."""
    ways: Mapping[str, WriteInto] = {
        **{topic: counting(decode, rule) for topic, decode in DECODERS.items()},
        KPI_CHECKS.name: judge_due,
    }

    async def write(stretch: Stretch, records: Sequence[Record], verdict: Fault | None, now: datetime) -> Rejections:
        return await ways[stretch.partition.topic](store, stretch, records, verdict, now)

    return write
