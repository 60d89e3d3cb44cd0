"""Improvements over HTTP, on a real database: the backlog by priority, and writing it by API and by form."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from httpx import ASGITransport, AsyncClient

from schemas.journey import parse_journey
from services.monitor.app import build_app
from services.settings import Settings
from services.store.journeys import apply_journey
from tests.filling import Filling
from tests.snapshots import BALIE

TODAY = datetime.now(UTC).date()
MONDAY = TODAY - timedelta(days=TODAY.weekday())
API = "/api/journeys/balie/improvements"
PAGE = "/journeys/balie/improvements"
DRAWN = BALIE.replace("gap_limit: P1W}", "gap_limit: P1W, importance: 9}").replace(
    "initiator: customer}", "initiator: customer, importance: 4, ideal: 6.5}"
)
NEW: dict[str, Any] = {
    "touchpoint": "antwoord",
    "what": {"nl": "Bel <b>terug</b>", "en": "Call back"},
    "owner": "Team balie",
    "effect": {"measure": "satisfaction", "direction": "up", "size": "0.5"},
    "by": "Anna",
}
FORM = {
    "touchpoint": "antwoord",
    "what": "Schrijf korter",
    "owner": "",
    "effect": "throughput:antwoordtermijn",
    "direction": "down",
    "size": "1,5",
    "planned_week": "",
    "settles_weeks": "2",
    "done_on": "",
    "by": "Bram",
    "note": "uit de workshop",
}


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    apply_journey(database_url, parse_journey(DRAWN))
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def filling(connection: psycopg.Connection) -> Filling:
    """An answer scored 5.9 by 20 customers and visited 480 times, and a question visited 1,000 times and not scored."""
    filling = Filling(connection)
    filling.empty()
    connection.execute("TRUNCATE improvements, improvement_revisions RESTART IDENTITY")
    last_week = datetime.now(UTC) - timedelta(days=7)
    day = last_week.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for touchpoint, visits in (("antwoord", 480), ("gesteld", 1000)):
        scope = filling.scope("volume", touchpoint=touchpoint, department="KCC")
        connection.execute(
            """INSERT INTO rollups_day (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
               VALUES (%s, %s, 1, %s, %s, 0, 0, '{}', '{}')""",
            (scope, day, visits, visits),
        )
    scores = filling.scope("released satisfaction", touchpoint="antwoord", department="KCC")
    for detail in ("rollups", "windows"):
        filling.window("day", day, scores, "released satisfaction", [6000] * 18 + [5000] * 2, detail=detail)
    return filling


@pytest.fixture
async def client(database_url: str, filling: Filling) -> AsyncIterator[AsyncClient]:
    app = build_app(Settings(database_url=database_url, broker="nowhere.invalid:1"))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://monitor") as client,
    ):
        yield client


async def added(client: AsyncClient, **given: Any) -> int:
    answer = await client.post(API, json={**NEW, **given})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def plain(html: str) -> str:
    """The words of a page, each stretch of space as one."""
    return " ".join(re.sub("<[^>]+>", " ", html).replace("\u202f", " ").split())


async def test_the_backlog_has_the_highest_priority_first_and_what_is_unknown_last(client: AsyncClient) -> None:
    unknown, known = await added(client, touchpoint="gesteld"), await added(client)
    late = await added(client, done_on=str(TODAY - timedelta(days=1)))
    early = await added(client, done_on=str(TODAY - timedelta(days=9)), planned_week=str(MONDAY))
    items = (await client.get(API)).json()["items"]
    assert [(each["id"], each["state"]) for each in items] == [
        (known, "open"),
        (unknown, "open"),
        (late, "done"),
        (early, "done"),
    ]
    assert items[0]["priority"] == {
        "value": "6912.00",  # 9 x 1.6 x 480
        "importance": "9.0",
        "gap": "1.6",
        "volume": 480,
        "score": "5.9",
        "aim": "7.5",
        "aim_is": "norm",
        "unknown": [],
    }
    assert (items[1]["priority"]["value"], items[1]["priority"]["unknown"]) == (None, ["score"])


async def test_an_improvement_goes_from_idea_to_done_and_its_story_is_kept(client: AsyncClient) -> None:
    number = await added(client)
    plan = {**NEW, "planned_week": str(MONDAY), "revision": 1, "by": "Bram", "note": "na de vakantie"}
    assert (await client.put(f"{API}/{number}", json=plan)).json() == {"id": number, "revision": 2}
    done = {"revision": 2, "done_on": str(TODAY), "by": "Anna"}
    assert (await client.post(f"{API}/{number}/done", json=done)).json() == {"id": number, "revision": 3}
    found = (await client.get(f"{API}/{number}")).json()
    assert (found["state"], found["planned_week"], found["done_on"]) == ("done", str(MONDAY), str(TODAY))
    told = [(each["by"], each["note"], each["planned_week"], each["done_on"]) for each in found["revisions"]]
    assert told == [
        ("Anna", "", None, None),
        ("Bram", "na de vakantie", str(MONDAY), None),
        ("Anna", "", str(MONDAY), str(TODAY)),
    ]
    gone = await client.delete(f"{API}/{number}", params={"revision": 3, "by": "Bram", "note": "dubbel"})
    assert gone.status_code == 204
    assert (await client.get(API)).json()["items"] == []
    (kept,) = (await client.get(API, params={"withdrawn": True})).json()["items"]
    assert (kept["state"], kept["withdrawn_by"]) == ("withdrawn", "Bram")


async def test_who_saw_an_earlier_revision_is_told_so(client: AsyncClient) -> None:
    number = await added(client)
    changed = {**NEW, "owner": "Anna", "revision": 1}
    assert (await client.put(f"{API}/{number}", json=changed)).status_code == 200
    late = [
        await client.put(f"{API}/{number}", json={**changed, "owner": "Bram"}),
        await client.post(f"{API}/{number}/done", json={"revision": 1, "done_on": str(TODAY), "by": "Bram"}),
        await client.delete(f"{API}/{number}", params={"revision": 1, "by": "Bram"}),
    ]
    for answer in late:
        assert answer.status_code == 409
        assert "revision 2" in answer.json()["detail"]
    assert (await client.get(f"{API}/{number}")).json()["owner"] == "Anna"
    await client.delete(f"{API}/{number}", params={"revision": 2, "by": "Bram"})
    after = await client.put(f"{API}/{number}", json={**changed, "revision": 3})
    assert (after.status_code, "withdrawn by Bram" in after.json()["detail"]) == (409, True)


NO_IMPROVEMENT: list[tuple[dict[str, Any], str]] = [
    ({"touchpoint": "antwoort"}, "touchpoint"),
    ({"what": " "}, "what"),
    ({"planned_week": str(MONDAY + timedelta(days=1))}, "planned_week"),
    ({"done_on": str(TODAY + timedelta(days=2))}, "done_on"),
    ({"by": " "}, "by"),
    ({"effect": {**NEW["effect"], "size": 99}}, "effect"),
    ({"effect": {"measure": "throughput", "span": "nergens", "direction": "up", "size": 1}}, "effect.span"),
    ({"hoeveel": 1}, "hoeveel"),
]


async def test_what_makes_no_sense_is_refused_by_its_field(client: AsyncClient) -> None:
    for wrong, field in NO_IMPROVEMENT:
        answer = await client.post(API, json={**NEW, **wrong})
        assert answer.status_code == 422, wrong
        assert field in [each["field"].removeprefix("body.") for each in answer.json()["errors"]]
    assert (await client.get(API)).json()["items"] == []


async def test_what_is_not_there(client: AsyncClient) -> None:
    assert (await client.get(f"{API}/7")).status_code == 404
    assert (await client.put(f"{API}/7", json={**NEW, "revision": 1})).status_code == 404
    assert (
        await client.post(f"{API}/7/done", json={"revision": 1, "done_on": "2026-01-01", "by": "A"})
    ).status_code == 404
    assert (await client.delete(f"{API}/7", params={"revision": 1, "by": "A"})).status_code == 404
    assert (await client.get("/api/journeys/nergens/improvements")).status_code == 404
    assert (await client.get("/journeys/nergens/improvements")).status_code == 404
    assert (await client.post(f"{PAGE}/7", data={**FORM, "revision": "1"})).status_code == 404


async def test_a_touchpoint_that_is_drawn_no_more_can_be_seen_and_done(
    client: AsyncClient, connection: psycopg.Connection
) -> None:
    number = await added(client)
    connection.execute("UPDATE improvements SET touchpoint = 'vroeger'")
    (found,) = (await client.get(API)).json()["items"]
    assert found["priority"]["unknown"] == ["importance", "score", "aim"]
    assert "vroeger" in plain((await client.get(PAGE)).text)
    done = {"revision": 1, "done_on": str(TODAY), "by": "Anna"}
    assert (await client.post(f"{API}/{number}/done", json=done)).status_code == 200


async def test_the_page_says_what_comes_first_and_why(client: AsyncClient) -> None:
    assert "Er staat nog niets op de lijst." in (await client.get(PAGE)).text
    await added(client)
    dutch, english = plain((await client.get(PAGE)).text), plain((await client.get(f"{PAGE}?lang=en")).text)
    assert "Prioriteit 6.912 belang 9 × verschil 1,6 × 480 passages norm 7,5 − cijfer 5,9 = 1,6" in dutch
    assert "Priority 6,912 importance 9 × gap 1.6 × 480 passages norm 7.5 − score 5.9 = 1.6" in english
    assert "Bel &lt;b&gt;terug&lt;/b&gt;" in dutch
    assert "Call back" in english
    assert "Antwoord · Team balie · nog niet gepland" in dutch


async def test_what_weighs_most_and_has_no_improvement_is_told(client: AsyncClient) -> None:
    assert "Hoogste prioriteit zonder verbetering: Antwoord: 6.912" in plain((await client.get(PAGE)).text)
    await added(client)
    assert "zonder verbetering" not in (await client.get(PAGE)).text


async def test_an_improvement_is_written_planned_and_done_by_form(client: AsyncClient) -> None:
    made = await client.post(PAGE, data=FORM)
    assert (made.status_code, made.headers["location"]) == (303, f"{PAGE}#v1")
    first = plain((await client.get(PAGE)).text)
    assert "verwacht: Antwoordtermijn 1,5 dagen korter; klanten merken het 2 weken later" in first
    assert "nog geen eigenaar · nog niet gepland" in first
    wednesday = MONDAY + timedelta(days=9)
    plan = {**FORM, "owner": "Bram", "planned_week": str(wednesday), "revision": "1", "note": ""}
    assert (await client.post(f"{PAGE}/1", data=plan)).status_code == 303
    (kept,) = (await client.get(API)).json()["items"]
    assert (kept["planned_week"], kept["owner"]) == (str(MONDAY + timedelta(days=7)), "Bram")
    done = {"revision": "2", "done_on": str(TODAY), "by": "Anna", "note": ""}
    assert (await client.post(f"{PAGE}/1/done", data=done)).status_code == 303
    page = plain((await client.get(PAGE)).text)
    assert "eigenaar was niets en werd Bram" in page
    assert "“uit de workshop”" in page
    withdrawn = await client.post(f"{PAGE}/1/withdraw", data={"revision": "3", "by": "Anna", "note": "toch niet"})
    assert withdrawn.status_code == 303
    page = plain((await client.get(PAGE)).text)
    assert "Ingetrokken (1)" in page
    assert "“toch niet”" in page
    assert (await client.post(f"{PAGE}/1/withdraw", data={"revision": "4", "by": "Anna"})).status_code == 409


async def test_a_form_writes_the_language_of_its_reader(client: AsyncClient) -> None:
    """A text that is the same in both languages stays so; where they differ, the other one is left alone."""
    await client.post(PAGE, data=FORM)
    await client.post(f"{PAGE}/1?lang=en", data={**FORM, "what": "Write less", "revision": "1"})
    assert (await client.get(f"{API}/1")).json()["what"] == {"nl": "Write less", "en": "Write less"}
    number = await added(client)
    await client.post(f"{PAGE}/{number}?lang=en", data={**FORM, "what": "Ring back", "revision": "1"})
    assert (await client.get(f"{API}/{number}")).json()["what"] == {"nl": "Bel <b>terug</b>", "en": "Ring back"}


NO_FORM = [
    ({"by": " "}, "by"),
    ({"what": ""}, "what"),
    ({"size": "veel"}, "size"),
    ({"size": "0"}, "size"),
    ({"effect": "nps"}, "effect"),
    ({"effect": "throughput:nergens"}, "effect.span"),
    ({"direction": "opzij"}, "direction"),
    ({"planned_week": "gauw"}, "planned_week"),
    ({"done_on": "gisteren"}, "done_on"),
    ({"settles_weeks": "99"}, "settles_weeks"),
    ({"touchpoint": "nergens"}, "touchpoint"),
]


async def test_a_form_that_makes_no_sense_is_refused_by_its_field(client: AsyncClient) -> None:
    for wrong, field in NO_FORM:
        refused = await client.post(PAGE, data={**FORM, **wrong})
        assert refused.status_code == 422, wrong
        assert refused.json()["detail"].startswith(f"{field}: "), wrong
    assert (await client.get(API)).json()["items"] == []


async def test_a_form_names_the_revision_that_it_changes(client: AsyncClient) -> None:
    number = await added(client)
    for revision in ("", "een", "9" * 20):
        refused = await client.post(f"{PAGE}/{number}", data={**FORM, "revision": revision})
        assert (refused.status_code, "revision" in refused.json()["detail"]) == (422, True)
    assert (await client.post(f"{PAGE}/{number}", data={**FORM, "revision": "2"})).status_code == 409


async def test_a_page_of_somebody_elses_can_do_nothing(client: AsyncClient) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await client.post(PAGE, data=FORM, headers=foreign)).status_code == 403
    assert (await client.post(API, json=NEW, headers=foreign)).status_code == 403


async def test_the_roadmap_lies_in_weeks_and_is_a_list_as_well(client: AsyncClient) -> None:
    assert "Er is nog niets gepland of gedaan." in (await client.get(PAGE)).text
    await added(client, planned_week=str(MONDAY + timedelta(weeks=3)))
    await added(client, planned_week=str(MONDAY - timedelta(weeks=3)), what="Te laat")
    await added(client, done_on=str(date(2001, 1, 1)), what="Lang geleden")
    page = (await client.get(PAGE)).text
    (road,) = re.findall(r'<ol class="road">(.*?)</ol>', page, re.DOTALL)
    assert re.findall(r'href="#v(\d+)"', road) == ["2", "1"]
    assert "over tijd" in road
    assert "Buiten dit half jaar: 3 (1 januari 2001)." in plain(page)


async def test_charts_show_what_may_have_changed_them(client: AsyncClient, filling: Filling) -> None:
    """Measuring began ten weeks ago, so that there is a month to review."""
    began = datetime.now(UTC) - timedelta(days=70)
    scope = filling.scope("volume", touchpoint="antwoord", department="KCC")
    filling.window("day", began, scope, "volume", [1])
    await added(client, done_on=str(TODAY - timedelta(days=40)))
    await added(client, touchpoint="gesteld", planned_week=str(MONDAY + timedelta(weeks=1)))
    await added(client)
    chart = {"measure": "satisfaction", "touchpoint": "antwoord"}
    (shown,) = (await client.get("/api/journeys/balie/charts", params=chart)).json()["improvements"]
    assert (shown["id"], shown["done_on"], shown["planned_week"]) == (1, str(TODAY - timedelta(days=40)), None)
    of_all = (await client.get("/api/journeys/balie/charts", params={"measure": "volume"})).json()["improvements"]
    assert [each["id"] for each in of_all] == [1, 2]
    review = (await client.get("/journeys/balie/review", params=chart)).text
    assert "Verbetering 1, Antwoord: Bel &lt;b&gt;terug&lt;/b&gt; (gedaan op" in review
    assert review.count('class="mark"') == 2, "among the months and in the control chart"
    assert f'href="{PAGE}#v1"' in review
    journey = (await client.get("/journeys/balie?lang=en")).text
    assert (journey.count('class="mark"'), journey.count('class="mark planned"')) == (1, 1)
    assert "Improvement 2, Question asked: Call back (planned: week of" in journey
