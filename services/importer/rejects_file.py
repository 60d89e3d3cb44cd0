"""The file that keeps the rows of a log that could not be imported."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Self

from services.importer.csv_rows import Row, RowFault
from services.importer.row_reader import ReadRow

HEADER = ("line", "field", "reason", "row")

_SHOWN = 10


class RejectsFile:
    """A CSV file with a line for each fault: the row's line in the log, the field, the reason, the row as it stood.

    What was read from XES stands there as JSON: the numbers of its trace and its event, and all its values.
    It exists afterwards only if there were faults, and only its owner may read it: rows may hold personal data.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.bad_rows = 0
        self.first: list[str] = []
        """The first few faults, each as a sentence."""

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        self._path.touch(mode=0o600)
        self._file = self._path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(HEADER)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self.bad_rows == 0:
            self._path.unlink()

    def add(self, read: ReadRow) -> None:
        """Keep the faults of a row, if it has any."""
        if not read.faults:
            return
        self.bad_rows += 1
        for fault in read.faults:
            self._writer.writerow((read.row.line, fault.field or "", fault.detail, read.row.text))
            if len(self.first) < _SHOWN:
                self.first.append(sentence(read.row, fault))


def sentence(row: Row, fault: RowFault) -> str:
    """Return what is wrong with a row, and where it stands."""
    place = f" ({row.place})" if row.place else ""
    return f"line {row.line}{place}: {fault.field + ': ' if fault.field else ''}{fault.detail}"
