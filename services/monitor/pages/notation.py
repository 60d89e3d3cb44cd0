"""How a reader of Dutch or English writes numbers, durations and moments. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.monitor.pages.words import Words

_SECOND = 1000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_WEEK = 7 * _DAY
_THIN_SPACE = "\u202f"


@dataclass(frozen=True)
class Notation:
    """Writes for one reader, in one time zone. Durations are in milliseconds."""

    words: Words
    zone: ZoneInfo

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with the reader's decimal mark and thousands apart, such as 1.434 or 7,4 in Dutch."""
        marks = str.maketrans({",": self.words.thousands, ".": self.words.decimal})
        return f"{value:,.{decimals}f}".translate(marks)

    def share(self, share: float) -> str:
        """Return a share (0 to 1) as a whole percentage; 0 % and 100 % only if it is exactly that."""
        percent = round(share * 100)
        if 0 < share < 1:
            percent = min(max(percent, 1), 99)
        return f"{percent}{self.words.before_percent}%"

    def duration(self, milliseconds: float) -> str:
        """Return a duration in its largest fitting unit, in two significant digits or more: 45 s, 3,4 u, 11 d."""
        for unit, name, begins in (
            (_DAY, self.words.day_short, 48 * _HOUR),
            (_HOUR, self.words.hour_short, 90 * _MINUTE),
            (_MINUTE, self.words.minute_short, 90 * _SECOND),
            (_SECOND, self.words.second_short, 0),
        ):
            if milliseconds >= begins:
                value = milliseconds / unit
                decimals = 1 if 0.05 <= value < 9.95 else 0
                return f"{self.number(value, decimals)}{_THIN_SPACE}{name}"
        return self.duration(0)

    def limit(self, milliseconds: int) -> str:
        """Return a limit as it was agreed, in whole weeks, days, hours or minutes: 8 weken, 5 dagen."""
        for unit, one, many in (
            (_WEEK, self.words.week, self.words.weeks),
            (_DAY, self.words.day, self.words.days),
            (_HOUR, self.words.hour, self.words.hours),
            (_MINUTE, self.words.minute, self.words.minutes),
        ):
            count, rest = divmod(milliseconds, unit)
            if count and not rest:
                return self._counted(count, one, many)
        return self.duration(milliseconds)

    def weeks(self, count: int) -> str:
        """Return how many weeks something takes: 1 week, 13 weken."""
        return self._counted(count, self.words.week, self.words.weeks)

    def elapsed(self, earlier: datetime, later: datetime) -> str:
        """Return the duration from one moment to another; none if the second lies before the first."""
        return self.duration(max(0, (later - earlier) // timedelta(milliseconds=1)))

    def time(self, moment: datetime) -> str:
        """Return the local time of day, such as 14:32."""
        return moment.astimezone(self.zone).strftime("%H:%M")

    def exact_time(self, moment: datetime) -> str:
        """Return the local time of day with its seconds, such as 14:32:05."""
        return moment.astimezone(self.zone).strftime("%H:%M:%S")

    def day(self, moment: datetime) -> str:
        """Return the local date in words, such as zondag 22 november 2026."""
        local = moment.astimezone(self.zone)
        return f"{self.words.weekdays[local.weekday()]} {local.day} {self.words.months[local.month - 1]} {local.year}"

    def short_day(self, moment: datetime, beside: datetime) -> str:
        """Return the local day, such as 3 maart, with its year if that is another than that of `beside`."""
        local = moment.astimezone(self.zone)
        year = "" if local.year == beside.astimezone(self.zone).year else f" {local.year}"
        return f"{local.day} {self.words.months[local.month - 1]}{year}"

    def moment(self, moment: datetime, beside: datetime | None = None) -> str:
        """Return the local date and time; the time alone if `beside`, which stands next to it, is on the same day."""
        local = moment.astimezone(self.zone).date()
        if beside is not None and beside.astimezone(self.zone).date() == local:
            return self.time(moment)
        return f"{self.day(moment)}, {self.time(moment)}"

    def offset(self, moment: datetime) -> str:
        """Return the local offset from UTC, such as +01:00."""
        return moment.astimezone(self.zone).isoformat(timespec="minutes")[16:]

    def stamp(self, moment: datetime) -> str:
        """Return the moment as machines read it: RFC 3339 in local time with its offset."""
        return moment.astimezone(self.zone).isoformat()

    def _counted(self, count: int, one: str, many: str) -> str:
        return f"{self.number(count)} {one if count == 1 else many}"
