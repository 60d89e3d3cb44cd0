"""Noting who has taken notice of an alert."""

from datetime import datetime

from services.store.queries import load
from services.store.writing_pool import WritingPool

_QUERIES = load("kpis")


class Acknowledgements:
    """Who has taken notice of which alert; the last word counts."""

    def __init__(self, pool: WritingPool) -> None:
        self._pool = pool

    async def acknowledge(
        self, journey: str, kpi: str, told_at: datetime, *, by: str, note: str, now: datetime
    ) -> bool:
        """Note it of the alert that is heard since `told_at`; say whether it still stands. Raises Unreadable."""
        given = {"journey": journey, "kpi": kpi, "told_at": told_at, "by": by, "note": note, "now": now}
        async with self._pool.connection() as connection:
            return (await connection.execute(_QUERIES["acknowledge"], given)).rowcount == 1
