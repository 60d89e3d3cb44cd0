"""Letters to Kafka: what is to leave is posted in the transaction that it tells of, and relayed afterwards."""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from schemas.alert import Alert
from schemas.topics import KPI_ALERTS, case_key, kpi_key
from services.store.queries import load
from streams.ports import Letter

_QUERIES = load("counting")


async def post(connection: AsyncConnection[Any], letters: Iterable[Letter]) -> None:
    """Put letters into the outbox, in their order."""
    columns = [list(column) for column in zip(*letters, strict=True)]
    if columns:
        await connection.execute(_QUERIES["post_letters"], dict(zip(Letter._fields, columns, strict=True)))


def alert_letter(alert: Alert) -> Letter:
    """Return the letter that tells of an alert; what belongs together has one key."""
    key = case_key(alert.journey, alert.case_id or "") if alert.kpi is None else kpi_key(alert.journey, alert.kpi)
    return Letter(KPI_ALERTS.name, key, alert.model_dump_json().encode())
