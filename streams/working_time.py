"""Working time and legal terms: weekends, the holidays of a country, opening hours, both clock changes. Pure.

It is open while the clock on the wall of a time zone shows an opening hour of a weekday that is no holiday there. So
an hour that the clock skips is never worked, and one that it shows twice is worked twice.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from holidays import country_holidays

from schemas.opening_hours import Week

NEVER: Week = ((),) * 7
"""The week in which nobody works."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = timedelta(days=1)
_SATURDAY = 5
_FARTHEST_OFFSET = timedelta(hours=15)
_YEARS_AHEAD = 2

_EXTENDED_UP_TO = 90
"""Longer terms, in days, end on whatever day they end (Algemene termijnenwet, art. 4)."""

_IN_LAW = {"NL": ("public", "optional")}
"""The library's categories that legal terms go by where it is not just 'public'.

To the Algemene termijnenwet (art. 3) each 5 May is a holiday; people have it off once in five years.
"""


class _Year(NamedTuple):
    """The opening hours of a year in microseconds since 1970: when each begins, ends, and how much lies before it."""

    opens: list[int]
    closes: list[int]
    before: list[int]
    worked: int

    def until(self, moment: int) -> int:
        """Return how much of the year's working time lies before a moment."""
        place = bisect_right(self.opens, moment) - 1
        if place < 0:
            return 0
        return self.before[place] + min(moment, self.closes[place]) - self.opens[place]

    def after(self, worked: int) -> int:
        """Return the first moment before which so much of the year's working time lies (0 < worked <= self.worked)."""
        place = bisect_left(self.before, worked) - 1
        return self.opens[place] + worked - self.before[place]


