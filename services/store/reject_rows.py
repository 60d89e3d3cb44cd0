"""Records that could not be counted, as rows: kept sealed, counted by reason, and told to whoever listens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from schemas.reject import Reject
from schemas.topics import REJECTED_EVENTS
from services.store.letters import post
from services.store.queries import load
from services.store.rows import as_json
from services.store.secrecy import Secrecy
from streams.ports import Letter, RejectedRecord, Stretch

_QUERIES = load("counting")


async def store_rejects(
    connection: AsyncConnection[Any],
    stretch: Stretch,
    rejects: Sequence[RejectedRecord],
    secrecy: Secrecy,
    now: datetime,
) -> None:
    """Store what was rejected of a stretch, and post a letter about each, without its bytes."""
    origin = stretch.partition
    common = {"rejected_at": now, "topic": origin.topic, "partition": origin.partition}
    rows = [
        {**reject.fault.model_dump(), "offset": reject.offset, "raw": secrecy.seal(reject.raw)} for reject in rejects
    ]
    await connection.execute(_QUERIES["store_rejects"], {**as_json(rows), **common})
    await connection.execute(_QUERIES["count_rejects"], {"reason": [reject.fault.reason for reject in rejects]})
    told = (Reject(**reject.fault.model_dump(), offset=reject.offset, **common) for reject in rejects)
    await post(connection, (Letter(REJECTED_EVENTS.name, None, each.model_dump_json().encode()) for each in told))
