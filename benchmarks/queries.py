"""How soon the queries behind the wallboard and /metrics answer, with so many events stored and nothing else to do."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from math import ceil
from typing import Any

from benchmarks.filling import Filling, lay_filled
from benchmarks.run import Run
from benchmarks.testbed import running_database
from benchmarks.traffic import journey
from services.monitor.figures.rolling_windows import WINDOWS
from services.store.reading import AFTER_ALL, BEFORE_ALL, Moment, Reading
from streams.rolling import ROLLING, parts
from streams.windows import Resolution, bucket_of, hour_of_the_clock

_ROUNDS = 100
_PAGE = 50
_OVERDUE = timedelta(days=3)

Query = tuple[str, Awaitable[object]]


def answered(run: Run, filling: Filling) -> dict[str, Any]:
    """Ask every query a hundred times; `p50_seconds` and `p95_seconds` are those of the slowest kind of query."""
    lay_filled(run, filling)
    with running_database(run.folder) as database:
        took = asyncio.run(_ask(database.url, run))
    by_kind = {name: (_rank(times, 0.5), _rank(times, 0.95)) for name, times in took.items()}
    slowest = max(by_kind, key=lambda name: by_kind[name][1])
    everything = [seconds for times in took.values() for seconds in times]
    return {
        "rate": round(len(everything) / sum(everything), 1),
        "p50_seconds": by_kind[slowest][0],
        "p95_seconds": by_kind[slowest][1],
        "slowest": slowest,
        "p95_by_query": {name: p95 for name, (_, p95) in by_kind.items()},
    }


async def _ask(database_url: str, run: Run) -> dict[str, list[float]]:
    took: dict[str, list[float]] = defaultdict(list)
    reading = Reading(database_url)
    await reading.open()
    try:
        for _ in range(_ROUNDS):
            async with reading.moment() as moment:
                async for name, query in _queries(moment, run):
                    begun = time.perf_counter()
                    await query
                    took[name].append(time.perf_counter() - begun)
    finally:
        await reading.close()
    return took


async def _queries(moment: Moment, run: Run) -> AsyncIterator[Query]:
    drawn, now = journey(), run.now
    for window in WINDOWS:
        for part in parts(ROLLING[window], now, drawn.zone):
            yield f"histograms {window} by {part.resolution}", moment.histograms(drawn.id, part)
    midnight = bucket_of(now, Resolution.DAY, drawn.zone)
    overdue_before = hour_of_the_clock(now - _OVERDUE, drawn.zone)
    yield "case_counts", moment.case_counts(drawn.id, midnight, overdue_before)
    yield "volumes_of_day", moment.volumes_of_day(drawn.id, midnight)
    yield "waiting_cases", moment.waiting_cases(drawn.id, BEFORE_ALL, _PAGE)
    yield "closed_cases", moment.closed_cases(drawn.id, AFTER_ALL, _PAGE)
    shown = await moment.closed_cases(drawn.id, AFTER_ALL, 1)
    yield "one_case", moment.one_case(drawn.id, shown[0].case_id)
    yield "visits_of_case", moment.visits_of_case(shown[0].case_key)
    yield "log_positions", moment.log_positions()
    yield "reject_counts", moment.reject_counts()
    yield "interruption_counts", moment.interruption_counts()


def _rank(times: list[float], q: float) -> float:
    """Return a quantile, nearest rank."""
    return round(sorted(times)[ceil(q * len(times)) - 1], 4)
