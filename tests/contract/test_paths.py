"""Real paths, variants and conformance, asked of the monitor: as recounted from the events, however these came."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from random import Random
from statistics import fmean, median
from typing import Any

import pytest

from schemas.journey import JourneyVersion, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.store.rebuild import check
from tests.asking import asking
from tests.counted import Counted, counting
from tests.drawn import LOKET, answer, event
from tests.singled_out import Filter, small_groups

NOW = datetime.now(UTC)
SINCE = NOW - timedelta(days=20)
LEAST = 5
PERSONAS = ("bewoner", "ondernemer", "architect")
DRAWN = LOKET.replace(
    "phases:", "personas: [" + ", ".join(f"{{id: {each}, name: {each}}}" for each in PERSONAS) + "]\nphases:", 1
)
TOUCHPOINTS = ("vraag", "aanvraag", "aanvulling", "besluit", "factuur")
STRAIGHT = ("vraag", "aanvraag", "aanvulling", "besluit")

Path = tuple[str, ...]


@pytest.fixture
async def counted(lasting_url: str) -> AsyncIterator[Counted]:
    """An empty database as of now; halfway the journey no longer wants a question first."""
    later = DRAWN.replace("{id: vraag, name: Vraag}", "{id: vraag, name: Vraag, optional: true}")
    versions = (
        JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=parse_journey(DRAWN)),
        JourneyVersion(version=2, valid_from=SINCE + timedelta(days=10), journey=parse_journey(later)),
    )
    async with counting(lasting_url, NOW, *versions) as counted:
        yield counted


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


@pytest.mark.parametrize("seed", range(3))
async def test_paths_of_a_persona_tell_of_no_small_group(counted: Counted, seed: int) -> None:
    """With those of all personas, and of the others: nothing that is shown, or follows from it, is of one to four."""
    chance = Random(seed)
    cases = passages(chance, 30)
    await counted.count(*(each for case in cases.values() for each in case))
    right: Counter[tuple[str, str, str]] = Counter()
    for case in cases.values():
        for earlier, later in pairwise(("", *path_of(case))):
            right[later, earlier, case[0].persona or ""] += 1
    async with asking(counted) as client:
        answers = {
            each: (await client.get(f"/api/journeys/loket/paths?window=28d&persona={each}")).json() for each in PERSONAS
        }
    assert any(answer["left_out"] for answer in answers.values())
    told: dict[str, dict[Filter, int]] = defaultdict(dict)
    for (touchpoint, earlier, _), n in right.items():
        told[touchpoint][earlier, None] = told[touchpoint].get((earlier, None), 0) + n
    for persona, graph in answers.items():
        assert all(step["n"] == right[step["touchpoint"], step["after"], persona] for step in graph["steps"])
        for touchpoint, row, n in shown(graph):
            told[touchpoint][row, persona] = n
    for some in told.values():
        assert list(small_groups(some, LEAST)) == []


def shown(graph: Mapping[str, Any]) -> Iterator[tuple[str, str | None, int]]:
    """Yield what is shown of each touchpoint: how many came to it from another one, first of all ('') or in all."""
    for step in graph["steps"]:
        yield step["touchpoint"], step["after"], step["n"]
    for stop in graph["touchpoints"]:
        if stop["first"] is not None:
            yield stop["touchpoint"], "", stop["first"]
        if stop["visits"] is not None:
            yield stop["touchpoint"], None, stop["visits"]


async def test_a_persona_cannot_be_asked_for_with_a_department(counted: Counted) -> None:
    async with asking(counted) as client:
        for asked in (
            "persona=bewoner&department=X",
            "persona=bewoner&channel=web",
            "touchpoint=vraag",
            "timeliness=late",
        ):
            answer = await client.get(f"/api/journeys/loket/paths?{asked}")
            assert answer.status_code == 422, asked
        for asked in ("persona=bewoner", "outcome=refused", "timeliness=late", "since=2026-03-02&weekday=monday"):
            answer = await client.get(f"/api/journeys/loket/conformance?{asked}")
            assert (answer.status_code, "not kept apart" in answer.text) == (422, True), asked
        assert (await client.get("/api/journeys/nergens/variants")).status_code == 404
        assert (await client.get("/journeys/nergens/paths")).status_code == 404


async def test_departing_costs_points_where_enough_say_so(counted: Counted) -> None:
    """Of whole weeks only, and of a week with at least five scores on a side."""
    zone = parse_journey(DRAWN).zone
    today = NOW.astimezone(zone).date()
    monday = datetime.combine(today - timedelta(days=today.weekday() + 14), time(), zone)
    arrivals: list[TouchpointEvent | SurveyAnswer] = []
    scored: dict[tuple[int, bool], list[int]] = defaultdict(list)
    chance = Random(7)
    for week, departing, number in (
        (0, False, 9),
        (0, True, 7),
        (1, False, 6),
        (1, True, 4),
        (2, False, 8),
        (2, True, 8),
    ):
        for turn in range(number):
            case_id, at = f"{week}-{departing}-{turn}", monday + timedelta(days=7 * week, minutes=turn)
            for step, touchpoint in enumerate(STRAIGHT[:-1] if not departing else ("aanvraag", "vraag")):
                arrivals.append(event(touchpoint, 0, case_id=case_id, occurred_at=at + timedelta(seconds=step)))
            arrivals.append(event("besluit", 0, case_id=case_id, occurred_at=at + timedelta(seconds=9)))
            score = chance.randrange(1, 11)
            given = at + timedelta(seconds=30)
            arrivals.append(answer("besluit", turn, case_id=case_id, answered_at=given, score=score))
            scored[week, departing].append(score)
    arrivals = [each.model_copy(update=_named(number)) for number, each in enumerate(arrivals) if _is_past(each)]
    await counted.count(*arrivals)
    async with asking(counted, enough_answers=5) as client:
        held = (await client.get("/api/journeys/loket/conformance?window=28d")).json()
    higher, lower = scored[0, True], scored[0, False] + scored[1, False]
    assert (held["departing_score"]["n"], held["following_score"]["n"]) == (7, 15)
    assert held["departing_score"]["mean"] == pytest.approx(fmean(higher))
    assert held["following_score"]["mean"] == pytest.approx(fmean(lower))
    assert held["higher_score"]["value"] == pytest.approx(fmean(higher) - fmean(lower))


def _named(number: int) -> dict[str, str]:
    return {"event_id": str(number), "answer_id": str(number)}


def _is_past(arrival: TouchpointEvent | SurveyAnswer) -> bool:
    return (arrival.answered_at if isinstance(arrival, SurveyAnswer) else arrival.occurred_at) < NOW


class Shown(HTMLParser):
    """What a page shows of its graph: how often each step was taken, in the picture and in the table."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, list[int]] = defaultdict(list)
        self.scripts: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("data-times") is not None:
            self.times[tag].append(int(given["data-times"] or ""))
        if tag == "script":
            self.scripts.append(given.get("src"))


