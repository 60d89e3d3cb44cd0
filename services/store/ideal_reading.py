"""What ideals and importance are held against: gaps by persona, and what one case said of a touchpoint and overall."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import sql

from services.store.connection import tuples
from services.store.queries import load
from services.store.reading import Moment
from streams.rolling import Part

_QUERIES = load("ideals")

Gaps = Mapping[tuple[str, str], Mapping[int, int]]
"""Gaps by (touchpoint, persona), the empty string for none: how many lie in each bin of durations."""


class GivenScore(NamedTuple):
    """A score that was given in a case, about a touchpoint, as the question of a journey version has it."""

    case_key: int
    touchpoint: str
    journey_version: int
    question: str
    score: int
    answered_at: datetime


async def read_gaps(moment: Moment, journey: str, over: Sequence[Part]) -> Gaps:
    """Return the gaps of a journey in the parts of a time."""
    found: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for part in over:
        query = sql.SQL(_QUERIES["gaps"]).format(windows=sql.Identifier(f"windows_{part.resolution}"))
        given = {"journey": journey, "start": part.start, "end": part.end}
        for touchpoint, persona, bin_, n in await tuples(moment.connection, query, given):
            found[touchpoint, persona][bin_] += n
    return found


async def read_given_scores(moment: Moment, journey: str, weeks: tuple[datetime, datetime]) -> Sequence[GivenScore]:
    """Return what was given from one moment up to another, that one left out; none if it is no later."""
    if weeks[0] >= weeks[1]:
        return []
    given = {"journey": journey, "start": weeks[0], "end": weeks[1]}
    return [GivenScore(*row) for row in await tuples(moment.connection, _QUERIES["said"], given)]