class Calendar:
    """When people work, and which days end no legal term. Moments are aware; those returned are in UTC.

    What is found of a year or a day is kept, so that a question costs a few microseconds however long the time is.
    """

    def __init__(self, zone: ZoneInfo, week: Week = NEVER, country: str | None = None) -> None:
        """`country` is the code of one whose holidays `holidays` knows, such as NL; None: there are none."""
        self.zone = zone
        self._week = week
        self._country = country
        self._years: dict[int, _Year] = {}
        self._free_days: dict[int, Collection[date]] = {}
        self._ends: dict[date, datetime] = {}

    def is_open(self, moment: datetime) -> bool:
        """Say whether a moment lies in working hours; the moment at which they end does not."""
        at = _microseconds(moment)
        year = self._year(moment.astimezone(self.zone).year)
        place = bisect_right(year.opens, at) - 1
        return place >= 0 and at < year.closes[place]

    def opens_next(self, moment: datetime) -> datetime | None:
        """Return the moment itself if it is open, else when it opens next; None if it does not within two years."""
        if self.is_open(moment):
            return moment.astimezone(UTC)
        at, this_year = _microseconds(moment), moment.astimezone(self.zone).year
        for number in range(this_year, this_year + _YEARS_AHEAD + 1):
            opens = self._year(number).opens
            place = bisect_left(opens, at)
            if place < len(opens):
                return _moment(opens[place])
        return None

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """Return the working time between two moments; none if `until` comes first."""
        first, last = since.astimezone(self.zone).year, until.astimezone(self.zone).year
        worked = sum(self._year(number).worked for number in range(first, last))
        worked += self._year(last).until(_microseconds(until)) - self._year(first).until(_microseconds(since))
        return worked * _MICROSECOND if since < until else timedelta(0)

    def after(self, moment: datetime, worked: timedelta) -> datetime:
        """Return the first moment at which so much working time (more than none) has passed.

        Raises ValueError if nobody ever works.
        """
        if not any(self._week):
            raise ValueError("a calendar without opening hours knows no working time")
        number = moment.astimezone(self.zone).year
        year = self._year(number)
        left = year.until(_microseconds(moment)) + worked // _MICROSECOND
        while left > year.worked:
            left -= year.worked
            number += 1
            year = self._year(number)
        return _moment(year.after(left))

    def end_of_term(self, begun: datetime, days: int) -> datetime:
        """Return the last moment of a legal term of so many days; the day on which it begins does not count."""
        return self.end_of_day(self.last_day(self.day(begun) + days * _DAY, days))

    def last_day(self, day: date, days: int) -> date:
        """Return on which day a legal term of so many days ends that would end on `day`.

        On a Saturday, Sunday or holiday it runs on to the next day that is none (Algemene termijnenwet, art. 1), unless
        it is longer than 90 days (art. 4).
        """
        while days <= _EXTENDED_UP_TO and (day.weekday() >= _SATURDAY or day in self._legal_holidays(day.year)):
            day += _DAY
        return day

    def day(self, moment: datetime) -> date:
        """Return the day that it is at a moment."""
        return moment.astimezone(self.zone).date()

    def end_of_day(self, day: date) -> datetime:
        """Return the last microsecond of a day."""
        end = self._ends.get(day)
        if end is None:
            next_day = datetime.combine(day + _DAY, time(), self.zone)
            end = self._ends[day] = next_day.astimezone(UTC) - _MICROSECOND
        return end

    def _legal_holidays(self, year: int) -> Collection[date]:
        if year not in self._free_days:
            categories = _IN_LAW.get(self._country or "", ("public",))
            self._free_days[year] = _holidays(self._country, year, categories)
        return self._free_days[year]

    def _year(self, number: int) -> _Year:
        if number not in self._years:
            self._years[number] = self._laid_out(number)
        return self._years[number]

    def _laid_out(self, number: int) -> _Year:
        year = _Year([], [], [], 0)
        worked = 0
        free = _holidays(self._country, number, ("public",))
        day = date(number, 1, 1)
        while day.year == number:
            for opens, closes in self._hours_of(day) if day not in free else ():
                year.opens.append(opens)
                year.closes.append(closes)
                year.before.append(worked)
                worked += closes - opens
            day += _DAY
        return year._replace(worked=worked)

    def _hours_of(self, day: date) -> Iterator[tuple[int, int]]:
        """Yield the hours of a day in order, in microseconds since 1970; a clock change may cut one in two."""
        stretches = self._week[day.weekday()]
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        for begin, end, ahead in _offsets(midnight, self.zone) if stretches else ():
            by_the_clock = _microseconds(midnight) - ahead
            for opens, closes in stretches:
                from_, until = max(begin, by_the_clock + opens * _MINUTE), min(end, by_the_clock + closes * _MINUTE)
                if from_ < until:
                    yield from_, until


@lru_cache(maxsize=1000)
def calendar(zone: ZoneInfo, week: Week = NEVER, country: str | None = None) -> Calendar:
    """Return the calendar of these; there are few, so each is made once."""
    return Calendar(zone, week, country)


@lru_cache(maxsize=10_000)
def _holidays(country: str | None, year: int, categories: tuple[str, ...]) -> frozenset[date]:
    if country is None:
        return frozenset()
    return frozenset(country_holidays(country, years=year, expand=False, categories=categories))


def _offsets(midnight: datetime, zone: ZoneInfo) -> Iterator[tuple[int, int, int]]:
    """Yield (begin, end, how far the zone's clock is ahead of UTC) around a day, in microseconds: two if it changes.

    `midnight` is the day's in UTC; what is yielded covers the day wherever on earth it is.
    """
    begin, end = midnight - _FARTHEST_OFFSET, midnight + _DAY + _FARTHEST_OFFSET
    before, after = _ahead(begin, zone), _ahead(end, zone)
    if before == after:
        yield _microseconds(begin), _microseconds(end), before
        return
    earlier, later = _microseconds(begin), _microseconds(end)
    while later - earlier > _SECOND:
        middle = (earlier + later) // 2 // _SECOND * _SECOND
        if _ahead(_moment(middle), zone) == before:
            earlier = middle
        else:
            later = middle
    yield _microseconds(begin), later, before
    yield later, _microseconds(end), after


def _ahead(moment: datetime, zone: ZoneInfo) -> int:
    return (moment.astimezone(zone).utcoffset() or timedelta(0)) // _MICROSECOND


def _microseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND


def _moment(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND
