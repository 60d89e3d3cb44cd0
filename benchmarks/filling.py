"""Case g's store: a database in which so many events have been counted already, made once and copied for each run."""

import math
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from shutil import rmtree

import psycopg
from psycopg import sql

from benchmarks import traffic
from benchmarks.run import Run
from benchmarks.testbed import SECRET, running_database
from schemas.topics import TOUCHPOINT_EVENTS
from services.store.secrecy import Secrecy
from streams.windows import ACCURACY, Detail, Resolution

_SPAN = timedelta(days=7)
_AFTERMATH = timedelta(hours=7)  # the cases that begin last must end before the traffic begins
_EVENTS_PER_CASE = 3.98

_VARIANT = "substr(chance, 13, 3) || '8' || substr(chance, 16, 15)"
_UUID4 = f"left(chance, 12) || '4' || {_VARIANT}"
_UUID7 = f"lpad(to_hex((extract(epoch FROM occurred_at) * 1000)::bigint), 12, '0') || '7' || {_VARIANT}"

_FILLED = (
    *("touchpoint_events", "event_keys", "cases", "case_hours", "customers", "customer_digests"),
    *(f"{detail}_{resolution}" for detail in Detail for resolution in Resolution),
)
_INDEXES = """
SELECT of.relname AS table_name, index.relname AS name, pg_get_indexdef(index.oid) AS definition,
       conname AS con, pg_get_constraintdef(pg_constraint.oid) AS con_definition
FROM pg_index
JOIN pg_class AS index ON index.oid = indexrelid
JOIN pg_class AS of ON of.oid = indrelid
LEFT JOIN pg_constraint ON conindid = indexrelid AND conrelid = indrelid
WHERE of.relnamespace = 'public'::regnamespace AND of.relname = ANY(%s)
ORDER BY of.relname, index.relname
"""


@dataclass(frozen=True)
class Filling:
    """How many events are there already, and whether ids are UUIDv4 rather than UUIDv7."""

    events: int
    random_ids: bool = False

    @property
    def name(self) -> str:
        """What its folder is called."""
        return f"filled-{self.events}-{'random' if self.random_ids else 'ordered'}"


def lay_filled(run: Run, filling: Filling) -> None:
    """Lay the files of a database that is so filled into the run's folder, for it to be started there."""
    made = run.scratch / filling.name
    if not made.exists():
        draft = run.scratch / f"{filling.name}.new"
        rmtree(draft, ignore_errors=True)
        _make(draft, run, filling)
        draft.rename(made)
    subprocess.run(["cp", "-a", f"{made}/.", str(run.folder)], check=True)
    subprocess.run(["sync"], check=True)  # writing back what was copied is none of the worker's time


def _make(folder: Path, run: Run, filling: Filling) -> None:
    with running_database(folder) as database:
        with psycopg.connect(database.url) as connection:
            with _without_indexes(connection):
                _add_customers(connection)
                words = _words(run, filling)
                _execute(connection, "filling.sql", words)
                _execute(connection, "event_filling.sql", words)
                for table in _windows(traffic.journey().time_zone):
                    _execute(connection, "window_filling.sql", table)
            connection.execute("DROP SCHEMA filling CASCADE")
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")  # or it begins by itself while the worker is measured


def _execute(connection: psycopg.Connection, script: str, words: Mapping[str, sql.Composable]) -> None:
    text = (files("benchmarks") / script).read_text()
    connection.execute(sql.SQL(text).format(**words))


def _words(run: Run, filling: Filling) -> dict[str, sql.Composable]:
    cases = round(filling.events / _EVENTS_PER_CASE)
    begins = run.now - traffic.HOUR - _AFTERMATH - _SPAN
    drawn = traffic.journey()
    words = {
        "cases": cases,
        "begins": begins,
        "step": _SPAN / cases,
        "topic": TOUCHPOINT_EVENTS.name,
        "partitions": TOUCHPOINT_EVENTS.partitions,
        "departments": [department for department, _ in traffic.GROUPS],
        "channels": [channel for _, channel in traffic.GROUPS],
        "personas": list(traffic.PERSONAS),
        "touchpoints": list(traffic.TOUCHPOINTS),
        "customers": traffic.CUSTOMERS,
        "source": traffic.SOURCE,
        "journey": drawn.id,
        "span": drawn.spans[0].id,
        "zone": drawn.time_zone,
        "log_gamma": math.log((1 + ACCURACY) / (1 - ACCURACY)),
    }
    event_id = sql.SQL(_UUID4 if filling.random_ids else _UUID7)
    return {name: sql.Literal(word) for name, word in words.items()} | {"event_id": event_id}


def _windows(zone: str) -> Iterator[dict[str, sql.Composable]]:
    """Yield what is put in for each table of windows."""
    buckets = {
        Resolution.MINUTE: "bucket",
        Resolution.HOUR: "date_trunc('hour', bucket)",
        Resolution.DAY: f"date_trunc('day', bucket, '{zone}')",
    }
    for detail in Detail:
        for resolution, bucket in buckets.items():
            table = sql.Identifier(f"{detail}_{resolution}")
            yield {"table": table, "scope": sql.Identifier(str(detail)), "bucket": sql.SQL(bucket)}


def _add_customers(connection: psycopg.Connection) -> None:
    """Make the traffic's customers known, customer 0 as number 1."""
    secrecy = Secrecy(SECRET)
    with connection.cursor() as cursor:
        with cursor.copy("COPY customers (customer_id) FROM STDIN") as copy:
            for number in range(traffic.CUSTOMERS):
                copy.write_row((number + 1,))
        with cursor.copy("COPY customer_digests (key_id, digest, customer_id) FROM STDIN") as copy:
            for number in range(traffic.CUSTOMERS):
                copy.write_row((secrecy.key_id, secrecy.digest(traffic.customer_name(number)), number + 1))
        cursor.execute("SELECT setval(pg_get_serial_sequence('customers', 'customer_id'), %s)", (traffic.CUSTOMERS,))


@contextmanager
def _without_indexes(connection: psycopg.Connection) -> Iterator[None]:
    """Take away every index of what is filled, and make the same again at the end: quicker, and packed as tightly."""
    before = connection.execute(_INDEXES, (list(_FILLED),)).fetchall()
    for table, name, _, con, _ in before:
        _run(connection, "ALTER TABLE {} DROP CONSTRAINT {}" if con else "DROP INDEX {1}", table, con or name)
    yield
    connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
    for table, _, definition, con, con_definition in before:
        if con:
            _run(connection, f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {con_definition}", table, con)
        else:
            connection.execute(definition)
    if connection.execute(_INDEXES, (list(_FILLED),)).fetchall() != before:
        raise RuntimeError("the indexes are not what they were before filling")


def _run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
