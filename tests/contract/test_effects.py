"""Effects of improvements on a real database: what the API and the page say of weeks that were put there."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from httpx import ASGITransport, AsyncClient

from schemas.journey import Journey
from services.cli_effect import UnknownImprovement, say_effect
from services.monitor.app import build_app
from services.settings import Settings
from services.store.improvements import Improvements
from services.store.journeys import apply_journey
from tests.filling import Filling
from tests.improving import improvements, proposal

ZONE = ZoneInfo("Europe/Amsterdam")
TODAY = datetime.now(ZONE).date()
IDS = [f"c{number}" for number in range(9)]
SLOW = [f"s{number}" for number in range(2)]
FIRST, ANSWERS = -26, 5

Values = dict[tuple[str, int], list[int]]


def day_of(change: date, week: int) -> datetime:
    """A midnight in the third day of a week that is counted from a change."""
    return datetime.combine(change + timedelta(days=7 * week + 2), time(), ZONE).astimezone(UTC)


def journey() -> Journey:
    touchpoints = [{"id": each, "name": each.upper(), "asks": ["satisfaction"]} for each in IDS]
    slow = [{"id": each, "name": each.upper()} for each in SLOW]
    return Journey.model_validate(
        {
            "id": "werf",
            "name": "Werf",
            "time_zone": "Europe/Amsterdam",
            "phases": [{"id": "een", "name": "Een", "touchpoints": [*slow, *touchpoints]}],
            "spans": [{"id": "traag", "name": {"nl": "Traag", "en": "Slow"}, "start": "s0", "end": "s1"}],
            "end_touchpoints": ["c8"],
            "kpis": [{"id": "k", "name": "K", "measure": "satisfaction", "norm": 7, "touchpoint": "c0"}],
        }
    )


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    apply_journey(database_url, journey())
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def filling(connection: psycopg.Connection) -> Filling:
    filling = Filling(connection)
    filling.empty()
    connection.execute("TRUNCATE improvements, improvement_revisions, kpi_changes RESTART IDENTITY")
    return filling


@pytest.fixture
async def written(database_url: str, filling: Filling) -> AsyncIterator[Improvements]:
    async with improvements(database_url) as written:
        yield written


@pytest.fixture
async def client(database_url: str, filling: Filling) -> AsyncIterator[AsyncClient]:
    app = build_app(Settings(database_url=database_url, broker="nowhere.invalid:1"))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://monitor") as client,
    ):
        yield client


def scored(filling: Filling, change: date, last: int, rises: dict[str, int]) -> Values:
    """Give every touchpoint five scores a week up to the last one; from a change on, those of some are higher."""
    chance = Random(4)
    values: Values = {}
    with filling.connection.transaction():
        for touchpoint in IDS:
            scope = filling.scope("released satisfaction", journey="werf", touchpoint=touchpoint)
            for week in range(FIRST, last + 1):
                rise = rises.get(touchpoint, 0) if week >= 0 else 0
                drawn = [1000 * (chance.randrange(4, 8) + rise) for _ in range(ANSWERS)]
                values[touchpoint, week] = drawn
                filling.window("day", day_of(change, week), scope, "released satisfaction", drawn)
        seen = filling.scope("volume", journey="werf", touchpoint="c0")
        filling.window("day", day_of(change, FIRST - 1), seen, "volume", [1])
    return values


def risen(values: Values, touchpoint: str, before: range, after: range) -> float:
    sides = ([each for week in weeks for each in values[touchpoint, week]] for weeks in (before, after))
    first, last = (fmean(side) for side in sides)
    return (last - first) / 1000


async def effect(client: AsyncClient, number: int) -> dict[str, Any]:
    answer = await client.get(f"/api/journeys/werf/improvements/{number}/effect")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_effect_is_that_beside_touchpoints_without_the_change(
    filling: Filling, written: Improvements, client: AsyncClient, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change = TODAY - timedelta(days=7 * 9)
    values = scored(filling, change, 8, {"c0": 2})
    given = proposal(touchpoint="c0", what={"nl": "Bel <terug>", "en": "Call <back>"}, done_on=change, settles_weeks=2)
    number = await written.add("werf", given, by="Anna", now=datetime.now(UTC))
    elsewhere = proposal(touchpoint="c8", done_on=change + timedelta(days=20))
    await written.add("werf", elsewhere, by="Anna", now=datetime.now(UTC))
    found = await effect(client, number)
    before, after = range(-13, 0), range(2, 8)
    others = [risen(values, each, before, after) for each in IDS[1:8]]
    assert found["effect"] == "worked"
    assert found["estimate"]["value"] == pytest.approx(risen(values, "c0", before, after) - fmean(others))
    assert found["estimate"]["low"] > 0
    assert (found["n_before"], found["n_after"], found["touchpoints_compared"]) == (65, 30, 7)
    assert found["told_on"] == (change + timedelta(days=56)).isoformat()
    assert [(each["touchpoint"], each["compared"], each["changed"]) for each in found["others"]] == [
        *((each, True, False) for each in IDS[1:8]),
        ("c8", False, True),
    ]
    for language, said in (("nl", "Werkte: +"), ("en", "Worked: +")):
        page = await client.get(f"/journeys/werf/improvements/{number}/effect", params={"lang": language})
        assert page.status_code == 200
        assert said in page.text
        assert "&lt;" in page.text
        assert "<terug>" not in page.text
    await to_thread(say_effect, database_url, number, datetime.now(UTC), 20)
    told = capsys.readouterr().out
    assert f"c0, satisfaction: {found['summary_en']}" in told


async def test_what_is_drawn_holds_every_week_once_and_no_figure_of_fewer_than_twenty(
    filling: Filling, written: Improvements, client: AsyncClient
) -> None:
    change = TODAY - timedelta(days=7 * 9)
    values = scored(filling, change, 8, {"c0": 2})
    number = await written.add("werf", proposal(touchpoint="c0", done_on=change), by="Anna", now=datetime.now(UTC))
    stretches = (await effect(client, number))["stretches"]
    assert {each["counts"] for each in stretches} == {"left_out", "before", "after", "later"}
    days = [date.fromisoformat(each[end]) for each in stretches for end in ("first", "last")]
    assert all(later - earlier == timedelta(days=1) for earlier, later in zip(days[1::2], days[2::2], strict=False))
    assert all((each["own"] is None) == (each["n"] < 20) for each in stretches)
    last = next(each for each in reversed(stretches) if each["counts"] == "after")
    weeks = [(date.fromisoformat(last[end]) - change).days // 7 for end in ("first", "last")]
    own = [value for week in range(weeks[0], weeks[1] + 1) for value in values["c0", week]]
    assert last["own"]["value"] == pytest.approx(fmean(own) / 1000)


async def test_until_all_weeks_have_passed_it_is_provisional_and_says_what_to_expect(
    filling: Filling, written: Improvements, client: AsyncClient
) -> None:
    change = TODAY - timedelta(days=7 * 6 - 1)
    scored(filling, change, 4, {"c0": 3})
    number = await written.add("werf", proposal(touchpoint="c0", done_on=change), by="Anna", now=datetime.now(UTC))
    found = await effect(client, number)
    assert (found["effect"], found["estimate"], found["n_after"]) == ("provisional", None, None)
    assert found["told_on"] == (TODAY + timedelta(days=1)).isoformat()
    assert found["summary_nl"].startswith("voorlopig")
    # of four scores that are as likely, 1.25 a score: over 65, 30 and of seven others
    sampling = (1.25 * (1 / 65 + 1 / 30) * (1 + 1 / 8)) ** 0.5
    assert 1.96 * sampling < found["expected_half_width"] < 4 * sampling
    planned = await written.add("werf", proposal(touchpoint="c1"), by="Anna", now=datetime.now(UTC))
    found = await effect(client, planned)
    assert (found["effect"], found["told_on"], found["estimate"]) == ("planned", None, None)
    page = (await client.get(f"/journeys/werf/improvements/{planned}/effect")).text
    reach = f"{found['expected_half_width']:.1f}".replace(".", ",")
    assert f"ziet u een verschil vanaf {reach}" in page
    assert "zal waarschijnlijk niets zeggen" not in page
    await written.add(
        "werf",
        proposal(touchpoint="c1", effect={"measure": "satisfaction", "direction": "up", "size": "0.1"}),
        by="Anna",
        now=datetime.now(UTC),
    )
    backlog = (await client.get("/journeys/werf/improvements")).text
    assert "Voorlopig: op " in backlog
    assert f"Verschil te zien vanaf {reach}<" in backlog
    assert f"Verschil pas te zien vanaf {reach}, verwacht is 0,1" in backlog


async def test_what_raised_an_alarm_that_still_stood_is_left_out(
    filling: Filling, written: Improvements, client: AsyncClient
) -> None:
    change = TODAY - timedelta(days=7 * 7)
    scored(filling, change, 6, {})
    for days, below in ((-7 * 8, True), (6, False)):
        filling.connection.execute(
            """INSERT INTO kpi_changes (journey, kpi, definition, at, below, climb_from, threshold, decided_at)
               VALUES ('werf', 'k', gen_random_uuid(), %s, %s, %s, 1, now())""",
            (day_of(change, 0) + timedelta(days=days), below, day_of(change, 0) + timedelta(days=days - 9)),
        )
    number = await written.add("werf", proposal(touchpoint="c0", done_on=change), by="Anna", now=datetime.now(UTC))
    found = await effect(client, number)
    assert (found["weeks_before"], found["weeks_left_out"], found["n_before"]) == (7, 6, 35)
    assert found["alarm_stood_since"] == (change + timedelta(days=2 - 56)).isoformat()
    assert found["effect"] == "no_difference"


async def test_with_too_few_touchpoints_to_compare_with_nothing_is_claimed(
    filling: Filling, written: Improvements, client: AsyncClient
) -> None:
    change = TODAY - timedelta(days=7 * 7)
    scored(filling, change, 6, {"c0": 3})
    number = await written.add("werf", proposal(touchpoint="c0", done_on=change), by="Anna", now=datetime.now(UTC))
    for touchpoint in IDS[4:]:
        await written.add("werf", proposal(touchpoint=touchpoint, done_on=change), by="A", now=datetime.now(UTC))
    found = await effect(client, number)
    assert (found["effect"], found["estimate"]) == ("unmeasured", None)
    assert found["summary_nl"] == "niet te meten: 3 vergelijkbare contactmomenten, 6 nodig"


async def test_a_duration_is_a_ratio_beside_the_gaps_of_touchpoints_outside_its_span(
    filling: Filling, written: Improvements, client: AsyncClient
) -> None:
    change = TODAY - timedelta(days=7 * 7)
    chance = Random(2)
    scopes = [("throughput", {"span": "traag", "touchpoint": "s1"})]
    scopes += [("gap", {"span": "s0", "touchpoint": each}) for each in IDS]
    with filling.connection.transaction():
        for measure, named in scopes:
            scope = filling.scope(measure, journey="werf", **named)
            for week in range(FIRST, 7):
                part = 0.5 if measure == "throughput" and week >= 0 else 1
                values = [round(864e5 * chance.uniform(8, 12) * part) for _ in range(ANSWERS)]
                filling.window("day", day_of(change, week), scope, measure, values)
        seen = filling.scope("volume", journey="werf", touchpoint="c0")
        filling.window("day", day_of(change, FIRST - 1), seen, "volume", [1])
    expected = {"measure": "throughput", "span": "traag", "direction": "down", "size": 4}
    given = proposal(touchpoint="s1", effect=expected, done_on=change)
    number = await written.add("werf", given, by="Anna", now=datetime.now(UTC))
    found = await effect(client, number)
    assert (found["effect"], found["unit"], found["touchpoints_compared"]) == ("worked", "ratio", 9)
    assert found["estimate"]["value"] == pytest.approx(-0.5, abs=0.05)
    assert "s0" in {each["touchpoint"] for each in found["others"]}
    page = (await client.get(f"/journeys/werf/improvements/{number}/effect")).text
    assert "Werkte: −5" in page or "Werkte: −4" in page


async def test_what_is_not_there_is_told(
    filling: Filling, written: Improvements, client: AsyncClient, database_url: str
) -> None:
    number = await written.add("werf", proposal(touchpoint="c0"), by="Anna", now=datetime.now(UTC))
    found = await effect(client, number)
    assert (found["effect"], found["expected_half_width"], found["stretches"]) == ("planned", None, [])
    assert (await client.get(f"/journeys/werf/improvements/{number}/effect")).status_code == 200
    await written.withdraw("werf", number, 1, by="Anna", now=datetime.now(UTC))
    for path in (f"/api/journeys/werf/improvements/{number}/effect", f"/journeys/werf/improvements/{number}/effect"):
        assert (await client.get(path)).status_code == 404
    with pytest.raises(UnknownImprovement):
        await to_thread(say_effect, database_url, number, datetime.now(UTC), 20)
