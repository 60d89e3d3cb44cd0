"""The rows and the columns of a log, whichever form it has."""

from collections.abc import Callable, Iterable, Iterator

from schemas.import_mapping import Delimiter
from services.importer.csv_rows import CsvRows, NoHeader, Row
from services.importer.log_file import LogFile, LogUnreadable
from services.importer.xes_rows import NotXes, XesRows


def rows_of(log: LogFile, delimiter: Delimiter) -> Iterator[Row]:
    """Yield the rows of a log; raise LogUnreadable, or NoHeader of CSV."""
    if not log.is_xes:
        yield from CsvRows(log.lines(), delimiter)
        return
    try:
        yield from XesRows(log.chunks())
    except NotXes as error:
        raise LogUnreadable(f"{log.path}: {error}") from None


def columns_of(log: LogFile, delimiter: Delimiter, position: Callable[[int], None]) -> tuple[str, ...]:
    """Return the columns of a log, for which XES has to be read whole; `position` hears how far it has been.

    Raises LogUnreadable, and NoHeader if it has none.
    """
    if not log.is_xes:
        return CsvRows(log.lines(), delimiter).header
    columns = tuple(_seen(rows_of(log, delimiter), lambda: position(log.position)))
    if not columns:
        raise NoHeader("holds no event")
    return columns


def _seen(rows: Iterable[Row], passed: Callable[[], None]) -> dict[str, None]:
    """Return the columns that any row has, in the order in which they come up."""
    seen: dict[str, None] = {}
    for row in rows:
        if isinstance(row.content, dict):
            seen.update(dict.fromkeys(row.content))
        passed()
    return seen
