"""Improvements for tests that need some, and a way to write them without a monitor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from schemas.improvement import Improvement, Proposal
from services.store.improvements import Improvements
from services.store.writing_pool import WritingPool

WRITTEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday morning on which improvements are written."""


def proposal(**given: Any) -> Proposal:
    """A change to the decision that is to make customers a point more satisfied, unless `given` says otherwise."""
    return Proposal.model_validate(
        {
            "touchpoint": "besluit",
            "what": "Brief in gewone taal",
            "owner": "Team besluiten",
            "effect": {"measure": "satisfaction", "direction": "up", "size": 1},
            **given,
        }
    )


@asynccontextmanager
async def improvements(database_url: str) -> AsyncIterator[Improvements]:
    """Improvements that can be written for as long as the block lasts."""
    pool = WritingPool(database_url)
    await pool.open()
    try:
        yield Improvements(pool)
    finally:
        await pool.close()


def kept(number: int, **given: Any) -> Improvement:
    """An improvement as it is kept in journey loket, written by Anna, unless `given` says otherwise."""
    beside = {"id": number, "journey": "loket", "revision": 1, "written_at": WRITTEN, "written_by": "Anna"}
    of_it = {name: given.pop(name) for name in set(given) & set(Improvement.model_fields) - set(Proposal.model_fields)}
    return Improvement.model_validate({**proposal(**given).model_dump(), **beside, **of_it})
