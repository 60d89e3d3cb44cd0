"""Whether a visit came when it should have: by what was promised, agreed, or drawn as its limit."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.journey import Journey, parse_journey
from schemas.touchpoint_event import TouchpointEvent
from streams.observations import observe
from streams.progress import NEW, follow, progress_of
from streams.spans import elapsed, passages
from streams.timeline import History, Visit, answer_of, in_order, visit_of
from streams.timeliness import Timeliness, timeliness
from tests.drawn import LOKET, MIDNIGHT, answer, event

LATE, IN_TIME, UNKNOWN = Timeliness
DAY = 24 * 60
GAPS = LOKET.replace("name: Aanvulling,", "name: Aanvulling, gap_limit: P2D,")


@pytest.fixture(scope="module")
def drawn() -> Journey:
    return parse_journey(GAPS)


def stands(drawn: Journey, *events: TouchpointEvent) -> list[Timeliness]:
    """How each event's visit stands, in order of time."""
    versions = {1: drawn}
    visits = in_order([visit_of(each, 1) for each in events], versions)
    judged = timeliness(visits, elapsed(list(passages(visits, versions)), versions), versions)
    return [judged.get(visit, UNKNOWN) for visit in visits]


def promised(days: float) -> datetime:
    return MIDNIGHT + timedelta(days=days)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, UNKNOWN),
        ({"due_at": promised(1)}, IN_TIME),
        ({"due_at": promised(1) - timedelta(seconds=1)}, LATE),
    ],
)
def test_a_promise_is_kept_up_to_its_moment(drawn: Journey, given: dict[str, Any], found: Timeliness) -> None:
    assert stands(drawn, event("vraag", DAY, **given)) == [found]


def test_a_gap_is_held_against_its_limit(drawn: Journey) -> None:
    visits = [event("vraag", 0), event("aanvulling", 2 * DAY), event("aanvulling", 4 * DAY + 1)]
    assert stands(drawn, *visits) == [UNKNOWN, IN_TIME, LATE]


def test_the_limit_of_a_span_is_that_of_its_end(drawn: Journey) -> None:
    """Eight weeks from application to decision."""
    assert stands(drawn, event("aanvraag", 0), event("besluit", 56 * DAY)) == [UNKNOWN, IN_TIME]
    assert stands(drawn, event("aanvraag", 0), event("besluit", 56 * DAY + 1)) == [UNKNOWN, LATE]


def test_what_was_kept_does_not_make_up_for_what_was_not(drawn: Journey) -> None:
    late = event("besluit", DAY, due_at=promised(0.5))
    assert stands(drawn, event("aanvraag", 0), late) == [UNKNOWN, LATE]


def test_the_whole_case_has_a_limit_too() -> None:
    drawn = parse_journey(LOKET + "case_limit: P1D\n")
    assert stands(drawn, event("vraag", 0), event("besluit", DAY + 1)) == [UNKNOWN, LATE]


def test_scores_are_kept_apart_by_whether_it_was_late(drawn: Journey) -> None:
    visits = [visit_of(event("besluit", DAY, due_at=promised(days)), 1) for days in (2,)]
    (scope,) = [
        each.scope
        for each in observe("loket", History(visits, [answer_of(answer("besluit", 2 * DAY), 1)]), {1: drawn})
        if each.scope.measure == "satisfaction"
    ]
    assert (scope.span, scope.touchpoint) == ("in_time", "besluit")


def test_an_answer_that_was_given_too_early_is_about_the_visit_that_comes(drawn: Journey) -> None:
    """Until it has come, nothing of the case may be counted without looking at all of it."""
    early = answer_of(answer("besluit", 10), 1)
    versions = {1: drawn}

    def department(*visits: Visit) -> str:
        observed = observe("loket", History(visits, [early]), versions)
        return next(each.scope.department for each in observed if each.scope.measure == "satisfaction")

    asked = visit_of(event("vraag", 5, department="KCC"), 1)
    decided = visit_of(event("besluit", 20, department="VG"), 1)
    decided_again = visit_of(event("besluit", 30, department="JZ"), 1)
    assert department(asked) == ""
    assert department(asked, decided, decided_again) == "VG"
    before = progress_of(History([asked], [early]), versions)
    assert before is not NEW
    assert follow("loket", before, [decided], drawn) is None
    placed = progress_of(History([asked, decided], [early]), versions)
    assert follow("loket", placed, [visit_of(event("factuur", 30), 1)], drawn) is not None


def test_a_score_about_nothing_holds_nothing_up(drawn: Journey) -> None:
    about_none = answer_of(answer(None, 10), 1)
    before = progress_of(History([visit_of(event("vraag", 5), 1)], [about_none]), {1: drawn})
    assert follow("loket", before, [visit_of(event("besluit", 20), 1)], drawn) is not None
