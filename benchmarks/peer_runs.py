"""Cases b to e: others' ways to do the same, each a process of its own, measured from outside as the worker is."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.marks import FIRST, LAST
from benchmarks.measuring import Meter, Reading, meter_of, result
from benchmarks.patience import alive
from benchmarks.progress import Progress
from benchmarks.publishing import publish
from benchmarks.run import Run
from benchmarks.testbed import SECRET, running_broker, running_database
from benchmarks.traffic import records, records_by_scope
from services.embedded.child import Child

PEERS_PYTHON = Path(".venv/peers/bin/python")
"""The environment of what does not go together with the product's packages; `make bench` makes it."""

_POLL_SECONDS = 0.02
_GRACE_SECONDS = 30.0


def faust_take(run: Run) -> dict[str, Any]:
    """Stock Faust agent, take(2000, within=0.2), the product's validation and store."""
    with running_database(run.folder) as database, running_broker(run.folder) as broker:
        publish(broker.address, records(run.records, run.now))
        places = {"BROKER": broker.address, "DATABASE_URL": database.url, "SECRET": SECRET}
        with (
            _peer(run, "faust_take", places, "worker") as peer,
            Progress.watching(database.url, broker.address) as progress,
        ):
            meter = meter_of(worker=peer, database=database, broker=broker)
            check = alive([peer])
            with meter.sampling():
                first = progress.reading(meter, 1, check)
                last = progress.reading(meter, run.records, check)
            progress.verify()
            return result(first, last, meter)


def faust_table(run: Run) -> dict[str, Any]:
    """Stock Faust agent, Record and tumbling windowed table in memory, no database."""
    with running_broker(run.folder) as broker:
        publish(broker.address, records(run.records, run.now))
        with _peer(run, "faust_table", {"BROKER": broker.address}, "worker") as peer:
            return _marked(run, peer, meter_of(worker=peer, broker=broker))


def quix_windows(run: Run) -> dict[str, Any]:
    """Quix Streams, pydantic, its tumbling windows in its own store, no database."""
    with running_broker(run.folder) as broker:
        publish(broker.address, records_by_scope(run.records, run.now))
        with _peer(run, "quix_windows", {"BROKER": broker.address}, python=PEERS_PYTHON) as peer:
            return _marked(run, peer, meter_of(worker=peer, broker=broker))


def copy_rows(run: Run, *, keys: bool) -> dict[str, Any]:
    """Binary COPY of the same rows into the same indexed tables, no Kafka: the ceiling."""
    with running_database(run.folder) as database:
        places = {"DATABASE_URL": database.url, "NOW": run.now.isoformat(), "KEYS": str(int(keys))}
        with _peer(run, "copy_rows", places) as peer:
            return _marked(run, peer, meter_of(worker=peer, database=database))


@contextmanager
def _peer(
    run: Run, name: str, places: Mapping[str, str], *arguments: str, python: Path = Path(sys.executable)
) -> Iterator[Child]:
    """Run benchmarks.peers.NAME; what it must know is in its environment, as BENCHMARK_..."""
    own = run.folder / name
    own.mkdir()
    told = {"FOLDER": str(own), "MARKS": str(_marks(run)), "RECORDS": str(run.records), **places}
    command = [str(python), "-m", f"benchmarks.peers.{name}", *arguments]
    environment = {f"BENCHMARK_{key}": value for key, value in told.items()} | {"PYTHONPATH": str(Path.cwd())}
    peer = Child(name, command, run.folder / f"{name}.log", environment)
    peer.start()
    try:
        yield peer
    finally:
        peer.stop(_GRACE_SECONDS)


def _marked(run: Run, peer: Child, meter: Meter) -> dict[str, Any]:
    check = alive([peer])
    with meter.sampling():
        first, last = (_await(_marks(run), name, meter, check) for name in (FIRST, LAST))
    return result(first, last, meter)


def _await(marks: Path, name: str, meter: Meter, check: Callable[[], None]) -> Reading:
    """Wait for a mark, and read the meter; when it was made and how many records were done is in the mark."""
    while True:
        made = [json.loads(line) for line in marks.read_text().splitlines()] if marks.exists() else []
        for each in made:
            if each["name"] == name:
                return Reading(each["at"], each["n"], meter.read(each["n"]).cpu)
        check()
        time.sleep(_POLL_SECONDS)


def _marks(run: Run) -> Path:
    return run.folder / "marks.jsonl"
