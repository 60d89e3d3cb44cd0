"""The hours of a week in which people work, as a file writes them: `{monday-thursday: 08:30-17:00, friday: [...]}`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator

from schemas.located_yaml import mistake

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The days of the week, in the order in which Python counts them."""

_STRETCH = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)
_DAY = 24 * 60

Path = tuple[str | int, ...]

Stretch = tuple[int, int]
"""From and until when, in minutes of the clock on the wall since midnight."""

Week = tuple[tuple[Stretch, ...], ...]
"""The stretches of each day of the week, Monday first, in order of time."""


def week_of(hours: Mapping[str, Sequence[str]]) -> Week:
    """Return the stretches that opening hours consist of."""
    return tuple(tuple(sorted(map(_minutes, hours.get(day, ())))) for day in WEEKDAYS)


def worked_in(week: Week) -> timedelta:
    """Return the working time of a week without holidays."""
    return timedelta(minutes=sum(closes - opens for day in week for opens, closes in day))


def _spelled_out(value: Any) -> Mapping[str, Sequence[str]]:
    """Return the hours of each weekday that has any; raise PydanticCustomError, which says where the mistake is."""
    if not isinstance(value, Mapping) or not value:
        raise mistake((), "should name weekdays and their hours, such as {monday-friday: 08:30-17:00}")
    hours: dict[str, list[str]] = {}
    for days, stretches in value.items():
        written = [stretches] if isinstance(stretches, str) else stretches
        if not isinstance(written, Sequence) or not written:
            raise mistake((days,), "should be hours such as 08:30-17:00, or a list of them")
        for place, stretch in enumerate(written):
            path = (days,) if written is not stretches else (days, place)
            _refuse_unreadable(path, stretch)
            for day in _weekdays(days):
                hours.setdefault(day, []).append(stretch)
                _refuse_overlap(path, day, hours[day])
    return {day: tuple(sorted(hours[day])) for day in WEEKDAYS if day in hours}


def _weekdays(days: str) -> Iterator[str]:
    named = str(days).split("-")
    if len(named) > 2 or not set(named) <= set(WEEKDAYS):
        raise mistake((days,), f"should be a weekday ({', '.join(WEEKDAYS)}) or a stretch such as monday-friday")
    begin, end = WEEKDAYS.index(named[0]), WEEKDAYS.index(named[-1])
    if end < begin:
        raise mistake((days,), f"{named[-1]} comes before {named[0]}; weeks begin on Monday")
    yield from WEEKDAYS[begin : end + 1]


def _refuse_unreadable(path: Path, stretch: Any) -> None:
    if not isinstance(stretch, str) or not _STRETCH.fullmatch(stretch):
        raise mistake(path, f"{stretch!r} should be hours such as 08:30-17:00")
    opens, closes = _minutes(stretch)
    if closes <= opens:
        raise mistake(path, f"{stretch!r} ends before it begins; what lies past midnight belongs to the next day")


def _refuse_overlap(path: Path, day: str, stretches: Sequence[str]) -> None:
    for earlier, later in pairwise(sorted(stretches)):
        if _minutes(later)[0] < _minutes(earlier)[1]:
            raise mistake(path, f"{earlier!r} and {later!r} overlap on {day}")


def _minutes(stretch: str) -> Stretch:
    found = _STRETCH.fullmatch(stretch)
    if found is None:
        raise ValueError(f"{stretch!r} should be hours such as 08:30-17:00")
    hour, minute, until_hour, until_minute = found.groups()
    closes = _DAY if until_hour is None else int(until_hour) * 60 + int(until_minute)
    return int(hour) * 60 + int(minute), closes


OpeningHours = Annotated[Mapping[str, tuple[str, ...]], BeforeValidator(_spelled_out)]
"""Stretches of the clock on the wall by weekday, none overlapping: `{"monday": ("08:30-17:00",), ...}`.

A file may write `monday-friday` for all of them, and one stretch without a list. `24:00` is the end of the day.
"""
