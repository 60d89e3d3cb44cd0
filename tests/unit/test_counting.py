"""However events arrive, in whatever batches, the windows are those of one pass in order."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.journey import Catalogue, JourneyVersion, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from streams.counting import (
    Arrival,
    CaseHour,
    CaseSums,
    Counted,
    Counting,
    StaleCatalogue,
    StoredCase,
)
from streams.progress import NEW, Progress, progress_of
from streams.timeline import Answer, History, Visit, visit_of
from streams.windows import Resolution, RetainedFrom
from tests.books import LONG_AGO, Books
from tests.drawn import LOKET, MIDNIGHT, answer, event

EVER = datetime(1, 1, 2, tzinfo=UTC)

OUTCOMES = "outcomes: [{id: granted, name: G}, {id: refused, name: R}]\nphases:"
SAID = "outcome: {attribute: uitkomst, values: {ja: granted, nee: refused}}"
SAYING = (
    LOKET.replace("phases:", OUTCOMES, 1)
    .replace("name: Aanvulling,", f"name: Aanvulling, {SAID},")
    .replace("moment_of_truth: true", f"moment_of_truth: true, {SAID}")
)
"""Both a repeatable touchpoint in the middle and the one that ends say how the case came out."""

SECOND_VERSION = JourneyVersion(
    version=2,
    valid_from=MIDNIGHT + timedelta(minutes=50),
    journey=parse_journey(SAYING.replace("ja: granted, nee: refused", "nee: granted")).model_copy(
        update={"end_touchpoints": ("factuur", "besluit"), "spans": ()}
    ),
)
CATALOGUE = Catalogue([JourneyVersion(version=1, valid_from=EVER, journey=parse_journey(SAYING)), SECOND_VERSION])

LIMITED = (
    LOKET[: LOKET.index("spans:")]
    .replace("name: Aanvulling,", "name: Aanvulling, optional: true,")
    .replace(
        "Europe/Amsterdam", 'Europe/Amsterdam\nworking_hours: {monday: ["01:05-01:20", "01:30-02:00", "02:05-23:00"]}'
    )
    + """
case_limit: PT50M
spans:
  - id: beslistermijn
    name: B
    start: aanvraag
    end: besluit
    limit: PT20M
    pauses: [{from: aanvulling, until: vraag}, {from: factuur, until: aanvulling, at_most: PT10M}]
  - {id: vragen, name: V, start: vraag, end: aanvulling, limit: PT15M, clock: working}
  - {id: wet, name: W, start: vraag, end: factuur, limit: P1D, clock: legal, pauses: [{from: aanvraag, until: besluit}]}
  - id: werk
    name: W
    start: aanvraag
    end: factuur
    limit: PT15M
    clock: working
    pauses: [{from: aanvulling, until: vraag}]
"""
)
"""Minute 0 is one o'clock on a Monday there. Every limit falls within the 90 minutes, but for the legal one."""

LIMITS = Catalogue(
    JourneyVersion(
        version=number,
        valid_from=MIDNIGHT + timedelta(minutes=70 * (number - 1)),
        journey=parse_journey(text),
    )
    for number, text in ((1, LIMITED), (2, LIMITED.replace("PT20M", "PT10M").replace("PT50M", "PT40M")))
)
drawn_twice = pytest.mark.parametrize("drawn", [CATALOGUE, LIMITS], ids=["spans", "limits"])

