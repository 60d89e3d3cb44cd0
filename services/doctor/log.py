"""What the doctor finds on the broker, and beside it what the database says of the same log. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from schemas.topics import ALL
from services.doctor.finding import Finding, note, well, wrong
from services.kafka_topics import Cluster
from services.store.checkup import Position

_REPLICAS = 3


def findings(cluster: Cluster, positions: Sequence[Position]) -> Iterator[Finding]:
    """Yield what there is to say of a broker's log and of how far it has been counted."""
    yield _brokers(cluster)
    yield _topics(cluster)
    yield _offsets(cluster, positions)


def _brokers(cluster: Cluster) -> Finding:
    return well("broker", f"{cluster.brokers} in cluster {cluster.cluster_id}")


def _topics(cluster: Cluster) -> Finding:
    missing = [topic.name for topic in ALL if topic.name not in cluster.logs]
    if missing:
        return wrong("topics", f"missing: {', '.join(missing)}", "A worker makes them when it starts, if it may")
    few = [topic for topic in ALL if len(cluster.logs[topic.name].begins) < topic.partitions]
    if few:
        seen = ", ".join(f"{topic.name} has {len(cluster.logs[topic.name].begins)}" for topic in few)
        return note("topics", f"partitions: {seen}", "At most as many workers share a topic as it has partitions")
    thin = [log.topic for log in cluster.logs.values() if log.replicas < min(_REPLICAS, cluster.brokers)]
    if thin:
        return note(
            "topics", f"fewer than {_REPLICAS} replicas: {', '.join(sorted(thin))}", "A broker may take them along"
        )
    return well("topics", f"all {len(ALL)} are there")


def _offsets(cluster: Cluster, positions: Sequence[Position]) -> Finding:
    logs = {log.log_id: log for log in cluster.logs.values()}
    ours = [position for position in positions if position.log_id in logs]
    lost = {
        _name(each): gone
        for each in ours
        if (gone := logs[each.log_id].begins.get(each.partition, 0) - each.next_offset) > 0
    }
    if lost:
        return wrong(
            "offsets", f"deleted before they were counted: {_listed(lost)}", "Keep the topics longer (retention.ms)"
        )
    ahead = {
        _name(each): each.next_offset
        for each in ours
        if each.end_offset is not None and each.end_offset < each.next_offset
    }
    if ahead:
        seen = f"counted beyond the end of the log: {_listed(ahead)}"
        return wrong(
            "offsets", seen, "The broker lost the end of its log, or a backup of it came back; see docs/runbook.md"
        )
    behind = sum(each.end_offset - each.next_offset for each in ours if each.end_offset is not None)
    if not ours and positions:
        return note("offsets", "nothing of this log has been counted yet", "Is this the broker that the events go to?")
    return well("offsets", f"{behind:,} records wait to be counted")


def _name(position: Position) -> str:
    return f"{position.topic}/{position.partition}"


def _listed(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(numbers.items()))
