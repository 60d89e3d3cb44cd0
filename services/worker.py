"""`klantreis worker`: the Faust app on the store, until it is told to stop."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import faust
from faust.types.auth import CredentialsT
from mode import Service, Worker

from services import worker_memory
from services.counting_processes import CountingProcesses
from services.group_watch import GroupWatch, free_group
from services.kafka_access import KafkaAccess
from services.kafka_topics import ensure_topics, log_ids
from services.settings import Settings
from services.store.postgres import PostgresStore
from services.worker_metrics import WorkerMetrics
from services.worker_store import store_of, writing_of
from streams.app import REBALANCE_SECONDS, StreamSettings, build_app


def run(settings: Settings) -> None:
    """Count until SIGINT or SIGTERM. Exits the process: 0 when told to stop, 1 after a crash."""
    worker_memory.tune()
    meter = WorkerMetrics()
    store = store_of(settings, meter.waited)
    with ExitStack() as stack:
        n = settings.worker_processes
        processes = stack.enter_context(CountingProcesses(n, settings, meter.waited)) if n > 1 else None
        ensure_topics(settings.kafka)
        if settings.worker_metrics_port:
            meter.serve(settings.worker_metrics_host, settings.worker_metrics_port)
        folder = stack.enter_context(TemporaryDirectory(prefix="klantreis-worker-", ignore_cleanup_errors=True))
        write = processes.write if processes else writing_of(settings, store)
        app = build_app(_stream_settings(settings, Path(folder)), store, write, lambda: datetime.now(UTC), meter)
        watch = GroupWatch(app, lambda: free_group(settings.kafka, settings.group), _patience(settings))
        # One starts after another, and the app only once it has partitions.
        services = _StoreService(store, processes), worker_memory.Collector(), watch, app
        Worker(*services, override_logging=False, redirect_stdouts=False).execute_from_commandline()


def _patience(settings: Settings) -> float:
    """Return for how long, in seconds, a worker may be without an assignment: longer than any rebalance takes."""
    return settings.session_seconds + REBALANCE_SECONDS + 5.0


class _StoreService(Service):  # type: ignore[misc]
    """Opens the store before the app starts, on the app's own loop, and closes it, and what counts, after the app."""

    def __init__(self, store: PostgresStore, processes: CountingProcesses | None) -> None:
        super().__init__()
        self._store = store
        self._processes = processes

    async def on_start(self) -> None:
        await self._store.open()

    async def on_stop(self) -> None:
        if self._processes:
            await self._processes.close()
        await self._store.close()


def _stream_settings(settings: Settings, folder: Path) -> StreamSettings:
    return StreamSettings(
        broker=settings.broker,
        credentials=_credentials(settings.kafka),
        group=settings.group,
        data_dir=folder,
        batch_records=settings.batch_records,
        # One batch more than there are processes lies ready for them; or is computed while another is in the database.
        side_by_side=settings.worker_processes + 1,
        session_seconds=settings.session_seconds,
        log_ids=log_ids(settings.kafka),
        name_logs=lambda: log_ids(settings.kafka),
        least_released=settings.release_answers,
    )


def _credentials(kafka: KafkaAccess) -> CredentialsT | None:
    """Return, for Faust, who the worker is to the broker; None if it need not say."""
    given = kafka.client()
    tls = given.get("ssl_context")
    if "sasl_mechanism" in given:
        return faust.SASLCredentials(
            username=given["sasl_plain_username"],
            password=given["sasl_plain_password"],
            mechanism=given["sasl_mechanism"],
            ssl_context=tls,
        )
    return faust.SSLCredentials(tls) if tls else None
