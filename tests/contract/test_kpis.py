"""KPIs in the database: touched ones are due, each is judged by its hours, and what it comes to is told once."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.journey import JourneyVersion, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.topics import TOUCHPOINT_EVENTS
from services.store.rebuild import rebuild
from streams.ports import Partition
from tests.counted import Counted
from tests.drawn import LOKET, MIDNIGHT, answer, event

KPI = """
kpis:
  - id: besluit
    name: {nl: Besluit, en: Decision}
    measure: satisfaction
    norm: 7.0
    touchpoint: besluit
    minimum_evidence: 5
"""
FIRST = datetime(1, 1, 2, tzinfo=UTC)
DAY = 24 * 60
_WORKDAYS = 6


def version(kpis: str = KPI, number: int = 1, valid_from: datetime = FIRST) -> JourneyVersion:
    return JourneyVersion(version=number, valid_from=valid_from, journey=parse_journey(LOKET + kpis))


@pytest.fixture
def judged(counted: Counted) -> Counted:
    """The loket with a KPI, 60 days after midnight."""
    counted.empty(version())
    return counted


_numbers: Iterator[int] = iter(range(10**9))


def scores(days: range, *each: int, touchpoint: str = "besluit") -> list[SurveyAnswer]:
    """The same scores on each day, an hour apart from nine o'clock on, each from a case of its own."""
    return [
        answer(touchpoint, day * DAY + 540 + 60 * hour, case_id=f"Z-{next(_numbers)}", score=score)
        for day in days
        for hour, score in enumerate(each)
    ]


def state(counted: Counted) -> dict[str, Any]:
    (row,) = counted.rows("SELECT * FROM kpi_states")
    return row


def changes(counted: Counted) -> list[tuple[bool, int, bool]]:
    """Every change: whether it is an alarm, the day that brought it, whether it was withdrawn."""
    rows = counted.rows("SELECT * FROM kpi_changes ORDER BY change_id")
    return [(row["below"], (row["at"] - MIDNIGHT).days, row["withdrawn"]) for row in rows]


def alerts(counted: Counted) -> list[dict[str, Any]]:
    rows = counted.rows(
        "SELECT convert_from(value, 'UTF8')::json AS alert FROM outbox WHERE topic = 'kpi-alerts' ORDER BY outbox_id"
    )
    return [row["alert"] for row in rows]


async def test_only_what_is_touched_is_due(judged: Counted) -> None:
    assert await judged.judge() == 1, "one that was never looked at is due"
    assert await judged.judge() == 0
    await judged.count(*scores(range(1), 8, touchpoint="aanvraag"))
    assert await judged.judge() == 0
    await judged.count(*scores(range(1), 8))
    assert await judged.judge() == 1
    assert await judged.judge() == 0
    judged.now += timedelta(minutes=1)
    assert await judged.judge() == 1, "time alone may change it"


async def test_two_callers_at_once_call_once(judged: Counted) -> None:
    await judged.count(*scores(range(1), 8))
    assert sorted(await asyncio.gather(*(judged.store.call_kpis(judged.now) for _ in range(4)))) == [0, 0, 0, 1]


async def test_too_few_then_on_norm_then_below_it(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=1)
    await judged.count(*scores(range(1), 8, 7, 8, 7))
    await judged.judge()
    assert state(judged)["state"] == "too_few"
    judged.now = MIDNIGHT + timedelta(days=10)
    await judged.count(*scores(range(1, 10), 8, 7, 8, 7))
    await judged.judge()
    assert state(judged)["state"] == "on_norm"
    judged.now = MIDNIGHT + timedelta(days=20)
    await judged.count(*scores(range(10, 20), 4, 4, 4, 4))
    await judged.judge()
    held = state(judged)
    assert held["state"] == "below_norm"
    assert held["below"]
    (raised,) = changes(judged)
    assert raised[0]
    changed, alert = alerts(judged)
    assert (changed["state"], changed["summary_nl"]) == ("changed", "Besluit: op norm, norm 7,0")
    assert (alert["kind"], alert["journey"], alert["kpi"], alert["state"]) == ("kpi", "loket", "besluit", "raised")
    assert alert["summary_nl"].startswith("Besluit: onder norm")
    await judged.judge()
    assert len(alerts(judged)) == 2, "what was told is not told again"
    said = judged.rows("SELECT state FROM kpi_transitions ORDER BY at")
    assert [row["state"] for row in said] == ["too_few", "on_norm", "below_norm"]


