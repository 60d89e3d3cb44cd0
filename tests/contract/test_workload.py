"""Who has how much in hand, what came and went, and what it costs: as recounted from the events, however these came."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.journey import JourneyVersion, parse_journey
from schemas.touchpoint_event import TouchpointEvent
from services.store.rebuild import check
from tests.asking import asking
from tests.counted import Counted, counting
from tests.drawn import LOKET, event

NOW = datetime.now(UTC)
SINCE = NOW - timedelta(days=25)
ZONE = ZoneInfo("Europe/Amsterdam")
LEAST = 5
TOUCHPOINTS = ("vraag", "aanvraag", "aanvulling", "besluit", "factuur")
COSTS = {"vraag": 12_50, "besluit": 400_00}
DRAWN = (
    LOKET.replace("{id: vraag, name: Vraag}", "{id: vraag, name: Vraag, cost: '12.50', fte: '0.5'}")
    .replace("moment_of_truth: true", "cost: '400', expected_volume: {visits: 30, per: P1W}")
    .replace("{id: aanvraag, name: Aanvraag}", "{id: aanvraag, name: Aanvraag, handler: party}")
)
VERSION = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=parse_journey(DRAWN))

Case = Sequence[TouchpointEvent]
Who = Callable[[TouchpointEvent], str]


@pytest.fixture
async def counted(lasting_url: str) -> AsyncIterator[Counted]:
    """An empty database as of now, in which everything is kept."""
    async with counting(lasting_url, NOW, VERSION) as counted:
        yield counted


def drawn_cases(chance: Random, number: int) -> Sequence[Case]:
    """Cases of a few visits, each by somebody; some say by when they were promised, and some what they cost."""
    cases = []
    for turn in range(number):
        at = SINCE + timedelta(hours=chance.randrange(24 * 22))
        found: list[TouchpointEvent] = []
        for step in range(chance.randrange(1, 6)):
            at += timedelta(minutes=chance.randrange(1, 900))
            given: dict[str, Any] = {
                "case_id": f"Z-{turn}",
                "event_id": f"{turn}-{step}",
                "department": chance.choice(("X", "Y", None)),
                "team": chance.choice(("noord", "zuid", None)),
                "party": chance.choice(("a", "b", None)) if chance.random() < 0.9 else f"eenmalig-{turn}",
                "employee": chance.choice(("m-1", "m-2", "m-3")) if chance.random() < 0.95 else "m-4",
                "cost": chance.choice(("7.25", None, None)),
                "due_at": chance.choice((at + timedelta(hours=1), at - timedelta(hours=1), None)),
            }
            if at < NOW - timedelta(minutes=5):
                found.append(event(chance.choice(TOUCHPOINTS), 0, occurred_at=at, **given))
        cases.append(found)
    return [case for case in cases if case]


async def count(counted: Counted, chance: Random, cases: Sequence[Case]) -> None:
    """Count all in any order and any batches, and others that are taken back."""
    all_of_them = [each for case in cases for each in case]
    wrong = [
        each.model_copy(
            update={
                "event_id": f"fout-{each.event_id}",
                "occurred_at": each.occurred_at + timedelta(seconds=40),
                "team": "west",
                "department": "Z",
            }
        )
        for each in chance.sample(all_of_them, 12)
    ]
    voids = [each.model_copy(update={"event_id": f"terug-{each.event_id}", "voids": each.event_id}) for each in wrong]
    arrivals = [*wrong, *voids, *all_of_them]
    chance.shuffle(arrivals)
    while arrivals:
        size = chance.choice((7, 60))
        await counted.count(*arrivals[:size])
        del arrivals[:size]


def is_closed(touchpoints: Sequence[str]) -> bool:
    return next((each for each in reversed(touchpoints) if each != "factuur"), None) == "besluit"


def holders(case: Case, who: Who) -> Sequence[str | None]:
    """Who has the case after each visit; None: nobody, as it is closed."""
    path = [each.touchpoint for each in case]
    return [None if is_closed(path[: place + 1]) else who(each) for place, each in enumerate(case)]


def flows(cases: Sequence[Case], who: Who) -> Mapping[tuple[str, str, date], int]:
    """What came to and left whom in each week: whoever visits an open case has it, and whoever closes it has had it."""
    found: Counter[tuple[str, str, date]] = Counter()
    for case in cases:
        had: str | None = None
        path: list[str] = []
        for visit, has in zip(case, holders(case, who), strict=True):
            day = visit.occurred_at.astimezone(ZONE).date()
            monday = day - timedelta(days=day.weekday())
            after_the_end = bool(path) and is_closed(path)
            path.append(visit.touchpoint)
            if after_the_end and has is None:
                continue
            here = who(visit)
            found["arrivals", here, monday] += had != here
            if had is not None:
                found["completions", had, monday] += had != here
            found["completions", here, monday] += has is None
            had = has
    return +found


def open_now(cases: Sequence[Case], who: Who) -> Mapping[str, int]:
    return Counter(last for case in cases if (last := holders(case, who)[-1]) is not None)


def check_loads(items: Sequence[Mapping[str, Any]], cases: Sequence[Case], who: Who) -> None:
    told = {item["handler"] or "": item for item in items}
    right, in_hand = flows(cases, who), open_now(cases, who)
    for handler, item in told.items():
        assert item["open"] == in_hand.get(handler, 0), handler
        for week in item["weeks"]:
            for what in ("arrivals", "completions"):
                assert week[what] == right.get((what, handler, date.fromisoformat(week["begins"])), 0), handler


@pytest.mark.parametrize("seed", range(2))
async def test_departments_have_what_came_less_what_went(counted: Counted, seed: int) -> None:
    chance = Random(seed)
    cases = drawn_cases(chance, 60)
    await count(counted, chance, cases)
    async with asking(counted) as client:
        found = (await client.get("/api/journeys/loket/workload?weeks=5")).json()
    assert {item["handler"] for item in found["items"]} >= {None, "X", "Y"}
    check_loads(found["items"], cases, lambda visit: visit.department or "")
    check_loads([{"handler": None, **found["whole"]}], cases, lambda _: "")
    for load in (found["whole"], *found["items"]):
        came, went = (sum(week[what] for week in load["weeks"]) for what in ("arrivals", "completions"))
        assert load["open"] == came - went
    assert (await check(counted.database_url, lambda *_: None)).total == 0


@pytest.mark.parametrize("kind", ["team", "party", "employee"])
async def test_handlers_have_what_they_handled(counted: Counted, kind: str) -> None:
    chance = Random(8)
    cases = drawn_cases(chance, 80)
    await count(counted, chance, cases)

    def who(visit: TouchpointEvent) -> str:
        ourselves = kind == "party" and visit.touchpoint != "aanvraag"
        return "" if ourselves else getattr(visit, kind) or ""

    async with asking(counted, employee_consent="OR 12") as client:
        found = (await client.get(f"/api/journeys/loket/workload?weeks=5&by={kind}")).json()
        page = await client.get(f"/journeys/loket/workload?by={kind}&lang=en")
    check_loads(found["items"], cases, who)
    visits: dict[str, list[TouchpointEvent]] = defaultdict(list)
    for visit in (visit for case in cases for visit in case):
        visits[who(visit)].append(visit)
    told = {item["handler"] or "": item for item in found["items"]}
    few = {handler for handler, some in visits.items() if len(some) < LEAST}
    assert few.isdisjoint(told)
    assert len(told) + found["left_out"] == len(visits)
    if kind == "employee":  # whoever is left out cannot be told from all
        assert found["left_out"] == 0 or sum(len(visits[each]) for each in visits.keys() - told.keys()) >= LEAST
        assert (found["consent"], "OR 12" in page.text) == ("OR 12", True)
    else:
        assert told.keys() == visits.keys() - few
    for handler, item in told.items():
        promised = [visit for visit in visits[handler] if visit.due_at is not None]
        assert (item["visits"], item["promised"]) == (len(visits[handler]), len(promised))
        assert item["late"] == sum(visit.occurred_at > visit.due_at for visit in promised if visit.due_at)
        lost = timedelta(0)
        for case in cases:
            for earlier, later in pairwise(case):
                lost += later.occurred_at - earlier.occurred_at if who(later) == handler else timedelta(0)
        assert item["lost"]["calendar_seconds"] == pytest.approx(lost.total_seconds(), abs=0.1)
    assert page.status_code == 200


async def test_employees_are_told_of_with_consent_only(counted: Counted) -> None:
    async with asking(counted) as client:
        refused = await client.get("/api/journeys/loket/workload?by=employee")
        page = await client.get("/journeys/loket/workload")
        no_page = await client.get("/journeys/loket/workload?by=employee")
        unknown = await client.get("/api/journeys/loket/workload?by=customer")
    assert [each.status_code for each in (refused, page, no_page, unknown)] == [403, 200, 404, 422]
    assert 'value="team"' in page.text
    assert 'value="employee"' not in page.text


def cost_of(visit: TouchpointEvent) -> int | None:
    return COSTS.get(visit.touchpoint) if visit.cost is None else int(visit.cost * 100)


async def test_the_events_own_cost_goes_first(counted: Counted) -> None:
    chance = Random(4)
    cases = drawn_cases(chance, 80)
    await count(counted, chance, cases)
    async with asking(counted) as client:
        found = (await client.get("/api/journeys/loket/workload?weeks=5")).json()
        variants = (await client.get("/api/journeys/loket/variants?window=28d&limit=500")).json()["items"]
        page = (await client.get("/journeys/loket/paths?window=28d")).text
    days = (datetime.fromisoformat(found["end"]) - datetime.fromisoformat(found["start"])) / timedelta(days=1)
    told = {each["touchpoint"]: each for each in found["touchpoints"]}
    for touchpoint, each in told.items():
        visits = [visit for case in cases for visit in case if visit.touchpoint == touchpoint]
        costs = [cents for visit in visits if (cents := cost_of(visit)) is not None]
        assert (each["visits"], each["cost"]) == (len(visits), pytest.approx(sum(costs) / 100))
        assert each["cost_said"] == sum(visit.cost is not None for visit in visits)
    assert told["besluit"]["expected_visits"] == pytest.approx(30 * days / 7, rel=0.001)  # a day may have 25 hours
    assert told["vraag"]["visits_per_fte_per_week"] == pytest.approx(told["vraag"]["visits"] * 2 / days * 7, rel=0.001)

    closed: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for case in cases:
        path = tuple(visit.touchpoint for visit in case)
        if is_closed(path):
            closed[path].append(sum(cost_of(visit) or 0 for visit in case))
    assert {tuple(each["touchpoints"]) for each in variants} == closed.keys()
    for each in variants:
        costs = closed[tuple(each["touchpoints"])]
        assert (each["mean_cost"], each["cost_n"]) == (pytest.approx(fmean(costs) / 100), len(costs))
    assert "gemiddelde kosten" in page
