"""Drafting a journey: reading a log by its mapping, and writing down the journey that its cases show."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from schemas.import_mapping import ImportMapping
from schemas.journey import parse_journey
from schemas.located_yaml import FileMistakes
from services.importer.column_words import slug
from services.importer.csv_rows import RowFault
from services.importer.journey_draft import draft_journey
from services.importer.log_file import LogUnreadable, opened
from services.importer.log_rows import rows_of
from services.importer.passages import Passages
from services.importer.plan import ImportRefused, read_mapping
from services.importer.rejects_file import sentence
from services.importer.row_events import EventReader
from services.importer.row_values import RowValues
from services.importer.transitions import joined


@dataclass(frozen=True)
class Draft:
    """A journey file, what it rests on, and how much of the log could not be read; the first such place is told."""

    text: str
    cases: int
    visits: int
    faults: int
    first_fault: str


def draft_from(log: Path, mapping_file: Path, journey: str | None, position: Callable[[int], None]) -> Draft:
    """Draft a journey with the id `journey`, by default one made of the mapping's source.

    `position` hears how many of the log's bytes have been read; XES is read twice, the first time for its columns.
    Raises ImportRefused if the log cannot be read, or shows no journey that would be valid.
    """
    mapping = read_mapping(mapping_file, log, position)
    passages, faults, first = Passages(), 0, ""
    try:
        for found in _read(log, mapping, position):
            if isinstance(found, str):
                faults, first = faults + 1, first or found
            else:
                passages.add(*found)
    except OverflowError as error:
        raise ImportRefused(f"{log}: {error}") from error
    if not passages.cases:
        raise ImportRefused(f"{log}: no row of it can be read by {mapping_file}, so it shows no journey")
    named = journey or slug(mapping.source)
    text = draft_journey(passages, _names(mapping), named, _zone(mapping), log.name)
    return Draft(_checked(text, log), passages.cases, passages.visits, faults, first)


def _read(
    log: Path, mapping: ImportMapping, position: Callable[[int], None]
) -> Iterator[tuple[str, str, datetime] | str]:
    """Yield each visit of a log, and in the place of one that cannot be read what is wrong."""
    reader = EventReader(mapping, RowValues(mapping, mapping.source, timedelta(0)))
    try:
        with opened(log) as file:
            for row in joined(rows_of(file, mapping.delimiter), mapping):
                position(file.position)
                if isinstance(row.content, RowFault):
                    yield sentence(row, row.content)
                elif row.content is not None:
                    for found in reader.read(row.content):
                        yield sentence(row, found) if isinstance(found, RowFault) else _visit(found[0])
    except LogUnreadable as error:
        raise ImportRefused(str(error)) from error


def _visit(fields: Mapping[str, Any]) -> tuple[str, str, datetime]:
    return fields["case_id"], fields["touchpoint"], datetime.fromisoformat(fields["occurred_at"])


def _names(mapping: ImportMapping) -> Mapping[str, str]:
    """Return what the log calls each touchpoint: the value that stands for it, or its column."""
    if mapping.touchpoints is not None:
        return {touchpoint: times.occurred_at.column for touchpoint, times in mapping.touchpoints.items()}
    values = mapping.touchpoint.values if mapping.touchpoint else None
    return {touchpoint: value for value, touchpoint in reversed(list((values or {}).items()))}


def _zone(mapping: ImportMapping) -> str | None:
    return None if mapping.time_zone is None else str(mapping.time_zone)


def _checked(text: str, log: Path) -> str:
    """Return a journey file that is valid; the log may have what no journey can, such as a touchpoint without an id."""
    try:
        parse_journey(text)
    except FileMistakes as mistakes:
        listed = "\n".join(f"  {mistake.field}: {mistake.detail}" for mistake in mistakes.mistakes)
        raise ImportRefused(
            f"{log}: what it shows is no valid journey; `values` in the mapping can translate what it holds:\n{listed}"
        ) from mistakes
    return text
