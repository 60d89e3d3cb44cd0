"""What the simulator emits, measured from its events and answers alone, against what method.md says of the demo.

The figures are written out here, not taken from the story's own data.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import fmean, median
from zoneinfo import ZoneInfo

import pytest

from schemas.touchpoint_event import TouchpointEvent
from services.simulator.population import Population, SimulatedCase

ANCHOR = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)  # a Wednesday
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)
LOOKED_BACK = 46 * WEEK


def weeks_ago(weeks: float) -> datetime:
    return ANCHOR.astimezone(AMSTERDAM) - weeks * WEEK


@dataclass(frozen=True)
class Scored:
    event: TouchpointEvent
    score: int
    question: str


@dataclass(frozen=True, repr=False)
class Told:
    """The cases that began in the weeks looked back, whole; of each, the first event of each touchpoint.

    `scored` are the answers to the first question after each touchpoint, `further` the others.
    """

    cases: Sequence[SimulatedCase]
    first: Sequence[Mapping[str, TouchpointEvent]]
    events: Sequence[TouchpointEvent]
    scored: Sequence[Scored]
    further: Sequence[Scored]

    def scores(self, touchpoint: str, begin: float, end: float, persona: str | None = None) -> list[int]:
        """Scores for a touchpoint met from `begin` weeks ago until `end` weeks ago."""
        begins, ends = weeks_ago(begin), weeks_ago(end)
        return [
            scored.score
            for scored in self.scored
            if scored.event.touchpoint == touchpoint
            and begins <= scored.event.occurred_at < ends
            and persona in (None, scored.event.persona)
        ]

    def count(self, touchpoint: str, begin: float, end: float) -> int:
        begins, ends = weeks_ago(begin), weeks_ago(end)
        return sum(event.touchpoint == touchpoint and begins <= event.occurred_at < ends for event in self.events)


@pytest.fixture(scope="module")
def told() -> Told:
    population = Population(1, ANCHOR)
    first = (ANCHOR - LOOKED_BACK).date()
    cases = [case for n in range(LOOKED_BACK.days + 1) for case in population.beginning_on(first + n * DAY)]
    events = {event.event_id: event for case in cases for event in case.events}
    scored = [
        Scored(events[answer.answer_id.removesuffix(f"-{answer.question}")], answer.score, answer.question)
        for case in cases
        for answer in case.answers
        if answer.score is not None
    ]
    return Told(
        cases,
        [first_of(case) for case in cases],
        list(events.values()),
        [each for each in scored if each.question == own_question(each.event)],
        [each for each in scored if each.question != own_question(each.event)],
    )


def own_question(event: TouchpointEvent) -> str:
    return "effort" if event.touchpoint == "aanvraag-ingediend" else "satisfaction"


def first_of(case: SimulatedCase) -> dict[str, TouchpointEvent]:
    found: dict[str, TouchpointEvent] = {}
    for event in case.events:
        found.setdefault(event.touchpoint, event)
    return found


def days_between(
    told: Told, start: str, end: str, keep: Callable[[datetime], bool] = lambda _: True
) -> Iterator[float]:
    """Days from one touchpoint to another, of the cases whose `start` falls at a moment to keep."""
    for met in told.first:
        if start in met and end in met and keep(met[start].occurred_at):
            yield (met[end].occurred_at - met[start].occurred_at) / DAY


def in_term(met: Mapping[str, TouchpointEvent]) -> bool:
    """Decided within 8 weeks, or 14 if it was extended; the customer's own time is not counted."""
    taken = met["besluit"].occurred_at - met["aanvraag-ingediend"].occurred_at
    if "aanvullingsverzoek" in met:
        taken -= met["aanvulling-ontvangen"].occurred_at - met["aanvullingsverzoek"].occurred_at
    return taken <= (14 if "verlengingsbericht" in met else 8) * WEEK


