"""What a worker shows of itself, as Prometheus reads it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from schemas import metrics
from services.embedded.ports import free_port
from services.worker_metrics import WorkerMetrics
from streams.ports import Partition

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVENTS = [Partition("log/1", "touchpoint-events", number) for number in range(2)]


def shown(meter: WorkerMetrics, topic: str = "touchpoint-events") -> Mapping[str, float]:
    return {
        sample.name: sample.value
        for family in meter.registry.collect()
        for sample in family.samples
        if sample.labels.get("topic") == topic
    }


def test_lag_is_what_the_partitions_that_are_read_have_left_and_as_old_as_the_oldest_of_it() -> None:
    meter = WorkerMetrics()
    meter.begins(EVENTS[0], 100)
    meter.begins(EVENTS[1], 50)
    meter.ends({EVENTS[0]: 130, EVENTS[1]: 50}, NOON)
    meter.ends({EVENTS[0]: 130, EVENTS[1]: 57}, NOON + timedelta(seconds=4))
    assert shown(meter)["klantreis_worker_lag_records"] == 37
    assert shown(meter)["klantreis_worker_lag_seconds"] == 4

    meter.counted(EVENTS[0], 130, 30, 0.2)
    meter.ends({EVENTS[0]: 130, EVENTS[1]: 57}, NOON + timedelta(seconds=6))
    assert shown(meter)["klantreis_worker_lag_records"] == 7
    assert shown(meter)["klantreis_worker_lag_seconds"] == 2


def test_a_partition_that_went_to_another_worker_leaves_no_lag_behind() -> None:
    meter = WorkerMetrics()
    meter.begins(EVENTS[0], 0)
    meter.ends({EVENTS[0]: 10}, NOON)
    meter.ends({}, NOON + timedelta(seconds=1))
    assert "klantreis_worker_lag_records" not in shown(meter)


def test_batches_are_told_by_size_and_by_time() -> None:
    meter = WorkerMetrics()
    meter.counted(EVENTS[0], 30, 30, 0.2)
    meter.counted(EVENTS[1], 4000, 4000, 0.4)
    found = shown(meter)
    assert found["klantreis_worker_batch_records_count"] == 2
    assert found["klantreis_worker_batch_records_sum"] == 4030
    assert found["klantreis_worker_batch_seconds_sum"] == 0.2 + 0.4


def test_every_metric_of_a_worker_is_served() -> None:
    meter = WorkerMetrics()
    meter.begins(EVENTS[0], 0)
    meter.counted(EVENTS[0], 10, 10, 0.1)
    meter.ends({EVENTS[0]: 10}, NOON)
    meter.waited(1.5)
    port = free_port()
    meter.serve("127.0.0.1", port)
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        families = {family.name: family for family in text_string_to_metric_families(answer.read().decode())}
    assert {metric.name for metric in metrics.WORKER} <= families.keys()
    assert families["klantreis_worker_database_seconds"].samples[0].value == 1.5
