"""Pages: escaped, complete in both languages, nothing from elsewhere; and every error a friendly one."""

import re
import string
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import anyio
import orjson
import pytest
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from httpx import ASGITransport, AsyncClient, Response

from services.lag import Lag
from services.monitor.access.headers import SecurityHeaders
from services.monitor.app import build_app
from services.monitor.figures.snapshot import Poller, Snapshot
from services.monitor.mistakes import Mistakes
from services.monitor.operation import health
from services.monitor.pages import docs_page
from services.monitor.pages.html import Pages, Reader, case_path
from services.monitor.pages.words import EN, NL
from services.monitor.wallboard import wallboard_page
from services.monitor.wallboard.wallboard_page import Wall
from services.settings import Settings
from services.store.reading import Unreadable
from tests.snapshots import DAY, NOW, gap, journey_snapshot, poller, snapshot, throughput, volume, waiting, within


def built() -> FastAPI:
    """The whole monitor, not started."""
    return build_app(Settings(database_url="postgresql://nowhere.invalid/x", broker="nowhere.invalid:1"))


def app_of(held: Poller) -> FastAPI:
    app, pages = FastAPI(docs_url=None, redoc_url=None), Pages()
    app.add_middleware(SecurityHeaders)
    Mistakes(pages).answer_for(app)
    for router in (wallboard_page.router(Wall(held, pages, 20)), health.router(held)):
        app.include_router(router)

    @app.get("/api/away")
    @app.get("/away")
    async def away() -> None:
        raise Unreadable("connection refused")

    @app.get("/broken")
    @app.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("a secret word")

    app.mount("/static", StaticFiles(directory=Path(docs_page.__file__).parents[1] / "static"))
    return app


