"""What tests run on: a database server for the session, and for each module a database, a broker and a worker."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
from psycopg import sql
from xdist import is_xdist_worker

from schemas.journey import parse_journey
from services.embedded.broker import EmbeddedBroker
from services.embedded.child import Child
from services.embedded.database import EmbeddedDatabase
from services.settings import Settings
from services.store.journeys import apply_journey
from services.store.migrate import migrate
from tests.apache_kafka import ApacheKafka
from tests.waiting import wait_until

CHECKOUT = Path(__file__).parent.parent
_SECRET = "a secret for tests only"

# How long an example takes says something of the machine only.
hypothesis.settings.register_profile("klantreis", deadline=None)
hypothesis.settings.load_profile("klantreis")
_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--broker kafka` run on Apache Kafka what runs on the embedded broker otherwise."""
    parser.addoption("--broker", choices=["embedded", "kafka"], default="embedded", help="what tests send to")


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Alone, what is quick comes first; side by side, what is slow, so that none waits long for the last one."""
    if is_xdist_worker(session):
        folders = [CHECKOUT / each for each in session.config.getini("testpaths")]
        items.sort(key=lambda item: _place(item.path, folders), reverse=True)


def _place(file: Path, folders: Sequence[Path]) -> int:
    """Return the place of a file's folder among these, which begin with the quick ones; no other is quicker."""
    return next((place for place, folder in enumerate(folders) if folder in file.parents), len(folders))


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder for servers, whose path is short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="klantreis-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def database_server(scratch: Path) -> Iterator[EmbeddedDatabase]:
    server = EmbeddedDatabase(scratch / "database")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def empty_database_url(database_server: EmbeddedDatabase) -> Iterator[str]:
    """The address of a database of the module's own, with nothing in it."""
    name = f"test_{next(_numbers)}"
    administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)), database_server.url)
    yield urlsplit(database_server.url)._replace(path=f"/{name}").geturl()
    wait_until(lambda: _dropped(name, database_server.url), 30, f"{name} is dropped")


def _dropped(name: str, server_url: str) -> bool:
    """Drop a database with whoever is in it; not while an autovacuum is, which belongs to a role above ours."""
    try:
        administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)), server_url)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def administer(statement: sql.Composed, server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="module")
def database_url(empty_database_url: str) -> str:
    """The address of a migrated database of the module's own."""
    migrate(empty_database_url)
    return empty_database_url


@pytest.fixture(scope="session")
def apache_kafka(scratch: Path) -> Iterator[ApacheKafka]:
    """An Apache Kafka for all modules: it takes seconds to start, and an installation has one for long, too."""
    kafka = ApacheKafka(scratch / "kafka")
    kafka.start()
    yield kafka
    kafka.stop()


@pytest.fixture(scope="module")
def broker(scratch: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a broker with our topics on it, and nothing in them."""
    if request.config.getoption("--broker") == "kafka":
        kafka: ApacheKafka = request.getfixturevalue("apache_kafka")
        kafka.empty()
        yield kafka.address
        return
    server = EmbeddedBroker(scratch / f"broker-{next(_numbers)}")
    server.start()
    yield server.address
    server.stop()


@pytest.fixture(scope="module")
def settings(scratch: Path, database_url: str, broker: str) -> Settings:
    """The settings of a pipeline of the module's own. Its group waits for nobody whom another module killed."""
    number = next(_numbers)
    data_dir = scratch / f"data-{number}"
    data_dir.mkdir()
    group = f"klantreis-{number}"
    return Settings(data_dir=data_dir, database_url=database_url, broker=broker, secret=_SECRET, group=group)


@dataclass(frozen=True)
class Processes:
    """Starts the commands of this checkout as processes of their own, with one set of settings."""

    settings: Settings

    def start(self, *command: str) -> Child:
        """Start `klantreis COMMAND...`; whoever starts it stops it."""
        child = Child(
            command[0],
            [sys.executable, "-m", "services.cli", *command],
            self.settings.data_dir / "logs" / f"{command[0]}-{next(_numbers)}.log",
            self.environment(),
        )
        child.start()
        return child

    def environment(self) -> dict[str, str]:
        """Return the settings as a process of ours reads them."""
        return {
            "KLANTREIS_DATA_DIR": str(self.settings.data_dir),
            "KLANTREIS_DATABASE_URL": self.settings.database_url,
            "KLANTREIS_BROKER": self.settings.broker,
            "KLANTREIS_GROUP": self.settings.group,
            "KLANTREIS_SECRET": self.settings.secret.get_secret_value(),
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]),
        }


@pytest.fixture(scope="module")
def processes(settings: Settings) -> Processes:
    return Processes(settings)


@pytest.fixture(scope="module")
def worker(processes: Processes) -> Iterator[Child]:
    """A running worker; what it logs is shown if it ends by itself."""
    child = processes.start("worker")
    yield child
    ended_early = not child.running
    child.stop(30.0)
    if ended_early:
        pytest.fail(f"the worker ended by itself with {child.exit_code}:\n{child.log_tail(40)}")


@pytest.fixture(scope="module")
def apply(settings: Settings) -> Callable[[str], str]:
    """A function that applies the text of a journey file and returns the journey's id."""

    def apply(text: str) -> str:
        journey = parse_journey(text)
        apply_journey(settings.database_url, journey)
        return journey.id

    return apply


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real logs (KLANTREIS_REAL_DATA, else ../shared/data beside the checkout)."""
    named = os.environ.get("KLANTREIS_REAL_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data"
    if folder.is_dir():
        return folder
    absent = f"the real logs are not here: {folder} is no folder (KLANTREIS_REAL_DATA names another)"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(absent)
    pytest.skip(absent)
