"""The alarms that the KPIs of a journey have raised, by the days on which they came and went."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.store.queries import load
from services.store.reading import Moment
from streams.effect_weeks import Alarm

_QUERIES = load("alarms")


async def read_alarms(moment: Moment, journey: str, zone: ZoneInfo) -> Mapping[str, Sequence[Alarm]]:
    """Return all alarms of a journey by KPI, oldest first, on the days of a zone."""
    found: dict[str, list[Alarm]] = {}
    async for row in await moment.connection.execute(_QUERIES["changes"], {"journey": journey}):
        of_kpi = found.setdefault(row["kpi"], [])
        climbs, at = (_day(row[name], zone) for name in ("climb_from", "at"))
        if row["below"]:
            of_kpi.append(Alarm(climbs, at))
        elif of_kpi and of_kpi[-1].ended is None:
            of_kpi.append(replace(of_kpi.pop(), mends=climbs, ended=at))
    return found


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
