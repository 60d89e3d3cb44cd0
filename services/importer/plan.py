"""What is to be imported, settled before anything is sent."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from schemas.import_mapping import ImportMapping, parse_mapping
from schemas.journey import Catalogue
from schemas.located_yaml import FileMistakes
from services.importer.csv_rows import NoHeader
from services.importer.log_file import LogUnreadable, digest, opened
from services.importer.log_rows import columns_of, rows_of
from services.importer.row_reader import ReadRow, RowReader
from services.importer.transitions import joined


class ImportRefused(Exception):  # noqa: N818 - an answer, not a mistake of the program
    """The import cannot be done as asked; the text says what is wrong."""


@dataclass(frozen=True)
class Plan:
    """A log, the journey it goes into, and the mapping that says how."""

    log: Path
    journey: str
    mapping: ImportMapping
    catalogue: Catalogue
    now: datetime

    def rows(self, shift: timedelta, position: Callable[[int], None]) -> Iterator[ReadRow]:
        """Read the log with every moment moved by `shift`; `position` hears how many of its bytes have been read."""
        reader = RowReader(self.mapping, self.journey, self.catalogue, shift)
        try:
            with opened(self.log) as log:
                for row in joined(rows_of(log, self.mapping.delimiter), self.mapping):
                    yield reader.read(row, self.now)
                    position(log.position)
        except LogUnreadable as error:
            raise ImportRefused(str(error)) from error

    def last_moment(self, position: Callable[[int], None]) -> datetime:
        """Return when the last event of the log occurred or the last answer was given, as the log has it."""
        rows = self.rows(timedelta(0), position)
        last = max((record.at for read in rows for record in read.records), default=None)
        if last is None:
            raise ImportRefused(f"{self.log}: no row of it can be read, so it has no end that could be moved")
        return last

    def digest(self) -> bytes:
        """Return 32 bytes that tell this log, read in this way, from any other."""
        try:
            content = digest(self.log)
        except LogUnreadable as error:
            raise ImportRefused(str(error)) from error
        return hashlib.sha256(content + self.mapping.model_dump_json(exclude_defaults=True).encode()).digest()


def make_plan(
    log: Path,
    journey: str,
    mapping_file: Path,
    catalogue: Catalogue,
    now: datetime,
    *,
    position: Callable[[int], None] = lambda _: None,
) -> Plan:
    """Read the mapping and hold it against the log's columns and the journey; raise ImportRefused if they do not fit.

    `position` hears how many of the log's bytes have been read, if its columns are not known before its end.
    """
    if not catalogue.versions(journey):
        known = f"known are {', '.join(catalogue.journeys())}" if catalogue.journeys() else "none has been applied yet"
        raise ImportRefused(
            f"there is no journey {journey!r}: {known}. Apply its file first: `klantreis journey apply FILE`"
        )
    return Plan(log, journey, read_mapping(mapping_file, log, position), catalogue, now)


def read_mapping(mapping_file: Path, log: Path, position: Callable[[int], None]) -> ImportMapping:
    """Read a mapping and hold it against the log's columns; raise ImportRefused."""
    try:
        text = mapping_file.read_text(encoding="utf-8")
        header = _header(log, parse_mapping(text), position)
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefused(f"{mapping_file}: {error}") from error
    except FileMistakes as mistakes:
        raise ImportRefused(_listed(mapping_file, mistakes)) from mistakes
    try:
        return parse_mapping(text, header)
    except FileMistakes as mistakes:
        columns = ", ".join(header)
        raise ImportRefused(f"{_listed(mapping_file, mistakes)}\n{log} has the columns: {columns}") from mistakes


def _listed(file: Path, mistakes: FileMistakes) -> str:
    return "\n".join(f"{file}: {mistake}" for mistake in mistakes.mistakes)


def _header(log: Path, mapping: ImportMapping, position: Callable[[int], None]) -> tuple[str, ...]:
    try:
        with opened(log) as file:
            return columns_of(file, mapping.delimiter, position)
    except LogUnreadable as error:
        raise ImportRefused(str(error)) from error
    except NoHeader as error:
        raise ImportRefused(f"{log}: {error}") from error
