"""Real Prometheus and Alertmanager, as processes of their own on loopback."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.embedded.child import Child
from services.embedded.ports import free_port
from tests.waiting import wait_until

_PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
}
_NAMES_ELSEWHERE = {"prometheus-alertmanager": "alertmanager"}


def program(name: str) -> str:
    """Return where a program is, by its name on Debian or elsewhere; skip aloud without it, fail with CI=true."""
    found = shutil.which(name) or shutil.which(_NAMES_ELSEWHERE.get(name, name))
    if found is not None:
        return found
    absent = f"{name} is not installed, so alerting is not tested (Debian's package: {_PACKAGES[name]})"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(absent)
    pytest.skip(absent)


@dataclass(frozen=True)
class Server:
    """A process that answers over HTTP."""

    child: Child
    address: str

    def get(self, path: str, **parameters: str) -> Any:
        return httpx.get(f"{self.address}{path}", params=parameters, timeout=20, trust_env=False).json()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/-/ready", timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False


@contextmanager
def running_alertmanager(folder: Path, configuration: Path) -> Iterator[Server]:
    """Run an Alertmanager with a configuration file; what it knows goes into a folder."""
    address = f"127.0.0.1:{free_port()}"
    command = [
        program("prometheus-alertmanager"),
        f"--config.file={configuration}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",  # it is alone
    ]
    with _running(Child("alertmanager", command, folder / "alertmanager.log"), address) as server:
        yield server


@contextmanager
def _running(child: Child, address: str) -> Iterator[Server]:
    """Start a server and wait until it is ready; what it logs is shown if it dies."""
    server = Server(child, f"http://{address}")
    child.start()
    try:
        wait_until(lambda: not child.running or server.is_ready(), 30, f"{child.name} is ready")
        if not child.running:
            pytest.fail(f"{child.name} ended by itself with {child.exit_code}:\n{child.log_tail(40)}")
        yield server
    finally:
        child.stop(10)
