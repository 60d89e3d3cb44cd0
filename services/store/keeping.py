"""How long each kind of row is kept: showing it and setting it."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from services.store.queries import load
from streams.rolling import ROLLING, parts
from streams.windows import Resolution

KINDS: Mapping[str, str] = {
    Resolution.MINUTE: "windows by the minute",
    Resolution.HOUR: "windows by the hour",
    Resolution.DAY: "windows by the day",
    "events": "events and answers of closed cases, counted from a case's last one",
    "texts": "what customers wrote in their answers",
    "rejects": "records that could not be counted",
    "tombstones": "what tells that something is of an erased customer",
}
"""What is kept, by the name it is asked for."""

LEAST: Mapping[str, timedelta] = {
    part.resolution: window + timedelta(days=1)
    for window in sorted(ROLLING.values())
    for part in parts(window, datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
}
"""How long windows must be kept: for the longest rolling window that reads them, with a day to spare."""

_ISO = re.compile(r"P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?", re.ASCII)
_DAYS_A_MONTH = 30
_MOST_DAYS = 1000 * 12 * _DAYS_A_MONTH
_ALWAYS = datetime(1, 1, 2, tzinfo=UTC)
_QUERIES = load("upkeep")


class Keep(NamedTuple):
    """A time on the calendar as PostgreSQL's intervals hold it: a year is 12 months, a week 7 days."""

    months: int
    days: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read years, months, weeks and days of ISO 8601, such as P35D or P2Y. Raises ValueError."""
        found = _ISO.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is not a time in years, months, weeks or days of ISO 8601, such as P35D or P2Y")
        years, months, weeks, days = (int(number or 0) for number in found.groups())
        keep = cls(years * 12 + months, weeks * 7 + days)
        if not 0 < keep.about.days <= _MOST_DAYS:
            raise ValueError(f"{text} should be at least a day and at most 1000 years")
        return keep

    @property
    def about(self) -> timedelta:
        """Its length with months of 30 days."""
        return timedelta(days=self.months * _DAYS_A_MONTH + self.days)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = ((years, "year"), (months, "month"), (self.days, "day"))
        return " ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number)


class Kept(NamedTuple):
    """How long rows of one kind are kept (None: for ever), and from when on none is missing (None: none ever was)."""

    name: str
    keep: Keep | None
    retained_from: datetime | None


def read_keeping(database_url: str) -> Sequence[Kept]:
    """Return what is kept for how long, in the order of KINDS."""
    with psycopg.connect(database_url, row_factory=dict_row, options="-c TimeZone=UTC") as connection:
        rows = {row["name"]: row for row in connection.execute(_QUERIES["keeping"])}
    return [_kept(rows[name]) for name in KINDS]


def set_keep(database_url: str, name: str, keep: Keep | None) -> None:
    """Keep rows of one kind for so long (None: for ever), from the next pruning on; what is gone stays gone.

    Raises ValueError for a name that is not in KINDS, and for windows kept shorter than rolling windows look back.
    """
    if name not in KINDS:
        raise ValueError(f"{name!r} is not one of {', '.join(KINDS)}")
    least = LEAST.get(name, timedelta(0))
    if keep is not None and keep.about < least:
        raise ValueError(f"{name}: {keep} is too short; rolling windows need at least {least.days} days of it")
    months, days = keep or (None, None)
    with psycopg.connect(database_url) as connection:
        connection.execute(_QUERIES["keep"], {"name": name, "months": months, "days": days})


def _kept(row: Mapping[str, Any]) -> Kept:
    keep = None if row["months"] is None else Keep(row["months"], row["days"])
    return Kept(row["name"], keep, None if row["retained_from"] == _ALWAYS else row["retained_from"])
