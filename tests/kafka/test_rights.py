"""Worker and monitor on a broker that lets them do what deploy/kafka/acls.sh says, and nothing else."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import httpx
import psycopg
import pytest
from kafka import KafkaProducer
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from services.embedded.child import Child
from services.embedded.commands import command_child
from services.kafka_topics import ensure_topics
from services.settings import Settings
from tests.apache_kafka import SETTINGS, properties
from tests.certificates import write_certificates
from tests.desk import Desk
from tests.kafka.scram import as_broker, known_as, scram_kafka
from tests.monitoring import running_monitor
from tests.sending import Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)

PASSWORDS = {"klantreis-worker": "of-the-worker-only", "klantreis-monitor": "of-the-monitor-only"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def broker(scratch: Path, certificates: tuple[Path, Path]) -> Iterator[str]:
    kafka = scram_kafka(scratch / "rights", certificates, PASSWORDS, properties(SETTINGS / "acls.properties"))
    kafka.start()
    yield kafka.address
    kafka.stop()


@pytest.fixture(scope="module")
def administered(settings: Settings, certificates: tuple[Path, Path]) -> Settings:
    """The settings of an administrator, who has made the topics and given the rights; the group is the usual one."""
    settings = as_broker(settings.model_copy(update={"group": "klantreis"}), certificates)
    ensure_topics(settings.kafka)
    with KafkaAdminClient(**settings.kafka.client()) as admin:
        admin.create_acls(rights())
    return settings


def rights() -> Sequence[ACL]:
    """Return what the script grants."""
    lines = (SETTINGS / "acls.sh").read_text().splitlines()
    granted = [shlex.split(line) for line in lines if line.startswith("$KAFKA_ACLS")]
    return [right for words in granted for right in _granted(words)]


def _granted(words: Sequence[str]) -> Iterator[ACL]:
    """Yield the rights of a line: each operation on each resource that it names."""
    assert words[:2] == ["$KAFKA_ACLS", "--add"]
    given = list(zip(words[2::2], words[3::2], strict=True))
    (principal,) = (value for option, value in given if option == "--allow-principal")
    operations = [ACLOperation[value.upper()] for option, value in given if option == "--operation"]
    kinds = {"--topic": ResourceType.TOPIC, "--group": ResourceType.GROUP}
    resources = [ResourcePattern(kinds[option], value) for option, value in given if option in kinds]
    for operation, resource in product(operations, resources):
        yield ACL(principal, "*", operation, ACLPermissionType.ALLOW, resource)


def known(administered: Settings, user: str, certificates: tuple[Path, Path]) -> Settings:
    return known_as(administered, user, PASSWORDS[user], certificates)


@pytest.fixture
def worker(administered: Settings, certificates: tuple[Path, Path]) -> Iterator[Child]:
    worker = command_child("worker", "worker", known(administered, "klantreis-worker", certificates))
    worker.start()
    yield worker
    worker.stop(30)


def test_events_are_counted_with_those_rights(
    administered: Settings, worker: Child, certificates: tuple[Path, Path]
) -> None:
    """From an administrator's client, and over HTTP as the monitor; what is sent on is let through as well."""
    monitoring = known(administered, "klantreis-monitor", certificates)
    with Sender(administered) as sender:
        desk = Desk(administered, sender, "rights")
        desk.send(desk.passages(range(20)))
        sender.wait_until_counted()
        with running_monitor(monitoring) as monitor:  # it knows the journeys that are there when it starts
            posted = desk.event("vraag", 300, 3, occurred_at=datetime.now(UTC).replace(microsecond=0))
            answer = httpx.post(f"{monitor.address}/api/events/touchpoints", json=posted.model_dump(mode="json"))
        assert answer.status_code == 202, answer.text
        desk.sent.append(posted)
        wait_until(lambda: desk.differences() == [], 30, "all counts once")
        send_rubbish(administered)
        wait_until(lambda: rows(administered, "rejects") == 1, 30, "what cannot be counted is kept")
        wait_until(lambda: rows(administered, "outbox") == 0, 30, "the word of it is sent on")
    refused = [line for line in Path(worker.log).read_text().splitlines() if "uthoriz" in line or "uthoris" in line]
    assert refused == []


def send_rubbish(administered: Settings) -> None:
    producer = KafkaProducer(**administered.kafka.client())
    try:
        producer.send("touchpoint-events", b"no event").get(20)
    finally:
        producer.close(5)


def rows(settings: Settings, table: str) -> int:
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(f"SELECT FROM {table}".encode()).rowcount


@pytest.mark.parametrize(
    ("user", "topic"),
    [
        ("klantreis-worker", "touchpoint-events"),
        ("klantreis-worker", "survey-answers"),
        ("klantreis-monitor", "kpi-checks"),
        ("klantreis-monitor", "rejected-events"),
        ("klantreis-monitor", "kpi-alerts"),
    ],
)
def test_nobody_sends_what_is_not_his_to_send(
    administered: Settings, certificates: tuple[Path, Path], user: str, topic: str
) -> None:
    producer = KafkaProducer(**known(administered, user, certificates).kafka.client(), allow_auto_create_topics=False)
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            producer.send(topic, b"{}").get(20)
    finally:
        producer.close(5)


@pytest.mark.parametrize("user", PASSWORDS)
def test_nobody_deletes_a_topic(administered: Settings, certificates: tuple[Path, Path], user: str) -> None:
    with KafkaAdminClient(**known(administered, user, certificates).kafka.client()) as admin:
        with pytest.raises(KafkaError):
            admin.delete_topics(["survey-answers"])
        with pytest.raises(KafkaError):
            admin.create_topics({"more": {"num_partitions": 1, "replication_factor": 1}})
