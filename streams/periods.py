"""Weeks and months of a journey's own calendar. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

_A_WEEK = timedelta(days=7)


class By(StrEnum):
    """What figures are kept apart by. Weeks begin on Monday (ISO 8601)."""

    WEEK = "week"
    MONTH = "month"


class Period(NamedTuple):
    """A week or a month: its first day, and the moments start <= at < end that it holds, in UTC."""

    day: date
    start: datetime
    end: datetime


def periods(by: By, months: int, now: datetime, zone: ZoneInfo) -> Sequence[Period]:
    """Return the periods from so many months before the running one on; the last is the one that runs now."""
    today = now.astimezone(zone).date()
    first = _month(today, -months)
    if by is By.MONTH:
        days = [_month(first, number) for number in range(months + 2)]
    else:
        monday = first + timedelta(days=-first.weekday() % 7)
        days = [monday + _A_WEEK * number for number in range((today - monday) // _A_WEEK + 2)]
    moments = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    return [Period(*each) for each in zip(days[:-1], moments[:-1], moments[1:], strict=True)]


def weeks_from(day: date, first: int, end: int, zone: ZoneInfo) -> Sequence[Period]:
    """Return the weeks first <= week < end that are counted from a day: week 0 begins with it, whatever day it is."""
    days = [day + _A_WEEK * number for number in range(first, end + 1)]
    moments = [datetime.combine(each, time(), zone).astimezone(UTC) for each in days]
    return [Period(*each) for each in zip(days[:-1], moments[:-1], moments[1:], strict=True)]


def _month(day: date, months: int) -> date:
    """Return the first day of the month that lies so many months after that of a day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
