"""Logs as a mapping reads them, without broker or database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from schemas.import_mapping import ImportMapping
from services.importer.csv_rows import RowFault
from services.importer.log_file import opened
from services.importer.log_rows import rows_of
from services.importer.row_events import EventReader
from services.importer.row_values import RowValues
from services.importer.transitions import joined


def events_of(log: Path, mapping: ImportMapping) -> Iterator[dict[str, Any]]:
    """The fields of each event of a log in which nothing is wrong."""
    reader = EventReader(mapping, RowValues(mapping, "journey", timedelta(0)))
    with opened(log) as file:
        for row in joined(rows_of(file, mapping.delimiter), mapping):
            assert not isinstance(row.content, RowFault), (row.line, row.content)
            for found in reader.read(row.content or {}) if row.content is not None else ():
                assert not isinstance(found, RowFault), (row.line, found)
                yield found[0]
