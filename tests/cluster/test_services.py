"""docker-compose.yml without an engine: each service's own command and environment, on this machine's own parts."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from ruamel.yaml import YAML

from schemas.journey import parse_journey
from services.embedded.child import Child
from services.embedded.database import EmbeddedDatabase
from services.embedded.ports import free_port
from services.store.journeys import apply_journey
from tests.alerting import DEPLOY, program
from tests.cluster.contained_kafka import contained_kafka
from tests.cluster.rewriting import Places
from tests.compose import services
from tests.drawn import LOKET
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)

SERVICES = services()
_yaml = YAML(typ="safe", pure=True)
_REPLICAS = 2


class Cluster:
    """The services, started in the order in which they wait for each other."""

    def __init__(self, folder: Path, database: EmbeddedDatabase, kafka: str, ends: ExitStack) -> None:
        self.folder = folder
        self.database = database
        self.ends = ends
        self.ports = {name: free_port() for name in ("monitor", "prometheus", "alertmanager")}
        self.workers = [free_port() for _ in range(_REPLICAS)]
        self.places = Places(
            {
                "kafka:9092": kafka,
                "alertmanager:9093": f"127.0.0.1:{self.ports['alertmanager']}",
                "127.0.0.1:8080": f"127.0.0.1:{self.ports['monitor']}",
                "0.0.0.0": "127.0.0.1",
                "--storage.path=/alertmanager": f"--storage.path={folder}/alertmanager-data",
                "--storage.tsdb.path=/prometheus": f"--storage.tsdb.path={folder}/prometheus-data",
                "/etc/": f"{folder}/etc/",
                "/run/secrets/": f"{folder}/secrets-monitor/",
            }
        )

    def ours(self, name: str, number: int = 0) -> Child:
        """Return a service of ours, not started: its secrets are files, and its ports are some that are free here."""
        service = SERVICES[name]
        secrets = self.folder / f"secrets-{name}"
        secrets.mkdir(exist_ok=True)
        for name_inside, source in mounted(service).items():
            (secrets / name_inside).write_text(self._secret(source))
        here = {
            "KLANTREIS_SECRETS_DIR": str(secrets),
            "KLANTREIS_MONITOR_PORT": str(self.ports["monitor"]),
            "KLANTREIS_WORKER_METRICS_PORT": str(self.workers[number]) if name == "worker" else "0",
        }
        command = [sys.executable, "-m", "services.cli", *self.places.command(service)]
        environment = {**self.places.environment(service), **here}
        return Child(name, command, self.folder / f"{name}-{number}.log", environment)

    def url(self, role: str) -> str:
        """Return the address of the database for one of its roles."""
        return self.database.url.replace("klantreis@", f"klantreis_{role}@")

    def asked(self, role: str, query: str) -> list[tuple[Any, ...]]:
        """Return what a query finds, asked by one of the roles."""
        with psycopg.connect(self.url(role), autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def _secret(self, source: str) -> str:
        """Return what a secret holds: of an address of the database the one of its role, as `.env` has it."""
        role, _, what = source.partition("_")
        return self.url(role) if what == "url" else f"{source}, for tests only"

    def start(self, child: Child) -> Child:
        child.start()
        self.ends.callback(child.stop, 30)
        return child

    def theirs(self, name: str, installed: str) -> Child:
        """Return a service that is another's program, not started. It listens where we can reach it."""
        address = f"--web.listen-address=127.0.0.1:{self.ports[name]}"
        command = [program(installed), *self.places.command(SERVICES[name]), address]
        return Child(name, command, self.folder / f"{name}.log")

    def get(self, name: str, path: str, **parameters: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.ports[name]}{path}", params=parameters, timeout=20, trust_env=False)

    def is_well(self, name: str) -> bool:
        """Ask a service how it is, as the engine does."""
        words = self.places.health(SERVICES[name])
        ours = [sys.executable if word == "python" else word for word in words]
        return subprocess.run(ours, capture_output=True, check=False).returncode == 0


def mounted(service: dict[str, Any]) -> dict[str, str]:
    """Return the names of a service's secrets within its container, and which secret each is."""
    secrets = [{"target": each, "source": each} if isinstance(each, str) else each for each in service["secrets"]]
    return {each["target"]: each["source"] for each in secrets}


@pytest.fixture(scope="module")
def database(scratch: Path) -> Iterator[EmbeddedDatabase]:
    """A server of the module's own, since roles are the whole server's, with the roles that its image makes."""
    server = EmbeddedDatabase(scratch / "cluster-database")
    server.start()
    with psycopg.connect(server.url.replace("klantreis@", "postgres@"), autocommit=True) as connection:
        connection.execute((DEPLOY / "database" / "roles.sql").read_bytes())
    yield server
    server.stop()


@pytest.fixture(scope="module")
def cluster(scratch: Path, database: EmbeddedDatabase) -> Iterator[Cluster]:
    folder = scratch / "cluster"
    folder.mkdir()
    with contained_kafka(folder / "kafka", SERVICES["kafka"]["environment"]) as kafka, ExitStack() as ends:
        yield Cluster(folder, database, kafka, ends)


