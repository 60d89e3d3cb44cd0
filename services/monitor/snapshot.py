"""What the wallboard and /metrics show: read by one poller a process, kept when the database is away."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from schemas.journey import Catalogue, Journey
from services.monitor.lag import Lag, LagWatch
from services.store.reading import BEFORE_ALL, CaseCounts, CaseRow, Histogram, Moment, Reading, Subject, Unreadable
from streams.windows import ROLLING, Resolution, bucket_of, rolling

Clock = Callable[[], datetime]

WINDOWS = ("1h", "24h", "28d")
"""The rolling windows that a snapshot holds."""

FIGURES_EVERY = timedelta(seconds=5)
"""How often the rolling windows are summed again; what is counted now (cases, today, lag) is read at every turn.

Windows that take long to sum are summed less often, so that it takes a fifth of the time at most.
"""

_PATIENCE_SECONDS = 9.0
_log = structlog.get_logger()

Histograms = Mapping[Subject, Histogram]


@dataclass(frozen=True)
class JourneySnapshot:
    """One journey at one moment: the newest map of it, its cases, today's visits by touchpoint, its windows."""

    drawn: Journey
    counts: CaseCounts
    waiting_longest: CaseRow | None
    today: Mapping[str, int]
    windows: Mapping[str, Histograms]


@dataclass(frozen=True)
class Snapshot:
    """What was read at one moment. `catalogue` is what events are checked against."""

    taken_at: datetime
    catalogue: Catalogue
    journeys: Mapping[str, JourneySnapshot]
    lag: Lag
    rejects: Mapping[str, int]

    def age(self, now: datetime) -> timedelta:
        """Return how long ago this was read."""
        return max(now - self.taken_at, timedelta(0))


@dataclass
class Poller:
    """Refreshes the snapshot every `seconds`; a refresh that fails leaves the last one and says why in `failing`."""

    reading: Reading
    clock: Clock
    seconds: float
    snapshot: Snapshot | None = None
    failing: str | None = "nothing has been read yet"
    _lag: LagWatch = field(default_factory=LagWatch)
    _windows: Mapping[str, Mapping[str, Histograms]] = field(default_factory=dict)
    _windows_due: datetime = datetime(1, 1, 2, tzinfo=UTC)
    _turn: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Refresh until cancelled."""
        while True:
            await self.refresh()
            self._turn.set()
            self._turn = asyncio.Event()
            await asyncio.sleep(self.seconds)

    async def next_turn(self, patience_seconds: float) -> None:
        """Wait for the next refresh, whether it fails or not, but no longer than `patience_seconds`."""
        try:
            await asyncio.wait_for(self._turn.wait(), patience_seconds)
        except TimeoutError:
            return

    async def refresh(self) -> None:
        """Take a new snapshot; on failure keep the last one. Never raises: the monitor outlives what it watches."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self.snapshot = await self._take()
        except Unreadable as error:
            self._failed(str(error))
        except TimeoutError:
            self._failed("the database does not answer in time")
        except Exception as error:
            _log.exception("the monitor could not read the figures")
            self._failed(f"{type(error).__name__}: {error}")
        else:
            if self.failing:
                _log.info("the figures are read")
            self.failing = None

    def _failed(self, why: str) -> None:
        if why != self.failing:
            _log.warning("the figures cannot be refreshed", why=why)
        self.failing = why

    async def _take(self) -> Snapshot:
        now = self.clock()
        catalogue = await self.reading.catalogue()
        async with self.reading.moment() as moment:
            if now >= self._windows_due or self._windows.keys() != set(catalogue.journeys()):
                self._windows = {journey: await _windows(moment, journey, now) for journey in catalogue.journeys()}
                self._windows_due = now + max(FIGURES_EVERY, 5 * (self.clock() - now))
            return Snapshot(
                taken_at=now,
                catalogue=catalogue,
                journeys={
                    journey: await _journey(moment, catalogue.latest(journey), self._windows[journey], now)
                    for journey in catalogue.journeys()
                },
                lag=self._lag.look(await moment.log_positions()),
                rejects=await moment.reject_counts(),
            )


async def _windows(moment: Moment, journey: str, now: datetime) -> Mapping[str, Histograms]:
    return {window: await moment.histograms(journey, *rolling(ROLLING[window], now)) for window in WINDOWS}


async def _journey(moment: Moment, drawn: Journey, windows: Mapping[str, Histograms], now: datetime) -> JourneySnapshot:
    midnight = bucket_of(now, Resolution.DAY, drawn.zone)
    waiting = await moment.waiting_cases(drawn.id, BEFORE_ALL, 1)
    return JourneySnapshot(
        drawn=drawn,
        counts=await moment.case_counts(
            drawn.id, midnight, None if drawn.case_limit is None else now - drawn.case_limit
        ),
        waiting_longest=waiting[0] if waiting else None,
        today=await moment.volumes_of_day(drawn.id, midnight),
        windows=windows,
    )
