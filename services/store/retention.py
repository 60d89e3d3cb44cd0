"""Dropping what is past its time: windows, the history of cases, what customers wrote, rejected records."""

from collections.abc import Mapping
from datetime import datetime

import psycopg
import structlog
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from services.store.connection import LATE_DATA
from services.store.queries import load
from streams.windows import Detail, Resolution

_ROWS_AT_ONCE = 50_000
_CASES_AT_ONCE = 5_000
_AGED: Mapping[str, tuple[tuple[str, str], ...]] = {
    **{resolution: tuple((f"{detail}_{resolution}", "bucket") for detail in Detail) for resolution in Resolution},
    "texts": (("answer_texts", "answered_at"),),
    "rejects": (("rejects", "rejected_at"),),
    "tombstones": (("tombstones", "erased_at"),),
}
"""The tables of each kind of row that goes by its own age, and the column that tells it."""

_OPTIONS = f"-c TimeZone=UTC {LATE_DATA}"
_QUERIES = load("upkeep")
_log = structlog.get_logger()

Connection = psycopg.Connection[DictRow]


def prune(database_url: str, now: datetime) -> None:
    """Move the moment from which each kind of row is kept, by whole days, and drop what lies before it.

    The moments move in a transaction of their own: what counts waits for it, and must not wait for the deletes. These
    are many short transactions; what is left when they break off goes with the next day's. Nothing is done while
    another process prunes or rebuilds.
    """
    with psycopg.connect(database_url, row_factory=dict_row, autocommit=True, options=_OPTIONS) as connection:
        if not connection.execute(_QUERIES["be_the_upkeep"]).fetchall()[0]["locked"]:
            return
        (chunks,) = connection.execute(_QUERIES["drops_chunks"]).fetchall()
        for kind in connection.execute(_QUERIES["move_retention"], {"now": now}).fetchall():
            if not (chunks["drops_chunks"] and kind["name"] in set(Resolution)):
                _drop(connection, kind["name"], kind["retained_from"])


def _drop(connection: Connection, name: str, before: datetime) -> None:
    if name in _AGED:
        dropped = sum(_drop_older(connection, table, moment, before) for table, moment in _AGED[name])
    else:
        dropped = _drop_histories(connection, before)
        dropped += connection.execute(_QUERIES["drop_lots"], {"before": before}).rowcount
    if dropped:
        _log.info("dropped what is past its retention", kind=name, rows=dropped, before=before.isoformat())


def _drop_older(connection: Connection, table: str, moment: str, before: datetime) -> int:
    statement = sql.SQL(_QUERIES["drop_older"]).format(table=sql.Identifier(table), moment=sql.Identifier(moment))
    total = 0
    while True:
        dropped = connection.execute(statement, {"before": before, "at_most": _ROWS_AT_ONCE}).rowcount
        total += dropped
        if dropped < _ROWS_AT_ONCE:
            return total


def _drop_histories(connection: Connection, before: datetime) -> int:
    """Drop the events, answers, invitations and flags of old cases, all of a case at once.

    A case is old if it was closed before a moment and nothing of it that stands came later. Its row stays, and is
    marked: an event that comes for it now can no longer be counted exactly.
    """
    total = after = 0
    while True:
        some = {"after": after, "at_most": _CASES_AT_ONCE}
        last = connection.execute(_QUERIES["last_of_next_cases"], some).fetchall()[0]["case_key"]
        if last is None:
            return total
        with connection.transaction():
            total += _drop_histories_of(connection, {"after": after, "last": last, "before": before})
        after = last


def _drop_histories_of(connection: Connection, cases: Mapping[str, object]) -> int:
    """Drop in statements of their own, once the cases are locked: then they see all that was ever counted of them."""
    old = [row["case_key"] for row in connection.execute(_QUERIES["lock_old_cases"], cases)]
    if not old:
        return 0
    connection.execute(_QUERIES["note_dropped"], {"case_keys": old})
    return sum(
        connection.execute(_QUERIES[drop], {"case_keys": old}).rowcount
        for drop in ("drop_visits", "drop_answers", "drop_invitations", "drop_flags")
    )
