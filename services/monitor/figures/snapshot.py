"""What the wallboard and /metrics show: read by one poller a process, kept when the database is away."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from schemas.journey import Catalogue, Journey
from services.lag import Lag, LagWatch
from services.monitor.figures.kpi_standing import KpiStanding, standings
from services.monitor.figures.rolling_windows import RollingWindows
from services.store.reading import (
    BEFORE_ALL,
    CaseCounts,
    CaseRow,
    Histograms,
    Moment,
    OpenInvitation,
    Reading,
    Unreadable,
)
from streams.windows import Resolution, bucket_of, hour_of_the_clock

Clock = Callable[[], datetime]

_PATIENCE_SECONDS = 9.0
_LONGEST_REST_SECONDS = 2.0  # what is read must not look stale because of it
_DEMO_OFFERS = 1
_DEMO_LOOKS_BACK = timedelta(days=1)
_log = structlog.get_logger()


@dataclass(frozen=True)
class JourneySnapshot:
    """One journey at one moment: the newest map of it, its cases, today's visits by touchpoint, its windows.

    `flagged` is how many flags of cases stand, by (kind, touchpoint). `kpis` are those it draws that have been judged.
    `open_invitations` are the newest that wait for an answer; only a demo reads them.
    """

    drawn: Journey
    counts: CaseCounts
    waiting_longest: CaseRow | None
    today: Mapping[str, int]
    windows: Mapping[str, Histograms]
    flagged: Mapping[tuple[str, str], int] = field(default_factory=dict)
    open_invitations: Sequence[OpenInvitation] = ()
    kpis: Sequence[KpiStanding] = ()


@dataclass(frozen=True)
class Snapshot:
    """What was read at one moment; of the windows, what lies longer ago may have been read a while before.

    `catalogue` is what events are checked against.
    """

    taken_at: datetime
    catalogue: Catalogue
    journeys: Mapping[str, JourneySnapshot]
    lag: Lag
    rejects: Mapping[str, int]
    interruptions: Mapping[str, int]

    def age(self, now: datetime) -> timedelta:
        """Return how long ago this was read."""
        return max(now - self.taken_at, timedelta(0))


@dataclass
class Poller:
    """Refreshes the snapshot every `seconds`; a refresh that fails leaves the last one and says why in `failing`."""

    reading: Reading
    clock: Clock
    seconds: float
    demo: bool = False
    snapshot: Snapshot | None = None
    failing: str | None = "nothing has been read yet"
    _lag: LagWatch = field(default_factory=LagWatch)
    _turn: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._windows = RollingWindows(self.clock)

    async def run(self) -> None:
        """Refresh until cancelled; a turn that takes long is followed by a rest that is four times as long."""
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await self.refresh()
            self._turn.set()
            self._turn = asyncio.Event()
            took = loop.time() - begun
            await asyncio.sleep(max(self.seconds - took, min(4 * took, _LONGEST_REST_SECONDS)))

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
        journeys = [catalogue.latest(journey) for journey in catalogue.journeys()]
        async with self.reading.moment() as moment:
            windows = await self._windows.read(moment, journeys, now)
            return Snapshot(
                taken_at=now,
                catalogue=catalogue,
                journeys={drawn.id: await self._journey(moment, drawn, windows[drawn.id], now) for drawn in journeys},
                lag=self._lag.look(await moment.log_positions()),
                rejects=await moment.reject_counts(),
                interruptions=await moment.interruption_counts(),
            )

    async def _journey(
        self, moment: Moment, drawn: Journey, windows: Mapping[str, Histograms], now: datetime
    ) -> JourneySnapshot:
        midnight = bucket_of(now, Resolution.DAY, drawn.zone)
        overdue_before = None if drawn.case_limit is None else hour_of_the_clock(now - drawn.case_limit, drawn.zone)
        waiting = await moment.waiting_cases(drawn.id, BEFORE_ALL, 1)
        lately = now - _DEMO_LOOKS_BACK
        return JourneySnapshot(
            drawn=drawn,
            counts=await moment.case_counts(drawn.id, midnight, overdue_before),
            waiting_longest=waiting[0] if waiting else None,
            today=await moment.volumes_of_day(drawn.id, midnight),
            windows=windows,
            kpis=standings(drawn, await moment.kpis(drawn.id)),
            flagged=await moment.flag_counts(drawn.id),
            open_invitations=await moment.open_invitations(drawn.id, lately, _DEMO_OFFERS) if self.demo else (),
        )
