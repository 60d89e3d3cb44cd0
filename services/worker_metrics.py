"""What a worker shows Prometheus of its own work, on a port of its own."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from schemas import metrics
from services.lag import LagWatch
from services.store.reading import LogPosition
from streams.ports import Partition

_RECORDS = (1, 10, 100, 500, 1000, 2000, 4000, 8000)
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class WorkerMetrics:
    """Implements streams.ports.Meter. A partition that went to another worker drops out with the next `ends`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._records = _histogram(metrics.BATCH_RECORDS, _RECORDS, self.registry)
        self._seconds = _histogram(metrics.BATCH_SECONDS, _SECONDS, self.registry)
        waited = metrics.DATABASE_SECONDS
        self._database = Counter(waited.name, waited.help, registry=self.registry)
        self._lag_records = _gauge(metrics.WORKER_LAG_RECORDS, self.registry)
        self._lag_seconds = _gauge(metrics.WORKER_LAG_SECONDS, self.registry)
        self._next: dict[Partition, int] = {}
        self._watch = LagWatch()

    def serve(self, host: str, port: int) -> None:
        """Answer on /metrics from now on, in a thread of its own. Raises OSError if the port is taken."""
        start_http_server(port, host, self.registry)

    def waited(self, seconds: float) -> None:
        """Take in how long a connection waited for the database."""
        self._database.inc(seconds)

    def begins(self, partition: Partition, next_offset: int) -> None:
        """Take in that a partition is read from an offset on."""
        self._next[partition] = next_offset

    def counted(self, partition: Partition, next_offset: int, records: int, seconds: float) -> None:
        """Take in that so many records, up to an offset, are durable, and how long that took."""
        self._next[partition] = next_offset
        self._records.labels(partition.topic).observe(records)
        self._seconds.labels(partition.topic).observe(seconds)

    def ends(self, ends: Mapping[Partition, int], now: datetime) -> None:
        """Take in where the partitions end that are read now."""
        lag = self._watch.look(
            [
                LogPosition(partition.topic, partition.partition, self._next.get(partition, 0), end, now)
                for partition, end in ends.items()
            ]
        )
        records: dict[str, int] = defaultdict(int)
        seconds: dict[str, float] = defaultdict(float)
        for each in lag.partitions:
            waits = (now - each.waiting_since).total_seconds() if each.waiting_since else 0.0
            records[each.topic] += each.records
            seconds[each.topic] = max(seconds[each.topic], waits)
        for gauge, found in ((self._lag_records, records), (self._lag_seconds, seconds)):
            gauge.clear()
            for topic, value in found.items():
                gauge.labels(topic).set(value)


def _histogram(metric: metrics.Metric, buckets: tuple[float, ...], registry: CollectorRegistry) -> Histogram:
    return Histogram(metric.name, metric.help, metric.labels, buckets=buckets, registry=registry)


def _gauge(metric: metrics.Metric, registry: CollectorRegistry) -> Gauge:
    return Gauge(metric.name, metric.help, metric.labels, registry=registry)
