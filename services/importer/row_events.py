"""A row and a mapping -> the fields of its touchpoint events, as they will be sent. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.import_mapping import ImportMapping, Touchpoints, TouchpointTimes
from services.importer.csv_rows import RowFault
from services.importer.row_values import Content, FaultyValue, RowValues

Columns = Mapping[str, str]
"""For each field of what is sent, the column that it is read from."""


class EventReader:
    """Reads the events of rows; in a log with a column a touchpoint, a row has several."""

    def __init__(self, mapping: ImportMapping, values: RowValues) -> None:
        self._mapping = mapping
        self._values = values
        shared = _shared_columns(mapping)
        self._times = [(touchpoint, times, _columns(shared, times)) for touchpoint, times in mapping.times()]

    def read(self, content: Content) -> Iterator[tuple[dict[str, Any], Columns] | RowFault]:
        """Yield the fields of each event of a row, and where they are read from; in its place, what is wrong."""
        if not self._times:
            return
        try:
            shared = self._shared(content)
        except FaultyValue as faulty:
            yield faulty.fault
            return
        for touchpoint, times, columns in self._times:
            try:
                event = self._event(content, touchpoint, times, columns)
            except FaultyValue as faulty:
                yield faulty.fault
                continue
            if event is not None:
                yield shared | event, columns

    def _shared(self, content: Content) -> dict[str, Any]:
        """Return the fields that do not depend on the touchpoint."""
        mapping, values = self._mapping, self._values
        attributes = {name: values.given(content, column) for name, column in mapping.attributes.items()}
        return {
            "case_id": values.needed(content, mapping.case),
            "attributes": {name: value for name, value in attributes.items() if value is not None},
        } | {field: values.described(content, origin) for field, origin in mapping.descriptive()}

    def _event(
        self, content: Content, touchpoint: str | Touchpoints, times: TouchpointTimes, columns: Columns
    ) -> dict[str, Any] | None:
        """Return the fields of one touchpoint's event; None if the touchpoint's own column is empty."""
        values = self._values
        occurred_at = values.moment(content, times.occurred_at)
        if occurred_at is None and isinstance(touchpoint, str):
            return None
        if occurred_at is None:
            raise FaultyValue(times.occurred_at.column, "is empty")
        named = touchpoint if isinstance(touchpoint, str) else None
        chosen = self._mapping.event_id or sorted(set(columns.values()))
        return {
            "event_id": values.identity(content, named, chosen),
            "touchpoint": touchpoint if isinstance(touchpoint, str) else values.touchpoint(content, touchpoint),
            "occurred_at": occurred_at,
            **{field: values.moment(content, origin) for field, origin in times.optional()},
        }


def _columns(shared: Columns, times: TouchpointTimes) -> Columns:
    optional = {field: origin.column for field, origin in times.optional()}
    return {**shared, "occurred_at": times.occurred_at.column, **optional}


def _shared_columns(mapping: ImportMapping) -> Columns:
    columns = {"case_id": mapping.case}
    columns |= {field: origin.column for field, origin in mapping.descriptive() if origin.column is not None}
    columns |= {f"attributes.{name}": column for name, column in mapping.attributes.items()}
    return columns | ({"touchpoint": mapping.touchpoint.column} if mapping.touchpoint else {})
