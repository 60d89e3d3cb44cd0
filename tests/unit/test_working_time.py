"""Working time held against the clock on the wall, minute by minute; legal terms against the law's own examples."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.opening_hours import WEEKDAYS, week_of
from streams.working_time import Calendar

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
OFFICE = {day: ["08:30-17:00"] for day in WEEKDAYS[:5]}
DESK = Calendar(AMSTERDAM, week_of(OFFICE), "NL")
NIGHT = Calendar(
    AMSTERDAM, week_of({"sunday": ["01:30-02:30", "02:45-04:00", "22:00-24:00"], "monday": ["00:00-01:00"]})
)

FREE_2026 = {date(2026, *day) for day in [(1, 1), (4, 3), (4, 5), (4, 6), (4, 27), (5, 14), (5, 24), (5, 25), (12, 25)]}
"""The Dutch holidays of 2026, from the almanac; 26 December is a Saturday."""


def local(text: str) -> datetime:
    """A moment of the clock on the wall in Amsterdam; with `+02:00` after it where the clock shows it twice."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)).astimezone(UTC)


def minutes_open(hours: dict[str, list[str]], free: set[date], since: datetime, until: datetime) -> int:
    """Count the whole minutes at which the clock on the wall shows an opening hour."""
    found = 0
    for minute in range((until - since) // timedelta(minutes=1)):
        wall = (since + timedelta(minutes=minute)).astimezone(AMSTERDAM)
        now = f"{wall:%H:%M}"
        stretches = hours.get(WEEKDAYS[wall.weekday()], []) if wall.date() not in free else []
        found += any(stretch[:5] <= now < stretch[6:] for stretch in stretches)
    return found


@pytest.mark.parametrize(
    ("moment", "is_open", "opens_next"),
    [
        ("2026-11-23T08:29:59", False, "2026-11-23T08:30"),
        ("2026-11-23T08:30", True, "2026-11-23T08:30"),
        ("2026-11-23T16:59:59", True, "2026-11-23T16:59:59"),
        ("2026-11-23T17:00", False, "2026-11-24T08:30"),
        ("2026-11-27T17:00", False, "2026-11-30T08:30"),  # over the weekend
        ("2026-04-02T18:00", False, "2026-04-07T08:30"),  # Good Friday to Easter Monday
        ("2025-04-25T18:00", False, "2025-04-28T08:30"),  # Koningsdag fell on Sunday, and moved to Saturday
        ("2026-04-27T10:00", False, "2026-04-28T08:30"),  # Koningsdag on its own day
        ("2026-05-05T10:00", True, "2026-05-05T10:00"),  # 5 May: off in lustrum years only
        ("2025-05-05T10:00", False, "2025-05-06T08:30"),
        ("2026-12-24T17:00", False, "2026-12-28T08:30"),
        ("2026-12-31T17:00", False, "2027-01-04T08:30"),  # New Year's Day is a Friday; into the next year
    ],
)
def test_when_it_is_open(moment: str, is_open: bool, opens_next: str) -> None:
    assert DESK.is_open(local(moment)) is is_open
    assert DESK.opens_next(local(moment)) == local(opens_next)


def test_who_never_works_never_opens() -> None:
    nobody = Calendar(AMSTERDAM)
    assert not nobody.is_open(local("2026-11-23T10:00"))
    assert nobody.opens_next(local("2026-11-23T10:00")) is None
    assert nobody.worked(local("2026-11-23T10:00"), local("2027-11-23T10:00")) == timedelta(0)
    with pytest.raises(ValueError, match="without opening hours"):
        nobody.after(local("2026-11-23T10:00"), HOUR)


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-11-23T09:00", "2026-11-23T11:30", 2.5),
        ("2026-11-23T07:00", "2026-11-23T20:00", 8.5),
        ("2026-11-27T16:00", "2026-11-30T09:30", 2),
        ("2026-11-28T10:00", "2026-11-29T10:00", 0),
        ("2026-04-02T16:00", "2026-04-07T09:30", 2),  # Easter
        ("2026-03-27T16:00", "2026-03-30T09:30", 2),  # the clock goes forward on Sunday
        ("2026-10-23T16:00", "2026-10-26T09:30", 2),  # and back
        ("2026-12-31T16:00", "2027-01-04T09:30", 2),  # from one year into the next
        ("2026-11-23T11:00", "2026-11-23T09:00", 0),
    ],
)
def test_working_time(since: str, until: str, hours: float) -> None:
    assert DESK.worked(local(since), local(until)) == hours * HOUR


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        ("2026-11-23T09:00", 2.5, "2026-11-23T11:30"),
        ("2026-11-23T09:00", 8, "2026-11-23T17:00"),  # when they close, not when they open again
        ("2026-11-23T09:00", 8.5, "2026-11-24T09:00"),
        ("2026-11-27T16:00", 2, "2026-11-30T09:30"),
        ("2026-11-28T12:00", 1, "2026-11-30T09:30"),  # begun on a Saturday
        ("2026-04-02T16:00", 2, "2026-04-07T09:30"),
        ("2026-12-31T16:00", 2, "2027-01-04T09:30"),
        ("2026-11-23T08:30", 42.5 * 52, "2027-11-30T17:00"),  # 260 days: of the 265 until then 5 are holidays
    ],
)
def test_the_moment_after_so_much_working_time(moment: str, hours: float, expected: str) -> None:
    assert DESK.after(local(moment), hours * HOUR) == local(expected)


