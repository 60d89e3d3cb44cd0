"""The values of a row as its mapping has them read: what is given, moments, translations, an id. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import orjson

from schemas.import_mapping import ISO, Descriptive, ImportMapping, Timestamp, Touchpoints
from services.importer.csv_rows import RowFault

T = TypeVar("T")

Content = Mapping[str, str]
"""A row's values by column."""


class FaultyValue(Exception):  # noqa: N818 - carries a fault to the end of the record that is being read
    """A value of a row cannot be used."""

    def __init__(self, column: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = RowFault(column, detail)


class RowValues:
    """Reads values as one mapping has it, with every moment moved by `shift`. All raise FaultyValue."""

    def __init__(self, mapping: ImportMapping, journey: str, shift: timedelta) -> None:
        self._mapping = mapping
        self._journey = journey
        self._shift = shift

    def given(self, content: Content, column: str) -> str | None:
        """Return a value, None if it is one of those that say that there is none."""
        value = content[column]
        return None if value in self._mapping.empty_values else value

    def needed(self, content: Content, column: str) -> str:
        """Return a value that must be given."""
        value = self.given(content, column)
        if value is None:
            raise FaultyValue(column, "is empty")
        return value

    def touchpoint(self, content: Content, origin: Touchpoints) -> str:
        """Return the touchpoint that a row says it is about."""
        value = self.needed(content, origin.column)
        return value if origin.values is None else translated(value, origin.column, origin.values)

    def described(self, content: Content, origin: Descriptive) -> str | None:
        """Return a descriptive value: the constant, or what the column holds."""
        if origin.column is None:
            return origin.constant
        value = self.given(content, origin.column)
        if value is None or origin.values is None:
            return value
        return translated(value, origin.column, origin.values)

    def moment(self, content: Content, timestamp: Timestamp) -> str | None:
        """Return a moment in UTC, as ISO 8601 has it, with the shift."""
        value = self.given(content, timestamp.column)
        if value is None:
            return None
        local = _parsed(value, timestamp)
        if local.tzinfo is None:
            if self._mapping.time_zone is None:
                raise FaultyValue(timestamp.column, f"{value!r} has no offset, and the mapping names no `time_zone`")
            local = local.replace(tzinfo=self._mapping.time_zone)
        try:
            return (local.astimezone(UTC) + self._shift).isoformat()
        except OverflowError:
            raise FaultyValue(timestamp.column, f"{value!r} falls outside the calendar") from None

    def identity(self, content: Content, named: str | None, columns: Sequence[str]) -> str:
        """Return an id that derives from what stands in these columns, never from the shift.

        `named` tells apart what is read from the same columns of the same row.
        """
        if all(self.given(content, column) is None for column in columns):
            raise FaultyValue(columns[0], "is empty, so that it cannot be told from others")
        identity = [self._journey, named, [[column, content[column]] for column in columns]]
        return hashlib.blake2b(orjson.dumps(identity), digest_size=16).hexdigest()


def translated(value: str, column: str, table: Mapping[str, T]) -> T:
    """Return what a value stands for; raise FaultyValue if the table does not say."""
    if value not in table:
        raise FaultyValue(column, f"{value!r} is not in the mapping's table of values")
    return table[value]


def _parsed(value: str, timestamp: Timestamp) -> datetime:
    try:
        if timestamp.format == ISO:
            return datetime.fromisoformat(value)
        return datetime.strptime(value, timestamp.format)  # noqa: DTZ007 - what has no offset gets the mapping's zone
    except ValueError:
        form = "ISO 8601" if timestamp.format == ISO else repr(timestamp.format)
        raise FaultyValue(timestamp.column, f"{value!r} is not a moment in the form {form}") from None
