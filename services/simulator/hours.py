"""When people meet: the organisation's working hours, the customers' waking hours. Wall-clock time in Amsterdam. Pure.

Public holidays are working days here. All moments are aware datetimes in ZONE, so that their differences are
differences of the clock on the wall; none falls in the hour that a clock change skips or repeats.
"""

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
OPENS, CLOSES = time(8, 30), time(17)
WAKES, SLEEPS = time(7), time(23)
DAY = timedelta(days=1)
WORKING_DAY = timedelta(hours=8, minutes=30)


def is_working_day(day: date) -> bool:
    """Tell whether the organisation works: Monday to Friday."""
    return day.weekday() < 5


def is_working(moment: datetime) -> bool:
    """Tell whether a moment in ZONE lies in working hours."""
    return is_working_day(moment) and OPENS <= moment.time() < CLOSES


def is_waking(moment: datetime) -> bool:
    """Tell whether a moment in ZONE lies in the hours in which customers write and click."""
    return WAKES <= moment.time() < SLEEPS


def on(day: date, at: time) -> datetime:
    """Return a time of day on a date, in ZONE."""
    return datetime.combine(day, at, ZONE)


def next_working(rng: Random, due: datetime, spread: int = 0) -> datetime:
    """Return `due` if it lies in working hours, else a random moment of the next working day.

    What falls due in a weekend spreads over the first `spread` + 1 working days after it.
    """
    if is_working(due):
        return due
    if is_working_day(due) and due.time() < OPENS:
        return _moment_of(rng, due, OPENS, CLOSES)
    day = due + DAY
    if not is_working_day(day):
        day += DAY * (7 - day.weekday() + rng.randint(0, spread))
    return _moment_of(rng, day, OPENS, CLOSES)


def last_working(rng: Random, due: datetime) -> datetime:
    """Return `due` if it lies in working hours, else a random moment of the last working day that ended before it."""
    if is_working(due):
        return due
    day = due if due.time() >= CLOSES else due - DAY
    while not is_working_day(day):
        day -= DAY
    return _moment_of(rng, day, OPENS, CLOSES)


def next_waking(rng: Random, due: datetime) -> datetime:
    """Return `due` if customers are awake, else a random moment early in the next morning."""
    if is_waking(due):
        return due
    day = due if due.time() < WAKES else due + DAY
    return _moment_of(rng, day, WAKES, time(10))


def any_waking(rng: Random, day: date) -> datetime:
    """Return a random moment of a day at which customers are awake, most likely in the afternoon."""
    return on(day, time()) + timedelta(seconds=int(rng.triangular(7 * 3600, 23 * 3600 - 1, 14 * 3600)))


def with_work(ended: datetime, worked: timedelta) -> tuple[datetime, datetime]:
    """Return (start, end) of work that ends at `ended`, or later where it would have begun before opening."""
    opened = on(ended, OPENS)
    ended = max(ended, opened + worked)
    return ended - worked, ended


def before(moment: datetime, worked: timedelta) -> datetime:
    """Return the moment from which on `worked` (more than nothing) of working time passes until `moment`."""
    day = moment.date()
    while (passed := _worked_on(day, moment)) < worked:
        worked -= passed
        day -= DAY
    return on(day, OPENS) + passed - worked


def after(moment: datetime, worked: timedelta) -> datetime:
    """Return the moment at which `worked` of working time has passed since `moment`; both in working hours."""
    day = moment.date()
    worked += _worked_on(day, moment)
    while worked > WORKING_DAY or not is_working_day(day):
        worked -= WORKING_DAY if is_working_day(day) else timedelta(0)
        day += DAY
    return on(day, OPENS) + worked


def _worked_on(day: date, until: datetime) -> timedelta:
    """Return the working time of a day that lies before `until`."""
    if not is_working_day(day):
        return timedelta(0)
    return min(max(until - on(day, OPENS), timedelta(0)), WORKING_DAY)


def _moment_of(rng: Random, day: date, begin: time, end: time) -> datetime:
    first, last = _second(begin), _second(end) - 1
    second = first + int(rng.random() * (last - first + 1))
    return datetime(day.year, day.month, day.day, second // 3600, second // 60 % 60, second % 60, tzinfo=ZONE)


def _second(at: time) -> int:
    """Return the second of the day."""
    return (at.hour * 60 + at.minute) * 60
