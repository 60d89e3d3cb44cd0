"""/metrics: the snapshot as Prometheus metrics."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from schemas import metrics
from schemas.alert import AlertKind
from schemas.interruption import Interruption
from schemas.journey import CASE_SPAN, Journey
from schemas.kpi import SHARES
from schemas.metrics import Metric
from schemas.reject import Reason
from services.monitor.figures.histograms import DurationFigure, duration_figure
from services.monitor.figures.kept_limits import KeptLimits, kept_limits
from services.monitor.figures.kpi_standing import KpiStanding
from services.monitor.figures.score_figures import score_figure
from services.monitor.figures.snapshot import JourneySnapshot, Poller, Snapshot
from services.monitor.http.problems import documented
from services.monitor.wallboard.board import span_figure
from services.store.reading import SHOWN, Histograms
from streams.kpi import State
from streams.observations import Measure

_FAMILIES = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily, "info": InfoMetricFamily}

Labels = Sequence[str]
Sample = tuple[Metric, Labels, float]


class SnapshotCollector(Collector):
    """Hands Prometheus the poller's last snapshot, however old; its age and whether reading succeeds go with it.

    The figures of a snapshot are worked out once, whoever asks for them and how often.
    """

    def __init__(self, poller: Poller, enough_answers: int) -> None:
        self._poller = poller
        self._enough_answers = enough_answers
        self._worked_out: tuple[Snapshot | None, Sequence[Sample]] = None, ()

    def describe(self) -> Iterable[Family]:
        """Name every family, so that registering asks for no figures."""
        return [_family(metric) for metric in metrics.ALL]

    def collect(self) -> Iterator[Family]:
        """Yield every family with its samples; a family without samples is left out."""
        samples: dict[Metric, list[tuple[Labels, float]]] = defaultdict(list)
        for metric, labels, value in self._samples():
            samples[metric].append((labels, value))
        for metric in metrics.ALL:
            if metric in samples:
                family = _family(metric)
                for labels, value in samples[metric]:
                    family.add_metric(labels, {} if metric.kind == "info" else value)
                yield family

    def _samples(self) -> Iterator[Sample]:
        yield metrics.UP, (), float(self._poller.failing is None)
        snapshot = self._poller.snapshot
        if snapshot is not None:
            yield metrics.SNAPSHOT_AGE, (), snapshot.age(self._poller.clock()).total_seconds()
            yield from self._figures(snapshot)

    def _figures(self, snapshot: Snapshot) -> Sequence[Sample]:
        of, samples = self._worked_out
        if of is not snapshot:
            samples = tuple(_of_snapshot(snapshot, self._enough_answers))
            self._worked_out = snapshot, samples
        return samples


def router(poller: Poller, enough_answers: int) -> APIRouter:
    """Return the route that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(SnapshotCollector(poller, enough_answers))
    routes = APIRouter(tags=["health"])

    @routes.get("/metrics", response_class=Response, summary="Metrics for Prometheus", responses=documented(401))
    async def scrape(request: Request) -> Response:
        """Answer in the format that the scraper accepts."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), media_type=None, headers={"Content-Type": content_type})

    return routes


def _family(metric: Metric) -> Any:
    return _FAMILIES[metric.kind](metric.name, metric.help, labels=metric.labels)


def _of_snapshot(snapshot: Snapshot, enough_answers: int) -> Iterator[Sample]:
    yield metrics.LAG_RECORDS, (), snapshot.lag.records
    yield metrics.LAG_SECONDS, (), snapshot.lag.seconds(snapshot.taken_at)
    if snapshot.lag.worker_seen_at is not None:
        yield metrics.WORKER_SEEN, (), snapshot.lag.worker_seen_at.timestamp()
    for reason in Reason:  # those at 0 too, so that Prometheus sees the first of them as an increase
        yield metrics.REJECTS, (reason,), snapshot.rejects.get(reason, 0)
    for cause in Interruption:
        yield metrics.INTERRUPTIONS, (cause,), snapshot.interruptions.get(cause, 0)
    for journey in snapshot.journeys.values():
        yield from _of_cases(journey, snapshot)
        yield from _of_flags(journey)
        yield from _of_limits(journey.drawn)
        for standing in journey.kpis:
            yield from _of_kpi(journey.drawn, standing)
        for window, histograms in journey.windows.items():
            yield from _of_touchpoints(journey.drawn.id, window, histograms)
            yield from _of_spans(journey.drawn, window, histograms)
            yield from _of_scores(journey.drawn.id, window, histograms, enough_answers)


def _of_cases(journey: JourneySnapshot, snapshot: Snapshot) -> Iterator[Sample]:
    labels = (journey.drawn.id,)
    yield metrics.CASES_OPEN, labels, journey.counts.open
    yield metrics.CASES_OVERDUE, labels, journey.counts.overdue
    waiting = journey.waiting_longest
    since = waiting.last_at if waiting and waiting.last_at else snapshot.taken_at
    yield metrics.OLDEST_WAITING, labels, max(0.0, (snapshot.taken_at - since).total_seconds())


def _of_kpi(drawn: Journey, standing: KpiStanding) -> Iterator[Sample]:
    kpi, shown = standing.kpi, standing.shown
    labels = drawn.id, kpi.id
    for state in State:
        yield metrics.KPI_STATE, (*labels, state), float(state is standing.state)
    yield metrics.KPI_ALERT, labels, float(standing.alerts)
    yield metrics.KPI_NORM, labels, float(kpi.norm)
    yield metrics.KPI_JUDGED, labels, standing.row.judged_at.timestamp()
    if shown is not None and shown.value is not None:
        yield metrics.KPI_VALUE, labels, float(shown.value)
        yield metrics.KPI_OBSERVATIONS, labels, shown.n
    named = (kpi.name.nl, kpi.name.en, standing.touchpoint or "", standing.department or "", kpi.severity)
    unit = "share" if kpi.measure in SHARES else "points"
    yield metrics.KPI_INFO, (*labels, *named, standing.owner or "", kpi.runbook or "", unit), 1.0


def _of_flags(journey: JourneySnapshot) -> Iterator[Sample]:
    """Yield every flag that there can be, also those of former versions that still stand."""
    drawn = journey.drawn
    waiting = ((AlertKind.WAITING.value, touchpoint) for touchpoint in drawn.waiting_limits)
    missing = ((AlertKind.MISSING.value, successor.touchpoint) for successor in drawn.successors.values())
    for kind, touchpoint in sorted({*waiting, *missing, *journey.flagged}):
        yield metrics.CASES_FLAGGED, (drawn.id, touchpoint, kind), journey.flagged.get((kind, touchpoint), 0)


def _of_limits(drawn: Journey) -> Iterator[Sample]:
    for touchpoint in drawn.touchpoints:
        if touchpoint.gap_limit is not None:
            yield metrics.GAP_LIMIT, (drawn.id, touchpoint.id), touchpoint.gap_limit.total_seconds()
    for span, limit in _spans(drawn):
        if limit is not None:
            yield metrics.THROUGHPUT_LIMIT, (drawn.id, span), limit.total_seconds()


def _spans(drawn: Journey) -> Iterator[tuple[str, timedelta | None]]:
    yield CASE_SPAN, drawn.case_limit
    for span in drawn.spans:
        yield span.id, span.limit


def _of_touchpoints(journey: str, window: str, histograms: Histograms) -> Iterator[Sample]:
    volumes: Counter[tuple[str, str]] = Counter()
    for subject, histogram in histograms.items():
        if subject.measure == Measure.VOLUME:  # whether it came in time makes no label
            volumes[subject.touchpoint, subject.department] += histogram.n
    for (touchpoint, department), n in volumes.items():
        yield metrics.TOUCHPOINT_VOLUME, (journey, touchpoint, department, window), n
    for subject, histogram in histograms.items():
        labels = journey, subject.touchpoint, subject.department, window
        if subject.measure == Measure.COMPLAINTS:
            yield metrics.COMPLAINTS, labels, histogram.n
        elif subject.measure == Measure.GAP:
            figure = duration_figure(Measure.GAP, [histogram], None)
            yield from _of_duration(figure, labels, metrics.GAP_MEDIAN, metrics.GAP_P90, metrics.GAP_OBSERVATIONS)


def _of_spans(drawn: Journey, window: str, histograms: Histograms) -> Iterator[Sample]:
    for span, limit in _spans(drawn):
        figure = span_figure(histograms, span, limit)
        yield from _of_duration(
            figure,
            (drawn.id, span, window),
            metrics.THROUGHPUT_MEDIAN,
            metrics.THROUGHPUT_P90,
            metrics.THROUGHPUT_OBSERVATIONS,
        )
        if limit is not None:
            yield from _of_kept_limits(kept_limits(histograms, span), (drawn.id, span, window))


def _of_kept_limits(limits: KeptLimits, labels: Labels) -> Iterator[Sample]:
    yield metrics.WITHIN_DUE, labels, limits.due
    if limits.estimate is not None:
        yield metrics.WITHIN_SHARE, labels, limits.estimate.value


def _of_scores(journey: str, window: str, histograms: Histograms, enough: int) -> Iterator[Sample]:
    said: dict[tuple[str, str, str], Counter[int]] = defaultdict(Counter)
    for subject, histogram in histograms.items():
        if subject.measure in SHOWN:  # whether the touchpoint came in time makes no label
            said[subject.touchpoint, subject.department, SHOWN[subject.measure]].update(histogram.bins)
    for (touchpoint, department, measure), counts in said.items():
        labels = journey, touchpoint, department, measure, window
        figure = score_figure(measure, counts, enough)
        yield metrics.SCORES, labels, figure.n
        if figure.estimate is not None:
            yield metrics.SCORE, labels, figure.estimate.value
            yield metrics.SCORE_LOW, labels, figure.estimate.low
            yield metrics.SCORE_HIGH, labels, figure.estimate.high


def _of_duration(figure: DurationFigure, labels: Labels, median: Metric, p90: Metric, n: Metric) -> Iterator[Sample]:
    yield n, labels, figure.n
    if figure.median is not None and figure.p90 is not None:
        yield median, labels, figure.median / 1000
        yield p90, labels, figure.p90 / 1000
