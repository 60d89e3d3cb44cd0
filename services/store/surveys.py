"""What the survey page asks of the database: the invitation behind a link, and that each question is answered once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from services.store.queries import load
from services.store.writing_pool import WritingPool

_QUERIES = load("surveys")


@dataclass(frozen=True)
class Survey:
    """An invitation that was sent, and which of its questions have been answered on its page."""

    invitation_id: str
    journey: str
    case_id: str
    touchpoint: str
    questions: Sequence[str]
    decided_at: datetime
    answered: Sequence[str]


class Surveys:
    """What invitations ask, and what of it has been answered."""

    def __init__(self, pool: WritingPool) -> None:
        self._pool = pool

    async def survey(self, invitation_id: str) -> Survey | None:
        """Return an invitation's survey; None if there is none any more. Raises Unreadable."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Survey)) as cursor:
            await cursor.execute(_QUERIES["invitation"], {"invitation_id": invitation_id})
            return await cursor.fetchone()

    @asynccontextmanager
    async def responding(self, invitation_id: str, question: str, now: datetime) -> AsyncIterator[bool]:
        """Note that a question is answered, if the block ends well; yield whether it is for the first time.

        Who answers at the same moment waits until the block has ended, and is second. Raises Unreadable, within the
        block too.
        """
        given = {"invitation_id": invitation_id, "question": question, "now": now}
        async with self._pool.connection() as connection:
            noted = await connection.execute(_QUERIES["respond"], given)
            yield noted.rowcount == 1