async def test_the_figure_beside_the_state_is_of_released_scores_since_the_evidence_began(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=20)
    await judged.count(*scores(range(10), 8, 8, 8, 8), *scores(range(10, 20), 4, 4, 4, 4))
    while await judged.store.release(5):
        pass
    await judged.judge()
    held = state(judged)
    assert held["shown_since"] == MIDNIGHT + timedelta(days=10, hours=9)
    # 80 scores in lots of five: all are released, and 40 of them are fours of the last ten days.
    assert (held["shown_n"], float(held["shown_value"])) == (40, 4.0)
    (alert,) = alerts(judged)
    assert alert["summary_nl"] == "Besluit: onder norm, gemiddeld 4,0 over 40 antwoorden sinds 12 mrt, norm 7,0"
    assert alert["summary_en"] == "Decision: below norm, mean 4.0 over 40 answers since 12 Mar, norm 7.0"


async def test_it_recovers_after_two_weeks_at_least_and_says_so(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=60)
    await judged.count(
        *scores(range(10), 8, 8, 8, 8), *scores(range(10, 20), 4, 4, 4, 4), *scores(range(20, 60), 9, 9, 9, 9)
    )
    await judged.judge()
    assert [below for below, _, _ in changes(judged)] == [True, False]
    (_, raised, _), (_, recovered, _) = changes(judged)
    assert recovered - raised >= 14
    assert alerts(judged) == [], "what was over before anybody knew of it is history"
    assert state(judged)["state"] == "on_norm"


async def test_an_alarm_that_was_told_is_cleared(judged: Counted) -> None:
    for day, some in ((20, scores(range(20), 4, 4)), (60, scores(range(20, 60), 9, 9, 9))):
        judged.now = MIDNIGHT + timedelta(days=day)
        await judged.count(*some)
        await judged.judge()
    assert [alert["state"] for alert in alerts(judged)] == ["raised", "cleared"]
    assert len({alert["alert_id"] for alert in alerts(judged)}) == 2
    assert state(judged)["told_at"] is None


async def test_the_same_whenever_it_is_looked_at(judged: Counted) -> None:
    """Once its baseline, the first quarter, is complete; until then its threshold is still being found."""
    first_quarter = [each for day in range(95) for each in scores(range(day, day + 1), 9, 8, 4)]
    days = [scores(range(day, day + 1), *((9, 8, 4) if day < 100 else (3, 5, 6))) for day in range(95, 125)]
    judged.now = MIDNIGHT + timedelta(days=95)
    await judged.count(*first_quarter)
    await judged.judge()
    for day, some in enumerate(days, 96):
        judged.now = MIDNIGHT + timedelta(days=day)
        await judged.count(*some)
        await judged.judge()
    step_by_step = changes(judged)
    judged.empty(version())
    judged.store._memory.forget()
    await judged.count(*first_quarter, *(each for some in days for each in some))
    await judged.judge()
    assert changes(judged) == step_by_step
    assert step_by_step


async def test_an_answer_that_comes_late_refolds_and_what_was_told_is_corrected(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=12)
    bad = scores(range(10), 5, 5, 5)
    await judged.count(*bad)
    await judged.judge()
    assert [(below, gone) for below, _, gone in changes(judged)] == [(True, False)]
    await judged.count(*scores(range(10), *[9] * _WORKDAYS))  # they were under way for days
    await judged.judge()
    assert [(below, gone) for below, _, gone in changes(judged)] == [(True, True)]
    assert [alert["state"] for alert in alerts(judged)] == ["raised", "corrected"]
    assert state(judged)["state"] == "on_norm"


async def test_an_alarm_that_came_at_another_hour_stays_told(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=30)
    await judged.count(*scores(range(5, 20), 5, 5, 5))
    await judged.judge()
    ((_, first, _),) = changes(judged)
    await judged.count(*scores(range(4), 3, 3, 3))
    await judged.judge()
    ((below, day, withdrawn),) = changes(judged)
    assert (below, withdrawn) == (True, False)
    assert day < first
    assert [alert["state"] for alert in alerts(judged)] == ["raised"]
    (row,) = judged.rows("SELECT corrected_at FROM kpi_changes")
    assert row["corrected_at"] == judged.now


async def test_an_alert_waits_for_its_service_hours(counted: Counted) -> None:
    counted.empty(version(KPI + "    service_hours: {monday-friday: 08:30-17:00}\n"))
    friday_night = datetime(2026, 3, 27, 22, 0, tzinfo=UTC)
    counted.now = friday_night
    await counted.count(*scores(range(25), 4, 4))
    await counted.judge()
    assert state(counted)["below"]
    assert state(counted)["told_at"] is None
    assert alerts(counted) == []
    counted.now = datetime(2026, 3, 30, 6, 29, tzinfo=UTC)  # 08:29 in Amsterdam, where summer time has begun
    await counted.judge()
    assert alerts(counted) == []
    counted.now = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)
    counted.change("UPDATE kpi_states SET called_at = NULL")
    await counted.judge()
    assert [alert["state"] for alert in alerts(counted)] == ["raised"]
    assert state(counted)["told_at"] == counted.now


