"""Which weeks are before a change and which after it. Pure.

An alarm is raised by values that happened to be low as well as by those that are: the values that raised it make a
level lower than it is, and whatever is done then would seem to have helped. So they are left out. While an alarm
stands, the level is another one than before it: the change is held against what has come since the alarm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from streams.effect import WEEKS_AFTER, WEEKS_BEFORE, Sides


@dataclass(frozen=True)
class Alarm:
    """An alarm of a KPI: the days on which its evidence began to gather, it was raised, and it ended (None: not yet).

    `mends` is the day on which the evidence for its end began to gather.
    """

    climbs: date
    raised: date
    mends: date | None = None
    ended: date | None = None

    def stands_on(self, day: date) -> bool:
        """Say whether it has been raised before a day and has not ended before it."""
        return self.raised < day and (self.ended is None or self.ended >= day)


@dataclass(frozen=True)
class Before:
    """What a change is held against: the weeks before it, and the alarm that stood when it was made, if one did.

    `left_out` are the weeks of these thirteen that an alarm took away.
    """

    weeks: tuple[int, ...]
    standing: Alarm | None
    left_out: int


def week_of(day: date, change: date) -> int:
    """Return in which week from a change on a day lies."""
    return (day - change).days // 7


def before(change: date, alarms: Sequence[Alarm], first_week: int) -> Before:
    """Return the weeks that a change made on a day is held against, none of them before `first_week`.

    That is the first one of which there are figures, and in which an earlier change of the touchpoint had settled.
    """
    weeks = range(max(-WEEKS_BEFORE, first_week), 0)
    standing = max((each for each in alarms if each.stands_on(change)), key=lambda each: each.raised, default=None)
    if standing is not None:
        last = week_of(standing.raised, change)
        kept = tuple(week for week in weeks if week > last)
    else:
        taken = {week for each in alarms for week in _taken(each, change)}
        kept = tuple(week for week in weeks if week not in taken)
    return Before(kept, standing, len(weeks) - len(kept))


def after(settles: int) -> tuple[int, ...]:
    """Return the weeks after a change that customers meet so many weeks after it was made."""
    return tuple(range(settles, settles + WEEKS_AFTER))


def sides(found: Before, settles: int) -> Sides | None:
    """Return both sides of a change; None if there is no week before it."""
    return Sides(found.weeks, after(settles)) if found.weeks else None


def disturbed(alarms: Sequence[Alarm], changes: Sequence[tuple[date, int]], change: date) -> Iterator[int]:
    """Yield the weeks in which a touchpoint's own level changed: an alarm came or went, or a change of its own settled.

    Changes are given by the day and how many weeks customers take to meet them.
    """
    for alarm in alarms:
        yield from _from_to(alarm.climbs, alarm.raised, change)
        if alarm.ended is not None:
            yield from _from_to(alarm.mends or alarm.ended, alarm.ended, change)
    for day, settles in changes:
        week = week_of(day, change)
        yield from range(week, week + settles + 1)


def _taken(alarm: Alarm, change: date) -> range:
    """Return the weeks of an alarm that does not stand at a change, from its first evidence until it ended."""
    return _from_to(alarm.climbs, alarm.ended or alarm.raised, change)


def _from_to(first: date, last: date, change: date) -> range:
    return range(week_of(first, change), week_of(last, change) + 1)
