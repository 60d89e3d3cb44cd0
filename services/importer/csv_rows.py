"""Lines of CSV -> rows with the line each begins on, and what is wrong with those that cannot be read. Pure."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.import_mapping import Delimiter


class RowFault(NamedTuple):
    """What is wrong with a row: the column or field, if it is known which, and a sentence."""

    field: str | None
    detail: str


class Row(NamedTuple):
    """A row: the line (from 1) it begins on, the text it was read from, and its values by column or its fault.

    None as its content says that another row tells what it tells. `place` is where it stands by the log's own count,
    where that has one.
    """

    line: int
    text: str
    content: dict[str, str] | RowFault | None
    place: str = ""


class NoHeader(Exception):  # noqa: N818 - an answer, not a mistake of the program
    """The log has no header, or one that cannot be read."""


class CsvRows:
    """The rows of a CSV log after its header. Bytes that are no UTF-8 must come as surrogate escapes.

    A quote that is never closed costs only the row it stands in: reading goes on with the line after that row's
    first. Empty lines are passed over.
    """

    def __init__(self, lines: Iterable[str], delimiter: Delimiter) -> None:
        """Read the header; raise NoHeader if there is none."""
        self._lines = _Lines(lines)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self.header = self._read_header()

    def __iter__(self) -> Iterator[Row]:
        while (read := self._next_fields()) is not None:
            line, text = self._lines.row_begin, self._lines.row_text()
            if read:
                yield Row(line, text, read if isinstance(read, RowFault) else self._content(read, text))

    def _read_header(self) -> tuple[str, ...]:
        header = self._next_fields()
        if not header:
            raise NoHeader("its first line should name the columns, but is empty")
        if isinstance(header, RowFault):
            raise NoHeader(f"line 1, which should name the columns: {header.detail}")
        return tuple(header)

    def _next_fields(self) -> list[str] | RowFault | None:
        self._lines.begin_row()
        try:
            return next(self._reader, None)
        except csv.Error as error:
            self._lines.back_to_second_line()
            return RowFault(None, f"is not CSV: {error}")

    def _content(self, fields: list[str], text: str) -> dict[str, str] | RowFault:
        if len(fields) != len(self.header):
            return RowFault(None, f"has {len(fields)} fields where the header has {len(self.header)}")
        columns = zip(self.header, fields, strict=True)
        if _is_plain(text):
            return dict(columns)
        column, value = next(each for each in columns if not _is_plain(each[1]))
        return RowFault(column, "holds a NUL character" if "\x00" in value else "holds bytes that are not UTF-8")


class _Lines:
    """Lines that remember the row being read, so that its later lines can be read again."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._fresh = iter(lines)
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self.row_begin = 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._fresh)
        self._row.append(line)
        return line

    def begin_row(self) -> None:
        self.row_begin += len(self._row)
        self._row = []

    def back_to_second_line(self) -> None:
        self._again.extendleft(reversed(self._row[1:]))
        del self._row[1:]

    def row_text(self) -> str:
        return "".join(self._row).rstrip("\r\n")


def _is_plain(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
