"""Flags of cases that wait too long, as rows: finding such cases, and noting how what they were flagged for stands."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.alert import Alert, AlertKind, AlertState
from schemas.journey import Catalogue
from schemas.topics import TOUCHPOINT_EVENTS
from services.store.case_rows import expected_of_row
from services.store.connection import Connection, tuples
from services.store.letters import alert_letter, post
from services.store.queries import load
from services.store.rows import as_json
from streams.flagging import Flag, alert_of
from streams.waiting import Expected, next_due, overdue

CASES_AT_ONCE = 2_000
MOST_UNCOUNTED = 10_000
"""With more events than so in the log still to be counted nothing is flagged: they may be what is missing."""

_QUERIES = load("flags")


class Turn(NamedTuple):
    """What came of looking for overdue cases: how many flags were made, and whether there may be more to look at."""

    flagged: int
    more: bool


class _Looked(NamedTuple):
    case_key: int
    journey: str
    case_id: str
    expected: Sequence[Expected]


async def flag_some(connection: Connection, catalogue: Catalogue, now: datetime) -> Turn:
    """Flag some of the cases for which something is overdue, each thing once, and post an alert for each flag.

    While another process does so there is nothing to do.
    """
    ((locked, _),) = await tuples(connection, _QUERIES["be_the_flagger"])
    if not locked or await _uncounted(connection, now) > MOST_UNCOUNTED:
        return Turn(0, more=False)
    found = await tuples(connection, _QUERIES["overdue_cases"], {"now": now, "at_most": CASES_AT_ONCE})
    cases = [_Looked(key, journey, case_id, expected_of_row(row)) for key, journey, case_id, row in found]
    made = await _flag(connection, cases, now)
    await _look_again(connection, cases, now)
    await post(connection, map(alert_letter, [alert_of(flag, catalogue, now) for flag in made]))
    return Turn(len(made), more=len(cases) == CASES_AT_ONCE)


async def flags_of(connection: Connection, case_keys: Collection[int]) -> Sequence[Flag]:
    """Return all flags of cases, cleared ones too."""
    found = await tuples(connection, _QUERIES["flags"], {"case_keys": list(case_keys)})
    return [
        Flag(key, journey, case_id, _expected(*expected), AlertState(state))
        for key, journey, case_id, *expected, state in found
    ]


async def settle(connection: Connection, flags: Sequence[Flag], alerts: Sequence[Alert], now: datetime) -> None:
    """Write how flags of locked cases stand from now on, and post the alerts that say so."""
    if flags:
        rows = [{"case_key": flag.case_key, **flag.expected._asdict(), "state": flag.state} for flag in flags]
        await connection.execute(_QUERIES["settle"], {**as_json(rows), "now": now})
        await post(connection, map(alert_letter, alerts))


async def _uncounted(connection: Connection, now: datetime) -> int:
    ((records,),) = await tuples(connection, _QUERIES["backlog"], {"topic": TOUCHPOINT_EVENTS.name, "now": now})
    return int(records)


async def _flag(connection: Connection, cases: Sequence[_Looked], now: datetime) -> Sequence[Flag]:
    """Return the flags that were made now; a case that was flagged for the same thing before gets none."""
    wanted = [
        Flag(case.case_key, case.journey, case.case_id, each, AlertState.RAISED)
        for case in cases
        for each in overdue(case.expected, now)
    ]
    if not wanted:
        return ()
    rows = [{"case_key": flag.case_key, "journey": flag.journey, **flag.expected._asdict()} for flag in wanted]
    found = await tuples(connection, _QUERIES["flag"], {**as_json(rows), "now": now})
    made = {(key, _expected(*expected)) for key, *expected in found}
    return [flag for flag in wanted if (flag.case_key, flag.expected) in made]


async def _look_again(connection: Connection, cases: Sequence[_Looked], now: datetime) -> None:
    rows = [
        {
            "case_key": case.case_key,
            "overdue_from": next_due(case.expected, now),
            "flagged": bool(overdue(case.expected, now)),
        }
        for case in cases
    ]
    if rows:
        await connection.execute(_QUERIES["look_again"], as_json(rows))


def _expected(kind: str, touchpoint: str, after: str, since: datetime, due_at: datetime) -> Expected:
    return Expected(AlertKind(kind), touchpoint, after, since, due_at)
