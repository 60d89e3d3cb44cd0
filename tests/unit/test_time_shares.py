"""Where the time of a case goes. Parts add up to the whole, to the millisecond, whatever clocks and calendars do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.journey import Journey, parse_journey
from streams.time_shares import StepTime, Time, step_times
from streams.timeline import Visit, in_order, visit_of
from tests.almanac import Hours
from tests.drawn import LOKET, event

OFFICE = (("monday", ("08:30-12:30", "13:00-17:00")), ("saturday", ("00:00-04:00",)), ("sunday", ("01:00-03:30",)))
PAUSES = "pauses: [{from: aanvulling, until: vraag}, {from: vraag, until: aanvulling, at_most: P2D}]"
DRAWN = LOKET.replace("limit: P8W}", f"limit: P8W, {PAUSES}}}").replace(
    "Europe/Amsterdam", f"ZONE\nholidays: NL\nworking_hours: { {day: list(hours) for day, hours in OFFICE} }"
)


def drawn_in(zone: str) -> Journey:
    return parse_journey(DRAWN.replace("ZONE", zone))


def timeline(*visits: tuple[str, float] | tuple[str, float, float]) -> list[StepTime]:
    """The steps of a case of visits, each with the minutes at which it was begun, if that is known, and ended."""
    drawn = drawn_in("Europe/Amsterdam")
    found = []
    for number, (touchpoint, *minutes) in enumerate(visits):
        begun = event("vraag", minutes[0]).occurred_at if len(minutes) == 2 else None
        found.append(visit_of(event(touchpoint, minutes[-1], event_id=str(number), started_at=begun), 1))
    return list(step_times(in_order(found, {1: drawn}), {1: drawn}))


def minutes(*times: Time) -> list[float]:
    return [time.calendar / 60_000 for time in times]


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        # What is not known to have begun is a moment. (after, paused, waiting or between, touch; is it waiting?)
        ([("vraag", 10)], []),
        ([("vraag", 4, 10)], [("", 0, 0, 6, True)]),
        ([("vraag", 10), ("besluit", 30)], [("vraag", 0, 20, 0, False)]),
        ([("vraag", 10), ("besluit", 25, 30)], [("vraag", 0, 15, 5, True)]),
        # Work that began before the last visit ended has taken all of the step, and some of the one before.
        (
            [("vraag", 10), ("aanvraag", 20), ("besluit", 15, 30)],
            [("vraag", 0, 5, 5, False), ("aanvraag", 0, 0, 10, True)],
        ),
        # Two at work at once count once.
        (
            [("vraag", 10), ("aanvraag", 12, 20), ("besluit", 14, 30)],
            [("vraag", 0, 2, 8, True), ("aanvraag", 0, 0, 10, True)],
        ),
        # A later visit was the first that anybody worked on.
        ([("vraag", 8, 10), ("besluit", 5, 30)], [("", 0, 0, 5, True), ("vraag", 0, 0, 20, True)]),
        # From the request to complete until the question, the term stands still; whoever is at work is at work.
        (
            [("aanvraag", 0), ("aanvulling", 10), ("vraag", 35, 40), ("besluit", 50)],
            [("aanvraag", 0, 10, 0, False), ("aanvulling", 25, 0, 5, True), ("vraag", 10, 0, 0, False)],
        ),
        # A pause that may last two days: then it is waiting again. Without a term under way there is none.
        (
            [("aanvraag", 0), ("vraag", 10), ("besluit", 10 + 3 * 1440)],
            [("aanvraag", 0, 10, 0, False), ("vraag", 2 * 1440, 1440, 0, False)],
        ),
        ([("aanvulling", 10), ("besluit", 40)], [("aanvulling", 0, 30, 0, False)]),
    ],
)  # fmt: skip
def test_each_step_falls_into_its_parts(
    visits: list[tuple[str, float] | tuple[str, float, float]], expected: list[tuple[str, float, float, float, bool]]
) -> None:
    found = timeline(*visits)
    told = [(each.after, *minutes(each.paused, each.open, each.touch), each.known) for each in found]
    assert told == expected


def test_hours_of_work_are_told_apart_from_the_calendar() -> None:
    """From Friday noon to Monday 9:00 pass half an hour of work, and what is worked on Saturday and Sunday."""
    friday, monday = 11 * 60 + 4 * 1440, 8 * 60 + 7 * 1440  # UTC
    (step,) = timeline(("vraag", friday), ("besluit", monday - 15, monday))
    assert step.touch == Time(15 * 60_000, 15 * 60_000)
    assert step.open == Time((monday - friday - 15) * 60_000, (15 + 240 + 150) * 60_000)


ZONES = ("Europe/Amsterdam", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca")
CHANGES = (  # around clocks that went back and forth, and the holidays of King's Day and Christmas
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 10, 24, 20, tzinfo=UTC),
    datetime(2026, 4, 26, 20, tzinfo=UTC),
    datetime(2026, 12, 24, 20, tzinfo=UTC),
    datetime(2026, 4, 4, 10, tzinfo=UTC),
    datetime(2018, 2, 17, 20, tzinfo=UTC),
    datetime(2018, 11, 3, 20, tzinfo=UTC),
)
SPELL = timedelta(days=4) // timedelta(microseconds=1)


@st.composite
def cases(draw: st.DrawFn) -> list[Visit]:
    """Visits of a case in a few days around a change of something, begun at any time before, down to microseconds."""
    around = draw(st.sampled_from(CHANGES))
    found = []
    for number in range(draw(st.integers(1, 7))):
        ended = around + timedelta(microseconds=draw(st.integers(0, SPELL)))
        begun = draw(st.none() | st.integers(0, SPELL // 2))
        touchpoint = draw(st.sampled_from(["vraag", "aanvraag", "aanvulling", "besluit", "factuur"]))
        since = None if begun is None else ended - timedelta(microseconds=begun)
        found.append(visit_of(event(touchpoint, 0, event_id=str(number), occurred_at=ended, started_at=since), 1))
    return found


@given(found=cases(), zone=st.sampled_from(ZONES))
@settings(max_examples=120, deadline=None)
def test_parts_add_up_to_the_whole(found: list[Visit], zone: str) -> None:
    versions = {1: drawn_in(zone)}
    steps = list(step_times(in_order(found, versions), versions))
    first = _whole(min(visit.started_at or visit.occurred_at for visit in found))
    last = _whole(max(visit.occurred_at for visit in found))
    parts = [part for step in steps for part in (step.paused, step.open, step.touch)]
    hours = Hours(ZoneInfo(zone), OFFICE, "NL")
    assert sum(part.calendar for part in parts) == (last - first) // timedelta(milliseconds=1)
    assert sum(part.worked for part in parts) == hours.between(first, last) // timedelta(milliseconds=1)
    assert all(0 <= part.worked <= part.calendar for part in parts)


@given(found=cases())
@settings(max_examples=60, deadline=None)
def test_touch_is_the_time_in_which_anybody_works(found: list[Visit]) -> None:
    """The union of all that is known to have been worked, however it overlaps."""
    versions = {1: drawn_in("Europe/Amsterdam")}
    worked, until = timedelta(0), datetime.min.replace(tzinfo=UTC)
    for begun, ended in sorted(
        (_whole(visit.started_at), _whole(visit.occurred_at)) for visit in found if visit.started_at
    ):
        worked += max(ended - max(begun, until), timedelta(0))
        until = max(until, ended)
    touch = sum(step.touch.calendar for step in step_times(in_order(found, versions), versions))
    assert touch == worked // timedelta(milliseconds=1)


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
