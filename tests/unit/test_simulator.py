"""The simulator's machinery: who is emitted, in what form, when, and that nothing is emitted twice or too early."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import orjson
import pytest

from schemas.codec import decode_answers, decode_events
from schemas.journey import Catalogue, Journey, JourneyVersion, parse_journey
from schemas.reject import Fault
from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.simulator.feed import Feed, Record
from services.simulator.population import Population, SimulatedCase, cases
from services.simulator.replay import old_let_go, simulated_now
from services.simulator.story import CONTACTS, Milestones

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ANCHOR = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
JOURNEY_FILE = Path(__file__).parents[2] / "journeys" / "omgevingsvergunning.yaml"


@pytest.fixture(scope="module")
def journey() -> Journey:
    return parse_journey(JOURNEY_FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample() -> Sequence[SimulatedCase]:
    """Four months of cases around the turns of the story."""
    population = Population(1, ANCHOR)
    return [case for n in range(-120, 3) for case in population.beginning_on((ANCHOR + n * DAY).date())]


def test_the_same_seed_and_anchor_give_the_same_cases() -> None:
    day = ANCHOR.date() - 30 * DAY
    assert Population(7, ANCHOR).beginning_on(day) == Population(7, ANCHOR).beginning_on(day)
    assert Population(7, ANCHOR).beginning_on(day) != Population(8, ANCHOR).beginning_on(day)


def test_looking_further_ahead_changes_nothing_before() -> None:
    first = Population(1, ANCHOR).first_day
    near = datetime.combine(first + 12 * DAY, time(12), AMSTERDAM)
    shorter, longer = list(cases(1, ANCHOR, near)), list(cases(1, ANCHOR, near + 5 * DAY))
    assert longer[: len(shorter)] == shorter
    assert all(case.events[0].occurred_at > near for case in longer[len(shorter) :])


def test_history_begins_26_months_before_the_anchor() -> None:
    first = next(cases(1, ANCHOR)).events[0].occurred_at
    assert first.date() == datetime(2024, 9, 18, tzinfo=UTC).date()


def test_cases_come_in_order_of_their_first_event_and_are_numbered_so_in_each_year() -> None:
    population = Population(1, ANCHOR)
    turn_of_the_year = datetime(2025, 12, 30, tzinfo=UTC).date()
    drawn = [case for n in range(4) for case in population.beginning_on(turn_of_the_year + n * DAY)]
    starts = [case.events[0].occurred_at for case in drawn]
    assert starts == sorted(starts)
    for earlier, later in pairwise(drawn):
        _, year, number = later.case_id.split("-")
        same_year = earlier.case_id.split("-")[1] == year
        assert int(number) == (int(earlier.case_id.split("-")[2]) + 1 if same_year else 1)
    assert {case.case_id.split("-")[1] for case in drawn} == {"2025", "2026"}


def test_case_numbers_do_not_depend_on_what_was_asked_before() -> None:
    asked_before, fresh = Population(1, ANCHOR), Population(1, ANCHOR)
    day = ANCHOR.date()
    asked_before.beginning_on(day + 40 * DAY)
    assert asked_before.beginning_on(day)[0].case_id == fresh.beginning_on(day)[0].case_id


def test_every_event_is_accepted_and_known_to_the_journey(sample: Sequence[SimulatedCase], journey: Journey) -> None:
    catalogue = Catalogue([JourneyVersion(version=1, valid_from=ANCHOR, journey=journey)])
    later = ANCHOR + 400 * DAY
    sent = [event.model_dump_json(exclude_defaults=True).encode() for case in sample for event in case.events]
    decoded = decode_events(sent, catalogue, later)
    assert [found for found in decoded if isinstance(found, Fault)] == []
    assert decoded == [event for case in sample for event in case.events]


def test_every_answer_is_accepted_and_follows_its_event(sample: Sequence[SimulatedCase], journey: Journey) -> None:
    catalogue = Catalogue([JourneyVersion(version=1, valid_from=ANCHOR, journey=journey)])
    later = ANCHOR + 400 * DAY
    for case in sample:
        events = {event.event_id: event for event in case.events}
        for answer in case.answers:
            sent = answer.model_dump_json(exclude_defaults=True).encode()
            assert decode_answers([sent], catalogue, later) == [answer]
            event = events[answer.answer_id.removesuffix(f"-{answer.question}")]
            assert (answer.case_id, answer.touchpoint) == (event.case_id, event.touchpoint)
            assert event.occurred_at <= answer.answered_at <= event.occurred_at + 8 * DAY


def test_some_answers_carry_a_remark(sample: Sequence[SimulatedCase]) -> None:
    texts = [answer.text for case in sample for answer in case.answers]
    assert 0.05 < sum(text is not None for text in texts) / len(texts) < 0.2


def test_channels_and_departments_are_those_of_the_journey(sample: Sequence[SimulatedCase], journey: Journey) -> None:
    drawn = {touchpoint.id: touchpoint for touchpoint in journey.touchpoints}
    for event in (event for case in sample for event in case.events):
        touchpoint = drawn[event.touchpoint]
        assert event.channel in touchpoint.channels
        assert event.department == touchpoint.department
        assert event.cost == touchpoint.cost
        assert event.persona in {persona.id for persona in journey.personas}


def test_the_journey_is_the_one_of_the_method(journey: Journey) -> None:
    assert [(phase.name.nl, len(phase.touchpoints), phase.aftercare) for phase in journey.phases] == [
        ("Oriëntatie", 3, False),
        ("Aanvraag", 4, False),
        ("Besluit", 3, False),
        ("Daarna", 3, True),
        ("Klachten", 3, True),
    ]
    assert [touchpoint.importance for touchpoint in journey.touchpoints] == [
        6, 7, 8, 8, 6, 9, 5, 8, 8, 10, 8, 4, 6, 8, 9, 8,
    ]  # fmt: skip
    assert [touchpoint.id for touchpoint in journey.touchpoints if touchpoint.moment_of_truth] == [
        "vraag-gesteld", "aanvraag-ingediend", "aanvullingsverzoek", "besluit", "klacht-afgehandeld",
    ]  # fmt: skip
    assert journey.end_touchpoints == ("besluit",)
    assert {span.id: span.limit for span in journey.spans if span.limit}["beslistermijn"] == 56 * DAY
    assert [touchpoint.id for touchpoint in journey.touchpoints] == list(CONTACTS)


def test_the_organisation_meets_customers_in_working_hours(sample: Sequence[SimulatedCase]) -> None:
    for event in (event for case in sample for event in case.events):
        for at in filter(None, (event.started_at, event.occurred_at)):
            local = at.astimezone(AMSTERDAM)
            if _written_by_customer(event):
                assert time(7) <= local.time() < time(23)
            else:
                assert local.weekday() < 5, event
                assert time(8, 30) <= local.time() <= time(17), event


def test_customers_write_in_evenings_and_weekends_too(sample: Sequence[SimulatedCase]) -> None:
    written = [event.occurred_at for case in sample for event in case.events if _written_by_customer(event)]
    assert sum(at.weekday() >= 5 for at in written) > 500
    assert sum(at.hour >= 18 for at in written) > 500


def _written_by_customer(event: TouchpointEvent) -> bool:
    by_customer = ("vergunningcheck", "vraag-gesteld", "aanvraag-ingediend", "aanvulling-ontvangen", "klacht-ingediend")
    return event.touchpoint in by_customer and event.channel in ("web", "e-mail")


def test_a_case_goes_its_way_in_order_and_ends_with_a_decision(
    sample: Sequence[SimulatedCase], journey: Journey
) -> None:
    way = ("aanvraag-ingediend", "ontvangstbevestiging", "aanvullingsverzoek", "aanvulling-ontvangen", "besluit")
    for case in sample:
        moments = [event.occurred_at for event in case.events]
        assert moments == sorted(moments)
        names = [event.touchpoint for event in case.events]
        assert [name for name in names if name in way] == [name for name in way if name in names]
        assert set(names[names.index("besluit") + 1 :]) <= journey.aftercare_ids
        assert [event.event_id.split("-")[3] for event in case.events] == [f"{n:02d}" for n in range(1, len(names) + 1)]


def test_some_customers_come_back(sample: Sequence[SimulatedCase]) -> None:
    personas: dict[str, set[str]] = {}
    for case in sample:
        personas.setdefault(case.customer, set()).add(case.persona)
    assert len(personas) < 0.8 * len(sample)
    assert all(len(known) == 1 for known in personas.values())


WORKING_MINUTES_REPLAYED = 30 * 60


@pytest.mark.parametrize(
    "anchor",
    [
        pytest.param(ANCHOR, id="on a Wednesday afternoon"),
        pytest.param(datetime(2026, 11, 21, 22, 0, tzinfo=UTC), id="on a Saturday night"),
        pytest.param(datetime(2026, 11, 23, 6, 10, tzinfo=UTC), id="before opening on a Monday"),
        pytest.param(datetime(2026, 10, 27, 9, 15, tzinfo=UTC), id="just after a clock change"),
        pytest.param(datetime(2026, 11, 18, 16, 0, tzinfo=UTC), id="at closing time"),
    ],
)
def test_the_last_thirty_working_hours_pass_in_two_minutes(anchor: datetime) -> None:
    milestones = Milestones(anchor)
    begin = simulated_now(anchor, milestones)
    assert _working_minutes(begin, anchor) == WORKING_MINUTES_REPLAYED
    seen = [simulated_now(anchor + timedelta(seconds=s), milestones) for s in range(-5, 130)]
    assert all(earlier <= later for earlier, later in pairwise(seen))
    assert all(at.astimezone(UTC) <= anchor + timedelta(seconds=s) for s, at in zip(range(-5, 130), seen, strict=True))
    assert seen[125].astimezone(UTC) == anchor + timedelta(minutes=2)
    let_go = [old_let_go(anchor + timedelta(seconds=s), milestones) for s in (-5, 0, 30, 119.999, 120, 900)]
    assert let_go == pytest.approx([0, 0, 0.125, 0.5, 1, 1], abs=1e-4)
    half_way = simulated_now(anchor + timedelta(minutes=1), milestones)
    assert _working_minutes(begin, half_way) == WORKING_MINUTES_REPLAYED / 2


def _working_minutes(begin: datetime, end: datetime) -> int:
    """Count working minutes one by one; the anchors lie on whole minutes."""
    at, minutes = begin.astimezone(UTC), 0
    while at < end:
        local = at.astimezone(AMSTERDAM)
        minutes += local.weekday() < 5 and time(8, 30) <= local.time() < time(17)
        at += timedelta(minutes=1)
    return minutes


NOW = ANCHOR.astimezone(AMSTERDAM)


class _Young(Population):
    """A population that begins 75 days ago and draws each day once, to keep the tests quick."""

    drawn: ClassVar[dict[date, list[SimulatedCase]]] = {}

    def __init__(self) -> None:
        super().__init__(1, ANCHOR)
        self.first_day = (NOW - 75 * DAY).date()

    def beginning_on(self, day: date) -> list[SimulatedCase]:
        if day not in self.drawn:
            self.drawn[day] = super().beginning_on(day)
        return self.drawn[day]


def _all_of(feed: Feed, now: datetime) -> list[Record]:
    return [record for records in feed.history(now).cases for record in records]


def _whole(until: datetime) -> dict[str, datetime]:
    """Every id dated up to `until` with its moment, straight from the population."""
    population = _Young()
    days = range((until.date() - population.first_day).days + 1)
    found = [case for n in days for case in population.beginning_on(population.first_day + n * DAY)]
    dated = {event.event_id: event.occurred_at for case in found for event in case.events}
    dated |= {answer.answer_id: answer.answered_at for case in found for answer in case.answers}
    return {name: at for name, at in dated.items() if at <= until}


def test_the_feed_hands_out_everything_once_and_nothing_early() -> None:
    feed = Feed(_Young(), frozenset())
    sent = _all_of(feed, NOW)
    assert all(record.at <= NOW for record in sent)
    for hours in range(1, 24 * 12, 5):
        now = NOW + timedelta(hours=hours)
        due = feed.due(now)
        assert all(now - timedelta(hours=5) < record.at <= now for record in due)
        sent += due
    assert {record.record_id: record.at for record in sent} == _whole(now)
    assert len(sent) == len({record.record_id for record in sent})


def test_started_again_the_feed_goes_on_where_it_was() -> None:
    before = [record.record_id for record in _all_of(Feed(_Young(), frozenset()), NOW)]
    later = NOW + 9 * DAY
    lost = set(before[::1000])
    stored = frozenset(before) - lost
    again = [record.record_id for record in _all_of(Feed(_Young(), stored), later)]
    assert lost <= set(again)
    assert not stored & set(again)
    assert stored | set(again) == set(_whole(later))


def test_recent_cases_go_first_and_all_are_counted() -> None:
    feed = Feed(_Young(), frozenset())
    history = feed.history(NOW)
    groups = list(history.cases)
    assert len(groups) == history.total
    young = sum(len(_Young().beginning_on((NOW - days * DAY).date())) for days in range(61))
    assert history.recent == young
    assert not history.is_ahead(young, 0)
    assert history.is_ahead(young + 1, 0)
    assert not history.is_ahead(history.total, 1)
    began = [group[0].at for group in groups if group]
    assert began[0].date() == (NOW - 60 * DAY).date()
    assert began[-1].date() <= (NOW - 61 * DAY).date()
    assert sum(later < earlier for earlier, later in pairwise(began)) == 1


def test_a_record_goes_to_its_topic_under_its_case() -> None:
    for record in _all_of(Feed(_Young(), frozenset()), NOW)[:500]:
        value = orjson.loads(record.value)
        assert record.key == f"omgevingsvergunning|{value['case_id']}".encode()
        name = {TOUCHPOINT_EVENTS.name: "event_id", SURVEY_ANSWERS.name: "answer_id"}[record.topic]
        assert value[name] == record.record_id
        assert value["source"] == "simulator"
