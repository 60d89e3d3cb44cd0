"""Cases as rows: locking them, opening them, reading what is known of them, writing how far they are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow, tuple_row

from services.store.queries import load
from services.store.rows import as_json
from streams.counting import CaseName, StoredCase
from streams.progress import NEW, Progress
from streams.timeline import Answer, CaseStatus, History, Visit

_QUERIES = load("counting")

Connection = AsyncConnection[DictRow]


async def lock_cases(connection: Connection, names: Collection[CaseName]) -> Mapping[CaseName, StoredCase]:
    """Lock cases in the order of their names, opening those that are new."""
    cases = await _lock(connection, sorted(names))
    missing = sorted(names - cases.keys())
    if missing:
        cases |= await _open(connection, missing)
        # Another transaction may have opened some at this moment.
        cases |= await _lock(connection, sorted(names - cases.keys()))
    return cases


async def histories(connection: Connection, case_keys: Collection[int]) -> Mapping[int, History]:
    """Read all visits and answers of cases."""
    if not case_keys:
        return {}
    wanted = {"case_keys": list(case_keys)}
    visits: dict[int, list[Visit]] = defaultdict(list)
    for case_key, *visit in await _tuples(connection, "visits", wanted):
        visits[case_key].append(Visit(*visit))
    answers: dict[int, list[Answer]] = defaultdict(list)
    for case_key, *answer in await _tuples(connection, "answers", wanted):
        answers[case_key].append(Answer(*answer))
    return {case_key: History(visits[case_key], answers[case_key]) for case_key in case_keys}


async def save_progress(connection: Connection, progress: Mapping[int, Progress]) -> None:
    """Write how far locked cases are, by case key."""
    rows = [_row(case_key, progress[case_key]) for case_key in sorted(progress)]
    await connection.execute(_QUERIES["update_cases"], as_json(rows))


async def _lock(connection: Connection, names: Sequence[CaseName]) -> dict[CaseName, StoredCase]:
    if not names:
        return {}
    found = await _tuples(connection, "lock_cases", _columns(names))
    return {
        names[place - 1]: StoredCase(case_key, Progress(CaseStatus(*progress[:5]), progress[5], *_spans(*progress[6:])))
        for place, case_key, *progress in found
    }


async def _open(connection: Connection, names: Sequence[CaseName]) -> dict[CaseName, StoredCase]:
    opened = await _tuples(connection, "open_cases", _columns(names))
    return {(journey, case_id): StoredCase(case_key, NEW) for journey, case_id, case_key in opened}


def _columns(names: Sequence[CaseName]) -> dict[str, list[str]]:
    return {"journeys": [journey for journey, _ in names], "case_ids": [case_id for _, case_id in names]}


def _spans(
    begun: Mapping[str, str | None] | None, answered_at: datetime | None
) -> tuple[Mapping[str, datetime | None], datetime | None]:
    spans = {span: datetime.fromisoformat(since) if since else None for span, since in (begun or {}).items()}
    return spans, answered_at


def _row(case_key: int, progress: Progress) -> dict[str, Any]:
    return {
        "case_key": case_key,
        **progress.status._asdict(),
        "journey_version": progress.version,
        "begun": progress.begun or None,
        "answered_at": progress.answered_at,
    }


async def _tuples(connection: Connection, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        return await (await cursor.execute(_QUERIES[query], parameters)).fetchall()
