"""Visits by persona and by employee, asked of the monitor: they are right, and single nobody out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from random import Random
from typing import Any

import pytest

from schemas.journey import JourneyVersion, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from tests.asking import asking
from tests.counted import Counted, counting
from tests.drawn import LOKET, answer, event
from tests.singled_out import Filter, small_groups

LEAST = 5
PERSONAS = ("bewoner", "ondernemer", "architect")
DRAWN = LOKET.replace(
    "phases:", "personas: [" + ", ".join(f"{{id: {each}, name: {each}}}" for each in PERSONAS) + "]\nphases:", 1
)
NOW = datetime.now(UTC)
WINDOWS = {"24h": timedelta(hours=24), "28d": timedelta(days=28)}
CONSENT = "OR 2026-14"


@pytest.fixture
async def counted(lasting_url: str) -> AsyncIterator[Counted]:
    """An empty database as of now, with a journey that draws three personas."""
    version = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=parse_journey(DRAWN))
    async with counting(lasting_url, NOW, version) as counted:
        yield counted


def passages(chance: Random) -> Sequence[TouchpointEvent]:
    """Visits of today and of the weeks before, of some personas many, of others few; some are taken back."""
    often = {each: chance.choice((0, 1, 3, 9)) for each in (*PERSONAS, None)}
    handling = ("m-1", "m-2", "m-3", None)
    events = [
        event(
            touchpoint,
            0,
            case_id=f"zaak-{persona}-{turn}-{back}",
            event_id=f"{touchpoint}-{persona}-{turn}-{back}",
            occurred_at=NOW - timedelta(hours=back, minutes=chance.randrange(50)),
            persona=persona,
            employee=chance.choice(handling),
        )
        for touchpoint in ("vraag", "aanvraag", "besluit")
        for persona, times in often.items()
        for back in (1, 200)
        for turn in range(chance.choice((times, times, 2 * times)))
    ]
    taken_back = chance.sample(events, len(events) // 9)
    voids = [
        each.model_copy(update={"event_id": f"terug-{each.event_id}", "voids": each.event_id}) for each in taken_back
    ]
    return [*events, *voids]


def recounted(events: Sequence[TouchpointEvent], window: str, field: str) -> Counter[Filter]:
    """What every filter by touchpoint and by a field of the events takes."""
    voided = {each.voids for each in events}
    standing = [each for each in events if each.voids is None and each.event_id not in voided]
    recent = [each for each in standing if each.occurred_at > NOW - WINDOWS[window]]
    return Counter(
        (touchpoint, group)
        for each in recent
        for touchpoint in (each.touchpoint, None)
        for group in (getattr(each, field) or "", None)
    )


def shown(answer: dict[str, Any]) -> dict[Filter, int]:
    found: dict[Filter, int] = {}
    for row in answer["items"]:
        found[row["touchpoint"], None] = row["visits"]
        found |= {
            (row["touchpoint"], group["id"] or ""): group["visits"]
            for group in row["groups"]
            if group["visits"] is not None
        }
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_no_two_filters_of_what_is_shown_tell_of_a_small_group(counted: Counted, seed: int) -> None:
    """Visits by persona and by employee, with what anybody may ask for beside them: volumes, and the metrics."""
    events = passages(Random(seed))
    await counted.count(*events)
    async with asking(counted, employee_consent=CONSENT) as client:
        for window in WINDOWS:
            public = (await client.get(f"/api/journeys/loket/figures?window={window}")).json()
            volumes = {(each["id"], None): each["volume"] for each in public["touchpoints"]}
            for path, field in (("visits", "persona"), ("employees", "employee")):
                answer = (await client.get(f"/api/journeys/loket/{path}?window={window}")).json()
                right, told = recounted(events, window, field), shown(answer)
                assert told == {which: right[which] for which in told}
                assert told.items() >= volumes.items()
                assert list(small_groups(told, LEAST)) == []


async def test_no_two_filters_of_scores_tell_of_a_small_group(counted: Counted) -> None:
    """By touchpoint, persona and channel, alone and together: what one takes more than another is whole lots."""
    chance = Random(7)
    dimensions = {"touchpoint": ("vraag", "besluit"), "persona": PERSONAS, "channel": ("web", "post")}
    arrivals: list[TouchpointEvent | SurveyAnswer] = []
    for place in product(*dimensions.values()):
        touchpoint, persona, channel = place
        for turn in range(chance.choice((1, 4, 7, 12))):
            about = {"case_id": f"{place}-{turn}", "customer": f"klant-{place}-{turn}"}
            passed = NOW - timedelta(hours=30, minutes=turn)
            arrivals.append(event(touchpoint, 0, occurred_at=passed, persona=persona, channel=channel, **about))
            arrivals.append(answer(touchpoint, 0, answered_at=passed + timedelta(hours=1), **about))
    await counted.count(*arrivals)
    while await counted.store.release(LEAST):
        pass
    shown: dict[tuple[str | None, ...], int] = {}
    async with asking(counted) as client:
        for asked in product(*((None, *values) for values in dimensions.values())):
            named = {name: value for name, value in zip(dimensions, asked, strict=True) if value is not None}
            answered = await client.get("/api/journeys/loket/scores", params={"by": "journey", **named})
            items = answered.json()["items"]
            shown[asked] = items[0]["measures"]["satisfaction"]["n"] if items else 0
    assert 0 < shown[None, None, None] < len(arrivals) / 2
    for wide, narrow in permutations(shown, 2):
        if all(outer in (None, inner) for inner, outer in zip(narrow, wide, strict=True)):
            assert not 0 < shown[wide] - shown[narrow] < LEAST, (wide, narrow)


async def test_large_groups_are_shown_and_a_small_one_takes_another_with_it(counted: Counted) -> None:
    numbers = {"bewoner": 9, "ondernemer": 6, "architect": 2}
    await counted.count(
        *(
            event("vraag", 0, case_id=f"{persona}-{turn}", occurred_at=NOW - timedelta(hours=1), persona=persona)
            for persona, number in numbers.items()
            for turn in range(number)
        )
    )
    async with asking(counted) as client:
        answer = (await client.get("/api/journeys/loket/visits?window=24h")).json()
    assert answer["least"] == LEAST
    every, vraag, *_, factuur = answer["items"]
    assert (every["touchpoint"], vraag["touchpoint"], factuur["touchpoint"]) == (None, "vraag", "factuur")
    groups = [{"id": None, "visits": 0}, {"id": "architect", "visits": None}, {"id": "bewoner", "visits": 9}]
    groups.append({"id": "ondernemer", "visits": None})
    assert every == {"touchpoint": None, "visits": 17, "groups": groups}
    assert vraag == {"touchpoint": "vraag", "visits": 17, "groups": groups}
    assert [group["visits"] for group in factuur["groups"]] == [0, 0, 0, 0]


async def test_without_consent_there_are_no_figures_by_employee(counted: Counted) -> None:
    async with asking(counted) as client:
        answer = await client.get("/api/journeys/loket/employees")
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "KLANTREIS_EMPLOYEE_CONSENT" in answer.json()["detail"]


async def test_with_consent_they_say_where_it_is_found(counted: Counted) -> None:
    async with asking(counted, employee_consent=CONSENT) as client:
        assert (await client.get("/api/journeys/loket/employees")).json()["consent"] == CONSENT
        assert (await client.get("/api/journeys/nergens/employees")).status_code == 404


@pytest.mark.timeout(30)
async def test_metrics_tell_no_people_apart(counted: Counted) -> None:
    """No label holds a persona, an employee, a case or a customer, so there is no filter by them."""
    await counted.count(event("vraag", 0, occurred_at=NOW, persona="bewoner", employee="m-17", customer="klant-8812"))
    async with asking(counted) as client:
        while (await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - it is asked, and tells nobody
            await asyncio.sleep(0.05)
        told = (await client.get("/metrics")).text
    assert 'touchpoint="vraag"' in told
    assert [word for word in ("bewoner", "m-17", "klant-8812", "Z-1", "persona=", "employee=") if word in told] == []


def served(chance: Random, month: datetime) -> Sequence[TouchpointEvent | SurveyAnswer]:
    """Visits in a month and what was said of them, by who handled them: of some often, of others hardly ever.

    Some are handled by two, one after the other, some are taken back, and some answers come before their visit.
    """
    arrivals: list[TouchpointEvent | SurveyAnswer] = []
    for touchpoint, who in product(("vraag", "besluit"), ("m-1", "m-2", "m-3", "m-4", None)):
        for turn in range(chance.choice((0, 1, 3, 9, 26))):
            about = {"case_id": f"{touchpoint}-{who}-{turn}", "department": chance.choice(("KCC", "KCC", "VG"))}
            met = month + timedelta(days=chance.randrange(20), seconds=chance.randrange(10_000))
            visit = event(touchpoint, 0, occurred_at=met, employee=who, channel=chance.choice(("web", "post")), **about)
            arrivals.append(visit)
            if chance.random() < 0.2:
                again = {"event_id": f"{visit.event_id}-2", "employee": "m-2", "occurred_at": met + timedelta(hours=2)}
                arrivals.append(visit.model_copy(update=again))
            if chance.random() < 0.1:
                gone = {"event_id": f"{visit.event_id}-weg", "voids": visit.event_id}
                arrivals.append(visit.model_copy(update=gone))
            said = met + timedelta(hours=chance.choice((-1, 1, 3)))
            score = chance.randrange(1, 11)
            arrivals.append(answer(touchpoint, 0, case_id=about["case_id"], answered_at=said, score=score))
    return arrivals


def scored(arrivals: Sequence[TouchpointEvent | SurveyAnswer], department: str) -> dict[Filter, list[int]]:
    """The scores of each touchpoint and employee of a department: those of the last visit before, else the first."""
    events = [each for each in arrivals if isinstance(each, TouchpointEvent)]
    voided = {each.voids for each in events}
    found: dict[Filter, list[int]] = {}
    for given in arrivals:
        if isinstance(given, SurveyAnswer):
            here = [each for each in events if (each.case_id, each.touchpoint) == (given.case_id, given.touchpoint)]
            stand = sorted(
                (each for each in here if each.voids is None and each.event_id not in voided),
                key=lambda each: each.occurred_at,
            )
            before = [each for each in stand if each.occurred_at <= given.answered_at]
            met = before[-1] if before else stand[0] if stand else None
            if met is not None and met.department == department and given.score is not None:
                found.setdefault((given.touchpoint, met.employee or ""), []).append(given.score)
    return found


LAST_MONTH = (NOW.replace(day=1) - timedelta(days=1)).replace(day=2, hour=9, minute=0, second=0, microsecond=0)


@pytest.mark.parametrize("seed", range(3))
async def test_no_two_filters_of_scores_by_employee_tell_of_a_small_group(counted: Counted, seed: int) -> None:
    """With what anybody may ask for beside them: the scores of the department, in lots."""
    arrivals = served(Random(seed), LAST_MONTH)
    await counted.count(*arrivals)
    while await counted.store.release(LEAST):
        pass
    first = LAST_MONTH.date().replace(day=1)
    over = {"since": str(first), "until": str(NOW.date().replace(day=1) - timedelta(days=1))}
    async with asking(counted, employee_consent=CONSENT, enough_answers=2) as client:
        for department in ("KCC", "VG"):
            asked = {"department": department}
            told = (await client.get("/api/journeys/loket/employees/scores", params=asked)).json()
            public = (await client.get("/api/journeys/loket/scores", params={**asked, **over})).json()
            shown: dict[Filter, int] = {}
            for row in told["items"]:
                shown[row["touchpoint"], None] = row["n"]
                some = {(row["touchpoint"], each["id"] or ""): each["n"] for each in row["employees"]}
                shown |= {which: n for which, n in some.items() if n is not None}
            in_lots = {(each["id"], None): each["measures"]["satisfaction"]["n"] for each in public["items"]}
            assert {which: n for which, n in shown.items() if which[1] is None and which[0]} == in_lots
            assert shown[None, None] == sum(in_lots.values()) > 0
            assert list(small_groups(shown, LEAST)) == []
            right = scored(arrivals, department)
            assert all(n <= len(right.get(which, ())) for which, n in shown.items() if None not in which)


async def test_all_that_was_said_is_there_by_employee_once_it_is_shown(counted: Counted) -> None:
    arrivals = served(Random(5), LAST_MONTH)
    await counted.count(*arrivals)
    while await counted.store.release(1):
        pass
    right = scored(arrivals, "KCC")
    settings = {"employee_consent": CONSENT, "smallest_group": 2, "enough_answers": 2}
    async with asking(counted, **settings) as client:
        told = (await client.get("/api/journeys/loket/employees/scores?department=KCC")).json()
    assert (told["least"], told["enough"], told["consent"]) == (2, 2, CONSENT)
    cells = {(row["touchpoint"], each["id"] or ""): each for row in told["items"][1:] for each in row["employees"]}
    shown = {which: each for which, each in cells.items() if each["n"]}
    assert {which: each["n"] for which, each in shown.items()} == {which: len(right[which]) for which in shown}
    assert {which for which, given in right.items() if len(given) > 1} & shown.keys()
    for which, each in shown.items():
        assert each["estimate"]["value"] == pytest.approx(sum(right[which]) / len(right[which]))
    together = told["items"][0]
    every = [score for given in right.values() for score in given]
    assert (together["n"], together["estimate"]["value"]) == (len(every), pytest.approx(sum(every) / len(every)))


async def test_scores_by_employee_want_consent_a_department_and_a_month_that_is_over(counted: Counted) -> None:
    asked = "/api/journeys/loket/employees/scores"
    async with asking(counted) as client:
        refused = await client.get(f"{asked}?department=KCC")
    assert refused.status_code == 403
    assert "KLANTREIS_EMPLOYEE_CONSENT" in refused.json()["detail"]
    async with asking(counted, employee_consent=CONSENT) as client:
        assert (await client.get(f"{asked}?department=KCC")).json()["items"][0]["n"] == 0
        assert (await client.get(asked)).status_code == 422
        running = await client.get(f"{asked}?department=KCC&month={NOW.date()}")
        assert (running.status_code, "month: should be over" in running.json()["detail"]) == (422, True)
        assert (await client.get("/api/journeys/nergens/employees/scores?department=KCC")).status_code == 404
