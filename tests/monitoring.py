"""A running monitor, as a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from services.embedded.child import Child
from services.embedded.commands import command_child
from services.embedded.ports import free_port
from services.settings import Settings
from tests.waiting import wait_until


@dataclass(frozen=True)
class RunningMonitor:
    """The process, and how to ask it."""

    child: Child
    address: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", timeout=20)

    def answers(self) -> bool:
        try:
            return self.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def is_ready(self) -> bool:
        return self.get("/readyz").status_code == 200


@contextmanager
def running_monitor(settings: Settings, *, ready: bool = True) -> Iterator[RunningMonitor]:
    """Start a monitor on a free port and wait until it is ready, or only answers; what it logs is shown if it dies."""
    port = free_port()
    child = command_child("monitor", "monitor", settings.model_copy(update={"monitor_port": port}))
    monitor = RunningMonitor(child, f"http://127.0.0.1:{port}")
    child.start()
    try:
        wait_until(lambda: not child.running or monitor.answers(), 40, "the monitor answers")
        if not child.running:
            pytest.fail(f"the monitor ended by itself with {child.exit_code}:\n{child.log_tail(40)}")
        if ready:
            wait_until(monitor.is_ready, 20, "the monitor is ready")
        yield monitor
    finally:
        child.stop(10)
