"""`klantreis up` as a newcomer runs it: started, looked at, interrupted, started again."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.running_up import Up, counted, started

DEFAULT_PORT = 8080


@pytest.fixture
def default_port_is_busy() -> Iterator[None]:
    with socket.socket() as listener:
        # As a server would: connections that are only fading out do not keep a port busy.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # then somebody else listens there
            listener.bind(("127.0.0.1", DEFAULT_PORT))
            listener.listen()
        yield


def refused(data_dir: Path) -> str:
    with started(data_dir) as second:
        assert second.process.wait(30) == 1
        return second.said


def assert_nothing_left(up: Up, processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []
    assert not (up.data_dir / "running.json").exists()


@pytest.mark.usefixtures("default_port_is_busy")
def test_the_demo_shows_figures_drains_stops_and_goes_on(scratch: Path) -> None:
    data_dir = scratch / "up-demo"
    with started(data_dir, "--demo") as up:
        up.wait_for("the first figures", lambda: sum(each["volume_28d"] for each in up.get("/api/journeys")["items"]))
        port = up.running["monitor_port"]
        assert port != DEFAULT_PORT
        assert f"Port {DEFAULT_PORT} is busy; using {port}" in up.said
        assert f"http://127.0.0.1:{port}/docs" in up.said
        up.wait_for("saying so", lambda: "First figures" in up.said)

        words = refused(data_dir)
        assert f"process {up.process.pid}, http://127.0.0.1:{port}" in words

        processes = up.processes()
        assert {"broker", "monitor", "worker", "simulator"} <= {each["name"] for each in up.running["processes"]}
        before, _ = counted(up.running["database_url"])
        up.interrupt()
        assert up.process.wait(120) == 0, up.said
        assert "drain " in up.said
        assert_nothing_left(up, processes)

    with started(data_dir, "--demo") as again:
        again.wait_until_it_is_up()
        stored, different = counted(again.running["database_url"])
        assert stored == different
        assert stored >= before > 0
        assert "up to date" in again.said
        assert "as it was" in again.said
        processes = again.processes()
        again.interrupt()
        again.wait_for("the drain", lambda: "drain:" in again.said)
        again.interrupt()
        assert again.process.wait(60) == 0, again.said
        assert_nothing_left(again, processes)


def test_a_monitor_that_dies_runs_again_and_what_a_killed_run_left_is_ended(scratch: Path) -> None:
    data_dir = scratch / "up-plain"
    with started(data_dir) as up:
        up.wait_until_it_is_up()
        first = up.pid("monitor")
        os.kill(first, signal.SIGKILL)
        up.wait_for("its death being told", lambda: "monitor ended after" in up.said and "signal SIGKILL" in up.said)
        up.wait_for("the monitor again", lambda: up.pid("monitor") != first and up.get("/readyz"))
        left = up.processes()
        up.process.kill()
        up.process.wait()

        with started(data_dir) as next_one:
            next_one.wait_until_it_is_up()
            _, alive = psutil.wait_procs(left, timeout=5)
            assert alive == []
            assert "An earlier run was cut off; ended its worker" in next_one.said
            assert "klantreis journey apply FILE" in next_one.said
            processes = next_one.processes()
            next_one.process.send_signal(signal.SIGTERM)
            next_one.wait_for("the drain", lambda: "drain:" in next_one.said)
            next_one.process.send_signal(signal.SIGTERM)
            assert next_one.process.wait(60) == 0, next_one.said
            assert_nothing_left(next_one, processes)
