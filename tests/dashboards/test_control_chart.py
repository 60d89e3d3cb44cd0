"""The control chart of the department's dashboard is that of the monitor's review, asked of a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import psycopg
import pytest

from services.store.journeys import apply_journey
from streams.control_chart import control_chart
from tests.dashboards.committed import Asked, panels, read
from tests.dashboards.expansion import Chosen, Span, expanded
from tests.filling import Filling
from tests.snapshots import balie

NOW = datetime.now(UTC)
MONDAY = datetime.combine(NOW.date() - timedelta(days=NOW.weekday()), time(12), UTC)
EVER = Span(NOW - timedelta(days=800), NOW)


@pytest.fixture
def filling(database_url: str) -> Iterator[Filling]:
    apply_journey(database_url, balie())
    with psycopg.connect(database_url, autocommit=True, options="-c TimeZone=UTC") as connection:
        filling = Filling(connection)
        filling.empty()
        yield filling


def asked() -> Asked:
    (panel,) = (each for each in panels(read("department")) if each["title"] == "Regelkaart per week")
    (target,) = panel["targets"]
    return Asked(panel["title"], target["datasource"]["uid"], target["rawSql"])


def filled(filling: Filling, weeks: list[list[int]]) -> None:
    """Give scores in weeks that are over, the last list in the last of them; on Wednesdays, and one as it begins."""
    scope = filling.scope("released satisfaction", touchpoint="gesteld", department="KCC")
    with filling.connection.transaction():
        for ago, scores in enumerate(reversed(weeks), 1):
            wednesday = MONDAY - timedelta(weeks=ago, days=-2)
            filling.window("day", wednesday, scope, "released satisfaction", [1000 * score for score in scores])


def charted(filling: Filling) -> list[tuple[Any, ...]]:
    chosen = {
        "journey": Chosen(["balie"]),
        "department": Chosen(["KCC"]),
        "touchpoint": Chosen(["gesteld"]),
    }
    return filling.connection.execute(expanded(asked().text, chosen, EVER, timescale=False).encode()).fetchall()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_has_the_limits_and_the_signals_of_the_review(filling: Filling, seed: int) -> None:
    """A fall in the weeks 30 to 39, a single one in week 45, and now and then a week of too few scores."""
    chance = Random(seed)
    weeks = [
        [chance.randint(4, 6) if 30 <= number < 40 else 1 if number == 45 else chance.randint(5, 10) for _ in range(25)]
        if number % 13
        else [1] * 19
        for number in range(60)
    ]
    filled(filling, weeks)
    known = [sum(scores) / len(scores) for scores in weeks if len(scores) >= 20]
    (section,) = control_chart(known, lowest=1, highest=10)
    assert section.limits is not None
    signalling = {place for each in section.signals for place in range(each.first, each.last + 1)}
    assert len(signalling) >= 8
    rows = charted(filling)
    assert [float(row[1]) for row in rows] == pytest.approx(known)
    assert {place for place, row in enumerate(rows) if row[2] is not None} == signalling
    for row in rows:
        limits = section.limits
        assert [float(each) for each in row[3:6]] == pytest.approx([limits.mean, limits.low, limits.high])
        assert row[6] == 25


def test_under_24_weeks_there_are_no_limits(filling: Filling) -> None:
    filled(filling, [[7] * 10 + [8] * 10] * 23)
    assert [row[2:6] for row in charted(filling)] == [(None, None, None, None)] * 23


def test_the_week_that_runs_is_left_out(filling: Filling) -> None:
    filled(filling, [[7] * 20])
    scope = filling.scope("released satisfaction", touchpoint="gesteld", department="KCC")
    filling.window("day", MONDAY, scope, "released satisfaction", [5000] * 30)
    assert len(charted(filling)) == 1
