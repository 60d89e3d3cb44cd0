"""What a case waits for, and how a flag stands once more of the case is known."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.alert import AlertKind, AlertState
from schemas.journey import Catalogue, Journey, JourneyVersion, parse_journey
from streams.flagging import Flag, alert_of, settled
from streams.progress import NEW, Progress, follow, progress_of
from streams.timeline import History, Visit, in_order, visit_of
from streams.waiting import QUIET, Expectation, Expected, expectations, first_look, next_due, overdue, standing_of
from tests.drawn import LOKET, MIDNIGHT, event
from tests.oracle import expected_of

WAITING = (
    LOKET.replace("{id: vraag, name: Vraag}", "{id: vraag, name: Vraag, waiting_limit: PT30M}")
    .replace(
        "{id: aanvraag, name: Aanvraag}",
        "{id: aanvraag, name: {nl: Aanvraag, en: Application}, expects: {touchpoint: aanvulling, within: PT1H}}",
    )
    .replace(
        "{id: aanvulling, name: Aanvulling, repeatable: true}",
        "{id: aanvulling, name: Aanvulling, repeatable: true, waiting_limit: PT10M, "
        "expects: {touchpoint: aanvulling, within: PT2H}}",
    )
    .replace(
        "{id: besluit, name: Besluit, moment_of_truth: true}",
        "{id: besluit, name: Besluit, waiting_limit: PT1M, expects: {touchpoint: factuur, within: P1D}}",
    )
    .replace("{id: factuur, name: Factuur}", "{id: factuur, name: Factuur, waiting_limit: PT5M}")
)
OTHERWISE = WAITING.replace("within: PT1H", "within: PT20M").replace("PT30M", "PT3M")


def drawn() -> Journey:
    return parse_journey(WAITING)


def minute(number: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=number)


def visit(touchpoint: str, at: float, version: int = 1, **given: str) -> Visit:
    return visit_of(event(touchpoint, at, **given), version)


def missing(touchpoint: str, after: str, since: float, due: float) -> Expected:
    return Expected(AlertKind.MISSING, touchpoint, after, minute(since), minute(due))


def waiting(touchpoint: str, since: float, due: float) -> Expected:
    return Expected(AlertKind.WAITING, touchpoint, touchpoint, minute(since), minute(due))


def all_of(*visits: Visit) -> dict[Expected, datetime | None]:
    versions = {1: drawn()}
    return {each.expected: each.ended_at for each in expectations(in_order(visits, versions), versions)}


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        # the last touchpoint's limit, until anything follows
        ([("vraag", 0)], {waiting("vraag", 0, 30): None}),
        ([("vraag", 0), ("vraag", 7)], {waiting("vraag", 0, 30): 7, waiting("vraag", 7, 37): None}),
        ([("vraag", 0), ("aanvraag", 9)], {waiting("vraag", 0, 30): 9, missing("aanvulling", "aanvraag", 9, 69): None}),
        # what must follow may have something between, and waits since the first time
        (
            [("aanvraag", 0), ("vraag", 5), ("aanvraag", 6), ("aanvulling", 80)],
            {
                missing("aanvulling", "aanvraag", 0, 60): 80,
                waiting("vraag", 5, 35): 6,
                waiting("aanvulling", 80, 90): None,
                missing("aanvulling", "aanvulling", 80, 200): None,
            },
        ),
        # a repeatable touchpoint that must follow itself
        (
            [("aanvulling", 0), ("aanvulling", 3)],
            {
                waiting("aanvulling", 0, 10): 3,
                missing("aanvulling", "aanvulling", 0, 120): 3,
                waiting("aanvulling", 3, 13): None,
                missing("aanvulling", "aanvulling", 3, 123): None,
            },
        ),
        # closing ends what was expected; what the closing touchpoint expects holds, but nobody waits any more
        (
            [("aanvraag", 0), ("besluit", 2)],
            {missing("aanvulling", "aanvraag", 0, 60): 2, missing("factuur", "besluit", 2, 1442): None},
        ),
        (
            [("besluit", 0), ("factuur", 5)],
            {missing("factuur", "besluit", 0, 1440): 5},
        ),
        # aftercare before the case is closed: it is open, and waits
        ([("factuur", 0)], {waiting("factuur", 0, 5): None}),
        # opened again
        (
            [("besluit", 0), ("vraag", 5)],
            {missing("factuur", "besluit", 0, 1440): None, waiting("vraag", 5, 35): None},
        ),
        ([], {}),
    ],
)
def test_what_a_case_waits_for(route: list[tuple[str, float]], expected: dict[Expected, float | None]) -> None:
    found = all_of(*[visit(touchpoint, at) for touchpoint, at in route])
    assert found == {each: None if ended is None else minute(ended) for each, ended in expected.items()}


def test_a_visit_that_was_taken_back_expects_nothing() -> None:
    there, back = visit("aanvraag", 0), visit("aanvraag", 3, event_id="terug", voids="Z-1-aanvraag-0")
    assert all_of(there, back) == {}
    met, gone = visit("aanvulling", 4), visit("aanvulling", 5, event_id="weg", voids="Z-1-aanvulling-4")
    assert all_of(there, met, gone) == {missing("aanvulling", "aanvraag", 0, 60): None}


@pytest.mark.parametrize(
    ("ended", "state"),
    [
        ([None], AlertState.RAISED),
        ([61], AlertState.CLEARED),
        ([60], AlertState.CORRECTED),
        ([59], AlertState.CORRECTED),
        ([], AlertState.CORRECTED),
        ([0, None], AlertState.RAISED),  # two visits at one moment: the first waited for nothing
        ([0, 61], AlertState.CLEARED),
    ],
)
def test_how_a_flag_stands(ended: list[float | None], state: AlertState) -> None:
    flagged = missing("aanvulling", "aanvraag", 0, 60)
    other = Expectation(waiting("vraag", 0, 60), None)
    known = [Expectation(flagged, None if at is None else minute(at)) for at in ended]
    assert standing_of(flagged, [other, *known]) is state


def test_only_flags_that_stand_otherwise_are_told() -> None:
    late, early = waiting("vraag", 0, 30), waiting("vraag", 40, 70)
    flags = [Flag(7, "loket", "Z-1", each, AlertState.RAISED) for each in (late, early)]
    waited = {7: [Expectation(late, minute(40)), Expectation(early, None)]}
    assert settled(flags, waited) == [flags[0]._replace(state=AlertState.CLEARED)]


def test_what_is_overdue_and_when_to_look_again() -> None:
    expected = (waiting("vraag", 0, 30), missing("aanvulling", "aanvraag", 0, 60))
    assert overdue(expected, minute(30)) == []  # the due moment itself is in time
    assert overdue(expected, minute(30.5)) == [expected[0]]
    assert next_due(expected, minute(30.5)) == minute(60)
    assert next_due(expected, minute(61)) is None
    assert first_look(expected, minute(10)) == minute(30)
    assert first_look(expected, minute(31)) == minute(31) + QUIET
    assert first_look((), minute(31)) is None


_routes = st.lists(
    st.tuples(
        st.sampled_from(["vraag", "aanvraag", "aanvulling", "besluit", "factuur"]),
        st.integers(0, 240),
        st.booleans(),
    ),
    max_size=9,
)


def _visits(route: list[tuple[str, int, bool]]) -> list[Visit]:
    """Visits, some of them taken back; those from minute 120 on by the second version."""
    visits = []
    for number, (touchpoint, at, voided) in enumerate(route):
        version = 1 if at < 120 else 2
        visits.append(visit(touchpoint, at, version, event_id=f"e{number}"))
        if voided and number % 3 == 0:
            visits.append(visit(touchpoint, at + 1, version, event_id=f"v{number}", voids=f"e{number}"))
    return visits


def _lasting(told: Iterable[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """What was waited for at all: of visits at one moment only the last one waits."""
    return {each for each in told if each[5] != each[3]}


VERSIONS = {1: parse_journey(WAITING), 2: parse_journey(OTHERWISE)}


@given(_routes, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing_and_the_oracle_agrees(
    route: list[tuple[str, int, bool]], chance: Random
) -> None:
    visits = _visits(route)
    shuffled = list(visits)
    chance.shuffle(shuffled)
    found = progress_of(History(shuffled, ()), VERSIONS).expected
    assert set(found) == set(progress_of(History(visits, ()), VERSIONS).expected)
    told = expected_of(in_order(visits, VERSIONS), VERSIONS)
    assert {each[:5] for each in told if each[5] is None} == {tuple(each) for each in found}
    known = {(*each.expected, each.ended_at) for each in expectations(in_order(visits, VERSIONS), VERSIONS)}
    assert _lasting(known) == _lasting(told)


@given(_routes)
def test_following_gives_what_observing_the_whole_case_gives(route: list[tuple[str, int, bool]]) -> None:
    version, journey = 1, VERSIONS[1]
    visits = sorted({at: visit(touchpoint, at, version) for touchpoint, at, _ in route}.values())
    progress: Progress = NEW
    for number, latest in enumerate(visits, 1):
        followed = follow("loket", progress, [latest], journey)
        known = visits[:number]
        whole = progress_of(History(known, ()), {version: journey})
        if followed is not None:
            assert followed[0] == whole
        progress = whole


def test_an_alert_says_what_is_wrong_in_both_languages() -> None:
    catalogue = Catalogue([JourneyVersion(version=1, valid_from=MIDNIGHT, journey=drawn())])
    flag = Flag(7, "loket", "Z-1", missing("aanvulling", "aanvraag", 0, 60), AlertState.RAISED)
    alert = alert_of(flag, catalogue, minute(61))
    assert alert.summary_nl == "Zaak Z-1 mist Aanvulling: die had binnen 1 uur na Aanvraag moeten volgen."
    assert alert.summary_en == "Case Z-1 is missing Aanvulling, which had to follow within 1 hour of Application."
    assert (alert.kind, alert.touchpoint, alert.case_id, alert.kpi) == ("missing", "aanvulling", "Z-1", None)
    assert alert.alert_id == alert_of(flag, catalogue, minute(61).astimezone(ZoneInfo("UTC"))).alert_id
    changed = [flag._replace(state=AlertState.CLEARED), flag._replace(case_id="Z-2")]
    assert len({alert.alert_id, *(alert_of(each, catalogue, minute(61)).alert_id for each in changed)}) == 3


@pytest.mark.parametrize(
    ("limit", "nl", "en"),
    [
        (timedelta(days=1), "1 dag", "1 day"),
        (timedelta(days=15), "15 dagen", "15 days"),
        (timedelta(hours=36), "36 uur", "36 hours"),
        (timedelta(minutes=1), "1 minuut", "1 minute"),
        (timedelta(seconds=90), "90 seconden", "90 seconds"),
        (timedelta(seconds=1.5), "1.5 seconden", "1.5 seconds"),
    ],
)
def test_a_limit_is_said_in_its_largest_whole_unit(limit: timedelta, nl: str, en: str) -> None:
    flag = Flag(7, "loket", "Z", Expected(AlertKind.WAITING, "x", "x", MIDNIGHT, MIDNIGHT + limit), AlertState.RAISED)
    alert = alert_of(flag, Catalogue(), MIDNIGHT)
    assert alert.summary_nl == f"Zaak Z wacht langer dan {nl} na x."
    assert alert.summary_en == f"Case Z has been waiting for more than {en} after x."
