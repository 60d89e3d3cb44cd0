"""Ideals and importance on a real database: what the API and the journey's page say of what was put there."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import psycopg
import pytest
from httpx import ASGITransport, AsyncClient

from schemas.journey import Journey, parse_journey
from services.monitor.app import build_app
from services.settings import Settings
from services.store.journeys import apply_journey
from tests.filling import Filling

ZONE = ZoneInfo("Europe/Amsterdam")
HOUR = 3_600_000
GAPS = {"bewoner": [50, 52, 54, 56, 58, 60, 62], "bedrijf": [20, 21, 22, 23]}


def journey() -> Journey:
    return parse_journey(
        """\
id: werk
name: Werk
time_zone: Europe/Amsterdam
personas:
  - {id: bewoner, name: {nl: Bewoner, en: Resident}}
  - {id: bedrijf, name: {nl: Bedrijf, en: Company}}
phases:
  - id: een
    name: Een
    touchpoints:
      - {id: vraag, name: Vraag, asks: [satisfaction, overall], ideal: 8, ideals: {bewoner: {score: 9}}, importance: 6}
      - {id: antwoord, name: Antwoord, asks: [satisfaction, importance], ideal_duration: P1D, importance: 9}
end_touchpoints: [antwoord]
"""
    )


def day(back: int) -> datetime:
    """A midnight in Amsterdam, so many days ago."""
    today = datetime.now(ZONE).date()
    return datetime.combine(today - timedelta(days=back), time(), ZONE).astimezone(UTC)


@pytest.fixture(scope="module")
def filled(database_url: str) -> Iterator[Filling]:
    apply_journey(database_url, journey())
    with psycopg.connect(database_url, autocommit=True) as connection:
        filling = Filling(connection)
        filling.empty()
        with connection.transaction():
            _fill(filling)
        yield filling


def _fill(filling: Filling) -> None:
    """Visits, scores and gaps of ten days ago; and 120 cases that said something of the question, and overall."""
    scores = {("vraag", "bewoner"): (7, 24), ("vraag", "bedrijf"): (8, 20), ("antwoord", "bewoner"): (6, 19)}
    for touchpoint in ("vraag", "antwoord"):
        for persona in ("bewoner", "bedrijf"):
            put(filling, "volume", touchpoint, persona, [1] * 30)
    for (touchpoint, persona), (score, n) in scores.items():
        put(filling, "released satisfaction", touchpoint, persona, [1000 * score] * n)
    put(filling, "released importance", "antwoord", "bewoner", [7000] * 25)
    for persona, hours in GAPS.items():
        put(filling, "gap", "antwoord", persona, [hour * HOUR for hour in hours])
    for number in range(120):
        case = filling.case(f"Z-{number}", day(20), journey="werk")
        for question, score in (("satisfaction", 1 + number % 10), ("overall", 1 + (number % 10 + number // 60) % 10)):
            answer(filling, case, number, about=("vraag", question), score=score)
        answer(filling, case, number, about=("antwoord", "satisfaction"), score=5)


def put(filling: Filling, measure: str, touchpoint: str, persona: str, values: list[int]) -> None:
    scope = filling.scope(measure, journey="werk", touchpoint=touchpoint, persona=persona)
    filling.window("day", day(10), scope, measure, values, detail="windows")


def answer(filling: Filling, case: int, number: int, *, about: tuple[str, str], score: int) -> None:
    touchpoint, question = about
    filling.connection.execute(
        """INSERT INTO survey_answers (case_key, answered_at, source, answer_id, journey_version, touchpoint, question,
               score) VALUES (%s, %s, 'proef', %s, 1, %s, %s, %s)""",
        (case, day(15), f"{number}-{touchpoint}-{question}", touchpoint, question, score),
    )


@pytest.fixture
async def client(database_url: str, filled: Filling) -> AsyncIterator[AsyncClient]:
    app = build_app(Settings(database_url=database_url, broker="nowhere.invalid:1"))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://monitor") as client,
    ):
        yield client


async def test_the_api_says_what_is_lacking_by_touchpoint_and_persona(client: AsyncClient) -> None:
    answered = await client.get("/api/journeys/werk/ideals")
    assert answered.status_code == 200, answered.text
    found = {(each["touchpoint"], each["persona"]): each for each in answered.json()["items"]}
    assert found["vraag", "bewoner"]["score"] == {"ideal": 9.0, "actual": 7.0, "short": 2.0, "certain": True}
    assert found["vraag", "bedrijf"]["score"] == {"ideal": 8.0, "actual": 8.0, "short": 0.0, "certain": False}
    together = found["vraag", None]["score"]
    assert together["actual"] == pytest.approx((24 * 7 + 20 * 8) / 44)
    assert (together["ideal"], together["certain"]) == (8.0, True)
    slow = found["antwoord", "bewoner"]["duration"]
    assert slow["ideal"] == 86400
    assert slow["actual"] == pytest.approx(3600 * median(GAPS["bewoner"]), rel=0.011)
    assert slow["short"] == pytest.approx(slow["actual"] - 86400)
    assert found["antwoord", "bedrijf"]["duration"]["actual"] is None
    assert found["antwoord", "bewoner"]["score"] is None


async def test_the_api_says_how_important_touchpoints_are(client: AsyncClient) -> None:
    answered = await client.get("/api/journeys/werk/importance")
    assert answered.status_code == 200, answered.text
    asked, said = answered.json()["items"]
    assert (asked["touchpoint"], asked["stated"], asked["asked"]["n"], asked["difference"]) == ("vraag", 6, 0, None)
    assert asked["pairs"] == 120
    # each score comes twelve times on both sides: half are alike, half one apart, of a scale that runs round
    ranks = [(n % 10, (n % 10 + n // 60) % 10) for n in range(120)]
    spread = sum((first - 4.5) ** 2 for first, _ in ranks)
    together = sum((first - 4.5) * (second - 4.5) for first, second in ranks)
    assert asked["correlation"]["value"] == pytest.approx(together / spread)
    assert asked["driver"] is True
    assert (said["stated"], said["difference"]) == (9, -2.0)
    # all of its scores are alike: they go together with nothing
    assert (said["pairs"], said["correlation"], said["driver"]) == (120, None, False)


async def test_the_page_shows_both_and_the_ideals_of_the_persona_that_is_asked_for(client: AsyncClient) -> None:
    page = (await client.get("/journeys/werk", params={"lang": "en"})).text
    assert "7.0 of 9.0" in page
    assert "ideal: Resident" in page
    assert "driver" in page
    assert "too few" in page
    of_one = (await client.get("/journeys/werk", params={"lang": "en", "persona": "bewoner"})).text
    assert "ideal: Resident" not in of_one
    line = (await client.get("/api/journeys/werk/curve", params={"window": "90d", "persona": "bewoner"})).json()
    assert [(each["ideal"], each["gap"]) for each in line["items"]] == [(9.0, 2.0), (None, None)]


async def test_a_time_that_makes_no_sense_is_told(client: AsyncClient) -> None:
    answered = await client.get("/api/journeys/werk/ideals", params={"window": "9d"})
    assert answered.status_code == 422
    assert "window" in answered.text
    assert (await client.get("/api/journeys/nergens/importance")).status_code == 404
