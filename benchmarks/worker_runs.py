"""Cases a, f and g: the product's own worker, from records in the topic to committed transactions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from benchmarks.filling import Filling, lay_filled
from benchmarks.measuring import meter_of, result
from benchmarks.patience import alive
from benchmarks.progress import Progress
from benchmarks.publishing import publish
from benchmarks.readers import await_assignment
from benchmarks.run import Run
from benchmarks.testbed import running_broker, running_database, settings_for
from benchmarks.traffic import HOUR, records
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.settings import Settings

_GRACE_SECONDS = 30.0


def counted(run: Run, *, span: timedelta = HOUR, filling: Filling | None = None) -> dict[str, Any]:
    """Let one worker count what lies in the topic; measured from the first commit to the last."""
    if filling is not None:
        lay_filled(run, filling)
    random_ids = filling is not None and filling.random_ids
    traffic = records(run.records, run.now, span=span, random_ids=random_ids)
    with running_database(run.folder) as database, running_broker(run.folder) as broker:
        publish(broker.address, traffic)
        settings = settings_for(run.folder, database.url, broker.address)
        with running_workers(settings, 1) as workers, Progress.watching(database.url, broker.address) as progress:
            meter = meter_of(worker=workers, database=database, broker=broker)
            check = alive(workers)
            with meter.sampling():
                first = progress.reading(meter, 1, check)
                last = progress.reading(meter, len(traffic), check)
            progress.verify()
            return result(first, last, meter)


def counted_by_several(run: Run, workers: int, partitions: int = 8) -> dict[str, Any]:
    """Let several workers count, each by itself in one process.

    Measured from when all is in the topic that each already reads its share of.
    """
    traffic = records(2 * run.records, run.now)
    with running_database(run.folder) as database, running_broker(run.folder, partitions) as broker:
        settings = settings_for(run.folder, database.url, broker.address).model_copy(update={"worker_processes": 1})
        with running_workers(settings, workers) as started, Progress.watching(database.url, broker.address) as progress:
            await_assignment(started, partitions)
            meter = meter_of(worker=started, database=database, broker=broker)
            with meter.sampling():
                publish(broker.address, traffic, partitions)
                first = meter.read(progress.counted())
                last = progress.reading(meter, len(traffic), alive(started))
            progress.verify()
            return result(first, last, meter)


@contextmanager
def running_workers(settings: Settings, n: int) -> Iterator[Sequence[Child]]:
    """Run so many workers of the product."""
    workers = [command_child(f"worker-{number}", "worker", settings) for number in range(1, n + 1)]
    try:
        for worker in workers:
            worker.start()
        yield workers
    finally:
        for worker in workers:
            worker.stop(_GRACE_SECONDS)