async def test_another_norm_begins_anew_and_leaves_history_alone(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=20)
    await judged.count(*scores(range(20), 4, 4))
    await judged.judge()
    assert state(judged)["state"] == "below_norm"
    judged.empty_journeys(version(), version(KPI.replace("7.0", "3.0"), 2, judged.now))
    judged.now += timedelta(days=10)
    await judged.count(*scores(range(20, 30), 4, 4))
    await judged.judge()
    assert state(judged)["state"] == "on_norm"
    assert [(below, gone) for below, _, gone in changes(judged)] == [(True, False)]
    assert [alert["state"] for alert in alerts(judged)] == ["raised", "cleared"]


async def test_a_journey_that_draws_it_no_more_has_it_not_judged(judged: Counted) -> None:
    await judged.count(*scores(range(2), 8))
    judged.empty_journeys(version(), version("", 2, judged.now))
    assert await judged.judge() == 0


async def test_nothing_comes_and_nothing_happens_yet_measuring_has_stopped(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=40)
    await judged.count(*scores(range(40), 8, 8, 8))
    await judged.judge()
    assert state(judged)["state"] == "on_norm"
    judged.now = MIDNIGHT + timedelta(days=60)
    await judged.judge()
    assert state(judged)["state"] == "stopped"


async def test_silence_tells_nothing_while_the_log_is_still_being_read(judged: Counted) -> None:
    await judged.count(*scores(range(40), 8, 8, 8))
    partition = Partition("log", TOUCHPOINT_EVENTS.name, 0)
    await judged.store.note_ends({partition: 5_000}, judged.now)
    await judged.judge()
    assert state(judged)["state"] == "on_norm"
    judged.now += timedelta(minutes=1)
    await judged.store.note_ends({partition: 0}, judged.now)
    await judged.judge()
    assert state(judged)["state"] == "stopped"


async def test_complaints_and_times_are_judged_too(counted: Counted) -> None:
    kpis = """
kpis:
  - {id: klachten, name: Klachten, measure: complaints, norm: 0.1, touchpoint: vraag, minimum_evidence: 5}
  - {id: op-tijd, name: Op tijd, measure: gap, norm: 0.9, touchpoint: aanvraag, minimum_evidence: 5}
  - {id: nps, name: NPS, measure: nps, norm: 20, minimum_evidence: 5}
"""
    text = (LOKET + kpis).replace("id: aanvraag, name: Aanvraag}", "id: aanvraag, name: Aanvraag, gap_limit: P1D}")
    text = text.replace("id: factuur, name: Factuur}", "id: factuur, name: Factuur, complaint: true}")
    counted.empty(JourneyVersion(version=1, valid_from=FIRST, journey=parse_journey(text)))
    counted.now = MIDNIGHT + timedelta(days=34)
    arrivals: list[Any] = []
    for day in range(30):
        case = f"Z-{day}"
        arrivals += [
            event("vraag", day * DAY, case_id=case),
            event("factuur", day * DAY + 30, case_id=case, attributes={"about": "vraag"}),
            event("aanvraag", day * DAY + 2 * DAY, case_id=case),
            answer(None, day * DAY, case_id=case, question="nps", score=2),
        ]
    await counted.count(*arrivals)
    await counted.judge()
    found = {row["kpi"]: row for row in counted.rows("SELECT * FROM kpi_states")}
    assert {kpi: row["state"] for kpi, row in found.items()} == dict.fromkeys(
        ("klachten", "op-tijd", "nps"), "below_norm"
    )
    assert (found["klachten"]["shown_n"], float(found["klachten"]["shown_value"])) == (30, 1.0)
    assert (found["op-tijd"]["shown_n"], float(found["op-tijd"]["shown_value"])) == (30, 0.0)


async def test_a_rebuild_that_finds_nothing_leaves_it_as_it_is(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=20)
    await judged.count(*scores(range(20), 4, 4))
    await judged.judge()
    before = state(judged)
    await rebuild(judged.database_url, lambda *_: None)
    assert await judged.judge() == 0
    assert state(judged) == before


