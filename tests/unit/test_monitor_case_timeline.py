"""One case as an employee reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.journey import Journey, parse_journey
from services.monitor.cases.case_timeline import Awaited, CaseTimeline, Party, Progress, case_timeline
from streams.timeline import Visit
from tests.snapshots import DAY, balie

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def visit(touchpoint: str, day: float, **given: Any) -> Visit:
    values: dict[str, Any] = {
        "occurred_at": START + timedelta(days=day),
        "started_at": None,
        "source": "proef",
        "event_id": f"{touchpoint}-{day:g}",
        "journey_version": 1,
        "touchpoint": touchpoint,
        "department": None,
        "channel": None,
        "persona": None,
        "voids": None,
    }
    return Visit(**{**values, **given})


def timeline(*visits: Visit, day: float = 30) -> CaseTimeline:
    return case_timeline(visits, {1: balie()}, START + timedelta(days=day))


def spans(found: CaseTimeline) -> dict[str, tuple[Progress, int]]:
    return {span.span.id: (span.progress, span.milliseconds) for span in found.spans}


def test_a_closed_case() -> None:
    found = timeline(visit("antwoord", 5), visit("gesteld", 0), visit("bericht", 3))
    assert [step.visit.touchpoint for step in found.steps] == ["gesteld", "bericht", "antwoord"]
    gaps = [step.gap for step in found.steps]
    assert gaps[0] is None
    assert [(gap.milliseconds, gap.limit, gap.is_late) for gap in gaps if gap] == [
        (3 * DAY, 2 * DAY, True),
        (2 * DAY, 7 * DAY, False),
    ]
    assert spans(found) == {"case": (Progress.ENDED, 5 * DAY), "antwoordtermijn": (Progress.ENDED, 5 * DAY)}
    assert [span.is_late for span in found.spans] == [True, False]  # a case has 4 days, the span 8 weeks
    assert (found.waiting, found.closed_at) == (None, START + timedelta(days=5))


def test_an_open_case_waits_and_its_spans_run() -> None:
    found = timeline(visit("gesteld", 0), visit("bericht", 1), day=3)
    assert found.waiting == 2 * DAY
    assert spans(found) == {"case": (Progress.RUNNING, 3 * DAY), "antwoordtermijn": (Progress.RUNNING, 3 * DAY)}
    assert found.closed_at is None


def test_a_span_begins_with_the_work_if_that_is_known() -> None:
    found = timeline(visit("gesteld", 1, started_at=START), day=2)
    assert spans(found)["antwoordtermijn"] == (Progress.RUNNING, 2 * DAY)


def test_a_span_that_did_not_begin_is_not_shown() -> None:
    assert set(spans(timeline(visit("bericht", 1)))) == {"case"}


def with_span(start: str, end: str) -> Journey:
    """The journey with one span of its own."""
    spans = [{"id": "eigen", "name": "Eigen", "start": start, "end": end, "limit": "P1D"}]
    return Journey.model_validate(balie().model_dump(mode="json") | {"spans": spans})


def test_a_span_that_a_closed_case_never_reached() -> None:
    visits = [visit("gesteld", 0), visit("antwoord", 1)]
    found = case_timeline(visits, {1: with_span("gesteld", "bericht")}, START + timedelta(days=9))
    assert spans(found)["eigen"] == (Progress.NOT_REACHED, 0)
    assert not found.spans[1].is_late


def test_a_span_that_begins_in_aftercare_runs_on_in_a_closed_case() -> None:
    visits = [visit("gesteld", 0), visit("antwoord", 1), visit("nazorg", 2)]
    found = case_timeline(visits, {1: with_span("nazorg", "bericht")}, START + timedelta(days=9))
    assert spans(found) == {"case": (Progress.ENDED, DAY), "eigen": (Progress.RUNNING, 7 * DAY)}


def test_a_span_whose_optional_end_was_passed_by_does_not_run_for_ever() -> None:
    drawn = with_span("gesteld", "bericht").model_dump(mode="json") | {"end_touchpoints": ["nazorg"]}
    compulsory = Journey.model_validate(drawn)
    drawn["phases"][0]["touchpoints"][1]["optional"] = True
    optional = Journey.model_validate(drawn)
    day_9 = START + timedelta(days=9)
    before, after = [visit("gesteld", 0)], [visit("gesteld", 0), visit("antwoord", 1)]
    assert spans(case_timeline(before, {1: optional}, day_9))["eigen"] == (Progress.RUNNING, 9 * DAY)
    assert spans(case_timeline(after, {1: optional}, day_9))["eigen"] == (Progress.NOT_REACHED, 0)
    assert spans(case_timeline(after, {1: compulsory}, day_9))["eigen"] == (Progress.RUNNING, 9 * DAY)


def test_the_map_of_the_last_visit_defines_the_spans() -> None:
    visits = [visit("gesteld", 0), visit("bericht", 1, journey_version=2)]
    found = case_timeline(visits, {1: balie(), 2: with_span("gesteld", "antwoord")}, START + timedelta(days=2))
    assert set(spans(found)) == {"case", "eigen"}


def test_aftercare_leaves_the_case_closed() -> None:
    found = timeline(visit("gesteld", 0), visit("antwoord", 1), visit("nazorg", 9))
    assert found.waiting is None
    assert found.closed_at == START + timedelta(days=1)


def test_whose_turn_it_was() -> None:
    found = timeline(
        visit("bericht", 0), visit("gesteld", 1), visit("bericht", 2, department="KCC"), visit("antwoord", 3)
    )
    organisation, customer = Party.ORGANISATION, Party.CUSTOMER
    assert [step.awaited for step in found.steps] == [organisation, customer, organisation, organisation]
    assert [step.party for step in found.steps] == [None, None, "KCC", None]


HANDLED = """
id: balie
name: Balie
time_zone: Europe/Amsterdam
holidays: NL
phases:
  - id: alles
    name: Alles
    touchpoints:
      - {id: aanvraag, name: Aanvraag, initiator: customer}
      - {id: verzoek, name: Verzoek, optional: true, department: VG}
      - {id: aanvulling, name: Aanvulling, optional: true, initiator: customer}
      - {id: advies, name: Advies, external_party: Brandweer}
      - {id: besluit, name: Besluit, department: VG}