def mount(cluster: Cluster) -> None:
    """Put the files of Prometheus and Alertmanager where they are mounted, with addresses of ours for names."""
    shutil.copytree(DEPLOY / "prometheus", cluster.folder / "etc/prometheus")
    shutil.copytree(DEPLOY / "alertmanager", cluster.folder / "etc/alertmanager")
    for secret in SERVICES["alertmanager"]["secrets"]:
        file = Path(cluster.places.here(secret["target"]))
        file.parent.mkdir(exist_ok=True)
        file.write_text("for tests only")
    for file in (cluster.folder / "etc").glob("*/*.yml"):
        file.write_text(cluster.places.here(file.read_text()))
    prometheus = cluster.folder / "etc/prometheus/prometheus.yml"
    configuration = _yaml.load(prometheus)
    ports = {("monitor", 8080): [cluster.ports["monitor"]], ("worker", 9100): cluster.workers}
    for scraped in configuration["scrape_configs"][:2]:
        (found,) = scraped.pop("dns_sd_configs")  # nobody resolves names here
        here = ports.pop((*found["names"], found["port"]))
        scraped["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in here]}]
    assert not ports
    _yaml.dump(configuration, prometheus)


def value(cluster: Cluster, expression: str) -> Any:
    """Return what Prometheus makes of an expression; None while it knows nothing."""
    result = cluster.get("prometheus", "/api/v1/query", query=expression).json()["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def test_all_of_them_start_in_turn_count_an_event_and_end_in_time(cluster: Cluster) -> None:
    for _ in range(_REPLICAS):  # an installation is migrated again at each start
        migrate = cluster.start(cluster.ours("migrate"))
        assert migrate.wait(60)
        assert migrate.exit_code == 0, migrate.log_tail()
    apply_journey(cluster.url("writer"), parse_journey(LOKET))
    workers = [cluster.start(cluster.ours("worker", number)) for number in range(_REPLICAS)]
    monitor = cluster.start(cluster.ours("monitor"))
    wait_until(lambda: cluster.is_well("monitor"), 60, "the monitor says that it is well")
    wait_until(lambda: all("reading" in each.log.read_text() for each in workers), 60, "the workers share partitions")
    post(cluster)
    mount(cluster)
    for name, installed in (("alertmanager", "prometheus-alertmanager"), ("prometheus", "prometheus")):
        cluster.start(cluster.theirs(name, installed))
        wait_until(partial(is_ready, cluster, name), 30, f"{name} is ready")
    volume = 'sum(klantreis_touchpoint_volume{journey="loket",window="24h"})'
    wait_until(lambda: value(cluster, volume) == 1, 60, "Prometheus has the event")
    wait_until(lambda: value(cluster, 'up{job="alertmanager"}') == 1, 30, "Prometheus watches Alertmanager")
    up = 'sum(up{job="klantreis-worker"})'
    wait_until(lambda: value(cluster, up) == _REPLICAS, 30, "Prometheus watches each worker")
    check_roles(cluster)
    for child in (*workers, monitor):
        seconds = float(SERVICES[child.name].get("stop_grace_period", "10s").removesuffix("s"))
        assert child.stop(seconds), f"{child.name} had to be killed"
        assert child.exit_code == 0, child.log_tail(40)


def check_roles(cluster: Cluster) -> None:
    """Who migrated owns every table; worker and monitor came as the writer; and the reader sees what was counted."""
    owners = cluster.asked("writer", "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'")
    assert owners == [("klantreis_migrator",)]
    sessions = "SELECT application_name, usename::text FROM pg_stat_activity WHERE application_name LIKE 'klantreis-%'"
    found = cluster.asked("writer", sessions)
    assert {role for _, role in found} == {"klantreis_writer"}
    assert {program for program, _ in found} >= {"klantreis-worker", "klantreis-monitor"}
    counted = "SELECT touchpoint, n FROM reporting.fact_day WHERE measure = 'volume'"
    assert cluster.asked("reader", counted) == [("aanvraag", 1)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        cluster.asked("reader", "SELECT * FROM touchpoint_events")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        cluster.asked("writer", "CREATE TABLE more (n integer)")


def post(cluster: Cluster) -> None:
    event = {
        "source": "proef",
        "event_id": "1",
        "journey": "loket",
        "case_id": "Z-1",
        "touchpoint": "aanvraag",
        "occurred_at": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
    }
    address = f"http://127.0.0.1:{cluster.ports['monitor']}/api/events/touchpoints"

    def taken() -> bool:
        return httpx.post(address, json=event, timeout=20, trust_env=False).status_code == 202

    wait_until(taken, 30, "the monitor takes an event")


def is_ready(cluster: Cluster, name: str) -> bool:
    """Ask what the health check asks, without the program that it asks with."""
    asked = SERVICES[name]["healthcheck"]["test"][-1]
    try:
        return cluster.get(name, asked[asked.index("/-/") :]).is_success
    except httpx.TransportError:
        return False
