"""When limits fall, drawn: `besluit@2.5` is two and a half days after Monday 2 November 2026, 10:00 in Amsterdam."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.journey import Journey, parse_journey
from services.store.case_rows import progress_of_row, written
from streams.observations import observe
from streams.progress import progress_of
from streams.spans import fallen, passages
from streams.terms import Pause, Term
from streams.timeline import History, Visit, in_order, visit_of
from tests.drawn import LOKET, event

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2026, 11, 2, 10, tzinfo=AMSTERDAM).astimezone(UTC)
SPAN = "{id: beslistermijn, name: Beslistermijn, start: aanvraag, end: besluit, limit: P8W}"
PAUSE = "pauses: [{from: aanvulling, until: vraag}]"
AT_MOST = "pauses: [{from: aanvulling, until: vraag, at_most: P3D}]"
CALENDAR, LEGAL, WORKING = (f"clock: {clock}, limit: " for clock in ("calendar", "legal", "working"))


def drawn(more: str) -> Journey:
    """The desk's journey, open on weekdays, with this said of its span."""
    hours = "time_zone: Europe/Amsterdam\nholidays: NL\nworking_hours: {monday-friday: 08:30-17:00}\n"
    return parse_journey(LOKET.replace("limit: P8W}", more + "}").replace("time_zone: Europe/Amsterdam\n", hours))


def visits(line: str) -> list[Visit]:
    """Read a line of touchpoint@days."""
    words = (word.split("@") for word in line.split())
    return [
        visit_of(event(touchpoint, 0, event_id=f"{touchpoint}-{day}", occurred_at=MONDAY + timedelta(float(day))), 1)
        for touchpoint, day in words
    ]


def limits(journey: Journey, line: str) -> list[tuple[str, bool]]:
    """The day and the hour in Amsterdam at which the limit of the decision falls, and whether it was kept."""
    found = fallen(list(passages(in_order(visits(line), {1: journey}), {1: journey})), {1: journey})
    return [(f"{limit.at.astimezone(AMSTERDAM):%d %H:%M:%S}", limit.kept) for limit in found]


@pytest.mark.parametrize(
    ("rule", "line", "falls", "kept"),
    [
        # the calendar: ten days later, to the second
        (CALENDAR + "P10D", "aanvraag@0", "12 10:00:00", False),
        (CALENDAR + "P10D", "aanvraag@0 besluit@10", "12 10:00:00", True),
        (CALENDAR + "P10D", "aanvraag@0 besluit@10.001", "12 10:00:00", False),
        (CALENDAR + "P10D", "aanvraag@0 aanvraag@4 besluit@5 besluit@20", "12 10:00:00", True),
        # a pause moves it by its length; one that began too late does not
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@5", "15 10:00:00", False),
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@5 besluit@13", "15 10:00:00", True),
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@5 aanvulling@12 vraag@14", "17 10:00:00", False),
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@10 vraag@14", "12 10:00:00", False),
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@10.5", "12 10:00:00", False),
        (CALENDAR + "P10D, " + PAUSE, "aanvulling@0 aanvraag@1 vraag@3", "13 10:00:00", False),
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2 aanvulling@4 vraag@5", "15 10:00:00", False),
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2 besluit@9", "19 10:00:00", True),
        # one of three days at most: known from the first
        (CALENDAR + "P10D, " + AT_MOST, "aanvraag@0 aanvulling@2", "15 10:00:00", False),
        (CALENDAR + "P10D, " + AT_MOST, "aanvraag@0 aanvulling@2 vraag@3", "13 10:00:00", False),
        (CALENDAR + "P10D, " + AT_MOST, "aanvraag@0 aanvulling@2 vraag@9", "15 10:00:00", False),
        # the law: to the end of the day, which is no Saturday, Sunday or holiday
        (LEGAL + "P10D", "aanvraag@0 besluit@10.5", "12 23:59:59", True),
        (LEGAL + "P12D", "aanvraag@0 besluit@14.5", "16 23:59:59", True),
        (LEGAL + "P12D", "aanvraag@0 besluit@14.6", "16 23:59:59", False),
        # suspended on the three days between Wednesday and Sunday; the 15th is a Sunday too
        (LEGAL + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@6", "16 23:59:59", False),
        (LEGAL + "P8D, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@6", "13 23:59:59", False),
        (LEGAL + "P8D, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@3", "10 23:59:59", False),  # no day between
        (LEGAL + "P8D, " + PAUSE, "aanvraag@0 aanvulling@8 vraag@14", "10 23:59:59", False),  # on its last day
        (LEGAL + "P12D, " + PAUSE, "aanvraag@0 aanvulling@13 vraag@16", "18 23:59:59", False),  # on the Sunday after it
        # working time: 8.5 hours a day
        (WORKING + "PT8H30M", "aanvraag@0", "03 10:00:00", False),
        (WORKING + "PT7H", "aanvraag@0", "02 17:00:00", False),
        (WORKING + "PT42H30M", "aanvraag@0 besluit@7", "09 10:00:00", True),
        # paused at 16:00 with 2.5 hours to go, until Friday 16:00 or Saturday 10:00
        (WORKING + "PT8H30M, " + PAUSE, "aanvraag@0 aanvulling@0.25 vraag@4.25", "09 10:00:00", False),
        (WORKING + "PT8H30M, " + PAUSE, "aanvraag@0 aanvulling@0.25 vraag@5", "09 11:00:00", False),
    ],
)
def test_when_a_limit_falls(rule: str, line: str, falls: str, kept: bool) -> None:
    assert limits(drawn(rule), line) == [(falls, kept)]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("clock: legal", "aanvraag@0 besluit@1"),  # no limit
        (CALENDAR + "P10D, " + PAUSE, "vraag@0"),  # not begun
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2"),  # nobody knows when
        (LEGAL + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2"),
        (WORKING + "PT40H, " + PAUSE, "aanvraag@0 aanvulling@2"),
        (CALENDAR + "P10D, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@3 aanvulling@4"),
    ],
)
def test_no_limit_falls(rule: str, line: str) -> None:
    assert limits(drawn(rule), line) == []


