"""What stands for a monitor: a page of metrics, by a monitor's names, that a test writes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from schemas import metrics
from services.embedded.ports import free_port

LONG_AGO = 3600.0


class ExportedMonitor:
    """Serves /metrics. From the start its figures are fresh and a worker counts; a test sets what it is to say next."""

    def __init__(self) -> None:
        self.port = free_port()
        self._registry = CollectorRegistry()
        self._gauges: dict[str, Gauge] = {}
        self.say(metrics.UP.name, 1)
        self.say(metrics.SNAPSHOT_AGE.name, 0.2)
        self.say(metrics.LAG_SECONDS.name, 0)
        self.worker(seen=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def say(self, name: str, value: float, **labels: str) -> None:
        """Set a metric; its labels are those that it is given first."""
        self._gauge(name, *labels).labels(**labels).set(value) if labels else self._gauge(name).set(value)

    def worker(self, *, seen: bool) -> None:
        """Say that a worker is seen at every moment, or was seen long ago."""
        gauge = self._gauge(metrics.WORKER_SEEN.name)
        gauge.set_function(time.time if seen else lambda: time.time() - LONG_AGO)

    def kpi(self, journey: str, kpi: str, alert: float, value: float) -> None:
        """Say how a KPI of the department VG stands whose norm is 7."""
        of = {"journey": journey, "kpi": kpi}
        known = {"name_nl": f"Cijfer {kpi}", "name_en": f"Score {kpi}", "department": "VG Vergunningen"}
        self.say("klantreis_kpi_info", 1, **of, **known, severity="critical", owner="Anna", unit="points")
        self.say("klantreis_kpi_alert", alert, **of)
        self.say("klantreis_kpi_value", value, **of)
        self.say("klantreis_kpi_norm", 7, **of)
        self.say("klantreis_kpi_observations", 48, **of)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer; before and after, nobody answers at the address."""
        server, thread = start_http_server(self.port, "127.0.0.1", self._registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _gauge(self, name: str, *labels: str) -> Gauge:
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, name, labels, registry=self._registry)
        return self._gauges[name]