touchpoints = st.sampled_from(["vraag", "aanvraag", "aanvulling", "besluit", "factuur"])


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Arrival], list[list[Arrival]]]:
    """Events and answers of a few cases, some voiding others, and the same in another order, in batches."""
    drawn = draw(st.lists(st.tuples(touchpoints, st.integers(0, 90), st.sampled_from("AB")), max_size=14))
    found: list[Arrival] = [
        event(
            touchpoint,
            minute,
            case_id=case,
            event_id=str(number),
            department=draw(st.sampled_from(["X", "Y", None])),
            channel=draw(st.sampled_from(["web", None])),
            persona=draw(st.sampled_from(["bewoner", None])),
            started_at=draw(st.none() | st.integers(0, minute).map(lambda early: MIDNIGHT + timedelta(minutes=early))),
            attributes={"uitkomst": draw(st.sampled_from(["ja", "nee", "half", None]))},
        )
        for number, (touchpoint, minute, case) in enumerate(drawn)
    ]
    for number in draw(st.lists(st.integers(0, max(len(found) - 1, 0)), max_size=2, unique=True)) if found else []:
        wrong = found[number]
        found.append(event("vraag", 95, case_id=wrong.case_id, event_id=f"v{number}", voids=str(number)))
    for number in range(draw(st.integers(0, 3))):
        about = draw(touchpoints | st.none())
        found.append(
            answer(about, draw(st.integers(0, 100)), answer_id=str(number), case_id=draw(st.sampled_from("AB")))
        )
    order = draw(st.permutations(found) | st.just(sorted(found, key=at)))
    cuts = sorted(draw(st.lists(st.integers(0, len(found)), max_size=5)))
    return found, [list(order[a:b]) for a, b in pairwise([0, *cuts, len(found)])]


def at(arrival: Arrival) -> tuple[datetime, bool]:
    if isinstance(arrival, SurveyAnswer):
        return arrival.answered_at, True
    return arrival.occurred_at, False


@drawn_twice
@given(arrived=arrivals())
@settings(max_examples=300, deadline=None)
def test_any_arrival_leaves_what_one_pass_in_order_leaves(
    drawn: Catalogue, arrived: tuple[list[Arrival], list[list[Arrival]]]
) -> None:
    found, batches = arrived
    as_it_came, in_order = Books(drawn), Books(drawn, follows=False)
    for batch in batches:
        as_it_came.count(batch)
    for each in sorted(found, key=at):
        in_order.count([each])
    assert as_it_came.figures() == in_order.figures()


@drawn_twice
@given(arrived=arrivals())
@settings(max_examples=100, deadline=None)
def test_progress_is_what_the_history_says(
    drawn: Catalogue, arrived: tuple[list[Arrival], list[list[Arrival]]]
) -> None:
    books = Books(drawn)
    for batch in arrived[1]:
        books.count(batch)
    versions = drawn.by_number("loket")
    assert books.progress == {name: progress_of(history, versions) for name, history in books.histories.items()}


def test_what_comes_in_order_is_counted_without_its_history() -> None:
    books = Books(CATALOGUE)
    for touchpoint, minute in (("vraag", 1), ("aanvraag", 10), ("besluit", 25), ("factuur", 40)):
        books.count([event(touchpoint, minute)])
    assert books.asked == 0
    books.count([event("aanvulling", 15)])  # late
    assert books.asked == 1
    books.count([event("factuur", 45, event_id="again")])
    assert books.asked == 1
    books.count([event("aanvraag", 48)])  # opens the case again
    assert books.asked == 2


def counted(
    batch: Sequence[Arrival], drawn: Catalogue = CATALOGUE, *, retained_from: RetainedFrom = LONG_AGO
) -> Counted:
    """Count a batch of new cases."""
    cases = {each.case_key: StoredCase(1, NEW) for each in batch}
    return Counting(batch, cases, drawn).result({}, retained_from)


