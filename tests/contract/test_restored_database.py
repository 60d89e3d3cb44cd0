"""A database that comes back from a backup, or as a standby that lags, under several stores that go on with it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from schemas.codec import decode_events
from services.embedded.database import EmbeddedDatabase
from services.store.journeys import apply_journey
from services.store.postgres import PostgresStore
from streams.ports import Fenced, Partition, Record, Stretch
from streams.writing import write
from tests.conftest import administer
from tests.counted import RULE, store_on
from tests.drawn import MIDNIGHT, event, loket

NOW = MIDNIGHT + timedelta(days=1)
PARTITIONS = [Partition("log", "touchpoint-events", number) for number in range(2)]
_WINDOWS = """
SELECT department, sum(n)::integer FROM windows_day LEFT JOIN scopes USING (scope_id)
WHERE measure = 'volume' OR measure IS NULL GROUP BY department ORDER BY department
"""


BACKUP = sql.Identifier("backup_of_a_test")


@pytest.fixture
def backed_up(database_url: str, database_server: EmbeddedDatabase) -> str:
    """The address of a database with a journey, as it is in the backup: nothing has been counted yet."""
    apply_journey(database_url, loket())
    administer(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(BACKUP, name_of(database_url)), database_server.url)
    return database_url


@pytest.fixture
async def stores(backed_up: str) -> AsyncIterator[Sequence[PostgresStore]]:
    """Two stores on one database, as two processes of a worker have them."""
    async with AsyncExitStack() as opened:
        stores = [store_on(backed_up) for _ in PARTITIONS]
        for store in stores:
            await store.open()
            opened.push_async_callback(store.close)
        yield stores


async def send(store: PostgresStore, partition: Partition, offset: int, touchpoint: str, case: str) -> None:
    record = Record(offset, event(touchpoint, 10 + offset, case_id=case, department=case).model_dump_json().encode())
    stretch = Stretch(partition, offset, offset + 1, first=offset == 0)
    await write(store, stretch, [record], decode_events, now=NOW, rule=RULE)


def name_of(database_url: str) -> sql.Identifier:
    return sql.Identifier(urlsplit(database_url).path[1:])


def restore(database_url: str, server_url: str) -> None:
    """Cut off everybody, and put the backup in the place of the database."""
    administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name_of(database_url)), server_url)
    administer(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(BACKUP, name_of(database_url)), server_url)


async def test_no_store_goes_on_with_numbers_of_the_lost_one(
    backed_up: str, database_server: EmbeddedDatabase, stores: Sequence[PostgresStore]
) -> None:
    """One store is fenced on both partitions; the other one, which never was, gets the batch that is read again."""
    for store, partition, case in zip(stores, PARTITIONS, "XY", strict=True):
        await send(store, partition, 0, "aanvraag", case)
    restore(backed_up, database_server.url)
    for partition in PARTITIONS:
        with pytest.raises(Fenced):
            await send(stores[0], partition, 1, "besluit", "X")
    await send(stores[1], PARTITIONS[1], 0, "aanvraag", "Y")
    await send(stores[0], PARTITIONS[0], 0, "aanvraag", "X")
    with psycopg.connect(backed_up) as connection:
        assert connection.execute(_WINDOWS).fetchall() == [("X", 1), ("Y", 1)]
