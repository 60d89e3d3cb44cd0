"""One process of ours: started in a session of its own, logging to a file, ended within bounds."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

_TAIL_BYTES = 16_384
_LARGEST_LOG_BYTES = 20_000_000  # beyond that, a start begins a new file and keeps one old one


class StartError(Exception):
    """A part could not be started; the message says which and why."""


class Child:
    """A process that we start and end; it may be started again. A terminal's Ctrl-C does not reach it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        user: int | None = None,
    ) -> None:
        """Describe the process; `environment` comes on top of ours, `user` is the uid to run as, if not ours."""
        self.name = name
        self.log = log
        self._command = command
        self._environment = environment or {}
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    def start(self) -> None:
        """Start it. Raises OSError if the program is not there."""
        self._make_room_to_log()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._environment},
                start_new_session=True,
                **as_user(self._user),
            )
        self._started_at = time.monotonic()

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The id of the process last started."""
        return self._process.pid if self._process else None

    @property
    def created(self) -> float | None:
        """When the operating system says the process was created: with the pid, it names the process for ever."""
        return psutil.Process(self._process.pid).create_time() if self._process and self.running else None

    @property
    def exit_code(self) -> int | None:
        """How it ended: an exit code, or minus the signal that ended it; None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self.exit_code
        return f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"

    @property
    def lived(self) -> float:
        """Seconds since the last start."""
        return time.monotonic() - self._started_at

    def wait(self, seconds: float) -> bool:
        """Wait for it to end; say whether it has."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, grace: float, ask: signal.Signals = signal.SIGTERM) -> bool:
        """Ask it to end, and kill it if it has not within `grace` seconds; say whether asking was enough."""
        if not self.running or self._process is None:
            return True
        self._process.send_signal(ask)
        if self.wait(grace):
            return True
        self._process.kill()
        self._process.wait()
        return False

    def _make_room_to_log(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))

    def log_tail(self, lines: int = 12) -> str:
        """Return the last lines that it logged."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(self.log.stat().st_size - _TAIL_BYTES, 0))
            text = log.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def as_user(uid: int | None) -> dict[str, Any]:
    """Return the arguments that make subprocess run something as a user; None: as ourselves."""
    return {} if uid is None else {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []}
