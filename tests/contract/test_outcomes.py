"""Scores by how cases came out: on the page of the month, in the API and for who reports."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.journey import JourneyVersion, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.store.rebuild import check
from tests.asking import asking
from tests.counted import Counted, counting
from tests.drawn import LOKET, answer, event

DRAWN = LOKET.replace(
    "phases:",
    "outcomes:\n  - {id: granted, name: {nl: Verleend, en: Granted}}\n"
    "  - {id: refused, name: {nl: Geweigerd, en: Refused}}\nphases:",
    1,
).replace(
    "moment_of_truth: true",
    "moment_of_truth: true, asks: [satisfaction], "
    "outcome: {attribute: uitkomst, values: {verleend: granted, geweigerd: refused}}",
)
ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime.now(UTC)
THIS_MONTH = NOW.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
LAST_MONTH = (THIS_MONTH - timedelta(days=1)).replace(day=1)
GIVEN = {"verleend": [8] * 15 + [9] * 10, "geweigerd": [4] * 20 + [3] * 5, "anders": [6] * 21, None: [7] * 22}
"""What was said in the month, by what the decision says. Mean 8.4, 3.8 and 6; of nobody who was not told, 7."""


@pytest.fixture
async def counted(lasting_url: str) -> AsyncIterator[Counted]:
    """A month of decisions and an invoice after each, both answered; and one visit two months before."""
    version = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=parse_journey(DRAWN))
    first = (LAST_MONTH - timedelta(days=1)).replace(day=1) + timedelta(hours=3)
    async with counting(lasting_url, NOW, version) as counted:
        await counted.count(event("vraag", 0, case_id="eerste", occurred_at=first), *said())
        while await counted.store.release(1):
            pass
        yield counted


def said() -> list[TouchpointEvent | SurveyAnswer]:
    arrivals: list[TouchpointEvent | SurveyAnswer] = []
    for outcome, scores in GIVEN.items():
        for turn, score in enumerate(scores):
            case, at = f"{outcome}-{turn}", LAST_MONTH + timedelta(days=2, minutes=turn)
            attributes = {"uitkomst": outcome} if outcome else {}
            arrivals += [
                event("besluit", 0, case_id=case, occurred_at=at, attributes=attributes, department="VG"),
                event("factuur", 0, case_id=case, occurred_at=at + timedelta(days=1), department="FIN"),
                answer("besluit", 0, case_id=case, answered_at=at + timedelta(days=2), score=score),
                answer("factuur", 0, case_id=case, answered_at=at + timedelta(days=2), score=5),
            ]
    return arrivals


def means(answer: dict[str, Any]) -> dict[str, tuple[int, float]]:
    found = {item["id"]: item["measures"]["satisfaction"] for item in answer["items"]}
    return {group: (each["n"], each["estimate"] and each["estimate"]["value"]) for group, each in found.items()}


async def test_the_api_splits_scores_by_outcome(counted: Counted) -> None:
    over = {"since": str(LAST_MONTH.date()), "until": str(THIS_MONTH.date() - timedelta(days=1))}
    async with asking(counted) as client:
        by_outcome = {**over, "by": "outcome"}
        asked = (await client.get("/api/journeys/loket/scores", params={**by_outcome, "touchpoint": "besluit"})).json()
        assert means(asked) == {"granted": (25, 8.4), "refused": (25, 3.8), "": (22, 7), "other": (21, 6)}
        after = (await client.get("/api/journeys/loket/scores", params={**by_outcome, "touchpoint": "factuur"})).json()
        assert means(after) == {"granted": (25, 5), "refused": (25, 5), "": (22, 5), "other": (21, 5)}
        refused = (await client.get("/api/journeys/loket/scores", params={**over, "outcome": "refused"})).json()
        assert means(refused) == {"besluit": (25, 3.8), "factuur": (25, 5)}
        curve = (await client.get("/api/journeys/loket/curve", params={**over, "outcome": "refused"})).json()
        scores = {point["touchpoint"]: point["score"]["n"] for point in curve["items"]}
        assert (scores["besluit"], scores["factuur"]) == (25, 25)
        paths = await client.get("/api/journeys/loket/paths", params={**over, "outcome": "refused"})
        assert paths.status_code == 422


async def test_a_chart_of_one_outcome_has_a_baseline_of_its_own(counted: Counted) -> None:
    chart = {"measure": "satisfaction", "touchpoint": "besluit", "by": "month"}
    async with asking(counted) as client:
        for outcome, found in ((None, (93, 585 / 93)), ("refused", (25, 3.8)), ("other", (21, 6))):
            asked = {**chart, "outcome": outcome} if outcome else chart
            told = (await client.get("/api/journeys/loket/charts", params=asked)).json()
            assert told["outcome"] == outcome
            point = told["points"][-2]
            assert (point["n"], point["value"]) == (found[0], pytest.approx(found[1]))
        anew = {
            "measure": "satisfaction",
            "touchpoint": "besluit",
            "outcome": "refused",
            "since": str(LAST_MONTH.date()),
        }
        made = await client.post("/api/journeys/loket/charts/resets", json={**anew, "by": "Anna", "why": "Anders"})
        assert made.status_code == 201
        of_refused = (await client.get("/api/journeys/loket/charts", params={**chart, "outcome": "refused"})).json()
        of_all = (await client.get("/api/journeys/loket/charts", params=chart)).json()
        assert ([each["outcome"] for each in of_refused["resets"]], of_all["resets"]) == (["refused"], [])
        unknown = await client.get("/api/journeys/loket/charts", params={**chart, "outcome": "half"})
        assert (unknown.status_code, "no outcome 'half'" in unknown.text) == (404, True)
        volume = await client.get("/api/journeys/loket/charts", params={"measure": "volume", "outcome": "refused"})
        assert (volume.status_code, "not kept apart by outcome" in volume.text) == (422, True)


async def test_the_review_shows_a_refusal_apart(counted: Counted) -> None:
    async with asking(counted) as client:
        page = (await client.get("/journeys/loket/review?lang=en")).text
        section = page[page.index('id="outcomes"') : page.index('id="durations"')]
        rows = section.split("<tr>")[2:]
        decisions = [row for row in rows if "touchpoint=besluit" in row]
        assert [name in row for name, row in zip(("Granted", "Refused", "Other"), decisions, strict=True)] == [True] * 3
        assert ["<strong>8.4<" in decisions[0], "<strong>3.8<" in decisions[1]] == [True, True]
        chosen = {"measure": "satisfaction", "touchpoint": "besluit", "outcome": "refused", "lang": "en"}
        page = (await client.get("/journeys/loket/review", params=chosen)).text
        assert '<h2 id="chart">Besluit, score, refused</h2>' in page
        other = await client.get("/journeys/loket/review", params={**chosen, "measure": "volume"})
        assert other.status_code == 200, "the form still holds the outcome when another measure is chosen"
        assert 'id="employees"' not in page


async def test_the_review_shows_employees_of_a_department_with_consent_only(counted: Counted) -> None:
    asked = {"measure": "satisfaction", "touchpoint": "besluit", "department": "VG"}
    counted.change("UPDATE touchpoint_events SET employee = 'm-1' WHERE touchpoint = 'besluit'")
    async with asking(counted, employee_consent="OR 2026-14") as client:
        page = (await client.get("/journeys/loket/review", params=asked)).text
        assert ("OR 2026-14" in page, "m-1" in page) == (True, True)
        assert 'id="employees"' not in (await client.get("/journeys/loket/review")).text, "of no department"
    async with asking(counted) as client:
        assert "m-1" not in (await client.get("/journeys/loket/review", params=asked)).text


async def test_who_reports_sees_outcomes_by_name(counted: Counted) -> None:
    found = counted.rows(
        """SELECT outcome, name_en, sum(n)::integer AS n, sum(points)::integer AS points
           FROM reporting.fact_score LEFT JOIN reporting.dim_outcome USING (journey, outcome)
           WHERE touchpoint = 'besluit' GROUP BY outcome, name_en, outcome_number ORDER BY outcome_number, outcome"""
    )
    assert [tuple(row.values()) for row in found] == [
        ("granted", "Granted", 25, 210),
        ("refused", "Refused", 25, 95),
        ("", None, 22, 154),
        ("other", None, 21, 126),
    ]


async def test_a_recount_finds_the_same(counted: Counted) -> None:
    assert (await check(counted.database_url, lambda *_: None)).total == 0
    counted.change("UPDATE touchpoint_events SET outcome = 'granted' WHERE outcome = 'refused'")
    found = await check(counted.database_url, lambda *_: None)
    assert found.number.keys() >= {"scores", "windows_day", "rollups_day"}
    assert any("outcome refused" in difference.about for difference in found.first)
