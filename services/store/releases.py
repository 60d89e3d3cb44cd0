"""Scores as rows: noting what batches change in them, and releasing them in lots."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from schemas.journey import Catalogue
from services.store import window_rows
from services.store.connection import Connection, tuples
from services.store.queries import load
from services.store.rows import as_json, copy
from services.store.scope_ids import number_scopes
from streams.observations import Observation, Scope
from streams.releasing import Held, Lot, Release, Score, Waiting, release, shown
from streams.windows import RetainedFrom, fold

_AT_ONCE = 2_000
_QUERIES = load("releasing")
_log = structlog.get_logger()

_ByScope = Mapping[int, Mapping[Score, int]]


class _Row(NamedTuple):
    scope_id: int
    at: datetime
    value: int
    shown: bool
    lot: int | None


async def note_changes(
    connection: Connection, scores: Sequence[tuple[Observation, int]], scope_ids: Mapping[Scope, int]
) -> None:
    """Note what a batch changes in the scores, for the one who releases them."""
    rows = ((scope_ids[scope], at, value, count) for (at, scope, value), count in scores)
    await copy(connection, _QUERIES["store_changes"], rows)


async def release_some(connection: Connection, catalogue: Catalogue, retained_from: RetainedFrom, least: int) -> bool:
    """Put some of what was noted into lots of `least` or more and show those; return whether more may be noted.

    While another process does so there is nothing to do.
    """
    (lock,) = await tuples(connection, _QUERIES["be_the_releaser"])
    taken = await tuples(connection, _QUERIES["take_changes"], {"at_most": _AT_ONCE}) if lock[0] else []
    if not taken:
        return False
    changes: dict[int, dict[Score, int]] = defaultdict(dict)
    for scope_id, at, value, count in taken:
        changes[scope_id][Score(at, value)] = count
    held = await _held(connection, changes)
    releases = {scope_id: release(held[scope_id], changes[scope_id], least) for scope_id in changes}
    await _store(connection, releases)
    await _show(connection, await _observed(connection, held, releases), catalogue, retained_from)
    return len(taken) == _AT_ONCE


async def _held(connection: Connection, changes: _ByScope) -> Mapping[int, Held]:
    waiting: dict[int, list[Waiting]] = defaultdict(list)
    for scope_id, at, value, was_shown in await tuples(connection, _QUERIES["waiting"], {"scope_ids": [*changes]}):
        waiting[scope_id].append(Waiting(Score(at, value), was_shown))
    lots: dict[int, dict[int, list[Score]]] = defaultdict(lambda: defaultdict(list))
    wanted = [
        {"scope_id": scope_id, "at": score.at, "value": score.value}
        for scope_id, scores in changes.items()
        for score, count in scores.items()
        if count < 0
    ]
    if wanted:
        for scope_id, lot, at, value in await tuples(connection, _QUERIES["lots_with"], as_json(wanted)):
            lots[scope_id][lot].append(Score(at, value))
    return {
        scope_id: Held(waiting[scope_id], {number: Lot(scores) for number, scores in lots[scope_id].items()})
        for scope_id in changes
    }


async def _store(connection: Connection, releases: Mapping[int, Release]) -> None:
    taken_back = [number for each in releases.values() for number in each.taken_back]
    await connection.execute(_QUERIES["clear"], {"taken_back": taken_back, "scope_ids": [*releases]})
    made = [(scope_id, lot) for scope_id, each in releases.items() for lot in each.made]
    numbers = [number for (number,) in await tuples(connection, _QUERIES["new_lots"], {"n": len(made)})]
    in_lots = (
        _Row(scope_id, *score, False, number)
        for (scope_id, lot), number in zip(made, numbers, strict=True)
        for score in lot.scores
    )
    waiting = (
        _Row(scope_id, *each.score, each.shown, None) for scope_id, after in releases.items() for each in after.waiting
    )
    await copy(connection, _QUERIES["store_scores"], (tuple(row) for row in (*in_lots, *waiting)))
    unknown = sum(len(each.unknown) for each in releases.values())
    if unknown:
        _log.warning("scores are to be taken back that were never noted; run `klantreis rebuild`", scores=unknown)


async def _observed(
    connection: Connection, held: Mapping[int, Held], releases: Mapping[int, Release]
) -> Sequence[tuple[Observation, int]]:
    """Return what is shown from now on (1), and what no longer (-1)."""
    rows = await tuples(connection, _QUERIES["scopes"], {"scope_ids": [*releases]})
    scopes = {number: Scope(*names) for number, *names in rows}
    observed: list[tuple[Observation, int]] = []
    for scope_id, after in releases.items():
        gone = [held[scope_id].lots[number] for number in after.taken_back]
        observed += [(observation, 1) for observation in shown(scopes[scope_id], after.made)]
        observed += [(observation, -1) for observation in shown(scopes[scope_id], gone)]
    return observed


async def _show(
    connection: Connection,
    observed: Iterable[tuple[Observation, int]],
    catalogue: Catalogue,
    retained_from: RetainedFrom,
) -> None:
    zones = catalogue.zones()
    cells, skipped = fold(observed, zones, retained_from)
    scope_ids = await number_scopes(connection, {cell.scope for cell in cells})
    ((writer,),) = await tuples(connection, _QUERIES["releaser"])
    await window_rows.raise_windows(connection, cells, scope_ids, writer)
    await window_rows.count_skipped(connection, skipped, writer)
