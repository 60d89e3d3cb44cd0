"""A log on disk: its form, its lines or bytes, how far it has been read, and a digest of what stands in it."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK = 1 << 16


class LogUnreadable(Exception):  # noqa: N818 - what is wrong with the user's file
    """The file cannot be read, or breaks off: a compressed file that was not copied whole, for instance.

    Or what stands in it has not the form that its name says.
    """


class LogFile:
    """An open log. A name that ends in .gz says that it is compressed."""

    def __init__(self, path: Path, on_disk: io.BufferedReader) -> None:
        self.path = path
        self._on_disk = on_disk

    @property
    def is_xes(self) -> bool:
        """Whether its name says that it is XES, compressed or not; all others are CSV."""
        return is_xes(self.path)

    @property
    def position(self) -> int:
        """How many of the file's bytes on disk have been read."""
        return self._on_disk.tell()

    def content(self) -> gzip.GzipFile | io.BufferedReader:
        """Return the bytes of the log, decompressed."""
        is_compressed = self.path.suffix.lower() == ".gz"
        return gzip.GzipFile(fileobj=self._on_disk) if is_compressed else self._on_disk

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends as they stand, so that a line break inside quotes is kept.

        A byte order mark is left out; bytes that are not UTF-8 come as surrogate escapes. Raises LogUnreadable.
        """
        # Kept, since it closes the file when it goes, and the last rows may be read again after the last line.
        self._text = io.TextIOWrapper(self.content(), encoding="utf-8-sig", errors="surrogateescape", newline="")
        with _named(self.path):
            yield from self._text

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the log, some at a time. Raises LogUnreadable."""
        content = self.content()
        with _named(self.path):
            while chunk := content.read(_CHUNK):
                yield chunk


def is_xes(path: Path) -> bool:
    """Return whether a log's name ends as that of XES does."""
    return path.name.lower().removesuffix(".gz").endswith((".xes", ".xml"))


@contextmanager
def opened(path: Path) -> Iterator[LogFile]:
    """Open a log; raise LogUnreadable if it cannot be opened."""
    with _named(path):
        on_disk = path.open("rb")
    with on_disk:
        yield LogFile(path, on_disk)


def digest(path: Path) -> bytes:
    """Return 32 bytes that stand for a log's content, compressed or not; raise LogUnreadable."""
    with opened(path) as log, _named(path):
        return hashlib.file_digest(log.content(), "sha256").digest()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise LogUnreadable(f"{path}: {reason}") from None
