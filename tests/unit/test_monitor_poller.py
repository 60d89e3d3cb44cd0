"""The poller keeps what it has when the database is away, and says why."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from schemas.journey import Catalogue, JourneyVersion
from services.monitor.app import finish
from services.monitor.figures.rolling_windows import WINDOWS
from services.monitor.figures.snapshot import Poller
from services.store.reading import (
    CaseCounts,
    CaseRow,
    Histograms,
    KpiRow,
    LogPosition,
    Moment,
    Place,
    Reading,
    Unreadable,
)
from streams.rolling import Part
from tests.snapshots import NOW, balie, kpi_row, volume, waiting

VERSION = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=balie())


class PretendMoment(Moment):
    """A moment that answers without a database and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    async def histograms(self, journey: str, part: Part) -> Histograms:
        self.asked.append(("histograms", journey, part))
        return volume("gesteld", 1)

    async def volumes_of_day(self, journey: str, midnight: datetime) -> Mapping[str, int]:
        self.asked.append(("volumes", journey, midnight))
        return {"gesteld": 5}

    async def case_counts(self, journey: str, midnight: datetime, overdue_before: datetime | None) -> CaseCounts:
        self.asked.append(("counts", journey, midnight, overdue_before))
        return CaseCounts(12, 3, 4, 2)

    async def waiting_cases(self, journey: str, after: Place, limit: int) -> Sequence[CaseRow]:
        self.asked.append(("waiting", journey, after, limit))
        return [waiting()]

    async def flag_counts(self, journey: str) -> Mapping[tuple[str, str], int]:
        self.asked.append(("flags", journey))
        return {("waiting", "gesteld"): 5}

    async def kpis(self, journey: str) -> Sequence[KpiRow]:
        self.asked.append(("kpis", journey))
        return [kpi_row()]

    async def log_positions(self) -> Sequence[LogPosition]:
        return [LogPosition("touchpoint-events", 0, 5, 8, NOW)]

    async def reject_counts(self) -> Mapping[str, int]:
        return {"malformed_json": 2}

    async def interruption_counts(self) -> dict[str, int]:
        return {"fenced": 1}


class PretendReading(Reading):
    """A database that may be away."""

    def __init__(self, away: Exception | None = None, takes: float = 0) -> None:
        self.away = away
        self.takes = takes
        self.begun: list[float] = []
        self.at = PretendMoment()

    async def catalogue(self) -> Catalogue:
        if self.away:
            raise self.away
        return Catalogue([VERSION])

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[Moment]:
        self.begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.takes)
        yield self.at


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def test_a_snapshot() -> None:
    held = Poller(PretendReading(), Clock(), 0.5)
    await held.refresh()
    assert held.failing is None
    assert held.snapshot is not None
    shown = held.snapshot.journeys["balie"]
    assert (shown.counts.open, shown.today, shown.waiting_longest) == (12, {"gesteld": 5}, waiting())
    assert (set(shown.windows), shown.flagged) == (set(WINDOWS), {("waiting", "gesteld"): 5})
    assert [standing.state for standing in shown.kpis] == ["below_norm"]
    assert (held.snapshot.lag.records, held.snapshot.rejects) == (3, {"malformed_json": 2})


async def test_today_begins_at_local_midnight_and_the_case_limit_makes_overdue_by_the_hour() -> None:
    reading = PretendReading()
    await Poller(reading, Clock(), 0.5).refresh()
    midnight = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
    assert ("volumes", "balie", midnight) in reading.at.asked
    assert ("counts", "balie", midnight, datetime(2026, 11, 18, 13, 0, tzinfo=UTC)) in reading.at.asked


async def test_the_running_buckets_are_read_at_every_turn() -> None:
    reading, clock = PretendReading(), Clock()
    held = Poller(reading, clock, 0.5)
    for _ in range(3):
        clock.now += timedelta(seconds=0.5)
        await held.refresh()
    kinds = [asked[0] for asked in reading.at.asked]
    running = [asked for asked in reading.at.asked if isinstance(asked[-1], Part) and asked[-1].end > clock.now]
    assert (kinds.count("counts"), len(running)) == (3, 3 * 2)  # the running minute and the running hour


async def test_a_failed_refresh_keeps_the_last_snapshot_and_says_why() -> None:
    reading, clock = PretendReading(), Clock()
    held = Poller(reading, clock, 0.5)
    await held.refresh()
    first = held.snapshot
    clock.now += timedelta(seconds=30)
    reading.away = Unreadable("connection refused")
    await held.refresh()
    assert held.snapshot is first
    assert held.failing == "connection refused"
    assert first is not None
    assert first.age(clock.now) == timedelta(seconds=30)
    reading.away = None
    await held.refresh()
    assert held.snapshot is not first
    assert held.failing is None


async def test_a_fault_of_our_own_does_not_end_the_polling() -> None:
    reading = PretendReading(away=ValueError("a journey that cannot be read"))
    held = Poller(reading, Clock(), 0.01)
    polling = asyncio.create_task(held.run())
    await held.next_turn(5)
    assert held.failing == "ValueError: a journey that cannot be read"
    reading.away = None
    while held.snapshot is None:
        await held.next_turn(5)
    polling.cancel()


async def test_who_waits_for_the_next_turn_is_woken_by_it_or_by_patience() -> None:
    held = Poller(PretendReading(), Clock(), 0.2)
    await held.next_turn(0.01)
    assert held.snapshot is None
    polling = asyncio.create_task(held.run())
    await held.next_turn(5)
    assert held.snapshot is not None
    polling.cancel()


@pytest.mark.parametrize(("takes", "seconds", "apart"), [(0.05, 0.01, 5 * 0.05), (0.02, 0.3, 0.3)])
async def test_turns_begin_so_far_apart_that_reading_takes_a_fifth_of_the_time_at_most(
    takes: float, seconds: float, apart: float
) -> None:
    reading = PretendReading(takes=takes)
    held = Poller(reading, Clock(), seconds)
    polling = asyncio.create_task(held.run())
    for _ in range(4):
        await held.next_turn(5)
    polling.cancel()
    assert all(later - earlier > 0.99 * apart for earlier, later in pairwise(reading.begun))


async def test_polling_ends_even_if_a_cancellation_is_lost() -> None:
    lost = 0

    async def polling() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost += 1

    task = asyncio.create_task(polling())
    await asyncio.sleep(0)
    await finish(task)
    assert (task.cancelled(), lost) == (True, 1)