@pytest.mark.parametrize(
    ("lang", "question"), [("nl", "Welke weg gaan klanten echt?"), ("en", "Which way do customers")]
)
async def test_the_page_shows_every_step_and_what_follows_the_map(counted: Counted, lang: str, question: str) -> None:
    chance = Random(3)
    cases = passages(chance, 40)
    await counted.count(*(each for case in cases.values() for each in case))
    steps = Counter(edge for case in cases.values() for edge in pairwise(path_of(case)))
    async with asking(counted, enough_answers=3) as client:
        answer = await client.get(f"/journeys/loket/paths?lang={lang}&window=28d")
        of_persona = await client.get(f"/journeys/loket/paths?lang={lang}&persona=bewoner")
        empty = await client.get(f"/journeys/loket/paths?lang={lang}&window=28d&channel=nergens")
        wrong = await client.get(f"/journeys/loket/paths?lang={lang}&persona=bewoner&department=X")
    assert [each.status_code for each in (answer, of_persona, empty, wrong)] == [200, 200, 200, 404]
    assert question in answer.text
    page = Shown()
    page.feed(answer.text)
    assert sorted(page.times["tr"]) == sorted(page.times["g"]) == sorted(steps.values())
    assert [src and src.split("?")[0] for src in page.scripts] == ["/static/paths.js"]
    closed = [case for case in cases.values() if is_closed(path_of(case))]
    following = sum(not departs(path_of(case), version_at(case)) for case in closed)
    assert f"{following} {'van' if lang == 'nl' else 'of'} {len(closed)}" in answer.text


async def test_a_case_says_where_it_departs_from_the_map_of_its_beginning(counted: Counted) -> None:
    """The second version no longer wants a question first, but it came when the first case had begun."""
    change = SINCE + timedelta(days=10)
    for case_id, begins in (("oud", change - timedelta(hours=3)), ("nieuw", change + timedelta(hours=3))):
        for step, touchpoint in enumerate(("aanvraag", "aanvraag", "aanvulling", "besluit")):
            await counted.count(
                event(touchpoint, step, case_id=case_id, occurred_at=begins + timedelta(hours=2 * step))
            )
    async with asking(counted) as client:
        old, new = [(await client.get(f"/api/journeys/loket/cases/{case}")).json() for case in ("oud", "nieuw")]
        page = (await client.get("/journeys/loket/cases/oud")).text
    repeated = {"how": "repeated", "touchpoint": "aanvraag"}
    assert old["departures"] == [repeated, {"how": "skipped", "touchpoint": "vraag"}]
    assert new["departures"] == [repeated]
    assert "Aanvraag herhaald, Vraag overgeslagen." in page
