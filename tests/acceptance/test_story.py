"""The demo's story, told by its events and read off the API alone: what went wrong, and what must not mislead.

The figures of the story are those of the method, written out here. Beside each mean stands that of the answers sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, median
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import psycopg
import pytest

from schemas.survey_answer import SurveyAnswer
from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.embedded.commands import command_child
from services.settings import Settings
from services.simulator.population import Population, SimulatedCase
from services.store.journeys import apply_journey
from tests.dashboards.demo import demo_journey
from tests.monitoring import RunningMonitor, running_monitor
from tests.sending import Parcel, Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)

NOW = datetime.now(UTC)
WEEK = timedelta(weeks=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
ROOT = "/api/journeys/omgevingsvergunning"
FROM = 30
"""So many weeks back cases are told: a part of them, but for touchpoints that play no part in the story."""

PARTS = 5
NO_PART = ("vergunningcheck", "vooroverleg", "statusbericht", "verlengingsbericht", "toelichting")

IN_FULL = {"aanvullingsverzoek": 23, "vraag-gesteld": 21, "toezichtbezoek": 20, "besluit": 12, "klacht-ingediend": 26}
"""Of all cases, since so many weeks: the visits to these touchpoints that were answered, and complaints."""


def _monday(moment: datetime) -> date:
    day = moment.astimezone(AMSTERDAM).date()
    return day - timedelta(days=day.weekday())


def weeks_ago(weeks: float) -> datetime:
    return NOW - weeks * WEEK


def days(begin: float, end: float) -> dict[str, str]:
    """The whole days from `begin` weeks ago until `end` weeks ago, as the API is asked for them."""
    first, last = (weeks_ago(begin) + timedelta(days=1)).date(), (weeks_ago(end) - timedelta(days=1)).date()
    return {"since": str(first), "until": str(last)}


def _told() -> Iterator[TouchpointEvent | SurveyAnswer]:
    population = Population(1, NOW)
    first = weeks_ago(FROM).date()
    for number in range((NOW.date() - first).days + 1):
        for case in population.beginning_on(first + timedelta(days=number)):
            yield from _of_case(case)


def _of_case(case: SimulatedCase) -> Iterator[TouchpointEvent | SurveyAnswer]:
    is_told = crc32(case.case_id.encode()) % PARTS == 0
    answers = {about(each): each for each in case.answers if each.question == "satisfaction"}
    for event in case.events:
        in_full = _in_full(event) and (event.event_id in answers or event.touchpoint == "klacht-ingediend")
        if event.occurred_at <= NOW and (in_full or (is_told and event.touchpoint not in NO_PART)):
            yield event
            if event.event_id in answers and answers[event.event_id].answered_at <= NOW:
                yield answers[event.event_id]


def _in_full(event: TouchpointEvent) -> bool:
    return event.occurred_at >= weeks_ago(IN_FULL.get(event.touchpoint, 0))


def about(answer: SurveyAnswer) -> str:
    """The id of the event that an answer is about."""
    return answer.answer_id.removesuffix(f"-{answer.question}")


@dataclass(frozen=True)
class Score:
    """What a customer of a persona gave, and when."""

    answered_at: datetime
    touchpoint: str
    persona: str | None
    score: int


@dataclass(frozen=True)
class Story:
    """What was told, and the monitor that has counted it."""

    told: Sequence[TouchpointEvent | SurveyAnswer]
    scores: Sequence[Score]
    monitor: RunningMonitor

    def ask(self, path: str, **asked: str) -> Any:
        answer = self.monitor.get(f"{ROOT}{path}?" + "&".join(f"{name}={value}" for name, value in asked.items()))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def score(self, touchpoint: str, begin: float, end: float, **asked: str) -> Any:
        """The satisfaction with a touchpoint, as the API has it; it is that of what was told."""
        over = days(begin, end)
        (group,) = self.ask("/scores", touchpoint=touchpoint, **over, **asked)["items"]
        found = group["measures"]["satisfaction"]
        given = [
            each.score
            for each in self.scores
            if each.touchpoint == touchpoint
            and over["since"] <= str(each.answered_at.astimezone(AMSTERDAM).date()) <= over["until"]
            and asked.get("persona") in (None, each.persona)
            and asked.get("weekday") in (None, f"{each.answered_at.astimezone(AMSTERDAM):%A}".lower())
        ]
        assert found["n"] == len(given)
        assert found["estimate"]["value"] == pytest.approx(fmean(given))
        return found["estimate"]

    def judged(self) -> set[str]:
        """The KPIs of which it is known by now where they stand."""
        return {each["id"] for each in self.ask("/kpis")["items"]}

    def changes(self, kpi: str) -> list[dict[str, Any]]:
        """When the alarm of a KPI was raised and taken off, newest first."""
        return list(self.ask(f"/kpis/{kpi}/changes")["items"])

    def weeks(self, begin: float, end: float, **asked: str) -> list[dict[str, Any]]:
        """The whole weeks of a control chart that have a figure."""
        over = days(begin, end)
        points = self.ask("/charts", by="week", **asked)["points"]
        whole = [each for each in points if over["since"] <= each["period"] <= str(weeks_ago(end + 1).date())]
        return [each for each in whole if each["value"] is not None]


def _scores(told: Sequence[TouchpointEvent | SurveyAnswer]) -> Iterator[Score]:
    events = {each.event_id: each for each in told if isinstance(each, TouchpointEvent)}
    for each in told:
        if isinstance(each, SurveyAnswer) and each.score is not None:
            event = events[about(each)]
            yield Score(each.answered_at, event.touchpoint, event.persona, each.score)


def _parcel(told: TouchpointEvent | SurveyAnswer) -> Parcel:
    topic = TOUCHPOINT_EVENTS if isinstance(told, TouchpointEvent) else SURVEY_ANSWERS
    partition = crc32(told.case_id.encode()) % topic.partitions
    return Parcel(topic.name, partition, told.model_dump_json(exclude_defaults=True).encode())


def _all_shown(database_url: str) -> bool:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT NOT EXISTS (SELECT FROM score_changes)").fetchone()
    assert row is not None
    return bool(row[0])


@pytest.fixture(scope="module")
def story(settings: Settings) -> Iterator[Story]:
    apply_journey(settings.database_url, demo_journey())
    shown = settings.model_copy(update={"release_answers": 1})
    told = list(_told())
    worker = command_child("worker", "worker", shown)
    worker.start()
    try:
        with Sender(settings) as sender, running_monitor(shown) as monitor:
            sender.send(map(_parcel, told))
            sender.wait_until_counted(120)
            story = Story(told, list(_scores(told)), monitor)
            wait_until(lambda: "aanvullingsverzoek" in story.judged(), 60, "the KPI is judged")
            wait_until(lambda: len(story.changes("aanvullingsverzoek")) == 2, 60, "the history of alarms is told")
            wait_until(lambda: _all_shown(settings.database_url), 60, "all scores are shown")
            yield story
    finally:
        worker.stop(20)


def test_the_request_to_complete_fell_sixteen_weeks_ago_and_recovered_eight_weeks_ago(story: Story) -> None:
    assert story.score("aanvullingsverzoek", 22, 16)["value"] == pytest.approx(7.6, abs=0.6)
    fell = story.score("aanvullingsverzoek", 16, 8)
    assert fell["value"] == pytest.approx(5.4, abs=0.6)
    recovered = story.score("aanvullingsverzoek", 8, 0)
    assert recovered["value"] == pytest.approx(7.6, abs=0.6)
    assert fell["high"] < recovered["low"]


def test_it_fell_most_for_residents(story: Story) -> None:
    (bewoner, *others) = (
        story.score("aanvullingsverzoek", 16, 8, persona=persona)
        for persona in ("bewoner", "aannemer", "architect-gemachtigde")
    )
    assert bewoner["value"] < min(each["value"] for each in others)


def test_complaints_rose_and_came_back(story: Story) -> None:
    def a_week(begin: float, end: float) -> float:
        weeks = story.weeks(begin, end, measure="volume", touchpoint="klacht-ingediend")
        told = [
            each for each in story.told if each.touchpoint == "klacht-ingediend" and isinstance(each, TouchpointEvent)
        ]
        first, last = weeks[0]["period"], weeks[-1]["period"]
        in_weeks = [each for each in told if first <= str(_monday(each.occurred_at)) <= last]
        assert sum(each["n"] for each in weeks) == len(in_weeks)
        return len(in_weeks) / len(weeks)

    assert a_week(16, 8) > 1.2 * a_week(25, 16)


def test_the_figures_of_completed_cases_stayed_green_meanwhile(story: Story) -> None:
    """Those of the limits that fell did not, until four weeks ago."""

    def kept(begin: float, end: float) -> float:
        weeks = story.weeks(begin, end, measure="within", span="beslistermijn")
        return fmean((each["value"] for each in weeks), [each["n"] for each in weeks])

    completed = story.weeks(16, 8, measure="throughput", span="beslistermijn")
    assert max(each["value"] for each in completed) < timedelta(days=56).total_seconds()
    assert kept(22, 16) > 0.7
    assert kept(12.5, 6.5) < 0.7
    assert kept(4.5, 0.5) > 0.7


def test_requests_took_longer_until_four_weeks_ago(story: Story) -> None:
    def typical(begin: float, end: float) -> float:
        weeks = story.weeks(begin, end, measure="throughput", span="toets-volledigheid")
        return median(float(each["value"]) for each in weeks)

    before = typical(24, 16)
    assert typical(14, 5) > 1.4 * before
    assert typical(3.5, 0) < 1.25 * before


def test_the_alert_came_fourteen_weeks_ago_and_was_over_when_the_score_had_recovered(story: Story) -> None:
    over, raised = story.changes("aanvullingsverzoek")
    assert (raised["state"], over["state"]) == ("below_norm", "on_norm")
    assert weeks_ago(16) < datetime.fromisoformat(raised["at"]) < weeks_ago(12)
    assert weeks_ago(8) < datetime.fromisoformat(over["at"]) < weeks_ago(3)


def test_the_invoice_scores_low_and_is_no_place_to_invest(story: Story) -> None:
    points = {each["touchpoint"]: each for each in story.ask("/curve", **days(20, 0))["items"]}
    assert points["legesfactuur"]["score"]["estimate"]["value"] == pytest.approx(5.8, abs=0.6)
    assert points["legesfactuur"]["quadrant"] == "no_need_to_invest"
    assert points["bezwaarhoorzitting"]["score"]["too_few"]
    assert points["bezwaarhoorzitting"]["score"]["estimate"] is None


def test_mondays_dip_and_nobody_is_alarmed(story: Story) -> None:
    monday, *others = (story.score("vraag-gesteld", 20, 3, weekday=day) for day in WORKING_DAYS)
    assert monday["value"] < fmean(each["value"] for each in others) - 0.1
    assert [each for each in story.changes("vraag") if datetime.fromisoformat(each["at"]) < weeks_ago(2)] == []


def test_the_live_part_alerts_before_the_thirty_working_hours_that_pass_in_two_minutes_are_over(story: Story) -> None:
    wait_until(lambda: len(story.changes("vraag")) == 1, 60, "an alarm about questions")
    (raised,) = story.changes("vraag")
    assert raised["state"] == "below_norm"
    assert NOW - timedelta(days=7) < datetime.fromisoformat(raised["evidence_since"])
    assert datetime.fromisoformat(raised["decided_at"]) >= NOW
    (standing,) = [each for each in story.ask("/kpis")["items"] if each["id"] == "vraag"]
    assert standing["state"] == "below_norm"
    assert standing["told_at"] is not None


def test_what_changed_at_the_inspectors_did_nothing(story: Story) -> None:
    before, after = story.score("toezichtbezoek", 19, 10), story.score("toezichtbezoek", 10, 0)
    assert before["low"] < after["high"]
    assert after["low"] < before["high"]
    assert story.changes("toezicht") == []


def test_refusals_score_low_whatever_the_service(story: Story) -> None:
    groups = story.ask("/scores", by="outcome", touchpoint="besluit", **days(12, 3))["items"]
    said = {group["id"]: group["measures"]["satisfaction"] for group in groups}
    refused, granted = said["refused"], said["granted"]
    assert refused["n"] / (refused["n"] + granted["n"]) == pytest.approx(0.12, abs=0.07)
    assert refused["estimate"]["value"] == pytest.approx(4.0, abs=1)
    assert granted["estimate"]["value"] == pytest.approx(7.9, abs=0.4)
    points = {each["touchpoint"]: each for each in story.ask("/curve", **days(12, 3))["items"]}
    assert granted["estimate"]["low"] > points["besluit"]["score"]["estimate"]["value"], "the mean of both is lower"
