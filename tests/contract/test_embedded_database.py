"""The embedded database: what it keeps, after whichever end, and that it is shut to everybody else."""

import os
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from services.embedded.child import StartError
from services.embedded.database import EmbeddedDatabase

ROWS = 50_000


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data directory with a database that holds one table; nobody runs on it."""
    with tempfile.TemporaryDirectory(prefix="klantreis-test-", ignore_cleanup_errors=True) as folder:
        database = EmbeddedDatabase(Path(folder) / "data")
        assert database.is_new
        database.start()
        with psycopg.connect(database.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, %s) AS number", [ROWS])
        database.stop()
        assert not database.is_new
        yield Path(folder) / "data"


@pytest.fixture
def database(data_dir: Path) -> Iterator[EmbeddedDatabase]:
    running = EmbeddedDatabase(data_dir)
    running.start()
    yield running
    running.stop()


def kept_rows(database: EmbeddedDatabase) -> int:
    with psycopg.connect(database.url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def kill(database: EmbeddedDatabase) -> None:
    assert database.child is not None
    assert database.pid is not None
    os.kill(database.pid, signal.SIGKILL)
    assert database.child.wait(10)


def test_it_is_a_database_of_that_name_whose_owner_is_no_superuser(database: EmbeddedDatabase) -> None:
    query = "SELECT current_database(), current_user, rolsuper FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(database.url) as connection:
        assert connection.execute(query).fetchone() == ("klantreis", "klantreis", False)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("shared_buffers", "256MB"),
        ("max_wal_size", "2GB"),
        ("wal_compression", "pglz"),
        ("jit", "off"),
        ("synchronous_commit", "on"),
        ("fsync", "on"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", ""),
    ],
)
def test_it_runs_with_the_settings_that_are_meant(database: EmbeddedDatabase, setting: str, value: str) -> None:
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT current_setting(%s)", [setting]).fetchone() == (value,)


def test_nobody_else_can_reach_its_files_or_its_socket(database: EmbeddedDatabase, data_dir: Path) -> None:
    assert stat.S_IMODE((data_dir / "postgres").stat().st_mode) == 0o700
    assert (data_dir / "postgres" / ".s.PGSQL.5432").is_socket()


def test_a_new_start_finds_what_was_kept(database: EmbeddedDatabase) -> None:
    assert kept_rows(database) == ROWS


def test_nothing_runs_after_it_is_stopped(data_dir: Path) -> None:
    database = EmbeddedDatabase(data_dir)
    database.start()
    assert database.pid is not None
    server = psutil.Process(database.pid)
    processes = [server, *server.children(recursive=True)]
    with psycopg.connect(database.url):  # an open session does not hold it up
        assert database.stop()
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []


def test_it_starts_after_a_kill_while_a_session_was_open(data_dir: Path) -> None:
    first = EmbeddedDatabase(data_dir)
    first.start()
    session = psycopg.connect(first.url)
    kill(first)
    second = EmbeddedDatabase(data_dir)
    second.start()
    assert kept_rows(second) == ROWS
    second.stop()
    session.close()


def test_it_takes_over_from_a_server_that_was_left_running(data_dir: Path) -> None:
    left, database = EmbeddedDatabase(data_dir), EmbeddedDatabase(data_dir)
    left.start()
    database.start()
    assert left.child is not None
    assert left.child.wait(10)
    assert kept_rows(database) == ROWS
    database.stop()


def test_a_notice_whose_pid_is_another_programs_by_now_is_no_hindrance(data_dir: Path) -> None:
    killed = EmbeddedDatabase(data_dir)
    killed.start()
    notice = data_dir / "postgres" / "postmaster.pid"
    kill(killed)
    notice.write_text("\n".join([str(os.getpid()), *notice.read_text().splitlines()[1:]]))
    database = EmbeddedDatabase(data_dir)
    database.start()
    assert kept_rows(database) == ROWS
    database.stop()


def test_a_first_start_that_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    half_made = tmp_path / "data" / "postgres.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    database = EmbeddedDatabase(tmp_path / "data")
    database.start()
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    database.stop()
    assert not half_made.exists()


def test_a_path_too_long_for_a_socket_works_and_leaves_no_socket_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / ("long " * 24).strip() / "data"
    with tempfile.TemporaryDirectory(prefix="kt-") as sockets:
        Path(sockets).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", sockets)
        killed = EmbeddedDatabase(data_dir)
        killed.start()
        kill(killed)
        database = EmbeddedDatabase(data_dir)
        database.start()
        with psycopg.connect(database.url) as connection:
            assert [Path(connection.info.host)] == list(Path(sockets).iterdir())
        database.stop()
        assert list(Path(sockets).iterdir()) == []


def test_why_it_cannot_start_is_said_in_its_own_words(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "postgres"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(StartError, match=r"(?s)exit code \d+\).*postgresql.conf"):
        EmbeddedDatabase(tmp_path / "data").start()
