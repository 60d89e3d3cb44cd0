"""Cases as rows: locking them, opening them, reading what is known of them, writing how far they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from psycopg import errors

from schemas.alert import AlertKind
from schemas.interruption import Interruption
from services.store.connection import Connection, tuples
from services.store.queries import load
from services.store.rows import copy
from streams.counting import CaseName, StoredCase
from streams.ports import Unavailable
from streams.progress import NEW, Progress
from streams.terms import Pause, Term
from streams.timeline import Answer, CaseStatus, History, Visit
from streams.waiting import Expected, first_look, overdue

_QUERIES = load("counting")


async def lock_cases(connection: Connection, names: Collection[CaseName]) -> Mapping[CaseName, StoredCase]:
    """Lock cases in the order of their names; those that are not stored get a key, and are opened when saved."""
    ordered = sorted(names)
    found = await tuples(connection, _QUERIES["lock_cases"], _named(ordered))
    cases = {
        ordered[place - 1]: StoredCase(case_key, progress_of_row(*row), dropped, flagged)
        for place, case_key, dropped, flagged, *row in found
    }
    missing = [name for name in ordered if name not in cases]
    if missing:
        keys = await tuples(connection, _QUERIES["new_case_keys"], {"n": len(missing)})
        cases |= {name: StoredCase(case_key, NEW) for name, (case_key,) in zip(missing, keys, strict=True)}
    return cases


async def histories(connection: Connection, case_keys: Collection[int]) -> Mapping[int, History]:
    """Read all visits and answers of cases."""
    if not case_keys:
        return {}
    wanted = {"case_keys": list(case_keys)}
    visits: dict[int, list[Visit]] = defaultdict(list)
    for case_key, *visit in await tuples(connection, _QUERIES["visits"], wanted):
        visits[case_key].append(Visit(*visit))
    answers: dict[int, list[Answer]] = defaultdict(list)
    for case_key, *answer in await tuples(connection, _QUERIES["answers"], wanted):
        answers[case_key].append(Answer(*answer))
    return {case_key: History(visits[case_key], answers[case_key]) for case_key in case_keys}


async def save_cases(
    connection: Connection, cases: Mapping[CaseName, StoredCase], progress: Mapping[int, Progress], now: datetime
) -> None:
    """Write how far locked cases are, by case key, and open those that are new.

    Raises Unavailable if another transaction has opened one of them meanwhile.
    """
    new = {case.case_key: name for name, case in cases.items() if case.progress is NEW}
    if new:
        await _open(connection, ((*name, *_row(key, progress[key], now)) for key, name in new.items()))
    moved = sorted(progress.keys() - new.keys())
    if moved:
        await _move(connection, ((*_row(key, progress[key], now), _is_quiet(progress[key], now)) for key in moved))


async def _move(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    await connection.execute(_QUERIES["room_for_moves"])
    await connection.execute(_QUERIES["forget_moves"])  # a rebuild mends cases several times in one transaction
    await copy(connection, _QUERIES["copy_moves"], rows)
    await connection.execute(_QUERIES["update_cases"], prepare=False)  # planned anew, for as many rows as there are


async def _open(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    try:
        await copy(connection, _QUERIES["open_cases"], rows)
    except errors.UniqueViolation as error:
        why = "another partition has just opened a case that this batch opens"
        raise Unavailable(why, Interruption.CONTENTION) from error


def progress_of_row(*row: Any) -> Progress:
    """Return the progress that a case's columns hold, from opened_at to path.

    A row from before limits were counted says of a span only when it began, in plain text: too little to go on from, so
    that the next event has the whole case observed.
    """
    *status, version, begun, answered_at, expected, path = row
    if begun and str in map(type, begun.values()):
        version, begun = None, None
    terms = {span: _term(*term) if term else None for span, term in (begun or {}).items()}
    return Progress(CaseStatus(*status), version, terms, answered_at, expected_of_row(expected), path)


def expected_of_row(expected: Sequence[Mapping[str, str]] | None) -> tuple[Expected, ...]:
    """Return what a case waits for, as its column holds it."""
    if not expected:
        return ()
    return tuple(
        Expected(
            AlertKind(each["kind"]),
            each["touchpoint"],
            each["after"],
            datetime.fromisoformat(each["since"]),
            datetime.fromisoformat(each["due_at"]),
        )
        for each in expected
    )


def _term(
    since: str,
    channel: str | None = None,
    persona: str | None = None,
    pauses: Sequence[Sequence[Any]] = (),
    passed_by: bool = False,
) -> Term:
    found = tuple(_pause(*pause) for pause in pauses) if pauses else ()
    return Term(datetime.fromisoformat(since), channel, persona, found, passed_by)


def _pause(rule: int, begun: str, until: str | None) -> Pause:
    return Pause(rule, datetime.fromisoformat(begun), _moment(until))


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def written(term: Term | None) -> Sequence[Any] | None:
    """Return a term without what it does not need at its end: most hold only when they began."""
    if term is None:
        return None
    written: list[Any] = list(term[:3])
    if term.pauses or term.passed_by:
        written += [list(pause) for pause in term.pauses], term.passed_by
    while not written[-1]:
        written.pop()
    return written


def _named(names: Sequence[CaseName]) -> dict[str, str]:
    journeys, case_ids = zip(*names, strict=True) if names else ((), ())
    return {"journeys": orjson.dumps(journeys).decode(), "case_ids": orjson.dumps(case_ids).decode()}


def _row(case_key: int, progress: Progress, now: datetime) -> tuple[Any, ...]:
    begun, expected = progress.begun, progress.expected
    return (
        case_key,
        *progress.status,
        progress.version,
        orjson.dumps(begun, default=written).decode() if begun else None,
        progress.answered_at,
        orjson.dumps([each._asdict() for each in expected]).decode() if expected else None,
        progress.path,
        first_look(expected, now),
    )


def _is_quiet(progress: Progress, now: datetime) -> bool:
    return bool(progress.expected and overdue(progress.expected, now))
