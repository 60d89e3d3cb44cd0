"""Where the time went, asked of the monitor: as recounted from the events, however these came."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import fmean
from typing import Any

import pytest

from schemas.journey import JourneyVersion, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.store.rebuild import check, rebuild
from tests.asking import asking
from tests.counted import Counted, counting
from tests.drawn import LOKET, answer, event
from tests.oracle import Drawing, Sums, tables
from tests.singled_out import Filter, small_groups

SINCE = datetime(2026, 3, 19, 12, tzinfo=UTC)
"""Easter and the beginning of summer time lie in the weeks after it."""
NOW = SINCE + timedelta(days=42)
LEAST = 5
PERSONAS = ("bewoner", "ondernemer", "architect")
TOUCHPOINTS = ("vraag", "aanvraag", "aanvulling", "besluit", "factuur")
DRAWN = (
    LOKET.replace("phases:", f"personas: {[{'id': each, 'name': each} for each in PERSONAS]}\nphases:")
    .replace("Europe/Amsterdam", "Europe/Amsterdam\nholidays: NL\nworking_hours: {monday-friday: 08:30-17:00}")
    .replace("{id: vraag, name: Vraag}", "{id: vraag, name: Vraag, initiator: customer}")
    .replace("{id: factuur, name: Factuur}", "{id: factuur, name: Factuur, external_party: incasso}")
    .replace("limit: P8W}", "limit: P8W, pauses: [{from: aanvulling, until: vraag}]}")
)
VERSION = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=parse_journey(DRAWN))
AWAITED = {"vraag": "customer", "factuur": "third_party"}
ASKED = "since=2026-03-01&until=2026-04-30"

Case = Sequence[TouchpointEvent]
Totals = Mapping[tuple[str, str], Mapping[str, Sums]]
"""What the oracle observes of each step, by the touchpoints from and to which it leads, by measure."""


@pytest.fixture
async def counted(lasting_url: str) -> AsyncIterator[Counted]:
    """An empty database in which everything is kept."""
    async with counting(lasting_url, NOW, VERSION) as counted:
        yield counted


def drawn_cases(chance: Random, number: int) -> Sequence[Case]:
    """Cases that go on for hours or days; of every other visit it is known when work on it began."""
    cases = []
    for turn in range(number):
        at, persona = SINCE + timedelta(hours=chance.randrange(380)), chance.choice(PERSONAS)
        found: list[TouchpointEvent] = []
        for step in range(chance.randrange(1, 7)):
            at += timedelta(milliseconds=chance.randrange(60_000, 4 * 86_400_000))
            longest = 5 * 86_400_000 if chance.random() < 0.2 else 9_000_000
            begun = at - timedelta(milliseconds=chance.randrange(longest))
            given: dict[str, Any] = {"case_id": f"Z-{turn}", "event_id": f"{turn}-{step}", "persona": persona}
            given |= {"department": chance.choice("XY"), "started_at": chance.choice((begun, None))}
            found.append(event(chance.choice(TOUCHPOINTS), 0, occurred_at=at, **given))
        cases.append(found)
    return cases


async def count(counted: Counted, chance: Random, cases: Sequence[Case]) -> None:
    """Count all in any order and any batches, some events twice, and others that are taken back."""
    all_of_them = [each for case in cases for each in case]
    wrong = [
        each.model_copy(update={"event_id": f"fout-{each.event_id}", "started_at": SINCE - timedelta(days=9)})
        for each in chance.sample(all_of_them, 12)
    ]
    voids = [each.model_copy(update={"event_id": f"terug-{each.event_id}", "voids": each.event_id}) for each in wrong]
    arrivals = [*wrong, *voids, *all_of_them, *chance.sample(all_of_them, 20)]
    if chance.random() < 0.5:
        arrivals.sort(key=lambda each: each.occurred_at)
    else:
        chance.shuffle(arrivals)
    while arrivals:
        size = chance.choice((1, 7, 60))
        await counted.count(*arrivals[:size])
        del arrivals[:size]


def totals(cases: Sequence[Case], takes: Callable[[Any], bool] = lambda _: True) -> Totals:
    """What the oracle says of the steps that are asked for."""
    windows = tables(Drawing([VERSION]), [each for case in cases for each in case], ())["windows_day"]
    found: dict[tuple[str, str], dict[str, Sums]] = defaultdict(lambda: defaultdict(Sums))
    for key, sums in windows.items():
        _, measure, span, touchpoint, department, *_ = key
        if measure.split("_")[0] in ("gap", "touch", "waiting", "paused") and takes(department):
            found[span, touchpoint][measure].n += sums.n
            found[span, touchpoint][measure].total += sums.total
    return found


def whole_of(steps: Totals, clock: str = "") -> int:
    """All gaps, and what is known of the time before the first visits."""
    first = sum(times[f"touch{clock}"].total for (after, _), times in steps.items() if not after)
    return first + sum(times[f"gap{clock}"].total for times in steps.values())


def begun(visit: TouchpointEvent) -> datetime:
    return visit.started_at or visit.occurred_at


def seconds(milliseconds: float) -> Any:
    return pytest.approx(milliseconds / 1000, abs=1e-6)


@pytest.mark.parametrize("seed", range(2))
async def test_the_time_went_where_the_events_say(counted: Counted, seed: int) -> None:
    chance = Random(seed)
    cases = drawn_cases(chance, 60)
    await count(counted, chance, cases)
    async with asking(counted) as client:
        found = (await client.get(f"/api/journeys/loket/time?{ASKED}")).json()
        of_x = (await client.get(f"/api/journeys/loket/time?{ASKED}&department=X")).json()
    for told, steps in ((found, totals(cases)), (of_x, totals(cases, lambda department: department == "X"))):
        check_steps(told, steps)
        check_parts(told, steps)
    lives = [max(each.occurred_at for each in case) - min(map(begun, case)) for case in cases]
    assert found["whole"]["calendar_seconds"] == seconds(sum(lives, timedelta(0)) / timedelta(milliseconds=1))


def check_steps(told: Mapping[str, Any], steps: Totals) -> None:
    """Those with five passages or more, those first that cost most."""
    often = {edge: times for edge, times in steps.items() if edge[0] and times["gap"].n >= LEAST}
    assert {(step["after"], step["touchpoint"]) for step in told["steps"]} == often.keys()
    assert told["few"] == sum(bool(edge[0]) for edge in steps) - len(often)
    for step in told["steps"]:
        times = often[step["after"], step["touchpoint"]]
        assert (step["n"], step["started_known"]) == (times["gap"].n, times["waiting"].n)
        for clock, name in (("", "calendar_seconds"), ("_worked", "worked_seconds")):
            lost = times[f"gap{clock}"].total - times[f"touch{clock}"].total - times[f"paused{clock}"].total
            assert step["lost"][name] == seconds(lost)
            assert step["mean_lost"][name] == seconds(lost / times["gap"].n)
            assert step["touch"][name] == seconds(times[f"touch{clock}"].total)
            assert step["waiting"][name] == seconds(times[f"waiting{clock}"].total)
    lost_most = [step["lost"]["calendar_seconds"] for step in told["steps"]]
    assert lost_most == sorted(lost_most, reverse=True)


def check_parts(told: Mapping[str, Any], steps: Totals) -> None:
    """By who is waited for, and all together the whole."""
    for clock, name in (("", "calendar_seconds"), ("_worked", "worked_seconds")):
        right: Counter[tuple[str, str | None]] = Counter()
        for (after, touchpoint), times in steps.items():
            awaited = AWAITED.get(touchpoint, "organisation")
            part = {each: times[f"{each}{clock}"].total for each in ("gap", "touch", "waiting", "paused")}
            right["touch", None] += part["touch"]
            right["waiting", awaited] += part["waiting"]
            right["paused", None] += part["paused"]
            if after:
                right["between", awaited] += part["gap"] - part["touch"] - part["waiting"] - part["paused"]
        found = {(part["part"], part["awaited"]): part[name] for part in told["parts"]}
        assert {part: time for part, time in found.items() if time} == {
            part: seconds(time) for part, time in right.items() if time
        }
        whole = whole_of(steps, clock)
        assert sum(round(1000 * time) for time in found.values()) == round(1000 * told["whole"][name]) == whole
    touch, between = (
        sum(part["share"] for part in told["parts"] if part["part"] == kind) for kind in ("touch", "between")
    )
    assert told["white_space"]["most"] == pytest.approx(1 - touch)
    assert told["white_space"]["least"] == pytest.approx(1 - touch - between)


async def test_what_is_counted_is_what_is_rebuilt(counted: Counted) -> None:
    chance = Random(5)
    cases = drawn_cases(chance, 40)
    await count(counted, chance, cases)
    assert (await check(counted.database_url, lambda *_: None)).total == 0
    before = counted.rows(_SUMS)
    of_times = "scope_id IN (SELECT scope_id FROM scopes WHERE measure IN ('touch', 'gap_worked', 'arrivals'))"
    counted.change(f"DELETE FROM rollups_day WHERE {of_times}", f"DELETE FROM windows_day WHERE {of_times}")
    assert (await rebuild(counted.database_url, lambda *_: None)).total > 0
    assert counted.rows(_SUMS) == before
    kept = {row["resolution"] for row in counted.rows(_RESOLUTIONS)}
    assert kept == {"day"}


_SUMS = """
SELECT scope_id, bucket, sum(n) AS n, sum(total) AS total FROM rollups_day
GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(total) <> 0 ORDER BY 1, 2
"""
_RESOLUTIONS = """
SELECT resolution FROM (
    SELECT scope_id, 'minute' AS resolution FROM windows_minute UNION SELECT scope_id, 'hour' FROM windows_hour
    UNION SELECT scope_id, 'day' FROM windows_day
) AS held JOIN scopes USING (scope_id)
WHERE measure IN ('touch', 'waiting', 'paused', 'gap_worked', 'arrivals', 'completions')
"""


@pytest.mark.parametrize("seed", range(2))
async def test_the_times_of_a_persona_tell_of_no_small_group(counted: Counted, seed: int) -> None:
    """Not by what is shown of it, of all personas and of the others; what is not shown is not in the whole either."""
    chance = Random(seed)
    cases = drawn_cases(chance, 60)
    await counted.count(*(each for case in cases for each in case))
    right: Counter[tuple[str, str, str]] = Counter()
    for case in cases:
        for earlier, later in pairwise(("", *(each.touchpoint for each in case))):
            right[later, earlier, case[0].persona or ""] += 1
    async with asking(counted) as client:
        answers = {
            each: (await client.get(f"/api/journeys/loket/time?{ASKED}&persona={each}")).json() for each in PERSONAS
        }
    assert any(answer["left_out"] for answer in answers.values())
    told: dict[str, dict[Filter, int]] = defaultdict(dict)
    for (touchpoint, earlier, _), n in right.items():
        told[touchpoint][earlier, None] = told[touchpoint].get((earlier, None), 0) + n
    for persona, found in answers.items():
        for step in found["steps"]:
            assert step["n"] == right[step["touchpoint"], step["after"], persona]
            told[step["touchpoint"]][step["after"], persona] = step["n"]
    for some in told.values():
        assert list(small_groups(some, LEAST)) == []


async def test_what_makes_no_sense_is_refused(counted: Counted) -> None:
    async with asking(counted) as client:
        for asked in (
            "persona=bewoner&department=X",
            "touchpoint=vraag",
            "outcome=refused",
            "since=2026-04-02&until=2026-04-01",
            "weekday=sunday",
            f"{ASKED}&weekday=sunday",
            "since=0001-01-01",
        ):
            assert (await client.get(f"/api/journeys/loket/time?{asked}")).status_code == 422, asked
            assert (await client.get(f"/journeys/loket/time?{asked}")).status_code == 404, asked
        assert (await client.get("/api/journeys/nergens/time")).status_code == 404
        assert (await client.get("/journeys/nergens/time")).status_code == 404
        refused = await client.get("/api/journeys/loket/charts?measure=touch")
    assert refused.status_code == 422


async def test_coming_late_costs_points_where_enough_say_so(counted: Counted) -> None:
    chance = Random(9)
    arrivals: list[TouchpointEvent | SurveyAnswer] = []
    scored: dict[bool, list[int]] = {True: [], False: []}
    for turn in range(60):
        late = turn % 3 == 0
        at = SINCE + timedelta(hours=turn)
        due = at + timedelta(hours=-1 if late else 1)
        given = chance.randrange(1, 6) if late else chance.randrange(5, 11)
        scored[late].append(given)
        said = {"answered_at": at + timedelta(days=1), "score": given, "answer_id": str(turn)}
        arrivals.append(event("besluit", 0, case_id=f"Z-{turn}", occurred_at=at, due_at=due, event_id=str(turn)))
        arrivals.append(answer("besluit", 0, case_id=f"Z-{turn}", **said))
    await counted.count(*arrivals)
    while await counted.store.release(1):
        pass
    async with asking(counted) as client:
        found = (await client.get(f"/api/journeys/loket/time?{ASKED}")).json()["late_scores"]
        page = (await client.get(f"/journeys/loket/time?{ASKED}&lang=en")).text
    (one,) = found
    assert (one["touchpoint"], one["late_n"], one["in_time_n"]) == ("besluit", 20, 40)
    assert one["late"]["value"] == pytest.approx(fmean(scored[True]))
    assert one["in_time"]["value"] == pytest.approx(fmean(scored[False]))
    assert one["lower"]["value"] == pytest.approx(fmean(scored[False]) - fmean(scored[True]))
    assert one["lower"]["low"] > 0
    assert f"those who were served late give {fmean(scored[True]):.1f} (n = 20)" in page


@pytest.mark.parametrize(("lang", "question"), [("nl", "Waar blijft de tijd?"), ("en", "Where does the time go?")])
async def test_the_page_divides_the_whole(counted: Counted, lang: str, question: str) -> None:
    cases = drawn_cases(Random(1), 60)
    await counted.count(*(each for case in cases for each in case))
    async with asking(counted) as client:
        found = (await client.get(f"/api/journeys/loket/time?{ASKED}")).json()
        page = (await client.get(f"/journeys/loket/time?{ASKED}&lang={lang}")).text
        empty = await client.get(f"/journeys/loket/time?lang={lang}&department=Z")
    assert question in page
    assert empty.status_code == 200
    bar = [part for part in found["parts"] if part["calendar_seconds"]]
    assert page.count('<rect class="part') == len(bar) + len(found["parts"])
    assert page.count('class="who"') == len(found["steps"])
