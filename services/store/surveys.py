"""What the survey page asks of the database: the invitation behind a link, and that each question is answered once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import DictRow, class_row, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from services.store.connection import Connection
from services.store.queries import load
from services.store.reading import Unreadable

_OPTIONS = "-c statement_timeout=8000 -c application_name=klantreis-survey -c TimeZone=UTC"
_PATIENCE_SECONDS = 3.0
_CONNECTIONS = 2
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
    """A pool of connections that write. `open` before use and `close` after, on the loop it is used on."""

    def __init__(self, database_url: str) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            database_url,
            connection_class=psycopg.AsyncConnection[DictRow],
            kwargs={"row_factory": dict_row, "options": _OPTIONS, "connect_timeout": 3},
            check=AsyncConnectionPool.check_connection,
            min_size=0,
            max_size=_CONNECTIONS,
            timeout=_PATIENCE_SECONDS,
            reconnect_timeout=_PATIENCE_SECONDS,
            open=False,
        )

    async def open(self) -> None:
        """Get ready to connect when it is needed."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close(timeout=_PATIENCE_SECONDS)

    async def survey(self, invitation_id: str) -> Survey | None:
        """Return an invitation's survey; None if there is none any more. Raises Unreadable."""
        async with self._connection() as connection, connection.cursor(row_factory=class_row(Survey)) as cursor:
            await cursor.execute(_QUERIES["invitation"], {"invitation_id": invitation_id})
            return await cursor.fetchone()

    @asynccontextmanager
    async def responding(self, invitation_id: str, question: str, now: datetime) -> AsyncIterator[bool]:
        """Note that a question is answered, if the block ends well; yield whether it is for the first time.

        Who answers at the same moment waits until the block has ended, and is second. Raises Unreadable, within the
        block too.
        """
        given = {"invitation_id": invitation_id, "question": question, "now": now}
        async with self._connection() as connection:
            noted = await connection.execute(_QUERIES["respond"], given)
            yield noted.rowcount == 1

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.Error) as error:
            raise Unreadable(str(error)) from error
