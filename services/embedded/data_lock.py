"""One `klantreis up` a data directory."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from services.embedded.running_file import RunningFile

_NAME = "lock"


class DirectoryInUse(Exception):  # noqa: N818 - says what is the case
    """Another `klantreis up` runs on this data directory; the message names its pid and its address."""


class DataLock:
    """Held while `up` runs; the operating system lets go of it however the process ends."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._file = (data_dir / _NAME).open("a+")

    def __enter__(self) -> Self:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUse(self._holder()) from None
        self._note_holder()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _note_holder(self) -> None:
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def _holder(self) -> str:
        self._file.seek(0)
        pid = self._file.read()
        self._file.close()
        address = RunningFile(self._data_dir).address() or "still starting"
        return (
            f"{self._data_dir} is in use by another `klantreis up`: process {pid}, {address}. "
            "Stop that one, or choose another directory with KLANTREIS_DATA_DIR"
        )
