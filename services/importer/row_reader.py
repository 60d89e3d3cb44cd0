"""A row and a mapping -> records as they will be sent, and what is wrong with those that cannot be. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from schemas.codec import DECODERS
from schemas.import_mapping import ImportMapping
from schemas.journey import Catalogue
from schemas.reject import Fault
from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS, Topic, case_key
from schemas.touchpoint_event import TouchpointEvent
from services.importer.csv_rows import Row, RowFault
from services.importer.row_answers import AnswerReader
from services.importer.row_events import EventReader
from services.importer.row_values import Content, RowValues


class ReadRecord(NamedTuple):
    """A record that is ready to be sent: its topic, the moment that it tells of, its key and its value."""

    topic: str
    at: datetime
    key: bytes
    value: bytes


class ReadRow(NamedTuple):
    """What came of a row: its records, and its faults. It may have both."""

    row: Row
    records: tuple[ReadRecord, ...]
    faults: tuple[RowFault, ...]


class RowReader:
    """Reads rows as one mapping has it, into one journey, with every moment moved by `shift`.

    An id derives from what stands in the row, never from the shift.
    """

    def __init__(self, mapping: ImportMapping, journey: str, catalogue: Catalogue, shift: timedelta) -> None:
        values = RowValues(mapping, journey, shift)
        self._common = {"source": mapping.source, "journey": journey}
        self._catalogue = catalogue
        self._events = EventReader(mapping, values)
        self._answers = AnswerReader(mapping, values)

    def read(self, row: Row, now: datetime) -> ReadRow:
        """Return what comes of a row; `now` decides what lies in the future."""
        if row.content is None:
            return ReadRow(row, (), ())
        if isinstance(row.content, RowFault):
            return ReadRow(row, (), (row.content,))
        found = list(self._read(row.content, now))
        records = tuple(each for each in found if isinstance(each, ReadRecord))
        return ReadRow(row, records, tuple(each for each in found if isinstance(each, RowFault)))

    def _read(self, content: Content, now: datetime) -> Iterator[ReadRecord | RowFault]:
        for reader, topic in ((self._events, TOUCHPOINT_EVENTS), (self._answers, SURVEY_ANSWERS)):
            for found in reader.read(content):
                yield found if isinstance(found, RowFault) else self._checked(*found, topic, now)

    def _checked(
        self, fields: dict[str, Any], columns: Mapping[str, str], topic: Topic, now: datetime
    ) -> ReadRecord | RowFault:
        """Return the record if the worker will take it too."""
        value = orjson.dumps(self._common | fields)
        (decoded,) = DECODERS[topic.name]([value], self._catalogue, now)
        if isinstance(decoded, Fault):
            return RowFault(_column_of(decoded.field, columns), decoded.detail)
        moment = decoded.occurred_at if isinstance(decoded, TouchpointEvent) else decoded.answered_at
        return ReadRecord(topic.name, moment, case_key(decoded.journey, decoded.case_id), value)


def _column_of(field: str | None, columns: Mapping[str, str]) -> str | None:
    """Return the column behind a field; the field itself if it is behind none."""
    if field is None:
        return None
    return next((column for known, column in columns.items() if f"{field}.".startswith(f"{known}.")), field)
