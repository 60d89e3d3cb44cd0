"""The topics on a broker: creating those that are missing, and naming the log that each of them is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from schemas.topics import ALL, Topic
from services.kafka_access import KafkaAccess

_CONNECT_MS = 10_000
_REQUEST_MS = 15_000
_DAY_MS = 86_400_000


class BrokerUnreachableError(ConnectionError):
    """No broker answered at the address, or it stopped answering."""


class TopicMissingError(LookupError):
    """The broker has no such topic, or has it without an id."""


@dataclass(frozen=True)
class Log:
    """The log behind one of our topics: where each partition begins, and how many replicas each has at least."""

    topic: str
    log_id: str
    replicas: int
    begins: Mapping[int, int]


@dataclass(frozen=True)
class Cluster:
    """A cluster: how many brokers it has, and those of our topics that are there, by name."""

    cluster_id: str
    brokers: int
    logs: Mapping[str, Log]


def ensure_topics(kafka: KafkaAccess) -> None:
    """Create those of our topics that the broker lacks, and wait until each has a leader.

    A topic that is there stays as it is. Safe to run at the same time twice. Raises BrokerUnreachableError.
    """
    with _admin(kafka) as admin:
        there = set(admin.list_topics())
        for topic in ALL:
            if topic.name not in there:
                _create(admin, topic)
        admin.wait_for_topics([topic.name for topic in ALL])


def log_ids(kafka: KafkaAccess) -> dict[str, str]:
    """Return, for each of our topics, the name of the log it is: "<cluster id>/<topic id>".

    A topic that was deleted and made again is another log. Raises BrokerUnreachableError or TopicMissingError.
    """
    with _admin(kafka) as admin:
        cluster = admin.describe_cluster()["cluster_id"]
        found = {topic["name"]: topic for topic in admin.describe_topics([topic.name for topic in ALL])}
    return {topic.name: _log_id(cluster, _topic_id(found.get(topic.name), topic, kafka.address)) for topic in ALL}


def describe(kafka: KafkaAccess) -> Cluster:
    """Return what the broker tells of itself and our topics. Raises BrokerUnreachableError."""
    with _admin(kafka) as admin:
        told = admin.describe_cluster()
        wanted = {topic.name for topic in ALL} & set(admin.list_topics())
        topics = [topic for topic in admin.describe_topics(sorted(wanted)) if not topic["error_code"]]
        asked = [
            TopicPartition(topic["name"], each["partition_index"]) for topic in topics for each in topic["partitions"]
        ]
        found = admin.list_partition_offsets(dict.fromkeys(asked, OffsetSpec.EARLIEST)) if asked else {}
        logs = {topic["name"]: _log(told["cluster_id"], topic, found) for topic in topics}
        return Cluster(told["cluster_id"], len(told["brokers"]), logs)


def _log(cluster_id: str, topic: Mapping[str, Any], found: Mapping[TopicPartition, Any]) -> Log:
    name, partitions = topic["name"], topic["partitions"]
    return Log(
        topic=name,
        log_id=_log_id(cluster_id, topic.get("topic_id")),
        replicas=min(len(each["replica_nodes"]) for each in partitions),
        begins={at.partition: where.offset for at, where in found.items() if at.topic == name},
    )


def _log_id(cluster_id: str, topic_id: object) -> str:
    return f"{cluster_id}/{topic_id}"


@contextmanager
def _admin(kafka: KafkaAccess) -> Iterator[KafkaAdminClient]:
    try:
        admin = KafkaAdminClient(
            **kafka.client(),
            bootstrap_timeout_ms=_CONNECT_MS,
            request_timeout_ms=_REQUEST_MS,
        )
        try:
            yield admin
        finally:
            admin.close()
    except ValueError as error:
        raise BrokerUnreachableError(f"{kafka.address!r} is not an address such as 127.0.0.1:9092: {error}") from error
    except (KafkaError, OSError) as error:
        raise BrokerUnreachableError(f"no answer from the Kafka broker at {kafka}: {error}") from error


def _create(admin: KafkaAdminClient, topic: Topic) -> None:
    wanted = {
        "num_partitions": topic.partitions,
        "replication_factor": -1,  # the broker's own default
        "configs": {"retention.ms": str(topic.retention_days * _DAY_MS)},
    }
    with suppress(TopicAlreadyExistsError):  # another process was first
        admin.create_topics({topic.name: wanted})


def _topic_id(found: dict[str, object] | None, topic: Topic, broker: str) -> object:
    if found is None or found["error_code"]:
        raise TopicMissingError(f"the Kafka broker at {broker} has no topic {topic.name!r}")
    if not found.get("topic_id"):
        raise TopicMissingError(
            f"the Kafka broker at {broker} gives topic {topic.name!r} no id: Kafka 2.8 or newer does"
        )
    return found["topic_id"]
