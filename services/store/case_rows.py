"""Cases as rows: locking them, opening them, reading what is known of them, writing how far they are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from schemas.alert import AlertKind
from schemas.interruption import Interruption
from services.store.connection import Connection, tuples
from services.store.queries import load
from services.store.rows import as_json
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
    new = [
        {"journey": journey, "case_id": case_id, **_row(case.case_key, progress[case.case_key], now)}
        for (journey, case_id), case in cases.items()
        if case.progress is NEW
    ]
    if new:
        opened = await connection.execute(_QUERIES["open_cases"], as_json(new))
        if opened.rowcount < len(new):
            raise Unavailable("another partition has just opened a case that this batch opens", Interruption.CONTENTION)
    known = sorted(progress.keys() - {row["case_key"] for row in new})
    if known:
        await connection.execute(_QUERIES["update_cases"], as_json([_row(key, progress[key], now) for key in known]))


def progress_of_row(*row: Any) -> Progress:
    """Return the progress that a case's columns hold, from opened_at to path.

    A row from before limits were counted says of a span only when it began, in plain text: too little to go on from, so
    that the next event has the whole case observed.
    """
    *status, version, begun, answered_at, expected, path = row
    if begun and any(isinstance(term, str) for term in begun.values()):
        version, begun = None, None
    terms = {span: _term(*term) if term else None for span, term in (begun or {}).items()}
    return Progress(CaseStatus(*status), version, terms, answered_at, expected_of_row(expected), path)


def expected_of_row(expected: Sequence[Mapping[str, str]] | None) -> tuple[Expected, ...]:
    """Return what a case waits for, as its column holds it."""
    return tuple(
        Expected(
            AlertKind(each["kind"]),
            each["touchpoint"],
            each["after"],
            datetime.fromisoformat(each["since"]),
            datetime.fromisoformat(each["due_at"]),
        )
        for each in expected or ()
    )


def _term(
    since: str,
    channel: str | None = None,
    persona: str | None = None,
    pauses: Sequence[Sequence[Any]] = (),
    passed_by: bool = False,
) -> Term:
    found = (Pause(rule, datetime.fromisoformat(begun), _moment(until)) for rule, begun, until in pauses)
    return Term(datetime.fromisoformat(since), channel, persona, tuple(found), passed_by)


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def written(term: Term | None) -> Sequence[Any] | None:
    """Return a term without what it does not need at its end: most hold only when they began."""
    if term is None:
        return None
    written: list[Any] = [*term[:3], [list(pause) for pause in term.pauses], term.passed_by]
    while not written[-1]:
        written.pop()
    return written


def _named(names: Sequence[CaseName]) -> dict[str, str]:
    return as_json([{"journey": journey, "case_id": case_id} for journey, case_id in names])


def _row(case_key: int, progress: Progress, now: datetime) -> dict[str, Any]:
    opened_at, closed_at, last_at, last_touchpoint, last_department = progress.status
    expected = progress.expected
    return {
        "case_key": case_key,
        "opened_at": opened_at,
        "closed_at": closed_at,
        "last_at": last_at,
        "last_touchpoint": last_touchpoint,
        "last_department": last_department,
        "journey_version": progress.version,
        "begun": {span: written(term) for span, term in progress.begun.items()} or None,
        "answered_at": progress.answered_at,
        "expected": [each._asdict() for each in expected] if expected else None,
        "path": progress.path,
        "overdue_from": first_look(expected, now),
        "quiet": bool(expected and overdue(expected, now)),
    }
