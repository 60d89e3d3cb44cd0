"""What `klantreis up` leans on in the operating system: processes, locks, files with modes, ports."""

import json
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from services.embedded.child import Child
from services.embedded.data_lock import DataLock, DirectoryInUse
from services.embedded.interrupts import Interrupts, StopAsked
from services.embedded.ports import free_port, is_free
from services.embedded.running_file import RunningFile
from services.embedded.secret_key import secret_key
from services.settings import Settings

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
Make = Callable[[str], Child]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A function that makes a child which runs a piece of Python; what it started is gone afterwards."""
    made: list[Child] = []

    def make(code: str) -> Child:
        child = Child(f"child-{len(made)}", [sys.executable, "-uc", code], tmp_path / f"child-{len(made)}.log")
        made.append(child)
        return child

    yield make
    for child in made:
        child.stop(0)


def wait_for_log(child: Child, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in child.log_tail():
        assert time.monotonic() < deadline, child.log_tail()
        time.sleep(0.02)


class TestChild:
    def test_it_has_a_session_of_its_own_so_that_ctrl_c_does_not_reach_it(self, make: Make) -> None:
        child = make("import time; time.sleep(60)")
        child.start()
        assert child.pid is not None
        assert os.getsid(child.pid) == child.pid != os.getsid(0)

    def test_how_it_ended_and_what_it_said_last_is_known(self, make: Make) -> None:
        child = make("import sys\nfor n in range(100): print('line', n)\nsys.exit('no more')")
        child.start()
        assert child.wait(10)
        assert (child.running, child.exit_code, child.ending) == (False, 1, "exit code 1")
        assert child.log_tail(3) == "line 98\nline 99\nno more"

    def test_an_end_by_a_signal_is_told_by_its_name(self, make: Make) -> None:
        child = make("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        child.start()
        assert child.wait(10)
        assert child.ending == "signal SIGKILL"

    def test_one_that_ends_when_asked_is_not_killed(self, make: Make) -> None:
        child = make("import time; time.sleep(60)")
        child.start()
        assert child.stop(10)
        assert child.exit_code == -signal.SIGTERM

    def test_one_that_does_not_end_when_asked_is_killed(self, make: Make) -> None:
        child = make(STUBBORN)
        child.start()
        wait_for_log(child, "ready")
        assert not child.stop(0.3)
        assert child.exit_code == -signal.SIGKILL

    def test_what_it_is_given_is_added_to_our_environment(self, tmp_path: Path) -> None:
        code = "import os; print(os.environ['GIVEN'], 'PATH' in os.environ)"
        child = Child("child", [sys.executable, "-c", code], tmp_path / "log", {"GIVEN": "this"})
        child.start()
        assert child.wait(10)
        assert child.log_tail() == "this True"

    def test_started_again_it_goes_on_with_the_same_log(self, make: Make) -> None:
        child = make("print('once more')")
        for _ in range(2):
            child.start()
            assert child.wait(10)
        assert child.log_tail() == "once more\nonce more"

    def test_one_that_never_started_is_stopped_already(self, make: Make) -> None:
        child = make("")
        assert child.stop(0)
        assert (child.running, child.pid, child.exit_code, child.log_tail()) == (False, None, None, "")


class TestDataLock:
    def test_a_second_one_is_refused_with_the_first_ones_pid_and_address(self, tmp_path: Path) -> None:
        RunningFile(tmp_path).write({"address": "http://127.0.0.1:43121"}, [])
        with DataLock(tmp_path), pytest.raises(DirectoryInUse) as refused, DataLock(tmp_path):
            pass
        assert str(tmp_path) in str(refused.value)
        assert f"process {os.getpid()}" in str(refused.value)
        assert "http://127.0.0.1:43121" in str(refused.value)

    def test_it_is_free_again_afterwards(self, tmp_path: Path) -> None:
        for _ in range(2):
            with DataLock(tmp_path):
                pass

    def test_it_is_free_again_after_its_holder_was_killed(self, tmp_path: Path, make: Make) -> None:
        code = f"""
import pathlib, time
from services.embedded.data_lock import DataLock
with DataLock(pathlib.Path({str(tmp_path)!r})):
    print('held', flush=True)
    time.sleep(60)
"""
        holder = make(code)
        holder.start()
        wait_for_log(holder, "held")
        with pytest.raises(DirectoryInUse, match=f"process {holder.pid}"), DataLock(tmp_path):
            pass
        assert holder.pid is not None
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait(10)
        with DataLock(tmp_path):
            pass


class TestRunningFile:
    def test_other_commands_find_the_parts_by_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        found_at = {
            "database_url": "postgresql://there",
            "broker": "127.0.0.1:5",
            "secret": "s3",
            "monitor_port": 43121,
        }
        RunningFile(tmp_path).write(found_at, [])
        for name in found_at:
            monkeypatch.delenv(f"KLANTREIS_{name.upper()}", raising=False)
        settings = Settings(data_dir=tmp_path)
        assert settings.database_url == "postgresql://there"
        assert settings.broker == "127.0.0.1:5"
        assert settings.secret.get_secret_value() == "s3"
        assert settings.monitor_port == 43121

    def test_only_its_owner_can_read_it_and_it_is_gone_when_removed(self, tmp_path: Path) -> None:
        file = tmp_path / "running.json"
        RunningFile(tmp_path).write({}, [])
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        RunningFile(tmp_path).remove()
        assert not file.exists()

    def test_what_a_killed_run_left_running_is_ended(self, tmp_path: Path, make: Make) -> None:
        willing, gone = make("import time; time.sleep(60)"), make("")
        for child in (willing, gone):
            child.start()
        gone.wait(10)
        RunningFile(tmp_path).write({}, [willing, gone])
        ended = RunningFile(tmp_path).end_leftovers()
        assert [(process.name, process.pid) for process in ended] == [("child-0", willing.pid)]
        assert willing.wait(10)
        assert not (tmp_path / "running.json").exists()

    def test_a_process_that_only_has_the_same_pid_is_left_alone(self, tmp_path: Path, make: Make) -> None:
        somebody = make("import time; time.sleep(60)")
        somebody.start()
        RunningFile(tmp_path).write({}, [somebody])
        file = tmp_path / "running.json"
        noted = json.loads(file.read_text())
        noted["processes"][0]["created"] -= 3600
        file.write_text(json.dumps(noted))
        assert RunningFile(tmp_path).end_leftovers() == []
        assert somebody.running


class TestSecretKey:
    def test_it_is_made_once_and_only_its_owner_can_read_it(self, tmp_path: Path) -> None:
        key = secret_key(tmp_path)
        Fernet(key)
        assert secret_key(tmp_path) == key
        assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600

    def test_every_data_directory_has_its_own(self, tmp_path: Path) -> None:
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
        assert secret_key(tmp_path / "one") != secret_key(tmp_path / "other")

    def test_one_that_was_half_made_is_made_anew(self, tmp_path: Path) -> None:
        (tmp_path / "secret.new").write_text("half")
        Fernet(secret_key(tmp_path))


class TestInterrupts:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_signals_are_counted_and_cut_nothing_off(self, number: signal.Signals) -> None:
        before = signal.getsignal(number)
        with Interrupts() as interrupts:
            interrupts.check()
            os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)
            assert interrupts.asked == 2
            with pytest.raises(StopAsked):
                interrupts.check()
        assert signal.getsignal(number) is before


def test_a_port_that_somebody_listens_on_is_not_free_and_another_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free("127.0.0.1", port)
        other = free_port()
        assert other != port
        assert is_free("127.0.0.1", other)
    assert is_free("127.0.0.1", port)
