"""Noting that the baseline of a control chart begins anew, and undoing that."""

from datetime import date, datetime

from services.store.queries import load
from services.store.writing_pool import WritingPool

_QUERIES = load("charts")


class ChartResets:
    """Resets of baselines: each is kept with who, when and why, also once it is undone."""

    def __init__(self, pool: WritingPool) -> None:
        self._pool = pool

    async def reset(
        self,
        journey: str,
        *,
        measure: str,
        span: str,
        touchpoint: str,
        department: str,
        outcome: str,
        since: date,
        by: str,
        why: str,
        now: datetime,
    ) -> int:
        """Let a chart's baseline begin anew on a day, and return the number of that. Raises Unreadable."""
        given = {"journey": journey, "measure": measure, "span": span, "touchpoint": touchpoint}
        given |= {"department": department, "outcome": outcome, "by": by, "why": why}
        async with self._pool.connection() as connection:
            rows = await connection.execute(_QUERIES["reset"], {**given, "since": since, "now": now})
            (row,) = await rows.fetchall()
        return int(row["reset_id"])

    async def undo(self, journey: str, reset_id: int, *, by: str, now: datetime) -> bool:
        """Undo a reset; say whether there was one that held. Raises Unreadable."""
        given = {"journey": journey, "reset_id": reset_id, "by": by, "now": now}
        async with self._pool.connection() as connection:
            return (await connection.execute(_QUERIES["undo"], given)).rowcount == 1