def client_of(held: Poller) -> AsyncClient:
    transport = ASGITransport(app_of(held), raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://monitor")


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with client_of(poller(FULL)) as client:
        yield client


FULL = snapshot(
    journey_snapshot(
        {
            **volume("gesteld", 1434),
            **gap("bericht", [5 * DAY] * 9 + [DAY]),
            **gap("antwoord", [3 * DAY] * 2),
            **throughput("antwoordtermijn", [38 * DAY] * 20),
            **within("antwoordtermijn", kept=96, missed=4),
        },
        today={"gesteld": 7},
    )
)


class Words(HTMLParser):
    """The words of a page, and what it loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.loads: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in ("script", "link", "img", "iframe"):
            self.loads.append(given.get("src") or given.get("href") or "")
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "script" and "src" not in given:
            self.inline.append("script")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.said.append(" ".join(data.replace("\u202f", " ").split()))

    @property
    def text(self) -> str:
        return " ".join(self.said)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    for field in fields(NL):
        dutch, english = getattr(NL, field.name), getattr(EN, field.name)
        assert type(dutch) is type(english)
        if isinstance(dutch, str):
            assert placeholders(dutch) == placeholders(english), field.name
    assert len(NL.weekdays) == len(EN.weekdays) == 7
    assert len(NL.months) == len(EN.months) == 12


def test_every_word_is_used() -> None:
    monitor = Path(docs_page.__file__).parents[1]
    sources = [*monitor.glob("templates/*.html"), *(file for file in monitor.rglob("*.py") if file.name != "words.py")]
    text = "\n".join(source.read_text() for source in sources)
    assert [field.name for field in fields(NL) if not re.search(rf"words\.{field.name}\b", text)] == []


async def test_a_span_tells_what_share_of_those_due_was_in_time(client: AsyncClient) -> None:
    """96 of 100: Wilson's interval runs from 90.2 to 98.4 %."""
    assert "96 % binnen de termijn (90 %–98 %; n 100, van wie die afliep)" in plain(
        await client.get("/wallboard/balie")
    )
    english = await client.get("/wallboard/balie?lang=en")
    assert "96% within the limit (90%–98%; n 100, of those due)" in plain(english)


async def test_where_nothing_has_ended_those_due_are_told_all_the_same() -> None:
    held = poller(snapshot(journey_snapshot(within("antwoordtermijn", kept=0, missed=6))))
    async with client_of(held) as client:
        text = plain(await client.get("/wallboard/balie"))
    assert "nog niets afgerond" in text
    assert "0 % binnen de termijn" in text


def plain(response: Response) -> str:
    """The page with each stretch of space as one."""
    return re.sub(r"\s+", " ", response.text)


async def test_the_wallboard_says_what_is_wrong_first(client: AsyncClient) -> None:
    page = Words((await client.get("/wallboard/balie")).text)
    assert page.text.index("1 te laat") < page.text.index("TE LAAT") < page.text.index("OP TIJD")
    for said in (
        "Balie",
        "5,0 d",
        "10 % binnen 2 dagen",
        "n 10",
        "1.434",
        "3,0 d",
        "na Vraag gesteld",
        "vers: zojuist",
    ):
        assert said in page.text
    assert "3 over de termijn van 4 dagen" in page.text
    assert "14:32" in page.text
    assert "nog 3 tot een oordeel" in page.text


async def test_the_wallboard_in_english(client: AsyncClient) -> None:
    page = Words((await client.get("/wallboard/balie", params={"lang": "en"})).text)
    for said in (
        "Counter",
        "TOO LATE",
        "5.0 d",
        "10% within 2 days",
        "1,434",
        "after Question asked",
        "fresh: just now",
    ):
        assert said in page.text
    assert (await client.get("/wallboard/balie?lang=xx")).text.startswith('<!doctype html>\n<html lang="nl">')


@pytest.mark.parametrize(
    ("held", "seconds", "says"),
    [
        (FULL, 2, "vers: 2,0 s geleden"),
        (FULL, 30, "METING STIL De database antwoordt niet. Dit zijn de cijfers van 14:32:05."),
        (snapshot(lag=Lag((), NOW - timedelta(minutes=1))), 0, "METING STIL Er wordt niet geteld sinds 14:31:05."),
        (snapshot(lag=Lag()), 0, "METING STIL Er telt nog niemand"),
        (None, 0, "METING STIL Er zijn nog geen cijfers gelezen"),
    ],
)
async def test_when_the_figures_stand_still_the_whole_board_says_so(
    held: Snapshot | None, seconds: float, says: str
) -> None:
    async with client_of(poller(held, NOW + timedelta(seconds=seconds))) as client:
        answer = await client.get("/wallboard/balie")
    assert says in Words(answer.text).text
    assert ('data-state="still"' in answer.text) == ("STIL" in says)


async def test_the_stream_sends_the_board_and_then_only_what_has_changed() -> None:
    held = poller(FULL)
    wall = Wall(held, Pages(), 20)
    events = wall.events("balie", Reader(), anyio.Event())
    first = orjson.loads((await anext(events)).data or "")
    assert set(first["regions"]) == {"status", "headline", "tiles", "totals", "line", "note", "demo"}
    assert (first["still"], first["as_of"]) == (False, "14:32:05")
    held.snapshot = snapshot(journey_snapshot({**volume("gesteld", 1434)}, today={"gesteld": 8}))
    second = orjson.loads((await anext(events)).data or "")
    assert "line" in second["regions"]
    assert "totals" not in second["regions"]
    third = orjson.loads((await anext(events)).data or "")
    assert third["regions"] == {}


async def test_a_stream_ends_when_the_server_leaves() -> None:
    leaving = anyio.Event()
    leaving.set()
    wall = Wall(poller(FULL), Pages(), 20)
    assert [event async for event in wall.events("balie", Reader(), leaving)] == []


async def test_what_a_case_or_journey_is_called_cannot_break_a_page() -> None:
    evil = '<script>alert("x")</script>&"\'/../?#é'
    shown = journey_snapshot()
    shown = type(shown)(**{**vars(shown), "waiting_longest": waiting(evil)})
    async with client_of(poller(snapshot(shown))) as client:
        html = (await client.get("/wallboard/balie")).text
    assert "<script>alert" not in html
    assert case_path("balie", evil).replace("&", "&amp;") in html
    assert re.fullmatch(r"/journeys/balie/cases/[\w%.\-~]+", case_path("balie", evil))


async def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(client: AsyncClient) -> None:
    documented = AsyncClient(transport=ASGITransport(built()), base_url="http://monitor")
    for answer in (
        await client.get("/wallboard/balie"),
        await client.get("/nergens"),
        await documented.get("/docs"),
    ):
        page = Words(answer.text)
        assert page.text
        assert page.inline == []
        for address in page.loads:
            assert (await client.get(address)).status_code == 200
            assert address.startswith("/static/")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
    for asset in ("wallboard.css", "desk.css", "wallboard.js", "icon.svg"):
        assert not re.search(r"(https?:)?//(?!www\.w3\.org/)[a-z]", (await client.get(f"/static/{asset}")).text)


async def test_the_overview_goes_straight_to_an_only_journey(client: AsyncClient) -> None:
    answer = await client.get("/?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (307, "/wallboard/balie?lang=en")


async def test_the_overview_without_figures_or_journeys() -> None:
    async with client_of(poller(None)) as client:
        assert "de database antwoordt niet" in (await client.get("/")).text
    async with client_of(poller(snapshot(journeys={}))) as client:
        assert "klantreis journey apply" in (await client.get("/")).text


async def test_the_overview_of_more_journeys() -> None:
    shown = FULL.journeys["balie"]
    other = type(shown)(**{**vars(shown), "drawn": shown.drawn.model_copy(update={"id": "tweede"})})
    async with client_of(poller(snapshot(journeys={"balie": shown, "tweede": other}))) as client:
        html = (await client.get("/")).text
    assert 'href="/wallboard/balie"' in html
    assert 'href="/wallboard/tweede"' in html
    assert "1.434" in html


async def test_mistakes(client: AsyncClient) -> None:
    unknown = await client.get("/wallboard/nergens")
    assert unknown.status_code == 404
    assert "Er is geen klantreis met de naam nergens." in Words(unknown.text).text
    nowhere = await client.get("/nergens?lang=en")
    assert (nowhere.status_code, "There is no such page." in nowhere.text) == (404, True)
    away = await client.get("/away")
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    assert "Even geen cijfers" in away.text
    for path, status in (("/api/away", 503), ("/api/nergens", 404), ("/api/broken", 500)):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
    broken = await client.get("/broken")
    assert (broken.status_code, "secret" in broken.text) == (500, False)
    assert "content-security-policy" in broken.headers
    assert "Er ging iets mis" in broken.text


async def test_health(client: AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    async with client_of(poller(None)) as unready:
        answer = await unready.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (503, "nothing has been read yet")
        assert (await unready.get("/healthz")).status_code == 200
    failing = poller(FULL)
    failing.failing = "connection refused"
    async with client_of(failing) as unready:
        assert (await unready.get("/readyz")).json()["detail"] == "connection refused"
    async with client_of(poller(FULL, NOW + timedelta(seconds=11))) as unready:
        assert (await unready.get("/readyz")).json()["detail"] == "the figures are 11 seconds old"


def test_the_openapi_document_says_what_every_answer_may_be() -> None:
    document = built().openapi()
    ingest = document["paths"]["/api/events/touchpoints"]["post"]
    assert set(ingest["responses"]) == {"202", "400", "401", "403", "413", "415", "422", "429", "503"}
    assert "has not been counted yet" in ingest["description"]
    assert "Problem" in document["components"]["schemas"]
    text = orjson.dumps(document).decode()
    for reference in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert reference in document["components"]["schemas"]
    operations = list(docs_page.operations(document))
    assert [f"{each.method} {each.path}" for each in operations][:2] == [
        "POST /api/events/touchpoints",
        "GET /api/journeys",
    ]
    assert all(each.summary and each.paragraphs for each in operations)


async def test_the_documentation_page() -> None:
    async with AsyncClient(transport=ASGITransport(built()), base_url="http://monitor") as client:
        page = Words((await client.get("/docs")).text)
    for said in ("POST /api/events/touchpoints", "klantreis.touchpoint", "EventOutcome", "share_within_limit"):
        assert said in page.text


async def test_another_language_keeps_what_was_asked_for(client: AsyncClient) -> None:
    page = (await client.get("/wallboard/balie", params={"q": "a&b=é", "theme": "light"})).text
    assert 'href="/wallboard/balie?q=a%26b%3D%C3%A9&amp;lang=en"' in page
    assert 'href="/wallboard/balie?q=a%26b%3D%C3%A9&amp;theme=dark"' in page


async def test_a_theme_is_kept_by_the_browser_and_only_one_that_there_is(client: AsyncClient) -> None:
    chosen = await client.get("/wallboard/balie?theme=light")
    assert "dark.css" not in chosen.text
    kept = chosen.headers["set-cookie"]
    assert kept.startswith("klantreis_theme=light; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax")
    assert "dark.css" not in (await client.get("/wallboard/balie")).text, "the client sends the cookie back"
    for unknown in ("neon", "", "LIGHT"):
        client.cookies.clear()
        answer = await client.get("/wallboard/balie", params={"theme": unknown})
        assert "set-cookie" not in answer.headers
        assert "dark.css?v=" in answer.text
    client.cookies.set("klantreis_theme", "neon")
    assert "dark.css" in (await client.get("/wallboard/balie")).text