@pytest.mark.parametrize(
    ("rule", "line", "hours"),
    [
        ("clock: calendar, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@5 besluit@13", 10 * 24),
        ("clock: legal, " + PAUSE, "aanvraag@0 aanvulling@2 vraag@5 besluit@13", 10 * 24),
        ("clock: calendar, " + AT_MOST, "aanvraag@0 aanvulling@2 vraag@8 besluit@13", 10 * 24),
        ("clock: calendar, " + PAUSE, "aanvraag@0 aanvulling@2 besluit@13", 2 * 24),
        ("clock: working", "aanvraag@0 besluit@7", 42.5),
        ("clock: working, " + PAUSE, "aanvraag@0 aanvulling@1 vraag@4 besluit@7", 2 * 8.5),  # from Friday 10:00 on
    ],
)
def test_throughput_is_without_pauses_by_the_clock_of_the_span(rule: str, line: str, hours: float) -> None:
    journey = drawn(rule)
    found = observe("loket", History(visits(line), ()), {1: journey})
    (took,) = (each.value for each in found if each.scope[1:3] == ("throughput", "beslistermijn"))
    assert took == hours * 3_600_000


@pytest.mark.parametrize(("day", "stands"), [(13, "in_time"), (16, "late")])
def test_late_is_what_ends_after_its_limit_fell(day: int, stands: str) -> None:
    journey = drawn(CALENDAR + "P10D, " + PAUSE)
    found = observe("loket", History(visits(f"aanvraag@0 aanvulling@2 vraag@5 besluit@{day}"), ()), {1: journey})
    (said,) = (each.scope.span for each in found if each.scope[1:4:2] == ("volume", "besluit"))
    assert said == stands


def test_an_optional_end_that_was_passed_by_is_waited_for_no_more() -> None:
    """Unless it comes after all."""
    journey = parse_journey(
        LOKET.replace("name: Aanvulling,", "name: Aanvulling, optional: true,").replace(
            SPAN, "{id: vragen, name: V, start: aanvraag, end: aanvulling, limit: P2D}"
        )
    )
    assert limits(journey, "aanvraag@0") == [("04 10:00:00", False)]
    assert limits(journey, "aanvraag@0 besluit@1") == []
    assert limits(journey, "aanvraag@0 besluit@9") == []
    assert limits(journey, "aanvraag@0 besluit@1 aanvulling@2") == [("04 10:00:00", True)]
    assert limits(journey, "aanvraag@0 besluit@1 aanvulling@3") == [("04 10:00:00", False)]


