"""KPIs as rows: marking and calling those that are due, what one is judged by, and what it came to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import sql

from schemas.alert import Alert
from schemas.journey import Catalogue
from schemas.kpi_check import KpiCheck
from schemas.topics import KPI_CHECKS, SURVEY_ANSWERS, TOUCHPOINT_EVENTS, kpi_key
from services.store.connection import Connection, tuples
from services.store.letters import alert_letter, post
from services.store.queries import load
from services.store.rows import as_json, copy
from streams.judgement import Held, Recorded
from streams.kpi import State
from streams.kpi_evidence import Coverage, HourOfValues, KpiName
from streams.kpi_threshold import Threshold
from streams.ports import Judged, Letter

_LOOKED_AT_EVERY = timedelta(minutes=1)
_SEEN_LATELY = timedelta(minutes=1)
_QUERIES = load("kpis")


async def mark(connection: Connection, due: Mapping[KpiName, datetime]) -> None:
    """Mark KPIs that a batch concerns, each with the earliest hour that changed."""
    await copy(connection, _QUERIES["mark"], ((*name, since) for name, since in due.items()))


async def mark_all(connection: Connection, since: datetime) -> None:
    """Mark every KPI that has been judged, for all that it covers from a moment on."""
    await connection.execute(_QUERIES["mark_all"], {"since": since})


async def call(connection: Connection, catalogue: Catalogue, now: datetime) -> int:
    """Post a word for each KPI that is due, and return how many are. While another process does so there are none."""
    drawn = [
        {"journey": journey, "kpi": kpi.id}
        for journey in catalogue.journeys()
        for kpi in catalogue.latest(journey).kpis
    ]
    (lock,) = await tuples(connection, _QUERIES["be_the_caller"])
    if not lock[0]:
        return 0
    await connection.execute(_QUERIES["add_states"], as_json(drawn))
    await connection.execute(_QUERIES["lock_states"])
    due = await tuples(
        connection, _QUERIES["call"], {**as_json(drawn), "now": now, "not_since": now - _LOOKED_AT_EVERY}
    )
    words = ((name, KpiCheck(journey=name[0], kpi=name[1]).model_dump_json().encode()) for name in due)
    await post(connection, (Letter(KPI_CHECKS.name, kpi_key(*name), word) for name, word in words))
    return len(due)


async def held(connection: Connection, name: KpiName) -> Held:
    """Return what is stored of a KPI."""
    named = _named(name)
    row = await (await connection.execute(_QUERIES["state"], named)).fetchone()
    if row is None:
        return Held()
    if row["definition"] is None:
        return Held(row["revision"], row["refold_from"])
    changes = await connection.execute(_QUERIES["changes"], {**named, "definition": row["definition"]})
    return Held(
        row["revision"],
        row["refold_from"],
        row["definition"].bytes,
        Threshold(row["threshold"], row["baseline_end"], row["threshold_at"], row["stale"]),
        State(row["state"]),
        [Recorded(**change) async for change in changes],
    )


async def hours(
    connection: Connection, covered: Coverage, start: datetime, end: datetime, *, by_value: bool
) -> Sequence[HourOfValues]:
    """Return the hours start <= hour <= end of what a KPI covers, in no order; `by_value`: with their bins."""
    query = sql.SQL(_QUERIES["values_by_hour" if by_value else "hours"]).format(
        windows=sql.Identifier(f"{covered.detail}_hour"), covered=sql.SQL(_QUERIES["covered"])
    )
    given = {**covered._asdict(), "measures": list(covered.measures), "start": start, "end": end}
    given["touchpoints"] = None if covered.touchpoints is None else list(covered.touchpoints)
    rows = await tuples(connection, query, given)
    return _with_bins(rows) if by_value else [HourOfValues._make((*row, {})) for row in rows]


async def caught_up(connection: Connection, few: int, now: datetime) -> bool:
    """Say whether no more than a few events and answers wait to be counted; not if no worker has looked lately."""
    counted = [TOUCHPOINT_EVENTS.name, SURVEY_ANSWERS.name]
    given = {"topics": counted, "seen_after": now - _SEEN_LATELY, "few": few}
    ((is_so,),) = await tuples(connection, _QUERIES["caught_up"], given)
    return bool(is_so)


async def retire(connection: Connection, name: KpiName, held: Held, alerts: Sequence[Alert]) -> None:
    """Forget how a KPI stands that is judged no more, and post alerts, unless its row has changed since."""
    retired = await connection.execute(_QUERIES["retire"], {**_named(name), "revision": held.revision})
    if retired.rowcount:
        await post(connection, map(alert_letter, alerts))


async def save(connection: Connection, held: Held, judged: Judged, now: datetime) -> None:
    """Write what a KPI came to and post its alerts, unless its row has changed since `held` was read."""
    row = _row(judged, now)
    saved = await connection.execute(_QUERIES["save_state"], {**row, "revision": held.revision})
    if saved.rowcount == 0:
        return
    if held.state is not judged.judgement.verdict.state:
        await connection.execute(_QUERIES["add_transition"], row)
    await _save_changes(connection, held, judged, row, now)
    await post(connection, map(alert_letter, judged.alerts))


async def _save_changes(
    connection: Connection, held: Held, judged: Judged, row: Mapping[str, Any], now: datetime
) -> None:
    before = {change.change_id: change for change in held.changes}
    changes, withdrawn = judged.judgement.changes, judged.judgement.withdrawn
    new = [_change_row(change) for change in changes if change.change_id is None]
    other = [
        {**_change_row(change), "change_id": change.change_id, "corrected": change.at != before[change.change_id].at}
        for change in changes
        if change.change_id is not None and change != before[change.change_id]
    ]
    if new:
        await connection.execute(_QUERIES["add_changes"], {**row, **as_json(new)})
    if other:
        await connection.execute(_QUERIES["correct_changes"], {"now": now, **as_json(other)})
    if withdrawn:
        gone = {"now": now, "change_ids": [change.change_id for change in withdrawn]}
        await connection.execute(_QUERIES["withdraw_changes"], gone)


def _with_bins(rows: Sequence[tuple[Any, ...]]) -> Sequence[HourOfValues]:
    bins: dict[tuple[datetime, str], dict[int, int]] = defaultdict(dict)
    for bucket, measure, bin_, n in rows:
        bins[bucket, measure][bin_] = n
    return [HourOfValues(at, measure, sum(held.values()), 0, held) for (at, measure), held in bins.items()]


def _row(judged: Judged, now: datetime) -> dict[str, Any]:
    kpi, judgement, threshold, shown, _ = judged
    verdict, alarm = judgement.verdict, judgement.alarm
    return {
        "journey": kpi.drawn.id,
        "kpi": kpi.kpi.id,
        "definition": kpi.digest.hex(),
        "begins": kpi.begins,
        "below": verdict.standing.below,
        "since": judgement.changes[-1].at if judgement.changes else None,
        "threshold": threshold.value,
        "baseline_end": threshold.baseline_end,
        "threshold_at": threshold.found_at,
        "stale": threshold.stale,
        "now": now,
        "state": verdict.state,
        "level": verdict.level,
        "recent": verdict.recent,
        "told_at": alarm.told_at if alarm else None,
        "shown_since": shown.since if shown else None,
        "shown_n": shown.n if shown else None,
        "shown_value": shown.value if shown else None,
    }


def _change_row(change: Recorded) -> dict[str, Any]:
    return {
        "at": change.at,
        "below": change.below,
        "climb_from": change.climb_from,
        "told_at": change.told_at,
    }


def _named(name: KpiName) -> dict[str, str]:
    return dict(zip(("journey", "kpi"), name, strict=True))
