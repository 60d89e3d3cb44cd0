"""Real paths, variants and conformance, asked of the monitor: as recounted from the events, however these came."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import fmean, median

import pytest

from schemas.journey import JourneyVersion, parse_journey
from schemas.touchpoint_event import TouchpointEvent
from services.store.keeping import set_keep
from services.store.rebuild import check
from tests.asking import asking
from tests.counted import Counted, store_on
from tests.drawn import LOKET, event

NOW = datetime.now(UTC)
SINCE = NOW - timedelta(days=20)
PERSONAS = ("bewoner", "ondernemer", "architect")
DRAWN = LOKET.replace(
    "phases:", "personas: [" + ", ".join(f"{{id: {each}, name: {each}}}" for each in PERSONAS) + "]\nphases:", 1
)
TOUCHPOINTS = ("vraag", "aanvraag", "aanvulling", "besluit", "factuur")
STRAIGHT = ("vraag", "aanvraag", "aanvulling", "besluit")

Path = tuple[str, ...]


@pytest.fixture
async def counted(database_url: str) -> AsyncIterator[Counted]:
    """An empty database as of now; halfway the journey no longer wants a question first."""
    counted = Counted(database_url, store_on(database_url), NOW)
    later = DRAWN.replace("{id: vraag, name: Vraag}", "{id: vraag, name: Vraag, optional: true}")
    counted.empty(
        JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=parse_journey(DRAWN)),
        JourneyVersion(version=2, valid_from=SINCE + timedelta(days=10), journey=parse_journey(later)),
    )
    for name in ("minute", "hour", "day", "events"):
        set_keep(database_url, name, None)
    await counted.store.open()
    yield counted
    await counted.store.close()


def passages(chance: Random, number: int) -> Mapping[str, Sequence[TouchpointEvent]]:
    """Cases that mostly go straight on, one touchpoint every few minutes or days, each with its persona."""
    cases: dict[str, Sequence[TouchpointEvent]] = {}
    for turn in range(number):
        route = list(STRAIGHT[chance.choice((0, 0, 1)) :])
        for _ in range(chance.choice((0, 0, 1, 2))):
            route.insert(chance.randrange(len(route) + 1), chance.choice(TOUCHPOINTS))
        at, persona = SINCE + timedelta(hours=chance.randrange(380)), chance.choice(PERSONAS)
        found = []
        for step, touchpoint in enumerate(route):
            given = {"case_id": f"Z-{turn}", "event_id": f"{turn}-{step}", "persona": persona}
            found.append(event(touchpoint, 0, occurred_at=at, department=chance.choice("XY"), **given))
            at += timedelta(minutes=chance.randrange(1, 900))
        cases[f"Z-{turn}"] = found
    return cases


async def count(counted: Counted, chance: Random, cases: Mapping[str, Sequence[TouchpointEvent]]) -> None:
    """Count all in any order and any batches, some events twice, and others that are taken back."""
    wrong = [
        each.model_copy(
            update={"event_id": f"fout-{each.event_id}", "occurred_at": each.occurred_at + timedelta(seconds=40)}
        )
        for each in chance.sample([each for case in cases.values() for each in case], 12)
    ]
    voids = [each.model_copy(update={"event_id": f"terug-{each.event_id}", "voids": each.event_id}) for each in wrong]
    arrivals = [*wrong, *voids, *(each for case in cases.values() for each in case)]
    arrivals += chance.sample(arrivals, 20)
    if chance.random() < 0.5:
        arrivals.sort(key=lambda each: each.occurred_at)
    else:
        chance.shuffle(arrivals)
    while arrivals:
        size = chance.choice((1, 7, 60))
        await counted.count(*arrivals[:size])
        del arrivals[:size]


def path_of(case: Sequence[TouchpointEvent]) -> Path:
    return tuple(each.touchpoint for each in case)


def is_closed(path: Path) -> bool:
    return next((each for each in reversed(path) if each != "factuur"), None) == "besluit"


def took(case: Sequence[TouchpointEvent]) -> float:
    last = max(each.occurred_at for each in case if each.touchpoint == "besluit")
    return (last - case[0].occurred_at).total_seconds()


def version_at(case: Sequence[TouchpointEvent]) -> int:
    return 1 if case[0].occurred_at < SINCE + timedelta(days=10) else 2


def departs(path: Path, version: int) -> set[tuple[str, str]]:
    """What is wrong with a path, seen from each touchpoint: only `aanvulling` may come again, and at any time."""
    route = [each for each in path if each != "factuur"]
    found = {("repeated", each) for each in {*path} - {"aanvulling"} if path.count(each) > 1}
    placed = [each for each in route if each != "aanvulling"]
    needed = set(STRAIGHT[: max(map(STRAIGHT.index, placed), default=0)]) - ({"vraag"} if version == 2 else set())
    found |= {("skipped", each) for each in needed - set(route)}
    for place, each in enumerate(route):
        before = route[:place]
        if before[-1:] == ["besluit"]:
            found |= {("unexpected", each)} if each not in before or each == "aanvulling" else set()
        elif (
            each != "aanvulling"
            and each not in before
            and any(STRAIGHT.index(other) > STRAIGHT.index(each) for other in {*before} & {*placed})
        ):
            found.add(("out_of_order", each))
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_what_followed_what_is_what_the_events_say(counted: Counted, seed: int) -> None:
    chance = Random(seed)
    cases = passages(chance, 60)
    await count(counted, chance, cases)
    gaps: dict[tuple[str, str], list[float]] = defaultdict(list)
    visits: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for case in cases.values():
        first[case[0].touchpoint] += 1
        visits.update(path_of(case))
        for earlier, later in pairwise(case):
            gap = (later.occurred_at - earlier.occurred_at).total_seconds()
            gaps[earlier.touchpoint, later.touchpoint].append(gap)
    async with asking(counted) as client:
        found = (await client.get("/api/journeys/loket/paths?window=28d")).json()
        of_x = (await client.get("/api/journeys/loket/paths?window=28d&department=X")).json()
    steps = {(step["after"], step["touchpoint"]): step for step in found["steps"]}
    assert {edge: step["n"] for edge, step in steps.items()} == {edge: len(some) for edge, some in gaps.items()}
    assert (found["left_out"], found["unknown"]) == (0, 0)
    onward = Counter(edge[0] for edge, some in gaps.items() for _ in some)
    for edge, some in gaps.items():
        assert steps[edge]["gap"]["mean_seconds"] == pytest.approx(fmean(some), abs=1e-3)
        assert steps[edge]["gap"]["median_seconds"] == pytest.approx(sorted(some)[(len(some) - 1) // 2], rel=0.0101)
        assert steps[edge]["share"] == pytest.approx(len(some) / onward[edge[0]])
    stops = {stop["touchpoint"]: stop for stop in found["touchpoints"]}
    assert {each: stop["visits"] for each, stop in stops.items() if stop["visits"]} == visits
    assert {each: stop["first"] for each, stop in stops.items() if stop["first"]} == first
    to_x = Counter(
        (earlier.touchpoint, later.touchpoint)
        for case in cases.values()
        for earlier, later in pairwise(case)
        if later.department == "X"
    )
    assert {(step["after"], step["touchpoint"]): step["n"] for step in of_x["steps"]} == to_x
    assert (await check(counted.database_url, lambda *_: None)).total == 0


@pytest.mark.parametrize("seed", range(3))
async def test_variants_and_departures_are_what_the_events_say(counted: Counted, seed: int) -> None:
    chance = Random(seed)
    cases = passages(chance, 60)
    await count(counted, chance, cases)
    closed = [case for case in cases.values() if is_closed(path_of(case))]
    right = Counter((path_of(case), version_at(case)) for case in closed)
    async with asking(counted, enough_answers=3) as client:
        found = (await client.get("/api/journeys/loket/variants?window=28d&limit=500")).json()
        held = (await client.get("/api/journeys/loket/conformance?window=28d")).json()
    assert (found["cases"], found["variants"]) == (len(closed), len(right))
    told = {(tuple(each["touchpoints"]), each["version"]): each for each in found["items"]}
    assert {key: each["n"] for key, each in told.items()} == right
    assert [each["n"] for each in found["items"]] == sorted(right.values(), reverse=True)
    for (path, version), each in told.items():
        same = [took(case) for case in closed if (path_of(case), version_at(case)) == (path, version)]
        assert each["mean_seconds"] == pytest.approx(fmean(same))
        assert each["share"] == pytest.approx(len(same) / len(closed))
        assert {(one["how"], one["touchpoint"]) for one in each["departures"]} == departs(path, version), path
    wrong = {id(case): departs(path_of(case), version_at(case)) for case in closed}
    following = [case for case in closed if not wrong[id(case)]]
    departing = [case for case in closed if wrong[id(case)]]
    assert (held["cases"], held["judged"], held["following"]) == (len(closed), len(closed), len(following))
    places = Counter(place for case in closed for place in wrong[id(case)])
    assert {(item["how"], item["touchpoint"]): item["n"] for item in held["items"]} == places
    longer = fmean(map(took, departing)) - fmean(map(took, following))
    assert held["longer_seconds"]["value"] == pytest.approx(longer)
    assert held["longer_seconds"]["low"] < longer < held["longer_seconds"]["high"]
    assert median((held["share"]["low"], len(following) / len(closed), held["share"]["high"])) == held["share"]["value"]
    assert (held["departing_score"]["n"], held["higher_score"]) == (0, None)
