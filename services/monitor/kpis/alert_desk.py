"""Behind the alert page: which KPIs need attention, who has taken notice, which are muted in Alertmanager."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from schemas.improvement import Improvement
from schemas.journey import Journey
from schemas.kpi import Kpi
from services.monitor.figures.kpi_standing import KpiStanding, standings
from services.monitor.figures.snapshot import Clock
from services.monitor.improvements.improvement_marks import concerning
from services.monitor.kpis.alertmanager import Alertmanager, AlertmanagerError, Mute, NotConfigured
from services.monitor.review.charted import Charted
from services.store.acknowledgements import Acknowledgements
from services.store.improvements import read_improvements
from services.store.reading import KpiChange, Reading
from streams.kpi import State
from streams.observations import Measure

LONGEST_MUTE = timedelta(days=28)
_CHANGES = 10


@dataclass(frozen=True)
class Watched:
    """A KPI of a journey, the mutes of it that hold or will, and the last changes of alarm, newest first."""

    drawn: Journey
    standing: KpiStanding
    mutes: Sequence[Mute]
    changes: Sequence[KpiChange]

    @property
    def name(self) -> tuple[str, str]:
        """What it is called: (journey, KPI)."""
        return self.drawn.id, self.standing.kpi.id


@dataclass(frozen=True)
class Made:
    """An improvement that was made, and the journey of which it is."""

    drawn: Journey
    improvement: Improvement
    at: datetime


@dataclass(frozen=True)
class Overview:
    """All KPIs, those that need attention first; `muting` says why nothing can be muted, None if it can.

    `made` is what was improved where any of them is measured.
    """

    watched: Sequence[Watched]
    muting: AlertmanagerError | None
    made: Sequence[Made] = ()

    @property
    def changes(self) -> Sequence[tuple[Watched, KpiChange]]:
        """The last changes of alarm of all KPIs, newest first."""
        found = [(each, change) for each in self.watched for change in each.changes]
        return sorted(found, key=lambda pair: pair[1].at, reverse=True)[:_CHANGES]

    @property
    def history(self) -> Sequence[tuple[datetime, tuple[Watched, KpiChange] | None, Made | None]]:
        """Those changes, and what was improved since the first of them, newest first: when, and one of both."""
        since = self.changes[-1][1].at if self.changes else None
        made = [(each.at, None, each) for each in self.made if since is not None and each.at >= since]
        changed = [(pair[1].at, pair, None) for pair in self.changes]
        return sorted((*changed, *made), key=lambda each: each[0], reverse=True)

    @property
    def alarms(self) -> Sequence[Watched]:
        """Those whose alarm stands, whether it is heard or waits, those that stand still, and those that are muted."""
        return [
            each
            for each in self.watched
            if each.standing.row.below or each.standing.state is State.STOPPED or each.mutes
        ]


class AlertDesk:
    """Reads and writes for the alert page and its half of the API."""

    def __init__(
        self, reading: Reading, acknowledgements: Acknowledgements, alertmanager: Alertmanager, clock: Clock
    ) -> None:
        self._reading = reading
        self._acknowledgements = acknowledgements
        self._alertmanager = alertmanager
        self.clock = clock

    async def overview(self) -> Overview:
        """Return where all KPIs stand. Raises Unreadable; an Alertmanager that is away is told of in the answer."""
        catalogue = await self._reading.catalogue()
        mutes, muting = await self._mutes()
        watched: list[Watched] = []
        made: list[Made] = []
        async with self._reading.moment() as moment:
            for journey in catalogue.journeys():
                drawn = catalogue.latest(journey)
                for standing in standings(drawn, await moment.kpis(journey)):
                    changes = await moment.kpi_changes(journey, standing.kpi.id, _CHANGES)
                    watched.append(Watched(drawn, standing, mutes.get((journey, standing.kpi.id), ()), changes))
                kpis = [each.standing.kpi for each in watched if each.drawn is drawn]
                made += _made(drawn, kpis, await read_improvements(moment, journey))
        return Overview(sorted(watched, key=lambda each: each.standing.badness), muting, made)

    async def acknowledge(self, journey: str, kpi: str, told_at: datetime, *, by: str, note: str) -> bool:
        """Note who has taken notice of an alert; say whether it still stands. Raises Unreadable."""
        return await self._acknowledgements.acknowledge(journey, kpi, told_at, by=by, note=note, now=self.clock())

    async def knows(self, journey: str, kpi: str) -> bool:
        """Say whether a journey draws such a KPI."""
        versions = (await self._reading.catalogue()).versions(journey)
        return bool(versions) and kpi in {each.id for each in versions[-1].journey.kpis}

    async def mute(self, journey: str, kpi: str, *, lasts: timedelta, author: str, comment: str) -> str:
        """Keep Alertmanager from telling of a KPI for a while, and return the mute's id. Raises AlertmanagerError."""
        now = self.clock()
        until = now + min(lasts, LONGEST_MUTE)
        return await self._alertmanager.mute(journey, kpi, since=now, until=until, author=author, comment=comment)

    async def unmute(self, mute: str) -> None:
        """End a mute. Raises AlertmanagerError."""
        await self._alertmanager.unmute(mute)

    async def _mutes(self) -> tuple[Mapping[tuple[str, str], Sequence[Mute]], AlertmanagerError | None]:
        try:
            found = await self._alertmanager.mutes()
        except AlertmanagerError as error:
            return {}, error
        by_kpi: dict[tuple[str, str], list[Mute]] = {}
        for mute in found:
            by_kpi.setdefault((mute.journey, mute.kpi), []).append(mute)
        return by_kpi, None


def _made(drawn: Journey, kpis: Sequence[Kpi], improvements: Sequence[Improvement]) -> Sequence[Made]:
    """Return what was made of improvements where any of the KPIs is measured."""
    measured = [
        Charted(measure=Measure(kpi.measure), touchpoint=kpi.touchpoint, span=kpi.span, department=kpi.department)
        for kpi in kpis
    ]
    numbers = {each.id for of in measured for each in concerning(of, improvements, drawn)}
    return [
        Made(drawn, each, datetime.combine(each.done_on, time(), drawn.zone))
        for each in improvements
        if each.id in numbers and each.done_on is not None
    ]


def is_configured(overview: Overview) -> bool:
    """Say whether there is an Alertmanager at all."""
    return not isinstance(overview.muting, NotConfigured)
