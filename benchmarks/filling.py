"""Case g's store: a database in which so many events have been counted already, made once and copied for each run."""

import math
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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

Step = Callable[[psycopg.Connection], object]

_SPAN = timedelta(days=7)
_AFTERMATH = timedelta(hours=7)  # the cases that begin last must end before the traffic begins
_EVENTS_PER_CASE = 3.98

_VARIANT = "substr(chance, 13, 3) || '8' || substr(chance, 16, 15)"
_UUID4 = f"left(chance, 12) || '4' || {_VARIANT}"
_UUID7 = f"lpad(to_hex((extract(epoch FROM occurred_at) * 1000)::bigint), 12, '0') || '7' || {_VARIANT}"

_CASES = ("cases", "case_hours", "customers", "customer_digests")
_EVENTS = ("touchpoint_events", "event_keys")
_INDEXES = """
SELECT of.relname AS table_name, index.relname AS name, pg_get_indexdef(index.oid) AS definition,
       conname AS kept_by, pg_get_constraintdef(pg_constraint.oid)
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
    words = _words(run, filling)
    with running_database(folder) as database:
        _fill(database.url, _CASES, [_add_customers, _script("filling.sql", words)])
        with ThreadPoolExecutor() as side_by_side:
            parts = [side_by_side.submit(_fill, database.url, _EVENTS, [_script("event_filling.sql", words)])]
            for detail in Detail:
                tables = {f"{detail}_{resolution}": resolution for resolution in Resolution}
                steps = [_script("window_filling.sql", _window_words(detail, resolution)) for resolution in Resolution]
                parts.append(side_by_side.submit(_fill, database.url, list(tables), steps))
            for part in parts:
                part.result()
        with psycopg.connect(database.url) as connection:
            connection.execute("DROP SCHEMA filling CASCADE")


def _fill(database_url: str, tables: Sequence[str], steps: Iterable[Step]) -> None:
    """Fill tables, without their indexes meanwhile; vacuum them, or that begins by itself under the worker."""
    with psycopg.connect(database_url) as connection, _without_indexes(connection, tables):
        for step in steps:
            step(connection)
    with psycopg.connect(database_url, autocommit=True) as connection:
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(names))


def _script(name: str, words: Mapping[str, sql.Composable]) -> Step:
    statements = sql.SQL((files("benchmarks") / name).read_text()).format(**words)
    return lambda connection: connection.execute(statements)


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


def _window_words(detail: Detail, resolution: Resolution) -> dict[str, sql.Composable]:
    rows = "minutes" if resolution is Resolution.MINUTE else "hours"
    bucket: sql.Composable = sql.SQL("bucket")
    if resolution is Resolution.DAY:
        bucket = sql.SQL("date_trunc('day', bucket, {})").format(traffic.journey().time_zone)
    names = {"table": f"{detail}_{resolution}", "scope": str(detail), "rows": rows}
    return {word: sql.Identifier(name) for word, name in names.items()} | {"bucket": bucket}


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
def _without_indexes(connection: psycopg.Connection, tables: Sequence[str]) -> Iterator[None]:
    """Take every index of the tables away, and make the same ones again at the end: quicker, and packed as tightly."""
    before = connection.execute(_INDEXES, (list(tables),)).fetchall()
    for table, name, _, constraint, _ in before:
        if constraint:
            _run(connection, "ALTER TABLE {} DROP CONSTRAINT {}", table, constraint)
        else:
            _run(connection, "DROP INDEX {}", name)
    yield
    connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for table, _, index, constraint, kept in before:
        if constraint:
            _run(connection, f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {kept}", table, constraint)
        else:
            connection.execute(index)
    if connection.execute(_INDEXES, (list(tables),)).fetchall() != before:
        raise RuntimeError(f"the indexes of {', '.join(tables)} are not what they were before")


def _run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
