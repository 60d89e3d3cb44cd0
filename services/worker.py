"""`klantreis worker`: the Faust app on the store, until it is told to stop."""

import gc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import faust
from faust.types.auth import CredentialsT
from mode import Service, Worker

from services.group_watch import GroupWatch, free_group
from services.kafka_access import KafkaAccess
from services.kafka_topics import ensure_topics, log_ids
from services.settings import Settings
from services.store.postgres import PostgresStore
from services.worker_metrics import WorkerMetrics
from streams.app import REBALANCE_SECONDS, StreamSettings, build_app
from streams.invitations import FatigueRule

_COLLECT_SECONDS = 300.0


def run(settings: Settings) -> None:
    """Count until SIGINT or SIGTERM. Exits the process: 0 when told to stop, 1 after a crash."""
    _collect_garbage_seldom()
    ensure_topics(settings.kafka)
    meter = WorkerMetrics()
    store = PostgresStore(
        settings.database_url, settings.secrecy, settings.survey_links.link, settings.group, meter.waited
    )
    if settings.worker_metrics_port:
        meter.serve(settings.worker_metrics_host, settings.worker_metrics_port)
    with TemporaryDirectory(prefix="klantreis-worker-", ignore_cleanup_errors=True) as folder:
        app = build_app(_stream_settings(settings, Path(folder)), store, lambda: datetime.now(UTC), meter)
        watch = GroupWatch(app, lambda: free_group(settings.kafka, settings.group), _patience(settings))
        # One starts after another, and the app only once it has partitions.
        services = _StoreService(store), _Collector(), watch, app
        Worker(*services, override_logging=False, redirect_stdouts=False).execute_from_commandline()


def _collect_garbage_seldom() -> None:
    """A batch makes many objects and no cycles; to look for cycles among them took a third of the time."""
    gc.freeze()
    gc.set_threshold(500_000, 10, 10)


def _patience(settings: Settings) -> float:
    """Return for how long, in seconds, a worker may be without an assignment: longer than any rebalance takes."""
    return settings.session_seconds + REBALANCE_SECONDS + 5.0


class _Collector(Service):  # type: ignore[misc]
    """Collects what garbage there is now and then: an idle worker makes some, slowly, and would never have enough."""

    async def on_started(self) -> None:
        self.add_future(self._collect())

    async def _collect(self) -> None:
        while not self.should_stop:
            await self.sleep(_COLLECT_SECONDS)
            gc.collect()


class _StoreService(Service):  # type: ignore[misc]
    """Opens the store before the app starts and closes it after the app has stopped, on the app's own loop."""

    def __init__(self, store: PostgresStore) -> None:
        super().__init__()
        self._store = store

    async def on_start(self) -> None:
        await self._store.open()

    async def on_stop(self) -> None:
        await self._store.close()


def _stream_settings(settings: Settings, folder: Path) -> StreamSettings:
    return StreamSettings(
        broker=settings.broker,
        credentials=_credentials(settings.kafka),
        group=settings.group,
        data_dir=folder,
        batch_records=settings.batch_records,
        session_seconds=settings.session_seconds,
        log_ids=log_ids(settings.kafka),
        name_logs=lambda: log_ids(settings.kafka),
        fatigue_rule=FatigueRule(settings.invitations, timedelta(days=settings.invitation_days)),
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
