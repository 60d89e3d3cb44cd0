"""Where the time went as it is stored: what was measured of each step, by the day."""

from collections import defaultdict
from collections.abc import Mapping

from psycopg import sql

from services.store.connection import tuples
from services.store.path_reading import Edge, OfWhom
from services.store.queries import load
from services.store.reading import Moment
from streams.observations import OF_STEPS, Measure
from streams.rolling import Part
from streams.windows import Resolution

_QUERIES = load("times")
_OF_WHOM = load("paths")["of_whom"]

Measured = Mapping[Measure, tuple[int, int]]
"""Of each measure of a step how many there are, and their sum in milliseconds."""


async def times(moment: Moment, journey: str, days: Part, whose: OfWhom) -> Mapping[Edge, Measured]:
    """Return what was measured of the steps of a journey on some days; a case's first step comes after ''."""
    if days.resolution is not Resolution.DAY:
        raise ValueError(f"the parts of steps are kept by the day, not by the {days.resolution}")
    table = "rollups_day" if whose.channel is None and whose.persona is None else "windows_day"
    query = sql.SQL(_QUERIES["times"]).format(windows=sql.Identifier(table), of_whom=sql.SQL(_OF_WHOM))
    given = {"journey": journey, "start": days.start, "end": days.end, "measures": sorted(OF_STEPS)}
    found: dict[Edge, dict[Measure, tuple[int, int]]] = defaultdict(dict)
    for after, touchpoint, measure, n, total in await tuples(moment.connection, query, {**given, **whose._asdict()}):
        found[Edge(after, touchpoint)][Measure(measure)] = n, total
    return dict(found)
