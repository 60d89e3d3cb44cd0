"""Apache Kafka as a process of its own on loopback, with the settings in deploy/kafka: the broker that users run."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from schemas.topics import ALL
from services.embedded.child import Child
from services.embedded.ports import free_port
from services.kafka_access import KafkaAccess
from services.kafka_topics import ensure_topics
from tests.waiting import wait_until

CHECKOUT = Path(__file__).parent.parent
JARS = CHECKOUT / ".venv" / "kafka"
SETTINGS = CHECKOUT / "deploy" / "kafka"
_CLUSTER = "a2xhbnRyZWlzLXRlc3RzXw"
JAVA = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=INFO", "-cp", f"{JARS}/*")
READY = "Kafka Server started"

QUICK = {"group.min.session.timeout.ms": "1000"}
"""Tests give up a silent worker sooner than a broker lets others do."""


def properties(file: Path) -> dict[str, str]:
    """Return the lines of a properties file that say something."""
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


class ApacheKafka:
    """One broker that is its own controller. Its log outlives it: a start after an end goes on with it."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = QUICK, users: Sequence[str] = ()) -> None:
        """Format a log in `folder`; `settings` come on top of deploy/kafka, `users` are SCRAM credentials to know."""
        self._folder = folder
        self._starts = 0
        port, controller = free_port(), free_port()
        self.address = f"127.0.0.1:{port}"
        self._file = self._write(settings, port, controller)
        self._tool("kafka.tools.StorageTool", "format", "-c", str(self._file), "-t", _CLUSTER, *_scram(users))
        self.child = Child("kafka", [java(), *JAVA, "kafka.Kafka", str(self._file)], folder / "kafka.log")

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._starts += 1
        self.child.start()
        wait_until(self._is_ready, 60, "Kafka is ready")

    def stop(self) -> None:
        self.child.stop(30)

    def kill(self) -> None:
        """Kill it where it stands."""
        assert self.child.pid is not None
        os.kill(self.child.pid, signal.SIGKILL)
        assert self.child.wait(10)

    def empty(self) -> None:
        """Make all our topics anew: nothing in them, and other logs than before."""
        with KafkaAdminClient(bootstrap_servers=self.address) as admin:
            there = {topic.name for topic in ALL} & set(admin.list_topics())
            admin.delete_topics(sorted(there))
            wait_until(lambda: not there & set(admin.list_topics()), 30, "the topics are gone")
        ensure_topics(KafkaAccess(self.address))

    def _is_ready(self) -> bool:
        if not self.child.running:
            pytest.fail(f"Kafka ended by itself: {self.child.ending}\n{self.child.log_tail(40)}")
        return self.child.log.read_text().count(READY) == self._starts

    def _write(self, settings: Mapping[str, str], port: int, controller: int) -> Path:
        """Write the settings as they are in deploy/kafka, with ports and folders of ours for those of a container."""
        self._folder.mkdir(parents=True)
        chosen = {**properties(SETTINGS / "server.properties"), **settings, "log.dirs": str(self._folder / "log")}
        for name in ("listeners", "advertised.listeners", "controller.quorum.voters"):
            chosen[name] = on_loopback(chosen[name], port, controller)
        file = self._folder / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in chosen.items()))
        return file

    def _tool(self, *command: str) -> None:
        done = subprocess.run([java(), *JAVA, *command], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def on_loopback(value: str, port: int, controller: int) -> str:
    """Return a list of addresses as deploy/kafka has them, with ports of ours."""
    places = {"kafka:9092": port, "//:9092": port, "localhost:9093": controller}
    for place, ours in places.items():
        value = value.replace(place, f"{'//' if place.startswith('//') else ''}127.0.0.1:{ours}")
    return value


def _scram(users: Sequence[str]) -> list[str]:
    return [word for user in users for word in ("--add-scram", user)]


def java() -> str:
    """Return where Java is; without it or without Kafka's jars, fail and say how to get them."""
    found = shutil.which("java")
    if found is None or not any(JARS.glob("kafka_*.jar")):
        pytest.fail("Apache Kafka is not here; `make test-kafka` fetches it, and needs Java 17 and Maven to")
    return found
