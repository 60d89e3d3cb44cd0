"""The TimescaleDB that the tests in this folder run on."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg._preparing import PrepareManager

from services.store.migrate import migrate
from tests.timescale.server import FOLDER, TimescaleServer


@pytest.fixture(scope="session")
def installed() -> None:
    """Make sure that what `make test` installs from npm is here."""
    if (FOLDER / "node_modules").is_dir():
        return
    absent = "the TimescaleDB of the tests is not here: npm could not install it (.ci/timescale)"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(absent)
    pytest.skip(absent)


@pytest.fixture(scope="module")
def timescale(installed: None) -> Iterator[str]:
    """The address of an empty TimescaleDB of the module's own.

    All connections share one session, and with it the names of prepared statements: so none are prepared.
    """
    with pytest.MonkeyPatch.context() as patch, TimescaleServer() as server:
        patch.setattr(PrepareManager, "prepare_threshold", None)
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION timescaledb")
        yield server.url


@pytest.fixture(scope="module")
def database_url(timescale: str) -> str:
    """The address of a migrated database of the module's own: in this folder, a TimescaleDB."""
    migrate(timescale)
    return timescale