def test_windows_hold_what_happened() -> None:
    result = counted([event("aanvraag", 10), event("besluit", 25), event("factuur", 40), answer("besluit", 30)])
    days = {
        (cell.scope.measure, cell.scope.span, cell.scope.touchpoint): (sums.n, sums.total, sums.squares)
        for cell, sums in result.increments.cells.items()
        if cell.resolution is Resolution.DAY and cell.detail == "windows"
    }
    assert days == {
        ("volume", "", "aanvraag"): (1, 1, 1),
        ("volume", "in_time", "besluit"): (1, 1, 1),
        ("volume", "", "factuur"): (1, 1, 1),
        ("gap", "aanvraag", "besluit"): (1, 900_000, 900_000**2),
        ("gap", "besluit", "factuur"): (1, 900_000, 900_000**2),
        ("throughput", "beslistermijn", "besluit"): (1, 900_000, 900_000**2),
        ("throughput", "case", "besluit"): (1, 900_000, 900_000**2),
        ("within", "beslistermijn", "besluit"): (1, 1, 1),
        ("arrivals", "case", ""): (1, 1, 1),
        ("arrivals", "department", ""): (1, 1, 1),
        ("completions", "case", ""): (1, 1, 1),
        ("completions", "department", ""): (1, 1, 1),
        ("satisfaction", "in_time", "besluit"): (1, 8000, 8000**2),
    }
    assert [progress.status.closed_at for progress in result.progress.values()] == [MIDNIGHT + timedelta(minutes=25)]
    assert result.case_hours == {CaseHour("loket", MIDNIGHT): CaseSums(1, 1)}


def test_an_answer_is_about_the_last_visit_to_its_touchpoint_before_it() -> None:
    visits = [
        event("aanvulling", 10, department="VG", channel="post"),
        event("aanvulling", 20, department="KCC", channel="web"),
        event("aanvulling", 40, department="JZ", channel="balie"),
    ]
    result = counted([*visits, answer("aanvulling", 30), answer("besluit", 30, answer_id="other")])
    scopes = {
        (cell.scope.touchpoint, cell.scope.department, cell.scope.channel)
        for cell in result.increments.cells
        if cell.scope.measure == "satisfaction" and cell.detail == "windows"
    }
    assert scopes == {("aanvulling", "KCC", "web"), ("besluit", "", "")}


def test_a_case_that_is_closed_stays_in_the_hour_that_it_was_opened_in() -> None:
    books = Books(CATALOGUE)
    books.count([event("aanvraag", 70)])
    assert books.hours == {CaseHour("loket", MIDNIGHT + timedelta(hours=1)): Counter(opened=1, closed=0)}
    books.count([event("besluit", 200)])
    assert books.hours == {CaseHour("loket", MIDNIGHT + timedelta(hours=1)): Counter(opened=1, closed=1)}
    books.count([event("vraag", 10)])  # late: the case was opened an hour earlier
    assert [(hour.opened_in, dict(+held)) for hour, held in sorted(books.hours.items())] == [
        (MIDNIGHT, {"opened": 1, "closed": 1}),
        (MIDNIGHT + timedelta(hours=1), {}),
    ]


def test_what_is_too_old_for_a_resolution_is_skipped_and_said() -> None:
    retained_from = {**LONG_AGO, Resolution.MINUTE: MIDNIGHT + timedelta(minutes=20)}
    result = counted([event("aanvraag", 10), event("factuur", 25)], retained_from=retained_from)
    assert result.increments.skipped == {Resolution.MINUTE: 1}
    volumes = [cell for cell in result.increments.cells if cell.scope.measure == "volume"]
    kept = {cell.bucket for cell in volumes if cell.resolution is Resolution.MINUTE}
    assert kept == {MIDNIGHT + timedelta(minutes=25)}
    hours = {cell.scope.touchpoint for cell in volumes if cell.resolution is Resolution.HOUR}
    assert hours == {"aanvraag", "factuur"}


def test_a_visit_of_a_version_that_the_catalogue_lacks_asks_for_a_newer_one() -> None:
    stored: Sequence[Visit] = [visit_of(event("vraag", 5), 9)]
    answers: Sequence[Answer] = []
    unknown = Progress(NEW.status, None, {}, None)
    counting = Counting([event("besluit", 20)], {("loket", "Z-1"): StoredCase(1, unknown)}, CATALOGUE)
    assert counting.asks_for == [1]
    with pytest.raises(StaleCatalogue, match="'loket'"):
        counting.result({1: History(stored, answers)}, LONG_AGO)


