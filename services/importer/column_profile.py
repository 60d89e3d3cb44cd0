"""The rows of a log -> what each of its columns holds: how often, which values, whether they are moments. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice, product

from schemas.import_mapping import ISO
from services.importer.csv_rows import Row

MOST_VALUES = 1_000
"""How many values of a column are kept; of what has more, such as an id, the first ones."""

_SAMPLE = 5_000
"""How many rows are kept, to see what stays the same within a case: the first ones."""

_TRIED = 200
"""How many values of a column are read as moments to see which form they have."""

_ENOUGH = 0.95
"""The share of them that has to have it."""

_DATES = ("%Y/%m/%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%m/%d/%Y", "%m-%d-%Y")
_TIMES = (" %H:%M:%S", " %H:%M", " %H:%M:%S.%f", "")
FORMS = (ISO, *(date + time for date, time in product(_DATES, _TIMES)))
"""The forms of moments that are known by sight. Where both are possible, the day comes before the month."""


@dataclass
class ColumnProfile:
    """What one column holds. `values` counts them, in the order in which they come up; `more` says that it lacks some.

    `form` and `without_offset` are for when all rows have been taken in.
    """

    name: str
    rows: int = 0
    filled: int = 0
    longest: int = 0
    values: Counter[str] = field(default_factory=Counter)
    more: bool = False

    def add(self, value: str) -> None:
        """Take in the value of a row; nothing stands for none."""
        if not value:
            return
        self.filled += 1
        self.longest = max(self.longest, len(value))
        if value in self.values or len(self.values) < MOST_VALUES:
            self.values[value] += 1
        else:
            self.more = True

    @property
    def share(self) -> float:
        """The share of rows that have a value in it."""
        return self.filled / self.rows if self.rows else 0.0

    @cached_property
    def form(self) -> str | None:
        """The form of its moments, as a mapping names it; None if it does not hold moments."""
        tried = [value for value in islice(self.values, _TRIED) if not value.isdecimal()]
        bad = len(tried) - _ENOUGH * min(len(self.values), _TRIED)
        return next((form for form in FORMS if tried and _most_are_of(tried, form, bad)), None)

    @cached_property
    def without_offset(self) -> bool:
        """Whether some of its moments have no offset, so that a time zone has to be named."""
        read = [_read(value, self.form) for value in islice(self.values, _TRIED)] if self.form else []
        return any(moment is not None and moment.tzinfo is None for moment in read)


@dataclass(frozen=True)
class LogProfile:
    """What a log holds, column by column in its own order, and its first rows."""

    columns: Mapping[str, ColumnProfile]
    sample: Sequence[Mapping[str, str]]
    rows: int
    faults: int

    def constant_within(self, column: str, case: str) -> bool:
        """Return whether each case of the sample has one value in a column, as far as it has any."""
        first: dict[str, str] = {}
        values = ((row[case], row[column]) for row in self.sample)
        return all(first.setdefault(each, value) == value for each, value in values if value)

    def distinct(self, *columns: str) -> float:
        """Return the share of the sample's rows that these columns tell apart."""
        seen = {tuple(row[column] for column in columns) for row in self.sample}
        return len(seen) / len(self.sample) if self.sample else 0.0


class _Columns(dict[str, ColumnProfile]):
    """Profiles by column; each begins when its column first comes up."""

    def __missing__(self, name: str) -> ColumnProfile:
        self[name] = ColumnProfile(name)
        return self[name]


def profile(rows: Iterable[Row], header: Sequence[str] = ()) -> LogProfile:
    """Return what rows hold; `header` names columns that are there whether or not any row has a value in them."""
    columns = _Columns({name: ColumnProfile(name) for name in header})
    sample: list[Mapping[str, str]] = []
    read = faults = 0
    for row in rows:
        if not isinstance(row.content, dict):
            faults += 1
            continue
        read += 1
        for name, value in row.content.items():
            columns[name].add(value)
        if read <= _SAMPLE:
            sample.append(row.content)
    for each in columns.values():
        each.rows = read
    return LogProfile(columns, sample, read + faults, faults)


def _most_are_of(values: Iterable[str], form: str, bad: float) -> bool:
    """Return whether no more than `bad` of these values are no moments of a form; gives up as soon as they are."""
    for value in values:
        bad -= _read(value, form) is None
        if bad < 0:
            return False
    return True


def _read(value: str, form: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if form == ISO else datetime.strptime(value, form)  # noqa: DTZ007
    except ValueError:
        return None
