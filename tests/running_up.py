"""`klantreis up` as a process, as a newcomer runs it."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import psycopg

CHECKOUT = Path(__file__).parent.parent


class Up:
    """One `klantreis up` on a data directory, its output in a file."""

    def __init__(self, data_dir: Path, *options: str, **settings: str) -> None:
        self.data_dir = data_dir
        data_dir.parent.mkdir(exist_ok=True)
        self._output = data_dir.with_suffix(".out")
        ours = {name: value for name, value in os.environ.items() if not name.startswith("KLANTREIS_")}
        path = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "up", *options],
                env={**ours, "KLANTREIS_DATA_DIR": str(data_dir), "PYTHONPATH": path, **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    @property
    def running(self) -> dict[str, Any]:
        """What it wrote for other commands to find."""
        return dict(json.loads((self.data_dir / "running.json").read_text()))

    def pid(self, name: str) -> int:
        return next(int(process["pid"]) for process in self.running["processes"] if process["name"] == name)

    def get(self, path: str) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.running['monitor_port']}{path}", timeout=5) as answer:
            return json.loads(answer.read())

    def wait_for(self, what: str, condition: Callable[[], object], seconds: float = 90) -> None:
        deadline = monotonic() + seconds
        while True:
            with suppress(OSError, psycopg.OperationalError):
                if condition():
                    return
            assert self.process.poll() is None, f"up ended before {what}:\n{self.said}"
            assert monotonic() < deadline, f"{what}: not in {seconds} s:\n{self.said}"
            sleep(0.2)

    def processes(self) -> list[psutil.Process]:
        """Everything that it started and that runs."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def wait_until_it_is_up(self) -> None:
        self.wait_for("the addresses", lambda: "Ctrl-C drains and stops it all" in self.said)

    def interrupt(self) -> None:
        """Press Ctrl-C: a terminal sends the signal to all of the foreground's process group."""
        os.killpg(self.process.pid, signal.SIGINT)


@contextmanager
def started(data_dir: Path, *options: str, **settings: str) -> Iterator[Up]:
    up = Up(data_dir, *options, **settings)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            left = up.processes()
            up.process.kill()
            up.process.wait()
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()


def counted(database_url: str) -> tuple[int, int]:
    """Return how many events are stored, and how many different ones."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT count(*), count(DISTINCT (source, event_id)) FROM touchpoint_events"
        ).fetchone()
    assert row is not None
    return row[0], row[1]
