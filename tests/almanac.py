"""Working time told minute by minute, and the Dutch holidays by the almanac."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Hours:
    """Opening hours by the clock on the wall: (weekday, stretches); closed on the holidays of a country."""

    zone: ZoneInfo
    hours: tuple[tuple[str, tuple[str, ...]], ...]
    country: str | None

    @cache  # noqa: B019 - there are few
    def minutes(self, day: datetime) -> Sequence[datetime]:
        """Return the minutes of a day of UTC at which the clock shows an opening hour."""
        return [minute for minute in (day + number * _MINUTE for number in range(1440)) if self.open_at(minute)]

    def open_at(self, moment: datetime) -> bool:
        wall = moment.astimezone(self.zone)
        if wall.date() in holidays_of(self.country, wall.year):
            return False
        return any(
            stretch[:5] <= f"{wall:%H:%M}" < stretch[6:]
            for day, stretches in self.hours
            if day == _DAYS[wall.weekday()]
            for stretch in stretches
        )

    def between(self, since: datetime, until: datetime) -> timedelta:
        """Return how much of its minutes a stretch of time touches, less what it leaves of the first and the last."""
        total, day = _NOTHING, _midnight(since)
        while max(since, day) < until:
            minutes = self.minutes(day)
            touched = minutes[bisect_right(minutes, since - _MINUTE) : bisect_left(minutes, until)]
            if touched:
                too_early, too_late = since - touched[0], touched[-1] + _MINUTE - until
                total += len(touched) * _MINUTE - max(too_early, _NOTHING) - max(too_late, _NOTHING)
            day += _DAY
        return total

    def after(self, since: datetime, left: timedelta) -> datetime:
        day = _midnight(since)
        while True:
            for minute in self.minutes(day):
                begins = max(minute, since)
                if begins < minute + _MINUTE:
                    if begins + left <= minute + _MINUTE:
                        return begins + left
                    left -= minute + _MINUTE - begins
            day += _DAY


@cache
def hours_of(zone: ZoneInfo, hours: tuple[tuple[str, tuple[str, ...]], ...], country: str | None) -> Hours:
    return Hours(zone, hours, country)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def ends_no_term(day: date, country: str | None) -> bool:
    """Whether a day is a Saturday, a Sunday or a holiday to the law, to which each 5 May is one."""
    liberation = country == "NL" and (day.month, day.day) == (5, 5)
    return day.weekday() > 4 or liberation or day in holidays_of(country, day.year)


@cache
def holidays_of(country: str | None, year: int) -> frozenset[date]:
    """The holidays of the Netherlands; of no other country are any known here."""
    if country is None:
        return frozenset()
    assert country == "NL"
    king = date(year, 4, 26 if date(year, 4, 27).weekday() == 6 else 27)
    fixed = [date(year, 1, 1), king, date(year, 12, 25), date(year, 12, 26), *([date(year, 5, 5)] * (year % 5 == 0))]
    easter = _easter(year)
    return frozenset([*fixed, *(easter + days * _DAY for days in (-2, 0, 1, 39, 49, 50))])


def _easter(year: int) -> date:
    """Easter Sunday (Meeus, Astronomical Algorithms, chapter 8)."""
    century, golden = year // 100, year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (year % 100 // 4) - epact - year % 100 % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
