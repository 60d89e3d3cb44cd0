"""What stands for events, answers and cases of erased customers: keyed digests, by which they are known again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from services.store.claims import Key, keys_of, release
from services.store.connection import Connection, tuples
from services.store.queries import load
from services.store.secrecy import Secrecy
from streams.counting import Arrival, CaseName
from streams.ports import Claim

_QUERIES = load("erasing")


class Kind(StrEnum):
    """What a tombstone is of: an event or answer, by its key (and the table for such keys), or a case, by its name."""

    EVENT = "event_keys"
    ANSWER = "answer_keys"
    CASE = "cases"


class Standing(NamedTuple):
    """How erasures stand: the number of the last one, and whether there is any tombstone."""

    last: int
    any: bool


class Erased(NamedTuple):
    """Which of some arrivals are of erased customers, by position: counted before that, or late for an erased case.

    `cases` are those among theirs that were erased.
    """

    repeats: frozenset[int]
    late: frozenset[int]
    cases: frozenset[CaseName]


async def standing(connection: Connection) -> Standing:
    """Return how erasures stand. A transaction that holds claimed keys keeps them so."""
    (found,) = await tuples(connection, _QUERIES["standing"])
    return Standing(*found)


async def erased(connection: Connection, arrivals: Sequence[Arrival], secrecy: Secrecy) -> Erased:
    """Return which arrivals are of erased customers."""
    names = sorted({each.case_key for each in arrivals})
    cases = {
        names[place] for place in await _found(connection, [secrecy.tombstones(Kind.CASE, *name) for name in names])
    }
    late = [place for place, each in enumerate(arrivals) if each.case_key in cases]
    keys = [secrecy.tombstones(Kind(keys_of(arrivals[place]).name), *arrivals[place].key) for place in late]
    repeats = {late[place] for place in await _found(connection, keys)}
    return Erased(frozenset(repeats), frozenset(late) - repeats, frozenset(cases))


async def leave_out(
    connection: Connection, claim: Claim, arrivals: Sequence[Arrival], secrecy: Secrecy, now: datetime
) -> Claim:
    """Return a claim without what is of erased customers, whose keys are not kept as they came.

    Tombstones that are met under a former key get one under the present key.
    """
    fresh = sorted(claim.fresh)
    found = await erased(connection, [arrivals[place] for place in fresh], secrecy)
    repeats, late = (frozenset(fresh[place] for place in places) for places in (found.repeats, found.late))
    if not repeats and not late:
        return claim
    keys = {arrivals[place].key for place in repeats | late}
    table = keys_of(arrivals[0])
    await release(connection, table, keys)
    await add(connection, {Kind(table.name): keys, Kind.CASE: found.cases}, secrecy, now)
    return Claim(claim.fresh - repeats - late, claim.reused, late)


async def add(
    connection: Connection, names: Mapping[Kind, Collection[Key | CaseName]], secrecy: Secrecy, now: datetime
) -> None:
    """Put up a tombstone for each name, under the present key."""
    digests = (secrecy.tombstones(kind, *name)[0] for kind, some in names.items() for name in some)
    await connection.execute(_QUERIES["add_tombstones"], {"digests": sorted(digests), "now": now})


async def _found(connection: Connection, tombstones: Sequence[Sequence[str]]) -> set[int]:
    """Return the places of those of which there is a tombstone, under whichever key."""
    digests = [(place, digest) for place, each in enumerate(tombstones) for digest in each]
    if not digests:
        return set()
    places, sought = zip(*digests, strict=True)
    given = {"places": list(places), "digests": list(sought)}
    return {place for (place,) in await tuples(connection, _QUERIES["found_tombstones"], given)}
