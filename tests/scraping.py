"""Reading a monitor's /metrics, as Prometheus does."""

from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring import RunningMonitor
from tests.waiting import wait_until


def metric(monitor: RunningMonitor, name: str, **labels: str) -> float:
    """Return a metric's value now, 0 if there is none."""
    families = text_string_to_metric_families(monitor.get("/metrics").text)
    samples = [sample for family in families for sample in family.samples]
    return sum(sample.value for sample in samples if (sample.name, sample.labels) == (name, labels))


def wait_for_metric(monitor: RunningMonitor, name: str, value: float, **labels: str) -> None:
    what = f"{name}{labels or ''} is {value:g}"
    wait_until(lambda: metric(monitor, name, **labels) == value, 15, what)


def wait_for_lag(monitor: RunningMonitor) -> None:
    wait_until(lambda: metric(monitor, "klantreis_lag_records") > 0, 15, "the lag is told")