def share_in_term(told: Told, begin: float, end: float) -> float:
    begins, ends = weeks_ago(begin), weeks_ago(end)
    return fmean(in_term(met) for met in told.first if begins <= met["besluit"].occurred_at < ends)


def test_24_cases_begin_each_working_day(told: Told) -> None:
    assert len(told.cases) / (LOOKED_BACK.days * 5 / 7) == pytest.approx(24, rel=0.03)


@pytest.mark.parametrize(("persona", "share"), [("bewoner", 0.55), ("aannemer", 0.25), ("architect-gemachtigde", 0.20)])
def test_personas(told: Told, persona: str, share: float) -> None:
    assert fmean(case.persona == persona for case in told.cases) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(
    ("touchpoint", "share", "within"),
    [
        ("aanvraag-ingediend", 1.0, 0.0),
        ("besluit", 1.0, 0.0),
        ("aanvullingsverzoek", 0.40, 0.02),
        ("verlengingsbericht", 0.12, 0.015),
        ("bezwaarhoorzitting", 0.01, 0.004),
    ],
)
def test_how_many_cases_meet_a_touchpoint(told: Told, touchpoint: str, share: float, within: float) -> None:
    assert fmean(touchpoint in met for met in told.first) == pytest.approx(share, abs=within)


def test_12_percent_are_refused(told: Told) -> None:
    outcomes = [event.attributes["uitkomst"] for event in told.events if event.touchpoint == "besluit"]
    assert Counter(outcomes)["geweigerd"] / len(outcomes) == pytest.approx(0.12, abs=0.015)


@pytest.mark.parametrize(
    ("start", "end", "days", "within"),
    [
        ("aanvraag-ingediend", "besluit", 38, 1.5),
        ("ontvangstbevestiging", "aanvullingsverzoek", 8, 1.2),
        ("aanvullingsverzoek", "aanvulling-ontvangen", 9, 0.7),
        ("besluit", "legesfactuur", 14, 1),
        ("besluit", "toelichting", 2, 0.5),
        ("besluit", "toezichtbezoek", 60, 3),
        ("klacht-ingediend", "klacht-afgehandeld", 24, 3),
    ],
)
def test_median_days_while_all_is_well(told: Told, start: str, end: str, days: float, within: float) -> None:
    before = weeks_ago(26)
    assert median(days_between(told, start, end, lambda at: at < before)) == pytest.approx(days, abs=within)


def test_95_percent_are_decided_in_term_while_all_is_well(told: Told) -> None:
    assert share_in_term(told, 30, 16) == pytest.approx(0.965, abs=0.015)


def test_90_percent_of_complaints_are_settled_in_six_weeks(told: Told) -> None:
    taken = list(days_between(told, "klacht-ingediend", "klacht-afgehandeld"))
    assert fmean(days <= 42 for days in taken) == pytest.approx(0.90, abs=0.06)


def test_a_question_takes_three_minutes(told: Told) -> None:
    minutes = [
        (event.occurred_at - event.started_at) / timedelta(minutes=1)
        for event in told.events
        if event.touchpoint == "vraag-gesteld" and event.started_at
    ]
    assert median(minutes) == pytest.approx(3, abs=0.3)


def test_the_request_to_complete_falls_and_recovers_most_for_residents(told: Told) -> None:
    completion = "aanvullingsverzoek"
    assert fmean(told.scores(completion, 60, 16)) == pytest.approx(7.6, abs=0.2)
    assert fmean(told.scores(completion, 16, 8)) == pytest.approx(5.4, abs=0.4)
    assert fmean(told.scores(completion, 8, 0)) == pytest.approx(7.6, abs=0.4)
    low = {persona: fmean(told.scores(completion, 16, 8, persona)) for persona in ("bewoner", "aannemer")}
    assert low["bewoner"] < 5.3 < low["aannemer"]


def test_complaints_double(told: Told) -> None:
    # 24 cases a working day of which 3 % complain: 3.6 a week.
    assert told.count("klacht-ingediend", 40, 16) / 24 == pytest.approx(3.6, abs=0.9)
    assert told.count("klacht-ingediend", 16, 8) / 8 == pytest.approx(7.2, abs=2.2)


