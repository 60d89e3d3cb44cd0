"""Work as it is stored: what came to departments and left them, what is open, who handled what, and what it cost."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from psycopg import sql

from schemas.journey import JourneyVersion
from services.store.connection import tuples
from services.store.path_reading import VariantKey, closed_in
from services.store.queries import load
from services.store.reading import Moment
from streams.observations import OF_WORK, Measure
from streams.rolling import Part
from streams.timeline import Visit
from streams.workload import Level

_QUERIES = load("workload")

MOST_VISITS = 250_000
"""How many visits are read at most to tell who handled them."""


class HandlerKind(StrEnum):
    """What handlers may be told apart by."""

    DEPARTMENT = "department"
    TEAM = "team"
    PARTY = "party"
    EMPLOYEE = "employee"


class Flow(NamedTuple):
    """How many cases came to (arrivals) or left (completions) the journey or a department on a day, by its midnight."""

    level: Level
    department: str
    measure: Measure
    midnight: datetime
    n: int


class Handled(NamedTuple):
    """A visit, and who handled it; '' if that is not known."""

    handler: str
    visit: Visit


class Costs(NamedTuple):
    """Visits: how many, how many said what they cost, and what those cost together, in cents."""

    visits: int
    said: int
    cents: int


class TooManyVisits(Exception):  # noqa: N818 - an answer, not a mistake
    """There are more visits in a time than can be read to tell who handled them."""


async def flows(moment: Moment, journey: str, days: Part) -> Sequence[Flow]:
    """Return what came and went on some days."""
    given = {"journey": journey, "start": days.start, "end": days.end, "measures": sorted(OF_WORK)}
    rows = await tuples(moment.connection, _QUERIES["flows"], given)
    return [Flow(Level(level), department, Measure(measure), at, n) for level, department, measure, at, n in rows]


async def costs(moment: Moment, journey: str, days: Part) -> Mapping[str, Costs]:
    """Return the visits of some days, and what they said that they cost, by touchpoint."""
    given = {"journey": journey, "start": days.start, "end": days.end}
    found: dict[str, Costs] = defaultdict(lambda: Costs(0, 0, 0))
    for touchpoint, measure, n, total in await tuples(moment.connection, _QUERIES["touchpoints"], given):
        more = {"visits": n} if measure == Measure.VOLUME else {"said": n, "cents": total}
        found[touchpoint] = found[touchpoint]._replace(**more)
    return dict(found)


async def open_cases(
    moment: Moment, journey: str, kind: HandlerKind, touchpoints: Collection[str] | None = None
) -> Mapping[str, int]:
    """Return how many cases are open now, by who handled the last visit: '' if that is not known, or if `touchpoints`
    are given and it was to another one.
    """
    if kind is HandlerKind.DEPARTMENT:
        rows = await tuples(moment.connection, _QUERIES["open_cases"], {"journey": journey})
    else:
        query = sql.SQL(_QUERIES["open_by_handler"]).format(handler=sql.Identifier(kind.value))
        wanted = None if touchpoints is None else sorted(touchpoints)
        rows = await tuples(moment.connection, query, {"journey": journey, "touchpoints": wanted})
    return dict(rows)


async def handled(moment: Moment, journey: str, days: Part, kind: HandlerKind) -> Mapping[int, Sequence[Handled]]:
    """Return all visits, those taken back too, of the cases that had any on some days, by case key.

    Raises TooManyVisits. From the events, for as long as they are kept: windows know departments only.
    """
    query = sql.SQL(_QUERIES["handled"]).format(handler=sql.Identifier(kind.value))
    given = {"journey": journey, "start": days.start, "end": days.end, "at_most": MOST_VISITS + 1}
    rows = await tuples(moment.connection, query, given)
    if len(rows) > MOST_VISITS:
        raise TooManyVisits(f"there are more than {MOST_VISITS} visits in this time; ask for fewer weeks")
    found: dict[int, list[Handled]] = defaultdict(list)
    for handler, case_key, *visit in rows:
        found[case_key].append(Handled(handler or "", Visit(*visit)))
    return found


async def path_costs(
    moment: Moment, versions: Sequence[JourneyVersion], start: datetime, end: datetime
) -> Mapping[VariantKey, Mapping[tuple[str, int], Costs]]:
    """Return what visits of the cases that were closed in start <= moment < end said that they cost.

    By path, and of each by touchpoint and the journey version that held for the visit.
    """
    found: dict[VariantKey, dict[tuple[str, int], Costs]] = defaultdict(dict)
    for path, place, touchpoint, version, *sums in await tuples(
        moment.connection, _QUERIES["path_costs"], closed_in(versions, start, end)
    ):
        found[VariantKey(path, versions[place].version)][touchpoint, version] = Costs(*sums)
    return found