async def test_a_rebuild_that_mends_windows_has_kpis_judged_anew(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=20)
    await judged.count(*scores(range(20), 8, 9))
    wrong = "SET total = 1000 * n FROM scopes s WHERE s.scope_id = r.scope_id AND s.measure = 'satisfaction'"
    judged.change(f"UPDATE rollups_hour r {wrong}")
    await judged.judge()
    assert state(judged)["state"] == "below_norm"
    await rebuild(judged.database_url, lambda *_: None)
    await judged.judge()
    assert state(judged)["state"] == "on_norm"
    assert [alert["state"] for alert in alerts(judged)] == ["raised", "corrected"]


async def test_visits_that_stay_away_are_found_by_the_clock_alone(counted: Counted) -> None:
    kpis = "kpis:\n  - {id: k, name: K, measure: volume, norm: 4, direction: at_least, touchpoint: vraag}\n"
    counted.empty(version(kpis))
    counted.now = MIDNIGHT + timedelta(days=30)
    visits = [
        event("vraag", day * DAY + 600 + at, case_id=f"Z-{day}-{at}") for day in range(30) for at in (0, 5, 9, 30)
    ]
    await counted.count(*visits)
    await counted.judge()
    assert (state(counted)["state"], state(counted)["shown_n"]) == ("on_norm", 30)
    counted.now += timedelta(days=12)
    await counted.judge()
    held = state(counted)
    assert held["state"] == "below_norm"
    assert held["shown_since"] == MIDNIGHT + timedelta(days=29, hours=22), "midnight in Amsterdam, where it is summer"
    assert (held["shown_n"], float(held["shown_value"])) == (12, 0.0)


def behind(counted: Counted, records: int) -> Any:
    """Note that so many records wait to be counted."""
    return counted.store.note_ends({Partition("log", TOUCHPOINT_EVENTS.name, 0): records}, counted.now)


async def test_nobody_is_told_of_what_is_found_while_a_log_is_read_in(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=20)
    await judged.count(*scores(range(20), 4, 4))
    await behind(judged, 50_000)
    await judged.judge()
    assert (state(judged)["below"], state(judged)["told_at"], alerts(judged)) == (True, None, [])
    judged.now += timedelta(minutes=1)
    await behind(judged, 0)
    await judged.judge()
    assert [alert["state"] for alert in alerts(judged)] == ["raised"]


async def test_days_whose_visits_are_still_in_the_log_are_not_judged(counted: Counted) -> None:
    counted.empty(version("kpis:\n  - {id: k, name: K, measure: volume, norm: 4, direction: at_least}\n"))
    counted.now = MIDNIGHT + timedelta(days=60)
    await counted.count(*[event("vraag", day * DAY + at, case_id=f"Z-{day}") for day in range(10) for at in range(4)])
    await behind(counted, 50_000)
    await counted.judge()
    assert state(counted)["state"] is None
    counted.now += timedelta(minutes=1)
    await behind(counted, 0)
    await counted.judge()
    assert state(counted)["state"] == "below_norm"


async def test_a_norm_that_is_put_back_does_not_bring_back_its_old_alarm(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=20)
    await judged.count(*scores(range(20), 4, 4))
    await judged.judge()
    lower = version(KPI.replace("7.0", "3.0"), 2, judged.now)
    judged.empty_journeys(version(), lower)
    judged.now += timedelta(minutes=1)
    await judged.judge()
    judged.empty_journeys(version(), lower, version(KPI, 3, judged.now))
    for _ in range(3):
        judged.now += timedelta(minutes=1)
        await judged.judge()
    assert state(judged)["below"] is False
    assert [alert["state"] for alert in alerts(judged) if alert["state"] != "changed"] == ["raised", "cleared"]


async def test_an_alert_of_a_kpi_that_is_drawn_no_more_is_cleared(judged: Counted) -> None:
    judged.now = MIDNIGHT + timedelta(days=20)
    await judged.count(*scores(range(20), 4, 4))
    await judged.judge()
    judged.empty_journeys(version(), version("", 2, judged.now))
    judged.now += timedelta(minutes=1)
    await judged.judge()
    cleared = alerts(judged)[-1]
    assert (cleared["state"], cleared["summary_nl"]) == ("cleared", "Besluit: wordt niet meer beoordeeld")
    assert state(judged)["told_at"] is None
    judged.now += timedelta(minutes=1)
    assert await judged.judge() == 0


async def test_a_kpi_that_is_new_is_judged_over_all_that_is_kept(counted: Counted) -> None:
    counted.empty(version(""))
    counted.now = MIDNIGHT + timedelta(days=20)
    await counted.count(*scores(range(20), 4, 4))
    counted.empty_journeys(version(""), version(KPI, 2, counted.now))
    counted.now += timedelta(minutes=1)
    await counted.judge()
    assert state(counted)["state"] == "below_norm"
