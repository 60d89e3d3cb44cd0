"""Kafka as its image starts it: set up by the image's own program from the mounted file and the environment."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.embedded.child import Child
from services.embedded.ports import free_port
from tests.apache_kafka import JAVA, READY, SETTINGS, java, on_loopback, properties
from tests.waiting import wait_until


@contextmanager
def contained_kafka(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run it with what docker-compose.yml tells it, and give its address on loopback."""
    port, controller = free_port(), free_port()
    defaults, final = folder / "default", folder / "final"
    for each in (defaults, final):
        each.mkdir(parents=True)
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (defaults / name).touch()
    told = {**environment, **_ports(port, controller), "KAFKA_LOG_DIRS": str(folder / "log")}
    setup = ["kafka.docker.KafkaDockerWrapper", "setup", "-D", str(defaults), "-M", str(SETTINGS), "-F", str(final)]
    subprocess.run([java(), *JAVA, *setup], env={**os.environ, **told}, check=True, capture_output=True, timeout=60)
    child = Child("kafka", [java(), *JAVA, "kafka.Kafka", str(final / "server.properties")], folder / "kafka.log")
    child.start()
    try:
        wait_until(lambda: READY in child.log.read_text(), 60, "Kafka is ready")
        yield f"127.0.0.1:{port}"
    finally:
        child.stop(30)


def _ports(port: int, controller: int) -> dict[str, str]:
    """Return the settings that name ports, as the image reads them from its environment."""
    settings = properties(SETTINGS / "server.properties")
    names = ("listeners", "advertised.listeners", "controller.quorum.voters")
    variables = {name: f"KAFKA_{name.replace('.', '_').upper()}" for name in names}
    return {variables[name]: on_loopback(settings[name], port, controller) for name in names}
