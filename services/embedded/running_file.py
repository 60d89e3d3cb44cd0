"""Where the parts of a running `klantreis up` are, for other commands, and for a next `up` after one was cut off."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from services.embedded.child import Child
from services.settings import RUNNING_FILE

_PATIENCE_SECONDS = 10.0
_CLOCK_SLACK_SECONDS = 1.0


@dataclass(frozen=True)
class Process:
    """A process of ours: its name, its pid, and when the operating system says it was created."""

    name: str
    pid: int
    created: float


class RunningFile:
    """A JSON file, readable by its owner only: settings by their field names, `address` and `processes`."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / RUNNING_FILE

    def write(self, found_at: Mapping[str, object], children: Iterable[Child]) -> None:
        """Replace what it says."""
        processes = [
            asdict(Process(child.name, child.pid, child.created))
            for child in children
            if child.pid is not None and child.created is not None
        ]
        draft = self._file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
            json.dump({**found_at, "processes": processes}, written, indent=2)
        draft.rename(self._file)

    def remove(self) -> None:
        """Say that nothing runs."""
        self._file.unlink(missing_ok=True)

    def address(self) -> str | None:
        """Return the monitor's address, if it is known."""
        return self._read().get("address")

    def end_leftovers(self) -> list[Process]:
        """End what a run that was cut off left running, and return it. Only for the holder of the data lock."""
        left = [Process(**each) for each in self._read().get("processes", [])]
        running = {process: found for process in left if (found := _still_running(process))}
        for found in running.values():
            with suppress(psutil.NoSuchProcess):
                found.terminate()
        _, stubborn = psutil.wait_procs(running.values(), timeout=_PATIENCE_SECONDS)
        for found in stubborn:
            with suppress(psutil.NoSuchProcess):
                found.kill()
        self.remove()
        return list(running)

    def _read(self) -> dict[str, Any]:
        return dict(json.loads(self._file.read_text())) if self._file.exists() else {}


def _still_running(process: Process) -> psutil.Process | None:
    """Return the process, unless it has ended and its pid is another's by now."""
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.created) < _CLOCK_SLACK_SECONDS
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return found if same and found.status() != psutil.STATUS_ZOMBIE else None