def test_an_hour_that_the_clock_skips_is_not_worked_and_one_that_it_shows_twice_is_worked_twice() -> None:
    forward, back = local("2026-03-29T00:00"), local("2026-10-25T00:00")
    assert NIGHT.worked(forward, forward + timedelta(hours=6)) == 1.5 * HOUR  # 01:30-02:00 and 03:00-04:00
    assert NIGHT.worked(back, back + timedelta(hours=6)) == 3 * HOUR  # and 02:00-02:30, 02:45-03:00 once more
    assert NIGHT.is_open(local("2026-10-25T02:15+02:00"))
    assert NIGHT.is_open(local("2026-10-25T02:15+01:00"))
    assert NIGHT.opens_next(local("2026-03-29T02:00")) == local("2026-03-29T03:00")


moments = st.integers(0, 350 * 24 * 60).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute))


@given(moments, st.integers(0, 6 * 24 * 60))
@example(datetime(2026, 3, 28, tzinfo=UTC), 2880)
@example(datetime(2026, 10, 24, tzinfo=UTC), 2880)
def test_working_time_is_what_the_clock_on_the_wall_shows(since: datetime, length: int) -> None:
    until = since + timedelta(minutes=length)
    assert DESK.worked(since, until) == minutes_open(OFFICE, FREE_2026, since, until) * timedelta(minutes=1)


@given(moments, st.integers(-3, 3), st.integers(0, 24 * 60))
def test_clock_changes_at_any_hour(near: datetime, days: int, length: int) -> None:
    change = local("2026-03-29T03:00") if near.month < 7 else local("2026-10-25T02:00+01:00")
    since = change + timedelta(days=days, minutes=near.minute - 720)
    until = since + timedelta(minutes=length)
    hours = {"sunday": ["01:30-02:30", "02:45-04:00", "22:00-24:00"], "monday": ["00:00-01:00"]}
    assert NIGHT.worked(since, until) == minutes_open(hours, set(), since, until) * timedelta(minutes=1)
    assert NIGHT.is_open(until) == (minutes_open(hours, set(), until, until + timedelta(minutes=1)) == 1)


@given(st.tuples(moments, moments, moments).map(sorted))
def test_working_time_adds_up(ordered: list[datetime]) -> None:
    first, second, third = ordered
    assert DESK.worked(first, second) + DESK.worked(second, third) == DESK.worked(first, third)


@given(moments, st.timedeltas(MICROSECOND, timedelta(days=100)))
def test_after_is_the_first_moment_with_so_much_working_time(since: datetime, worked: timedelta) -> None:
    end = DESK.after(since, worked)
    assert DESK.worked(since, end) == worked
    assert DESK.worked(since, end - MICROSECOND) == worked - MICROSECOND
    assert DESK.is_open(end - MICROSECOND)


@given(moments)
def test_it_opens_next_where_no_working_time_lies_between(moment: datetime) -> None:
    opens = DESK.opens_next(moment)
    assert opens is not None
    assert opens >= moment
    assert DESK.is_open(opens)
    assert DESK.worked(moment, opens) == timedelta(0)


@pytest.mark.parametrize(
    ("begun", "days", "last_day"),
    [
        ("2026-11-02T10:00", 14, "2026-11-16"),  # the day of receipt does not count
        ("2026-11-02T23:59", 14, "2026-11-16"),
        ("2026-11-07T10:00", 14, "2026-11-23"),  # a Saturday: Monday
        ("2026-11-08T10:00", 14, "2026-11-23"),  # a Sunday
        ("2026-02-06T10:00", 56, "2026-04-07"),  # Good Friday: the Tuesday after Easter
        ("2025-03-01T10:00", 56, "2025-04-28"),  # Koningsdag, moved to a Saturday
        ("2026-03-02T10:00", 56, "2026-04-28"),  # Koningsdag on a Monday
        ("2026-03-10T10:00", 56, "2026-05-06"),  # 5 May is a holiday to the law in every year
        ("2026-10-30T10:00", 56, "2026-12-28"),  # Christmas Day, Boxing Day and a Sunday
        ("2026-11-06T10:00", 56, "2027-01-04"),  # New Year's Day
        ("2026-08-23T10:00", 90, "2026-11-23"),  # 90 days are extended
        ("2026-08-22T10:00", 91, "2026-11-21"),  # 91 are not
    ],
)
def test_a_legal_term_ends_with_a_working_day(begun: str, days: int, last_day: str) -> None:
    end = DESK.end_of_term(local(begun), days)
    assert end == local(f"{last_day}T23:59:59.999999")


@given(moments, st.integers(1, 90))
def test_a_legal_term_is_extended_to_the_next_day_that_ends_one(begun: datetime, days: int) -> None:
    due = begun.astimezone(AMSTERDAM).date() + timedelta(days=days)
    end = DESK.end_of_term(begun, days).astimezone(AMSTERDAM).date()
    free = FREE_2026 | {date(2026, 5, 5), date(2027, 1, 1), date(2027, 3, 26)}
    skipped = {due + timedelta(days=day) for day in range((end - due).days)}
    assert all(day.weekday() > 4 or day in free for day in skipped)
    assert end.weekday() < 5
    assert end not in free


def test_a_day_that_a_zone_skipped_is_never_open() -> None:
    """Samoa went over the date line: its clock never showed 30 December 2011."""
    apia = Calendar(ZoneInfo("Pacific/Apia"), week_of(OFFICE))
    assert (
        apia.worked(datetime(2011, 12, 29, 8, 30, tzinfo=apia.zone), datetime(2012, 1, 2, tzinfo=apia.zone))
        == 8.5 * HOUR
    )