def test_completed_cases_stay_green_while_open_ones_pile_up(told: Told) -> None:
    def undecided(weeks: float) -> int:
        at = weeks_ago(weeks)
        return sum(met["aanvraag-ingediend"].occurred_at <= at < met["besluit"].occurred_at for met in told.first)

    assert share_in_term(told, 16, 8) > 0.93
    assert share_in_term(told, 8, 4) < 0.75
    assert share_in_term(told, 4, 0) > 0.93
    assert undecided(8) > 1.3 * undecided(16)
    assert undecided(3) == pytest.approx(undecided(16), rel=0.1)


def test_the_wait_for_the_request_to_complete_grows_and_recovers(told: Told) -> None:
    def typical(begin: float, end: float) -> float:
        begins, ends = weeks_ago(begin), weeks_ago(end)
        return median(days_between(told, "ontvangstbevestiging", "aanvullingsverzoek", lambda at: begins <= at < ends))

    assert typical(15, 6) > 1.5 * typical(44, 18)
    assert typical(4, 0) == pytest.approx(typical(44, 18), rel=0.15)


def test_the_status_message_comes_twelve_weeks_ago_and_then_each_fortnight(told: Told) -> None:
    at = [event.occurred_at for event in told.events if event.touchpoint == "statusbericht"]
    assert weeks_ago(12) <= min(at) < weeks_ago(11.5)
    apart = []
    for case in told.cases:
        messages = [event.occurred_at for event in case.events if event.touchpoint == "statusbericht"]
        apart += [(later - earlier) / DAY for earlier, later in pairwise(messages)]
    assert median(apart) == pytest.approx(14, abs=0.3)
    assert max(apart) < 17.1


def test_the_decoys(told: Told) -> None:
    assert fmean(told.scores("legesfactuur", 60, 0)) == pytest.approx(5.8, abs=0.15)
    papers, tablets = told.scores("toezichtbezoek", 60, 10), told.scores("toezichtbezoek", 10, 0)
    assert fmean(papers) == pytest.approx(fmean(tablets), abs=0.45)
    assert told.count("bezwaarhoorzitting", 8, 0) < 20


def test_refusals_score_low_whatever_the_service(told: Told) -> None:
    by_outcome: dict[object, list[int]] = {}
    for scored in told.scored:
        if scored.event.touchpoint == "besluit":
            by_outcome.setdefault(scored.event.attributes["uitkomst"], []).append(scored.score)
    assert fmean(by_outcome["geweigerd"]) == pytest.approx(4.0, abs=0.3)
    assert fmean(by_outcome["verleend"]) == pytest.approx(7.9, abs=0.15)


def test_mondays_score_half_a_point_lower(told: Told) -> None:
    settled = [
        s for s in told.scored if s.event.touchpoint in ("legesfactuur", "vraag-gesteld", "ontvangstbevestiging")
    ]
    mondays = [s.score for s in settled if s.event.occurred_at.weekday() == 0]
    others = [s.score for s in settled if s.event.occurred_at.weekday() in (1, 2, 3, 4)]
    assert fmean(others) - fmean(mondays) == pytest.approx(0.5, abs=0.2)


def test_scores_are_skewed_to_the_left(told: Told) -> None:
    scores = told.scores("vraag-gesteld", 60, 2)
    mean = fmean(scores)
    spread = fmean((score - mean) ** 2 for score in scores) ** 0.5
    assert mean == pytest.approx(7.8, abs=0.1)
    assert spread == pytest.approx(1.8, abs=0.1)
    assert fmean((score - mean) ** 3 for score in scores) / spread**3 < -0.4


def test_ease_is_scored_from_1_to_7(told: Told) -> None:
    scores = told.scores("aanvraag-ingediend", 60, 0)
    assert set(scores) == {1, 2, 3, 4, 5, 6, 7}
    assert fmean(scores) == pytest.approx(5.4, abs=0.1)