def test_a_complaint_counts_against_the_touchpoint_that_it_names() -> None:
    """At the moment of the complaint, in the scope of the last visit to that touchpoint; an objection is none."""
    complaining = parse_journey(LOKET.replace("name: Factuur}", "name: Factuur, complaint: true}"))
    drawn = Catalogue([JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=complaining)])
    result = counted(
        [
            event("besluit", 10, department="VG", channel="post"),
            event("factuur", 20, department="JZ", attributes={"about": "besluit"}),
            event("factuur", 30, department="JZ", attributes={"about": "vraag"}),
            event("factuur", 40, department="JZ"),
            event("aanvulling", 50, attributes={"about": "besluit"}),
        ],
        drawn,
    )
    found = {
        (cell.scope.touchpoint, cell.scope.department, cell.scope.channel, cell.bucket): sums.n
        for cell, sums in result.increments.cells.items()
        if cell.scope.measure == "complaints" and cell.detail == "windows" and cell.resolution is Resolution.MINUTE
    }
    assert found == {
        ("besluit", "VG", "post", MIDNIGHT + timedelta(minutes=20)): 1,
        ("vraag", "", "", MIDNIGHT + timedelta(minutes=30)): 1,
    }
    assert result.scores == []


def scores_by_outcome(*arrivals: Arrival) -> dict[tuple[str, str], int]:
    """How many answers there are by touchpoint and outcome, counted one arrival at a time."""
    books = Books(CATALOGUE)
    for arrival in arrivals:
        books.count([arrival])
    found: dict[tuple[str, str], int] = {}
    for cell, held in books.cells.items():
        if cell.scope.measure == "satisfaction" and (cell.detail, cell.resolution) == ("rollups", "day") and held["n"]:
            found[cell.scope.touchpoint, cell.scope.outcome] = held["n"]
    return found


def decided(minute: float, said: str | None, **given: Any) -> TouchpointEvent:
    return event("besluit", minute, attributes={"uitkomst": said} if said else {}, **given)


@pytest.mark.parametrize(
    ("arrivals", "found"),
    [
        # what comes before the decision has no outcome, also when it is answered after it; what follows has it
        (
            [
                *(event("aanvraag", 0), decided(10, "nee"), event("factuur", 20)),
                *(answer("aanvraag", 30), answer("besluit", 30), answer("factuur", 30), answer(None, 30)),
            ],
            {("aanvraag", ""): 1, ("besluit", "refused"): 1, ("factuur", "refused"): 1, ("", "refused"): 1},
        ),
        # a value that is not named, capitals, and nothing said at all
        ([decided(10, "half"), answer("besluit", 30)], {("besluit", "other"): 1}),
        ([decided(10, "NEE"), answer("besluit", 30)], {("besluit", "refused"): 1}),
        ([decided(10, None), answer("besluit", 30)], {("besluit", ""): 1}),
        # a later decision holds for what follows it, and one that does not say leaves the earlier one
        (
            [decided(10, "nee"), answer("besluit", 11), decided(20, "ja"), decided(25, None), answer("besluit", 30)],
            {("besluit", "refused"): 1, ("besluit", "granted"): 1},
        ),
        # about the whole case: as it was when the answer was given
        ([decided(10, "ja"), answer(None, 9), answer(None, 10)], {("", ""): 1, ("", "granted"): 1}),
        # the answer first, the decision late: it waits for its visit; and an answer moves when a decision comes late
        ([answer("besluit", 5), decided(10, "nee")], {("besluit", "refused"): 1}),
        ([event("factuur", 20), answer("factuur", 30), decided(10, "nee")], {("factuur", "refused"): 1}),
        # taken back, in whatever order
        (
            [
                *(event("factuur", 20), decided(10, "nee", event_id="b"), answer("factuur", 30)),
                event("besluit", 40, event_id="t", voids="b"),
            ],
            {("factuur", ""): 1},
        ),
        # the version that held at the decision says what its value means
        ([decided(60, "nee"), answer("besluit", 70)], {("besluit", "granted"): 1}),
    ],
)
def test_a_score_is_kept_by_the_outcome_that_was_known(
    arrivals: list[Arrival], found: dict[tuple[str, str], int]
) -> None:
    assert scores_by_outcome(*arrivals) == found