end_touchpoints: [besluit]
spans:
  - id: termijn
    name: Termijn
    start: aanvraag
    end: besluit
    limit: P12D
    clock: legal
    pauses: [{from: verzoek, until: aanvulling}]
"""


def handled(*visits: Visit, day: float) -> CaseTimeline:
    return case_timeline(visits, {1: parse_journey(HANDLED)}, START + timedelta(days=day))


def test_every_gap_says_who_was_waited_for_and_who_is_now() -> None:
    line = [visit("aanvraag", 0), visit("verzoek", 1), visit("aanvulling", 3), visit("advies", 5), visit("besluit", 6)]
    customer, organisation, third = Party.CUSTOMER, Party.ORGANISATION, Party.THIRD_PARTY
    awaited = [step.awaited for step in handled(*line, day=7).steps]
    assert awaited == [customer, organisation, customer, third, organisation]
    now = [handled(*line[:number], day=7).awaited for number in range(1, 6)]
    brandweer = Awaited(third, "Brandweer")
    assert now == [brandweer, Awaited(customer, None), brandweer, Awaited(organisation, "VG"), None]


def test_a_span_is_late_by_its_own_clock() -> None:
    """Twelve days after Monday 2 November is a Saturday: until Monday 16 November."""
    due = datetime(2026, 11, 16, 23, tzinfo=UTC) - timedelta(microseconds=1)
    in_time = handled(visit("aanvraag", 0), day=14.5).spans[1]
    assert (in_time.due, in_time.is_late, in_time.left) == (due, False, int(1.5 * 3_600_000) + 3_600_000 // 2 - 1)
    late = handled(visit("aanvraag", 0), day=15).spans[1]
    assert (late.progress, late.is_late, late.milliseconds) == (Progress.RUNNING, True, 15 * DAY)


def test_a_span_stands_still_while_the_customer_is_asked_to_complete() -> None:
    paused = handled(visit("aanvraag", 0), visit("verzoek", 2), day=30).spans[1]
    assert (paused.progress, paused.milliseconds, paused.due, paused.is_late) == (
        Progress.RUNNING,
        2 * DAY,
        None,
        False,
    )
    on = handled(visit("aanvraag", 0), visit("verzoek", 2), visit("aanvulling", 20), day=30).spans[1]
    assert (on.milliseconds, on.is_late) == (12 * DAY, True)
    ended = [visit("aanvraag", 0), visit("verzoek", 2), visit("aanvulling", 20), visit("besluit", 28)]
    assert [(span.milliseconds, span.is_late) for span in handled(*ended, day=40).spans] == [
        (28 * DAY, False),
        (10 * DAY, False),
    ]


def test_what_was_taken_back_is_counted_but_not_shown() -> None:
    found = timeline(
        visit("gesteld", 0), visit("bericht", 1, event_id="fout"), visit("bericht", 1, event_id="weg", voids="fout")
    )
    assert [step.visit.touchpoint for step in found.steps] == ["gesteld"]
    assert found.taken_back == 1


def test_a_case_whose_every_visit_was_taken_back() -> None:
    found = timeline(visit("gesteld", 0, event_id="fout"), visit("gesteld", 0, event_id="weg", voids="fout"))
    assert (found.steps, found.spans, found.waiting, found.taken_back) == ((), (), None, 1)


def test_an_event_a_little_ahead_of_our_clock_has_not_waited() -> None:
    found = timeline(visit("gesteld", 1), day=0.99)
    assert found.waiting == 0
    assert spans(found)["case"] == (Progress.RUNNING, 0)
