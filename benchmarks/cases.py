"""The cases, by the issue's letters: what each is, and against which other it is held."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from benchmarks.filling import Filling
from benchmarks.freshness import fresh_at
from benchmarks.peer_runs import copy_rows, faust_table, faust_take, quix_windows
from benchmarks.queries import answered
from benchmarks.run import Run
from benchmarks.worker_runs import counted, counted_by_several


@dataclass(frozen=True)
class Case:
    """What is measured. `ratio` names two cases: the rate of the first is held against that of the second."""

    what: str
    measure: Callable[[Run], dict[str, Any]]
    ratio: tuple[str, str] | None = None


_WEEKS = timedelta(days=14)
FRESH_RATE = 2_000

CASES: Mapping[str, Case] = {
    "a": Case("this worker, end to end, counting in two processes", counted),
    "a_sparse": Case("a, its hour drawn out to two weeks", partial(counted, span=_WEEKS), ("a_sparse", "a")),
    "b": Case("stock Faust agent, take(2000), the same validation and store", faust_take, ("a", "b")),
    "c": Case("stock Faust agent, Record, windowed table in memory", faust_table, ("a", "c")),
    "d": Case("Quix Streams, pydantic, its windows and store", quix_windows, ("a", "d")),
    "e": Case("binary COPY of events and keys, no Kafka", partial(copy_rows, keys=True), ("a", "e")),
    "e_events_only": Case("e without the keys", partial(copy_rows, keys=False), ("a", "e_events_only")),
    "f_1": Case("a worker of one process, over eight partitions", partial(counted_by_several, workers=1), ("f_1", "a")),
    "f_2": Case("two such workers over eight partitions", partial(counted_by_several, workers=2), ("f_2", "f_1")),
    "f_4": Case("four such workers over eight partitions", partial(counted_by_several, workers=4), ("f_4", "f_1")),
    "g_100k": Case("a with 100,000 events stored", partial(counted, filling=Filling(100_000))),
    "g_1m": Case("a with 1 million events stored", partial(counted, filling=Filling(1_000_000)), ("g_1m", "g_100k")),
    "g_10m": Case(
        "a with 10 million events stored", partial(counted, filling=Filling(10_000_000)), ("g_10m", "g_100k")
    ),
    "g_random": Case(
        "g_10m with UUIDv4 ids",
        partial(counted, filling=Filling(10_000_000, random_ids=True)),
        ("g_random", "g_100k"),
    ),
    "g_queries": Case(
        "queries of wallboard and /metrics at 10 million: the slowest", partial(answered, filling=Filling(10_000_000))
    ),
    "h_2000": Case("worker and monitor at 2,000/s: produce to /metrics", partial(fresh_at, rate=FRESH_RATE)),
    "h_half": Case("worker and monitor at half of a's rate", fresh_at),
}
"""In the order in which they run, round after round."""
