"""A browser, and a monitor to look at with it: each module has its own, with a database that it fills as it likes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from services.settings import Settings
from services.store.journeys import apply_journey
from tests.browser.chromium import Tab, browser
from tests.filling import Filling
from tests.monitoring import RunningMonitor, running_monitor
from tests.snapshots import balie


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browser() as tab:
        yield tab


@pytest.fixture(scope="module")
def filling(tab: Tab, database_url: str) -> Iterator[Filling]:
    """The database, once there is a browser to look at it with."""
    apply_journey(database_url, balie())
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield Filling(connection)


@pytest.fixture(scope="module")
def monitor(
    filling: Filling, database_url: str, scratch: Path, request: pytest.FixtureRequest
) -> Iterator[RunningMonitor]:
    folder = scratch / request.module.__name__.rpartition(".")[2]
    settings = Settings(data_dir=folder, database_url=database_url, broker="127.0.0.1:1", snapshot_seconds=0.5)
    with running_monitor(settings) as monitor:
        yield monitor


def worker_is_seen(filling: Filling, ahead: timedelta = timedelta(minutes=2)) -> None:
    """Let a worker be seen for a while from now on."""
    filling.log(10, 10, datetime.now(UTC) + ahead)
