"""Control charts and the review that shows them on a real database: weeks, signals, baselines that begin anew."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from httpx import ASGITransport, AsyncClient

from services.monitor.app import build_app
from services.settings import Settings
from services.store.journeys import apply_journey
from tests.filling import Filling
from tests.snapshots import balie

ZONE = ZoneInfo("Europe/Amsterdam")
CHART = "/api/journeys/balie/charts"
VOLUME = {"measure": "volume", "touchpoint": "gesteld"}
NEW = {**VOLUME, "by": "Anna", "why": "Nieuw loket <b>"}


def monday(weeks: int) -> datetime:
    """The beginning of a week, so many before the running one, as the clock in Amsterdam has it."""
    today = datetime.now(ZONE).date()
    return datetime.combine(today - timedelta(days=today.weekday() + 7 * weeks), time(), ZONE).astimezone(UTC)


def days_after(moment: datetime, days: int) -> datetime:
    """A midnight in Amsterdam, also where the clock changes in between."""
    return datetime.combine(moment.astimezone(ZONE).date() + timedelta(days=days), time(), ZONE).astimezone(UTC)


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    apply_journey(database_url, balie())
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def filling(connection: psycopg.Connection) -> Filling:
    filling = Filling(connection)
    filling.empty()
    return filling


@pytest.fixture
def visited(filling: Filling) -> Filling:
    """Visits on Tuesdays and Sundays: 5 and 6 in turn in the 30 weeks up to the last, 9 in that one, 2 in this one."""
    late = filling.scope("volume", span="late", touchpoint="gesteld", department="KCC")
    post = filling.scope("volume", touchpoint="gesteld", department="Post")
    elsewhere = filling.scope("volume", touchpoint="antwoord", department="KCC")
    with filling.connection.transaction():
        for weeks in range(31, 0, -1):
            filling.window("day", days_after(monday(weeks), 1), late, "volume", [1] * (4 + weeks % 2))
            filling.window("day", days_after(monday(weeks), 6), post, "volume", [1] if weeks > 1 else [1] * 4)
    filling.window("day", monday(31), elsewhere, "volume", [1])
    filling.window("day", monday(0), post, "volume", [1, 1])
    filling.window("day", monday(40), filling.scope("gap", touchpoint="gesteld"), "gap", [5])
    return filling


@pytest.fixture
async def client(database_url: str, connection: psycopg.Connection) -> AsyncIterator[AsyncClient]:
    connection.execute("DELETE FROM chart_resets")
    app = build_app(Settings(database_url=database_url, broker="nowhere.invalid:1"))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://monitor") as client,
    ):
        yield client


async def chart(client: AsyncClient, **asked: str) -> dict[str, Any]:
    answer = await client.get(CHART, params={**VOLUME, **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_weeks_are_those_of_the_journey_and_the_running_one_is_not_judged(
    visited: Filling, client: AsyncClient
) -> None:
    found = await chart(client)
    values = [point["value"] for point in found["points"]]
    assert values == [5 + (weeks % 2) for weeks in range(31, 1, -1)] + [9, 2]
    assert [point["finished"] for point in found["points"]] == [True] * 31 + [False]
    assert found["points"][0]["period"] == monday(31).astimezone(ZONE).date().isoformat()
    (section,) = found["sections"]
    assert section["limits"]["mean"] == pytest.approx(5.5)
    assert section["limits"]["high"] == pytest.approx(5.5 + 3 / 1.128)
    last_week = monday(1).astimezone(ZONE).date().isoformat()
    assert section["signals"] == [{"rule": "beyond_the_limits", "side": "above", "first": last_week, "last": last_week}]
    assert section["changes"][0]["shift"]["value"] == pytest.approx(3.5)
    assert found["expected_false_signals"] == pytest.approx(0.094 + 7 * 0.0149, abs=0.005)


async def test_a_department_has_a_chart_of_its_own(visited: Filling, client: AsyncClient) -> None:
    found = await chart(client, department="Post")
    assert [point["value"] for point in found["points"]] == [1] * 30 + [4, 2]


async def test_scores_are_those_that_are_shown_and_too_few_make_no_figure(
    visited: Filling, client: AsyncClient
) -> None:
    shown = filling_scores(visited, "released satisfaction", [8000] * 15 + [6000] * 5)
    filling_scores(visited, "satisfaction", [1000] * 90)
    found = await chart(client, measure="satisfaction")
    point = found["points"][0]
    assert (point["n"], point["value"]) == (20, 7.5)
    assert point["interval"]["low"] < 7.5 < point["interval"]["high"]
    visited.window("day", monday(31), shown, "released satisfaction", [8000], sign=-1)
    point = (await chart(client, measure="satisfaction"))["points"][0]
    assert (point["n"], point["value"]) == (19, None)
    assert found["sections"][0]["missing"] == 23


def filling_scores(filling: Filling, measure: str, values: list[int]) -> int:
    scope = filling.scope(measure, touchpoint="gesteld")
    filling.window("day", monday(31), scope, measure, values)
    return scope


async def test_durations_are_medians_in_seconds_and_limits_are_shares(visited: Filling, client: AsyncClient) -> None:
    times = visited.scope("throughput", span="antwoordtermijn", touchpoint="antwoord")
    visited.window("day", monday(2), times, "throughput", [60_000, 120_000, 180_000, 240_000, 9_000_000])
    kept = visited.scope("within", span="antwoordtermijn", touchpoint="antwoord")
    visited.window("day", monday(2), kept, "within", [1, 1, 1, 0])
    visited.window("day", monday(3), kept, "within", [1, 1, 1, 0, 1])
    visited.window("day", monday(0), kept, "within", [1] * 9)
    asked = {"measure": "throughput", "span": "antwoordtermijn"}
    found = (await client.get(CHART, params=asked)).json()
    assert found["unit"] == "seconds"
    assert found["points"][-3]["value"] == pytest.approx(180, rel=0.01)
    shares = (await client.get(CHART, params=asked | {"measure": "within"})).json()
    assert [point["value"] for point in shares["points"][-4:]] == [0.8, None, None, None]


async def test_months(visited: Filling, client: AsyncClient) -> None:
    """The month in which the first visit falls is left out, unless it began with it."""
    found = await chart(client, by="month")
    first = monday(31).astimezone(ZONE).date()
    begins = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert found["points"][0]["period"] == begins.isoformat()
    today = datetime.now(ZONE).date()
    assert found["points"][-1]["period"] == today.replace(day=1).isoformat()
    assert [point["finished"] for point in found["points"]].count(False) == 1
    assert found["sections"][0]["limits"] is None


async def test_a_baseline_begins_anew_and_that_is_undone(visited: Filling, client: AsyncClient) -> None:
    since = days_after(monday(10), 2).astimezone(ZONE).date().isoformat()
    made = await client.post(f"{CHART}/resets", json={**NEW, "since": since})
    assert made.status_code == 201
    before, after = (await chart(client))["sections"]
    assert before["points"] == 22
    assert (after["first"], after["points"], after["missing"]) == (
        monday(9).astimezone(ZONE).date().isoformat(),
        9,
        15,
    )
    assert len((await chart(client, department="KCC"))["sections"]) == 1
    (kept,) = (await client.get(f"{CHART}/resets")).json()["items"]
    assert (kept["by"], kept["why"], kept["since"], kept["undone_by"]) == ("Anna", NEW["why"], since, None)
    assert datetime.fromisoformat(kept["reset_at"]).utcoffset() == datetime.now(ZONE).utcoffset()

    number = made.json()["id"]
    undone = await client.delete(f"{CHART}/resets/{number}", params={"by": "Bram"})
    assert undone.status_code == 204
    assert len((await chart(client))["sections"]) == 1
    (kept,) = (await client.get(f"{CHART}/resets")).json()["items"]
    assert (kept["by"], kept["undone_by"]) == ("Anna", "Bram")
    for gone in (number, 2**63 - 1):
        again = await client.delete(f"{CHART}/resets/{gone}", params={"by": "Carla"})
        assert again.status_code == 409
    assert (await client.delete(f"{CHART}/resets/{2**63}", params={"by": "Carla"})).status_code == 422
    assert (await client.get(f"{CHART}/resets")).json()["items"][0]["undone_by"] == "Bram"


@pytest.mark.parametrize(
    ("asked", "status", "names"),
    [
        ({"measure": "tevredenheid"}, 422, "measure"),
        ({"measure": "throughput", "touchpoint": "gesteld"}, 422, "touchpoint"),
        ({"measure": "volume", "span": "antwoordtermijn"}, 422, "span"),
        ({"measure": "volume", "touchpoint": "nergens"}, 404, "nergens"),
        ({"measure": "within", "span": "nergens"}, 404, "nergens"),
        ({"measure": "volume", "by": "day"}, 422, "by"),
    ],
)
async def test_a_chart_that_makes_no_sense(client: AsyncClient, asked: dict[str, str], status: int, names: str) -> None:
    answer = await client.get(CHART, params=asked)
    assert answer.status_code == status
    assert names in answer.text


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"by": " "}, "by"),
        ({"why": ""}, "why"),
        ({"since": "2999-01-01"}, "since"),
        ({"since": "gisteren"}, "since"),
        ({"department": "K\x00CC"}, "department"),
    ],
)
async def test_a_new_baseline_says_who_and_why_and_since_when(
    client: AsyncClient, wrong: dict[str, str], names: str
) -> None:
    answer = await client.post(f"{CHART}/resets", json={**NEW, "since": "2026-01-01", **wrong})
    assert answer.status_code == 422
    assert names in answer.text
    assert (await client.get(f"{CHART}/resets")).json()["items"] == []


async def test_an_empty_journey_has_an_empty_chart(filling: Filling, client: AsyncClient) -> None:
    found = await chart(client)
    assert (found["points"], found["sections"], found["expected_false_signals"]) == ([], [], 0)


REVIEW = "/journeys/balie/review"


def plain(html: str) -> str:
    """The words of a page, each stretch of space as one."""
    return " ".join(re.sub("<[^>]+>", " ", html).replace("\u202f", " ").split())


async def test_the_review_tells_what_changed_and_shows_its_chart(visited: Filling, client: AsyncClient) -> None:
    """Of 30 weeks the limits of 24 are known: a time to answer of 3 or 4 days, and 9 in the last week but one."""
    times = visited.scope("throughput", span="antwoordtermijn", touchpoint="antwoord", department="KCC")
    with visited.connection.transaction():
        for weeks in range(31, 0, -1):
            days = 9 if weeks == 2 else 3 + weeks % 2
            visited.window("day", days_after(monday(weeks), 1), times, "throughput", [days * 86_400_000] * 5)
    dutch, english = plain((await client.get(REVIEW)).text), plain((await client.get(f"{REVIEW}?lang=en")).text)
    assert "Antwoordtermijn, doorlooptijd, mediaan: 9,0 d van de week van" in dutch
    assert "gewoonlijk 3,5 d" in dutch
    assert "5,5 d hoger" in dutch
    assert "en is voorbij" in dutch
    assert "Time to answer, throughput, median: 9.0 d from the week of" in english
    assert "still give some 0.2 signals" in english


async def test_a_baseline_begins_anew_on_the_page(visited: Filling, client: AsyncClient) -> None:
    since = monday(5).astimezone(ZONE).date().isoformat()
    asked = {**VOLUME, "by": "week"}
    form = {"by": "Anna", "note": NEW["why"], "since": since}
    made = await client.post(f"{REVIEW}/resets", params=asked, data=form)
    assert made.status_code == 303
    page = await client.get(made.headers["location"])
    assert "door Anna op" in page.text
    assert "Nieuw loket &lt;b&gt;" in page.text
    assert "ontbreken nog 19 van de 24" in page.text
    (kept,) = (await client.get(f"{CHART}/resets")).json()["items"]
    undo = f"{REVIEW}/resets/{kept['id']}/undo"
    undone = await client.post(undo, params=asked, data={"by": "Bram"})
    page = await client.get(undone.headers["location"])
    assert "Ongedaan gemaakt door Bram" in page.text
    assert "ontbreken" not in page.text
    assert (await client.post(undo, params=asked, data={"by": "Bram"})).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "names"),
    [({"by": " "}, "by"), ({"note": ""}, "note"), ({"since": "gisteren"}, "since"), ({"since": "2999-01-01"}, "since")],
)
async def test_a_form_that_makes_no_sense(client: AsyncClient, wrong: dict[str, str], names: str) -> None:
    form = {"by": "Anna", "note": "Nieuw", "since": "2026-01-01", **wrong}
    refused = await client.post(f"{REVIEW}/resets", params=VOLUME, data=form)
    assert (refused.status_code, names in refused.json()["detail"]) == (422, True)
    assert (await client.get(f"{CHART}/resets")).json()["items"] == []


async def test_a_page_of_somebody_elses_can_do_nothing(client: AsyncClient) -> None:
    form = {"by": "Anna", "note": "Nieuw", "since": "2026-01-01"}
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await client.post(f"{REVIEW}/resets", params=VOLUME, data=form, headers=foreign)).status_code == 403


async def test_a_review_that_is_not_there(filling: Filling, client: AsyncClient) -> None:
    assert "Er is nog geen hele maand om te bespreken." in (await client.get(REVIEW)).text
    assert (await client.get("/journeys/nergens/review")).status_code == 404
    for asked in ({"measure": "tevredenheid"}, {**VOLUME, "touchpoint": "nergens"}, {**VOLUME, "span": "case"}):
        assert (await client.get(REVIEW, params=asked)).status_code == 404
