"""What must hold of the flags of cases, in whatever order events came and whoever flagged them when."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg

from tests.chance import Drawn
from tests.counted import store_on
from tests.oracle import Drawing, Passage

_FLAGS = """
SELECT case_id, kind, touchpoint, after, since, due_at, cleared_at IS NULL, corrected
FROM case_flags JOIN cases USING (case_key) WHERE cases.journey = %s
"""
_log = logging.getLogger("chaos")

_Wait = tuple[Any, ...]
"""case_id, kind, touchpoint, after, since, due_at."""


def flag_overdue(database_url: str, now: datetime) -> None:
    """Look for overdue cases, as a worker does by its timer."""
    asyncio.run(_flag_overdue(database_url, now))


def wrongly_flagged(database_url: str, drawn: Drawn, now: datetime) -> Sequence[str]:
    """Look for overdue cases once more, and return which flags are missing, or stand otherwise than they should."""
    flag_overdue(database_url, now)
    ends = _ends(drawn)
    wrong: list[str] = []
    standing: set[_Wait] = set()
    with psycopg.connect(database_url, options="-c TimeZone=UTC") as connection:
        for *wait, is_open, corrected in connection.execute(_FLAGS, (drawn.journey,)):
            right = _stands(ends.get(tuple(wait), []), wait[-1])
            if right != (is_open, corrected):
                wrong.append(f"flag {wait} is (open, corrected) = {(is_open, corrected)}, not {right}")
            if is_open:
                standing.add(tuple(wait))
    _log.info("%d flags stand in the end", len(standing))
    overdue = {wait for wait, ended in ends.items() if None in ended and wait[-1] < now}
    return [*wrong, *(f"no flag for {wait}" for wait in overdue - standing)]


def _stands(ended: Sequence[datetime | None], due_at: datetime) -> tuple[bool, bool]:
    """Return whether a flag is open, and whether it was never right, given when what it is about ended."""
    if None in ended:
        return True, False
    return False, not any(moment is not None and moment > due_at for moment in ended)


def _ends(drawn: Drawn) -> Mapping[_Wait, list[datetime | None]]:
    """Return when each thing that any case has waited for ended; at one moment there may be several of the same."""
    ends: dict[_Wait, list[datetime | None]] = {}
    for case_id in {event.case_id for event in drawn.events}:
        passage = Passage(Drawing(drawn.versions))
        list(passage.walk([event for event in drawn.events if event.case_id == case_id], []))
        for *wait, ended in passage.waited():
            ends.setdefault((case_id, *wait), []).append(ended)
    return ends


async def _flag_overdue(database_url: str, now: datetime) -> None:
    store = store_on(database_url)
    await store.open()
    try:
        _log.info("flagged %d times", await store.flag_overdue(now))
    finally:
        await store.close()