def test_a_limit_is_told_of_who_began_and_of_where_it_ends() -> None:
    text = LOKET.replace("moment_of_truth: true}", "moment_of_truth: true, department: VG}") + "case_limit: P20D\n"
    first, second, last = visits("vraag@0 aanvraag@1 besluit@9")
    history = [
        first._replace(channel="telefoon", persona="bewoner", department="KCC"),
        second._replace(channel="web", persona="aannemer", department="KCC"),
        last._replace(channel="post", persona="architect", department="JZ"),
    ]
    found = observe("loket", History(history, ()), {1: parse_journey(text)})
    assert {each.scope[2:7]: each.value for each in found if each.scope.measure == "within"} == {
        ("beslistermijn", "besluit", "VG", "web", "aannemer"): 1,
        ("case", "", "", "telefoon", "bewoner"): 1,
    }


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("aanvraag@0 besluit@5", 1),
        ("aanvraag@0 besluit@5 factuur@6", 1),
        ("aanvraag@0 besluit@5 aanvulling@6", 0),
        ("aanvraag@0 besluit@5 aanvulling@6 besluit@19", 1),
        ("aanvraag@0 besluit@21", 0),
    ],
)
def test_a_case_that_was_opened_again_has_not_ended(line: str, kept: int) -> None:
    found = observe("loket", History(visits(line), ()), {1: parse_journey(LOKET + "case_limit: P20D\n")})
    assert [each.value for each in found if each.scope[1:3] == ("within", "case")] == [kept]


def test_each_limit_is_that_of_the_version_in_which_it_began() -> None:
    """The new version gives two weeks; who applied before it has eight."""
    versions = {1: parse_journey(LOKET), 2: parse_journey(LOKET.replace("limit: P8W", "limit: P2W"))}
    before, after = visits("aanvraag@0 besluit@20")
    ordered = [before, after._replace(journey_version=2)]
    (limit,) = fallen(list(passages(ordered, versions)), versions)
    assert (limit.at - MONDAY, limit.kept) == (timedelta(weeks=8), True)


def test_what_is_remembered_of_a_span_is_little() -> None:
    journey = drawn(CALENDAR + "P10D, " + PAUSE)
    line = visits("vraag@0 aanvraag@1 aanvulling@2")
    line[1] = line[1]._replace(persona="bewoner")
    spans = progress_of(History(line, ()), {1: journey}).begun
    told = {span: written(term) for span, term in spans.items()}
    day = timedelta(days=1)
    assert told == {
        "case": [MONDAY],
        "beslistermijn": [MONDAY + day, None, "bewoner", [[0, MONDAY + 2 * day, None]]],
    }
    ended = progress_of(History([*line, *visits("besluit@3")], ()), {1: journey}).begun
    assert {span: written(term) for span, term in ended.items()} == {"case": None, "beslistermijn": None}


def test_a_row_gives_back_what_was_written_and_an_old_one_asks_for_the_whole_case() -> None:
    at, later = "2026-11-02T09:00:00+00:00", "2026-11-03T09:00:00+00:00"
    status = (MONDAY, None, MONDAY, "aanvraag", None)
    row = {"case": [at], "t": [at, "web", None, [[1, at, later], [0, later, None]], True], "u": None}
    progress = progress_of_row(*status, 3, row, None, None, None)
    pauses = (Pause(1, MONDAY, MONDAY + timedelta(days=1)), Pause(0, MONDAY + timedelta(days=1)))
    assert progress.version == 3
    assert progress.begun == {"case": Term(MONDAY), "t": Term(MONDAY, "web", None, pauses, True), "u": None}
    old = progress_of_row(*status, 3, {"t": at, "u": None}, None, None, None)
    assert (old.version, old.begun, old.status) == (None, {}, progress.status)
