"""A row and a mapping -> events as they will be sent, and what is wrong with those that cannot be. Pure."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from schemas.codec import decode_events
from schemas.import_mapping import ISO, Descriptive, ImportMapping, Timestamp, Touchpoints, TouchpointTimes
from schemas.journey import Catalogue
from schemas.reject import Fault
from schemas.topics import case_key
from services.importer.csv_rows import Row, RowFault

Content = Mapping[str, str]
"""A row's values by column."""


class ReadEvent(NamedTuple):
    """An event that is ready to be sent: when it occurred, and the key and value of its record."""

    occurred_at: datetime
    key: bytes
    value: bytes


class ReadRow(NamedTuple):
    """What came of a row: its events, and its faults. In a log with a column a touchpoint it may have both."""

    row: Row
    events: tuple[ReadEvent, ...]
    faults: tuple[RowFault, ...]


class RowReader:
    """Reads rows as one mapping has it, into one journey, with every moment moved by `shift`.

    An event's id derives from what stands in the row, never from the shift.
    """

    def __init__(self, mapping: ImportMapping, journey: str, catalogue: Catalogue, shift: timedelta) -> None:
        self._mapping = mapping
        self._journey = journey
        self._catalogue = catalogue
        self._shift = shift
        self._shared_columns = _shared_columns(mapping)
        self._times = [(touchpoint, times, self._columns(times)) for touchpoint, times in mapping.times()]

    def read(self, row: Row, now: datetime) -> ReadRow:
        """Return what comes of a row; `now` decides which events lie in the future."""
        if isinstance(row.content, RowFault):
            return ReadRow(row, (), (row.content,))
        found = list(self._read(row.content, now))
        events = tuple(each for each in found if isinstance(each, ReadEvent))
        return ReadRow(row, events, tuple(each for each in found if isinstance(each, RowFault)))

    def _read(self, content: Content, now: datetime) -> Iterator[ReadEvent | RowFault]:
        try:
            shared = self._shared(content)
        except _FaultyValue as faulty:
            yield faulty.fault
            return
        for touchpoint, times, columns in self._times:
            try:
                event = self._event(content, touchpoint, times, columns)
            except _FaultyValue as faulty:
                yield faulty.fault
                continue
            if event is not None:
                yield self._checked(orjson.dumps(shared | event), columns, now)

    def _shared(self, content: Content) -> dict[str, Any]:
        """Return the fields that do not depend on the touchpoint."""
        mapping = self._mapping
        attributes = {name: self._given(content, column) for name, column in mapping.attributes.items()}
        return {
            "source": mapping.source,
            "journey": self._journey,
            "case_id": self._needed(content, mapping.case),
            "attributes": {name: value for name, value in attributes.items() if value is not None},
        } | {field: self._described(content, origin) for field, origin in mapping.descriptive()}

    def _event(
        self, content: Content, touchpoint: str | Touchpoints, times: TouchpointTimes, columns: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """Return the fields of one touchpoint's event; None if the touchpoint's own column is empty."""
        occurred_at = self._moment(content, times.occurred_at)
        if occurred_at is None and isinstance(touchpoint, str):
            return None
        if occurred_at is None:
            raise _FaultyValue(times.occurred_at.column, "is empty")
        return {
            "event_id": self._event_id(content, touchpoint, columns),
            "touchpoint": touchpoint if isinstance(touchpoint, str) else self._told(content, touchpoint),
            "occurred_at": occurred_at,
            "started_at": self._moment(content, times.started_at) if times.started_at else None,
        }

    def _event_id(self, content: Content, touchpoint: str | Touchpoints, columns: Mapping[str, str]) -> str:
        chosen = self._mapping.event_id or sorted(set(columns.values()))
        if all(self._given(content, column) is None for column in chosen):
            raise _FaultyValue(chosen[0], "is empty, so that this event cannot be told from others")
        named = touchpoint if isinstance(touchpoint, str) else None
        identity = [self._journey, named, [[column, content[column]] for column in chosen]]
        return hashlib.blake2b(orjson.dumps(identity), digest_size=16).hexdigest()

    def _told(self, content: Content, origin: Touchpoints) -> str:
        return _translated(self._needed(content, origin.column), origin.column, origin.values)

    def _described(self, content: Content, origin: Descriptive) -> str | None:
        if origin.column is None:
            return origin.constant
        value = self._given(content, origin.column)
        return None if value is None else _translated(value, origin.column, origin.values)

    def _moment(self, content: Content, timestamp: Timestamp) -> str | None:
        value = self._given(content, timestamp.column)
        if value is None:
            return None
        local = _parsed(value, timestamp)
        if local.tzinfo is None:
            if self._mapping.time_zone is None:
                raise _FaultyValue(timestamp.column, f"{value!r} has no offset, and the mapping names no `time_zone`")
            local = local.replace(tzinfo=self._mapping.time_zone)
        try:
            return (local.astimezone(UTC) + self._shift).isoformat()
        except OverflowError:
            raise _FaultyValue(timestamp.column, f"{value!r} falls outside the calendar") from None

    def _given(self, content: Content, column: str) -> str | None:
        value = content[column]
        return None if value in self._mapping.empty_values else value

    def _needed(self, content: Content, column: str) -> str:
        value = self._given(content, column)
        if value is None:
            raise _FaultyValue(column, "is empty")
        return value

    def _columns(self, times: TouchpointTimes) -> Mapping[str, str]:
        """Return, for each field of an event, the column that it is read from."""
        started_at = {"started_at": times.started_at.column} if times.started_at else {}
        return {**self._shared_columns, "occurred_at": times.occurred_at.column, **started_at}

    def _checked(self, value: bytes, columns: Mapping[str, str], now: datetime) -> ReadEvent | RowFault:
        """Return the event if the worker will take it too."""
        (decoded,) = decode_events([value], self._catalogue, now)
        if isinstance(decoded, Fault):
            return RowFault(_column_of(decoded.field, columns), decoded.detail)
        return ReadEvent(decoded.occurred_at, case_key(decoded.journey, decoded.case_id), value)


class _FaultyValue(Exception):  # noqa: N818 - carries a fault to the end of the event; never leaves this module
    def __init__(self, column: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = RowFault(column, detail)


def _shared_columns(mapping: ImportMapping) -> dict[str, str]:
    columns = {"case_id": mapping.case}
    columns |= {field: origin.column for field, origin in mapping.descriptive() if origin.column is not None}
    columns |= {f"attributes.{name}": column for name, column in mapping.attributes.items()}
    return columns | ({"touchpoint": mapping.touchpoint.column} if mapping.touchpoint else {})


def _column_of(field: str | None, columns: Mapping[str, str]) -> str | None:
    """Return the column behind a field; the field itself if it is behind none."""
    if field is None:
        return None
    return next((column for known, column in columns.items() if f"{field}.".startswith(f"{known}.")), field)


def _translated(value: str, column: str, table: Mapping[str, str] | None) -> str:
    if table is None:
        return value
    if value not in table:
        raise _FaultyValue(column, f"{value!r} is not in the mapping's table of values")
    return table[value]


def _parsed(value: str, timestamp: Timestamp) -> datetime:
    try:
        if timestamp.format == ISO:
            return datetime.fromisoformat(value)
        return datetime.strptime(value, timestamp.format)  # noqa: DTZ007 - what has no offset gets the mapping's zone
    except ValueError:
        form = "ISO 8601" if timestamp.format == ISO else repr(timestamp.format)
        raise _FaultyValue(timestamp.column, f"{value!r} is not a moment in the form {form}") from None
