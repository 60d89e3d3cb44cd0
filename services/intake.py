"""The intake of the embedded default, which closes for seconds while its broker begins anew with an empty log.

What a broker in memory holds goes with it. So whoever sends takes part in a lock for as long as something of theirs is
not acknowledged, and who renews the broker waits until nobody does. Beside a broker that `klantreis up` did not start
there is no lock file, and the intake is always open.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK_FILE = "intake.lock"
_CLOSING_FILE = "intake.closing"
_LOOK_SECONDS = 0.05


class IntakeClosed(ConnectionError):  # noqa: N818 - what is the case
    """The broker is being renewed: what is sent now would be lost. In some seconds it will not."""

    def __init__(self) -> None:
        super().__init__("the broker is just being renewed; send it again in some seconds")


class Intake:
    """The intake of the installation in a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._lock = data_dir / LOCK_FILE
        self._closing = data_dir / _CLOSING_FILE

    def make(self) -> None:
        """Begin to have one, open; what an earlier run left closed opens."""
        self._lock.touch(mode=0o600)
        self._closing.unlink(missing_ok=True)

    @property
    def closing(self) -> bool:
        """Whether senders are asked to finish and wait."""
        return self._closing.exists()

    @property
    def generation(self) -> int:
        """A number that is another one for each broker that has stood behind the intake."""
        return self._lock.stat().st_mtime_ns if self._lock.exists() else 0

    def renewed(self) -> None:
        """Note that another broker stands behind it now."""
        os.utime(self._lock)

    @contextmanager
    def sending(self, wait_seconds: float = 0.0) -> Iterator[None]:
        """Take part in the lock for as long as the block lasts; raise IntakeClosed if it stays closed for too long."""
        if not self._lock.exists():
            yield
            return
        deadline = time.monotonic() + wait_seconds
        with _opened(self._lock) as lock:
            while self.closing or not _taken(lock, fcntl.LOCK_SH):
                if time.monotonic() >= deadline:
                    raise IntakeClosed
                time.sleep(_LOOK_SECONDS)
            yield

    @contextmanager
    def closed(self, wait_seconds: float) -> Iterator[bool]:
        """Close for as long as the block lasts; yield whether all senders have finished within `wait_seconds`."""
        deadline = time.monotonic() + wait_seconds
        self._closing.touch(mode=0o600)
        try:
            with _opened(self._lock) as lock:
                while not (alone := _taken(lock, fcntl.LOCK_EX)) and time.monotonic() < deadline:
                    time.sleep(_LOOK_SECONDS)
                yield alone
        finally:
            self._closing.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR)
    try:
        yield descriptor
    finally:
        os.close(descriptor)  # which gives the lock back


def _taken(descriptor: int, kind: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        return True
    return False
