"""The improvements of journeys: added, changed, withdrawn and read back, with every revision of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from schemas.improvement import Improvement, ImprovementRevision, Proposal
from services.store.connection import Connection
from services.store.queries import load
from services.store.reading import Moment
from services.store.writing_pool import WritingPool

_QUERIES = load("improvements")


class NotChanged(Exception):  # noqa: N818 - an answer, not a mistake
    """An improvement is no longer at the revision that was to be changed; `held` is how it stands, None: it is not."""

    def __init__(self, held: Improvement | None) -> None:
        super().__init__("there is no such improvement" if held is None else f"it is at revision {held.revision} now")
        self.held = held


class Improvements:
    """Writes improvements. A change names the revision that it changes, so that nobody overwrites what they never saw.

    Every method raises Unreadable.
    """

    def __init__(self, pool: WritingPool) -> None:
        self._pool = pool

    async def add(self, journey: str, proposal: Proposal, *, by: str, now: datetime, note: str = "") -> int:
        """Add an improvement and return the number by which it is known."""
        given = {**_columns(proposal), "journey": journey, "by": by, "now": now, "note": note}
        async with self._pool.connection() as connection:
            (row,) = await (await connection.execute(_QUERIES["add"], given)).fetchall()
        return int(row["improvement_id"])

    async def change(
        self, journey: str, number: int, revision: int, proposal: Proposal, *, by: str, now: datetime, note: str = ""
    ) -> None:
        """Let an improvement read otherwise from now on. Raises NotChanged if it is at another revision."""
        given = {**_columns(proposal), "by": by, "now": now, "note": note}
        await self._write("change", journey, number, {**given, "revision": revision})

    async def withdraw(
        self, journey: str, number: int, revision: int, *, by: str, now: datetime, note: str = ""
    ) -> None:
        """Withdraw an improvement, for ever. Raises NotChanged if it is at another revision."""
        given = {"revision": revision, "by": by, "now": now, "note": note}
        await self._write("withdraw", journey, number, given)

    async def _write(self, query: str, journey: str, number: int, given: Mapping[str, Any]) -> None:
        async with self._pool.connection() as connection:
            done = await connection.execute(_QUERIES[query], {**given, "journey": journey, "id": number})
            held = [] if done.rowcount == 1 else await _read(connection, journey, number)
        if done.rowcount != 1:
            raise NotChanged(held[0] if held else None)


async def read_improvements(moment: Moment, journey: str) -> Sequence[Improvement]:
    """Return all improvements of a journey by number, those that were withdrawn too."""
    return await _read(moment.connection, journey)


async def read_improvement(moment: Moment, journey: str, number: int) -> Improvement | None:
    """Return one improvement, None if the journey has none of that number."""
    found = await _read(moment.connection, journey, number)
    return found[0] if found else None


async def read_revisions(moment: Moment, journey: str, number: int | None = None) -> Sequence[ImprovementRevision]:
    """Return every revision of an improvement, or of all of a journey, by number, the oldest first."""
    rows = await moment.connection.execute(_QUERIES["revisions"], {"journey": journey, "id": number})
    return [ImprovementRevision.model_validate(row) async for row in rows]


async def _read(connection: Connection, journey: str, number: int | None = None) -> Sequence[Improvement]:
    rows = await connection.execute(_QUERIES["improvements"], {"journey": journey, "id": number})
    return [_improvement(row) async for row in rows]


def _improvement(row: Mapping[str, Any]) -> Improvement:
    of_it = dict(row)
    effect = {name: of_it.pop(name) for name in ("measure", "span", "direction", "size")}
    what = {language: of_it.pop(f"what_{language}") for language in ("nl", "en")}
    return Improvement.model_validate({**of_it, "what": what, "effect": effect})


def _columns(proposal: Proposal) -> dict[str, Any]:
    plain = proposal.model_dump(exclude={"what", "effect"})
    what = {f"what_{language}": text for language, text in proposal.what.model_dump().items()}
    return {**plain, **what, **proposal.effect.model_dump(), "proposal": proposal.model_dump_json()}