def test_35_percent_of_those_asked_answer_within_days(told: Told) -> None:
    asked_all = ("vraag-gesteld", "besluit", "klacht-afgehandeld")
    answered = sum(scored.event.touchpoint in asked_all for scored in told.scored)
    assert answered / sum(told.count(touchpoint, 46, -60) for touchpoint in asked_all) == pytest.approx(0.35, abs=0.02)


def test_questions_fall_in_the_last_thirty_working_hours(told: Told) -> None:
    # From Friday 10:30 to Wednesday 15:00 in Amsterdam: 6.5 + 8.5 + 8.5 + 6.5 hours.
    fell = datetime(2026, 11, 13, 9, 30, tzinfo=UTC)
    fallen = [
        s.score
        for s in told.scored
        if s.event.touchpoint == "vraag-gesteld" and fell <= s.event.occurred_at < ANCHOR + timedelta(days=14)
    ]
    before = [s.score for s in told.scored if s.event.touchpoint == "vraag-gesteld" and s.event.occurred_at < fell]
    assert fmean(fallen) == pytest.approx(5.0, abs=0.5)
    assert fmean(before) == pytest.approx(7.8, abs=0.1)


def mean_of(told: Told, question: str, touchpoint: str, begin: float = 60, end: float = 0, **attributes: str) -> float:
    """What customers say on another question about a touchpoint met from `begin` weeks ago until `end` weeks ago."""
    begins, ends = weeks_ago(begin), weeks_ago(end)
    return fmean(
        each.score
        for each in told.further
        if (each.question, each.event.touchpoint) == (question, touchpoint)
        and begins <= each.event.occurred_at < ends
        and attributes.items() <= each.event.attributes.items()
    )


def test_feelings_go_their_own_way(told: Told) -> None:
    """A request to complete scores well and is not liked; in the bad weeks still less."""
    assert mean_of(told, "emotion", "aanvullingsverzoek", 60, 16) == pytest.approx(-0.9, abs=0.2)
    assert mean_of(told, "emotion", "aanvullingsverzoek", 16, 8) == pytest.approx(-1.3, abs=0.3)
    assert mean_of(told, "emotion", "vooroverleg") == pytest.approx(1.0, abs=0.25)
    assert mean_of(told, "emotion", "besluit", uitkomst="geweigerd") < -1
    assert mean_of(told, "emotion", "besluit", uitkomst="verleend") == pytest.approx(1.1, abs=0.2)


def test_a_status_message_leaves_fewer_without_news(told: Told) -> None:
    assert mean_of(told, "missed_message", "ontvangstbevestiging", 60, 12) == pytest.approx(0.34, abs=0.12)
    assert mean_of(told, "missed_message", "ontvangstbevestiging", 12, 0) < 0.28


def test_the_other_questions(told: Told) -> None:
    assert mean_of(told, "importance", "besluit") == pytest.approx(9.2, abs=0.3)
    assert mean_of(told, "outcome_reached", "besluit", uitkomst="geweigerd") < 0.4
    assert mean_of(told, "outcome_reached", "vraag-gesteld") == pytest.approx(0.82, abs=0.06)
    overall = [each.score for each in told.further if each.question == "overall"]
    assert fmean(overall) == pytest.approx(7.3, abs=0.15)
    assert len(overall) / len(told.scored) == pytest.approx(0.6, abs=0.03), "six in ten answer a second question"


def test_in_the_bad_weeks_they_complain_about_the_request_to_complete(told: Told) -> None:
    def share(begin: float, end: float) -> float:
        made = [each for each in told.events if each.touchpoint == "klacht-ingediend"]
        about = [each.about for each in made if weeks_ago(begin) <= each.occurred_at < weeks_ago(end)]
        return about.count("aanvullingsverzoek") / len(about)

    assert share(16, 8) > share(44, 16) + 0.1
