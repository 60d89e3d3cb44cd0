"""A case's timeline, drawn: `vraag@0 aanvraag@10` means a visit at minute 0 and one at minute 10."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from streams.spans import elapsed, passages
from streams.timeline import CaseStatus, Visit, gaps, in_order, status, visit_of
from tests.drawn import MIDNIGHT, event, loket

VERSIONS = {1: loket()}
MINUTE = 60_000


def drawn(line: str) -> list[Visit]:
    """Read a line of touchpoint@minute; `touchpoint@start-end` has a start of its own."""
    visits = []
    for word in line.split():
        touchpoint, _, minutes = word.partition("@")
        start, _, end = minutes.rpartition("-")
        started_at = MIDNIGHT + timedelta(minutes=float(start)) if start else None
        visits.append(visit_of(event(touchpoint, float(end), started_at=started_at), 1))
    return visits


def at(minute: float | None) -> object:
    return None if minute is None else MIDNIGHT + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("vraag@0 aanvraag@10 besluit@25", [("aanvraag", 10), ("besluit", 15)]),
        ("besluit@25 vraag@0 aanvraag@10", [("aanvraag", 10), ("besluit", 15)]),
        ("besluit@5 aanvraag@5", [("besluit", 0)]),  # one moment: the drawn order
        ("vraag@7", []),
        ("", []),
    ],
)
def test_gaps_lie_between_neighbours_in_event_time(line: str, expected: list[tuple[str, int]]) -> None:
    found = gaps(in_order(drawn(line), VERSIONS))
    assert [(gap.before.touchpoint, gap.milliseconds) for gap in found] == [
        (name, minutes * MINUTE) for name, minutes in expected
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # a span: first start to next end; the case: first visit to the closing one
        ("vraag@0 aanvraag@10 besluit@25", {"beslistermijn": 15, "case": 25}),
        # the first start counts, not the second
        ("aanvraag@10 aanvraag@20 besluit@25", {"beslistermijn": 15, "case": 15}),
        # from when the work at the start was begun
        ("aanvraag@4-10 besluit@25", {"beslistermijn": 21, "case": 21}),
        # an end before its start ends nothing; the case is open again
        ("besluit@5 aanvraag@10", {}),
        ("besluit@5 aanvraag@10 besluit@30", {"beslistermijn": 20, "case": 25}),
        # aftercare leaves the case closed
        ("aanvraag@10 besluit@25 factuur@99", {"beslistermijn": 15, "case": 15}),
        # reopened: the span keeps its first end, the case has no end yet
        ("aanvraag@10 besluit@25 aanvulling@40", {"beslistermijn": 15}),
        ("factuur@3", {}),
        ("", {}),
    ],
)
def test_spans_and_the_whole_case(line: str, expected: dict[str, int]) -> None:
    begun = list(passages(in_order(drawn(line), VERSIONS), VERSIONS))
    found = {time.span: time.milliseconds for time in elapsed(begun, VERSIONS)}
    assert found == {span: minutes * MINUTE for span, minutes in expected.items()}


@pytest.mark.parametrize(
    ("line", "opened", "closed", "last", "touchpoint"),
    [
        ("vraag@0 aanvraag@10", 0, None, 10, "aanvraag"),
        ("aanvraag@10 besluit@25", 10, 25, 25, "besluit"),
        ("aanvraag@10 besluit@25 factuur@99", 10, 25, 99, "factuur"),
        ("aanvraag@10 besluit@25 aanvulling@40", 10, None, 40, "aanvulling"),
        ("aanvraag@4-10", 4, None, 10, "aanvraag"),
    ],
)
def test_status(line: str, opened: float, closed: float | None, last: float, touchpoint: str) -> None:
    found = status(in_order(drawn(line), VERSIONS), VERSIONS)
    assert found == CaseStatus(at(opened), at(closed), at(last), touchpoint, None)  # type: ignore[arg-type]


def test_a_voided_visit_and_the_one_that_voids_it_are_left_out() -> None:
    wrong = event("besluit", 20)
    taken_back = event("besluit", 21, event_id="intrekking", voids=wrong.event_id)
    elsewhere = event(
        "vraag", 5, source="ander", voids=event("aanvraag", 10).event_id
    )  # another source's id: no effect
    visits = [visit_of(each, 1) for each in (taken_back, wrong, elsewhere, event("aanvraag", 10))]
    assert [visit.touchpoint for visit in in_order(visits, VERSIONS)] == ["aanvraag"]


def test_a_visit_is_judged_by_the_version_that_held_for_it() -> None:
    later = loket().model_copy(update={"spans": (), "end_touchpoints": ("aanvraag",)})
    visits = [visit_of(event("aanvraag", 10), 1), visit_of(event("besluit", 25), 1), visit_of(event("vraag", 40), 2)]
    versions = {1: loket(), 2: later}
    begun = list(passages(in_order(visits, versions), versions))
    assert {time.span for time in elapsed(begun, versions)} == {"beslistermijn"}
    assert status(in_order(visits[:2], versions), versions).closed_at == at(25)


def test_gaps_are_true_to_the_clock_change_whatever_the_time_zone_of_the_moments() -> None:
    """From Saturday noon to Monday noon over the night that lost an hour: 47 hours, not 48."""
    zone = ZoneInfo("Europe/Amsterdam")
    saturday, monday = (datetime(2026, 3, day, 12, tzinfo=zone) for day in (28, 30))
    visits = [visit_of(event(name, 0, occurred_at=at), 1) for name, at in (("vraag", saturday), ("besluit", monday))]
    visits = [visit._replace(occurred_at=visit.occurred_at.astimezone(zone)) for visit in visits]
    assert [gap.milliseconds for gap in gaps(in_order(visits, VERSIONS))] == [47 * 60 * MINUTE]
