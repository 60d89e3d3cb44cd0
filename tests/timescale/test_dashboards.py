"""Every query of the dashboards can be asked of TimescaleDB; what it tells is looked at on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

import psycopg
import pytest

from dashboards.all_boards import BOARDS
from schemas.journey import JourneyVersion
from services.simulator.population import Population
from tests.counted import Counted
from tests.dashboards.committed import read
from tests.dashboards.demo import arrivals, demo_journey
from tests.dashboards.execution import Sources, failures


@pytest.fixture
async def a_day(counted: Counted) -> Counted:
    """What came of the cases that began on a working day, seven weeks ago."""
    counted.now = now = datetime.now(UTC)
    counted.empty(JourneyVersion(version=1, valid_from=now - timedelta(days=900), journey=demo_journey()))
    monday = (now - timedelta(days=49 + now.weekday())).date()
    cases = Population(1, now).beginning_on(monday)
    await counted.count(*chain.from_iterable(arrivals(case, now) for case in cases))
    while await counted.store.release(1):
        pass
    return counted


@pytest.fixture
def sources(a_day: Counted) -> Iterator[Sources]:
    with psycopg.connect(a_day.database_url, options="-c TimeZone=UTC") as connection:
        yield Sources(connection, None, datetime.now(UTC), timescale=True)
        connection.rollback()


def test_every_query_can_be_asked(sources: Sources) -> None:
    rows = sources.database.execute("SELECT sum(n), count(DISTINCT touchpoint) FROM reporting.fact_day").fetchone()
    assert rows
    assert (rows[0] > 50, rows[1] > 8) == (True, True), "there is something to ask of"
    assert {name: found for name in BOARDS if (found := failures(read(name), sources, first=True))} == {}
