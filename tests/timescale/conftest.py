"""The TimescaleDB that the tests in this folder run on, in the place of the plain PostgreSQL of all others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from services.store.migrate import migrate
from tests.contract.conftest import counted, lasting_url  # noqa: F401 - the same fixtures, on this database
from tests.counted import Counted, store_on
from tests.drawn import MIDNIGHT
from tests.timescale.server import FOLDER, TimescaleServer, installed

if not installed():  # test_installed.py says so
    collect_ignore = [file.name for file in FOLDER.glob("test_*.py") if file.name != "test_installed.py"]

HYPERTABLES = {
    "windows_minute": 1,
    "rollups_minute": 1,
    "windows_hour": 30,
    "rollups_hour": 30,
    "windows_day": 365,
    "rollups_day": 365,
    "touchpoint_events": 90,
    "survey_answers": 365,
}
"""What lies in chunks, and how many days one of them holds."""

COMPRESSED = HYPERTABLES.keys() - {"windows_minute", "rollups_minute"}


@dataclass(frozen=True)
class Chunks:
    """A migrated TimescaleDB, how long everything is kept in it at first, and what is done to its chunks."""

    url: str
    kept: Sequence[tuple[str, str | None]] = ()

    def rows(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with psycopg.connect(self.url, autocommit=True, options="-c TimeZone=UTC") as connection:
            return connection.execute(query.encode(), given).fetchall()

    def run(self, statement: str, *given: Any) -> None:
        """Run what finds nothing."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode(), given or None)

    def compress(self) -> int:
        """Compress every chunk of the tables that are compressed when they are old; return how many."""
        return len(
            self.rows(
                """SELECT compress_chunk(chunk, if_not_compressed => true)
                   FROM unnest(%s::text[]) AS name, show_chunks(name::regclass) AS chunk""",
                sorted(COMPRESSED),
            )
        )


@pytest.fixture(scope="session")
def timescale() -> Iterator[Chunks]:
    """A migrated TimescaleDB."""
    with TimescaleServer() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION timescaledb")
        migrate(server.url)
        yield Chunks(server.url, Chunks(server.url).rows("SELECT name, keep::text FROM retention"))


@pytest.fixture(scope="module")
def database_url(timescale: Chunks) -> str:
    """The address of a database as it is once migrated: in this folder, of the one TimescaleDB for all modules."""
    Counted(timescale.url, store_on(timescale.url), MIDNIGHT).empty()
    for name, keep in timescale.kept:
        timescale.run("UPDATE retention SET keep = %s::interval WHERE name = %s", keep, name)
    return timescale.url
