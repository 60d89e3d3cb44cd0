"""KPIs as those who judge them see them, for looking without changing anything."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from services.store import kpi_rows
from services.store.connection import Connection
from streams.judgement import Held
from streams.kpi_evidence import Coverage, HourOfValues, KpiName

_OPTIONS = "-c default_transaction_read_only=on -c TimeZone=UTC -c application_name=klantreis-kpi"


class StoredKpis:
    """Implements streams.ports.KpiReading on a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def kpi(self, name: KpiName) -> Held:
        """Return what is stored of a KPI."""
        return await kpi_rows.held(self._connection, name)

    async def kpi_hours(
        self, covered: Coverage, start: datetime, end: datetime, *, by_value: bool
    ) -> Sequence[HourOfValues]:
        """Return the hours start <= hour <= end of what a KPI covers, in no order; `by_value`: with their bins."""
        return await kpi_rows.hours(self._connection, covered, start, end, by_value=by_value)

    async def caught_up(self, few: int, now: datetime) -> bool:
        """Say whether no more than a few records wait to be counted; not if no worker has looked at the log lately."""
        return await kpi_rows.caught_up(self._connection, few, now)


@asynccontextmanager
async def stored_kpis(database_url: str) -> AsyncIterator[StoredKpis]:
    """Connect for as long as the block lasts. Raises psycopg.Error."""
    async with await AsyncConnection.connect(database_url, row_factory=dict_row, options=_OPTIONS) as connection:
        yield StoredKpis(connection)
