"""Real paths as they are stored: what followed what, and the variants of cases that were closed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import sql

from schemas.journey import JourneyVersion
from services.store.connection import tuples
from services.store.queries import load
from services.store.reading import Histogram, Moment
from streams.rolling import Part
from streams.sample import Sample
from streams.timeline import Visit, in_order

_QUERIES = load("paths")


class Edge(NamedTuple):
    """A step of cases from one touchpoint to the next; '' for a gap that was counted before edges were."""

    after: str
    touchpoint: str


class OfWhom(NamedTuple):
    """Whose visits are meant, by what is known of the visit that was reached; None: anybody's."""

    department: str | None = None
    channel: str | None = None
    persona: str | None = None


class VariantKey(NamedTuple):
    """The path of some cases, and the number of the journey version that was valid when they were opened."""

    path: UUID
    version: int


@dataclass(frozen=True)
class Variant:
    """Cases of one path: how long each took as a whole, in milliseconds, and the touchpoints along the path.

    `touchpoints` is None where no event of any of them is left.
    """

    key: VariantKey
    took: Sample
    touchpoints: tuple[str, ...] | None


@dataclass(frozen=True)
class Variants:
    """The commonest variants of cases that were closed in a time; how many cases and variants there are in all.

    Variants are counted for each version of the journey by itself. Cases whose path was never noted have none.
    """

    cases: int
    number: int
    commonest: Sequence[Variant]


class Said(NamedTuple):
    """An answer to a question, of a case of a variant, and in which week it was given."""

    variant: VariantKey
    week: datetime
    journey_version: int
    question: str
    score: int


async def edges(moment: Moment, journey: str, part: Part, whose: OfWhom) -> Mapping[Edge, Histogram]:
    """Return the gaps of a journey in a part of a rolling window, by the step that they are of."""
    query, given = _windows("edges", journey, part, whose)
    return {
        Edge(after, touchpoint): Histogram(n, total, dict(zip(bins or (), counts or (), strict=True)))
        for after, touchpoint, n, total, bins, counts in await tuples(moment.connection, query, given)
    }


async def visits(moment: Moment, journey: str, part: Part, whose: OfWhom) -> Mapping[str, int]:
    """Return the visits of a journey in a part of a rolling window, by touchpoint."""
    query, given = _windows("visits", journey, part, whose)
    return dict(await tuples(moment.connection, query, given))


async def steps_by_persona(moment: Moment, journey: str, part: Part) -> Mapping[tuple[Edge, str], int]:
    """Return the steps of each persona in a part of a rolling window; a case's first touchpoint comes after ''."""
    query, given = _windows("personas", journey, part, OfWhom(persona=""))
    rows = await tuples(moment.connection, query, given)
    return {(Edge(after, touchpoint), persona): n for after, touchpoint, persona, n in rows}


async def variants(
    moment: Moment, versions: Sequence[JourneyVersion], start: datetime, end: datetime, at_most: int
) -> Variants:
    """Return the variants of a journey's cases that were closed in start <= moment < end, at most so many."""
    given = {**closed_in(versions, start, end), "at_most": at_most}
    rows = await tuples(moment.connection, _QUERIES["variants"], given)
    cases, number = rows[0][-2:] if rows else (0, 0)
    along = await _touchpoints(moment, [row[5] for row in rows if row[5] is not None], versions)
    found = [
        Variant(VariantKey(path, versions[place].version), Sample(n, int(total), int(squares)), along.get(example))
        for path, place, n, total, squares, example, *_ in rows
        if path is not None
    ]
    return Variants(cases, number, found)


async def said_by_variant(
    moment: Moment,
    versions: Sequence[JourneyVersion],
    closed: tuple[datetime, datetime],
    weeks: tuple[datetime, datetime],
) -> Mapping[Said, int]:
    """Return the answers with a score of cases closed from one moment to another, given in some weeks of the journey.

    Both times are from the first moment up to the second, that one left out.
    """
    zone: ZoneInfo = versions[-1].journey.zone
    given = {**closed_in(versions, *closed), "zone": zone.key, "first_week": weeks[0], "after_weeks": weeks[1]}
    rows = await tuples(moment.connection, _QUERIES["scores"], given)
    return {
        Said(VariantKey(path, versions[place].version), week, version, question, score): n
        for path, place, week, version, question, score, n in rows
    }


def closed_in(versions: Sequence[JourneyVersion], start: datetime, end: datetime) -> dict[str, object]:
    """Return what says which cases are meant; the first version holds for all time before it, too."""
    since = [version.valid_from for version in versions[1:]]
    return {"journey": versions[-1].journey.id, "start": start, "end": end, "since": since}


async def _touchpoints(
    moment: Moment, case_keys: Collection[int], versions: Sequence[JourneyVersion]
) -> Mapping[int, tuple[str, ...]]:
    found: dict[int, list[Visit]] = defaultdict(list)
    for case_key, *visit in await tuples(moment.connection, _QUERIES["examples"], {"case_keys": list(case_keys)}):
        found[case_key].append(Visit(*visit))
    drawn = {version.version: version.journey for version in versions}
    return {case_key: tuple(visit.touchpoint for visit in in_order(some, drawn)) for case_key, some in found.items()}


def _windows(query: str, journey: str, part: Part, whose: OfWhom) -> tuple[sql.Composed, dict[str, object]]:
    """Return a query on the windows that are fine enough, with what it is given."""
    detail = "rollups" if whose.channel is None and whose.persona is None else "windows"
    table = sql.Identifier(f"{detail}_{part.resolution}")
    composed = sql.SQL(_QUERIES[query]).format(windows=table, of_whom=sql.SQL(_QUERIES["of_whom"]))
    return composed, {"journey": journey, "start": part.start, "end": part.end, **whose._asdict()}
