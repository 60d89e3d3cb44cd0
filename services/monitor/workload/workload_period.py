"""Reading the workload of some weeks, up to today, that somebody asks for."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from schemas.journey import Journey, JourneyVersion
from services.monitor.http.problems import ProblemError
from services.monitor.workload.workload_figures import (
    Load,
    TouchpointCost,
    handler_loads,
    loads,
    shown,
    touchpoint_costs,
)
from services.store import workload_reading
from services.store.reading import Moment
from services.store.workload_reading import HandlerKind, TooManyVisits
from streams.rolling import Part
from streams.windows import Resolution
from streams.workload import Level


@dataclass(frozen=True)
class Workload:
    """The load of a journey as a whole and of its handlers, over whole weeks and the running one, and what it costs.

    `few` is how many handlers are not shown as they had too few visits, or another one had.
    """

    days: Part
    whole: Load
    items: Sequence[Load]
    few: int
    touchpoints: Sequence[TouchpointCost]


def last_weeks(number: int, drawn: Journey, now: datetime, until: date | None = None) -> Part:
    """Return the days of so many whole weeks, by the journey's clock, and of the one up to a day, by default today."""
    today = until or now.astimezone(drawn.zone).date()
    first = today - timedelta(days=today.weekday() + 7 * number)
    start, end = (
        datetime.combine(day, time(), drawn.zone).astimezone(UTC) for day in (first, today + timedelta(days=1))
    )
    return Part(Resolution.DAY, start, end)


async def read_workload(
    moment: Moment, versions: Sequence[JourneyVersion], kind: HandlerKind, days: Part, least: int
) -> Workload:
    """Read the workload by a kind of handler, without those with fewer than `least` visits. Raises ProblemError."""
    drawn = versions[-1].journey
    flows = await workload_reading.flows(moment, drawn.id, days)
    by_department = await workload_reading.open_cases(moment, drawn.id, HandlerKind.DEPARTMENT)
    (whole,) = loads(flows, Level.CASE, {"": sum(by_department.values())}, days, drawn)
    found: Sequence[Load]
    if kind is HandlerKind.DEPARTMENT:
        found = loads(flows, Level.DEPARTMENT, by_department, days, drawn)
    else:
        found = await _by_handler(moment, versions, kind, days)
    items = shown(found, kind, least)
    costs = await workload_reading.costs(moment, drawn.id, days)
    return Workload(days, whole, items, len(found) - len(items), touchpoint_costs(costs, days, drawn))


async def _by_handler(
    moment: Moment, versions: Sequence[JourneyVersion], kind: HandlerKind, days: Part
) -> Sequence[Load]:
    drawn: Mapping[int, Journey] = {version.version: version.journey for version in versions}
    journey = versions[-1].journey
    outside = [touchpoint.id for touchpoint in journey.touchpoints if touchpoint.handled_outside]
    only = outside if kind is HandlerKind.PARTY else None
    open_now = await workload_reading.open_cases(moment, journey.id, kind, only)
    try:
        cases = await workload_reading.handled(moment, journey.id, days, kind)
    except TooManyVisits as many:
        raise ProblemError(422, str(many)) from None
    # Seconds of arithmetic at most, during which nobody else should have to wait.
    return await to_thread(handler_loads, list(cases.values()), drawn, kind, open_now, days)
