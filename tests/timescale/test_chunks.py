"""On TimescaleDB the tables are those of plain PostgreSQL, in chunks; and what is counted in them is the same."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from services.embedded.database import EmbeddedDatabase
from services.store.dump import dump
from services.store.keeping import Keep, set_keep
from services.store.migrate import migrate
from services.store.rebuild import check
from services.store.restore import restore
from services.store.retention import prune
from tests import stored
from tests.chance import Arrival, draw
from tests.conftest import administer
from tests.counted import Counted, store_on
from tests.drawn import MIDNIGHT, event
from tests.oracle import Drawing, differences, tables
from tests.timescale.conftest import COMPRESSED, HYPERTABLES, Chunks
from tests.timescale.server import TimescaleServer

COLUMNS = """
SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default, is_generated
FROM information_schema.columns WHERE table_schema IN ('public', 'reporting') AND table_name <> ALL(%(more)s)
ORDER BY 1, 2, ordinal_position
"""
KEYS = """
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2
"""
BESIDE = "beside_timescale"
RETAINED_FROM = "SELECT retained_from FROM retention WHERE name = 'minute'"


@pytest.fixture(scope="module")
def plain_url(database_server: EmbeddedDatabase) -> str:
    """The address of a migrated database on plain PostgreSQL, beside the one with TimescaleDB."""
    administer(
        sql.SQL("CREATE DATABASE {}").format(sql.Identifier(BESIDE)), database_server.url
    )  # it goes with its server
    url = urlsplit(database_server.url)._replace(path=f"/{BESIDE}").geturl()
    migrate(url)
    return url


@pytest.fixture
async def plain(plain_url: str, counted: Counted) -> AsyncIterator[Counted]:
    """As `counted`, without TimescaleDB."""
    store = store_on(plain_url)
    await store.open()
    yield Counted(plain_url, store, counted.now)
    await store.close()


def catalogued(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode(), {"more": ["pg_stat_statements"]}).fetchall()


def test_the_tables_and_views_are_those_of_plain_postgresql(timescale: Chunks, plain_url: str) -> None:
    assert catalogued(timescale.url, COLUMNS) == catalogued(plain_url, COLUMNS)
    assert catalogued(timescale.url, KEYS) == catalogued(plain_url, KEYS)


def test_what_holds_time_lies_in_chunks_however_often_it_is_migrated(timescale: Chunks) -> None:
    assert migrate(timescale.url) == []
    found = timescale.rows("SELECT hypertable_name, time_interval FROM timescaledb_information.dimensions")
    assert {name: width.days for name, width in found} == HYPERTABLES
    jobs = timescale.rows("SELECT hypertable_name, proc_name FROM timescaledb_information.jobs WHERE job_id >= 1000")
    assert sorted(jobs, key=str) == sorted(
        [(None, "drop_old_windows"), *((name, "policy_compression") for name in COMPRESSED)], key=str
    )


async def test_what_was_plain_moves_into_chunks(timescale: Chunks) -> None:
    drawn = draw("overstap", 3, 120, MIDNIGHT + timedelta(days=50))
    with TimescaleServer() as server:
        migrate(server.url)
        before = Counted(server.url, store_on(server.url), MIDNIGHT + timedelta(days=50))
        before.empty(*drawn.versions)
        await before.store.open()
        await before.count(*drawn.arrivals)
        await before.store.close()
        held = stored.read(server.url, drawn.journey, {})
        later = Chunks(server.url)
        later.run("CREATE EXTENSION timescaledb")
        assert migrate(server.url) == []
        assert stored.read(server.url, drawn.journey, {}) == held
        names = later.rows("SELECT DISTINCT hypertable_name FROM timescaledb_information.chunks")
        assert {name for (name,) in names} == HYPERTABLES.keys()


async def test_a_log_comes_to_the_same_whatever_was_compressed_before(
    timescale: Chunks, counted: Counted, plain: Counted
) -> None:
    """Counted on both in the same batches, in any order; on TimescaleDB all chunks are compressed between them."""
    drawn = draw("stukken", 1, 240, MIDNIGHT + timedelta(days=50))
    left: list[Arrival] = Random(1).sample(drawn.arrivals, len(drawn.arrivals))
    counted.empty(*drawn.versions)
    plain.empty(*drawn.versions)
    while left:
        some, left = left[:60], left[60:]
        assert timescale.compress() > 0 or not counted.rows("SELECT FROM touchpoint_events")
        for each in (counted, plain):
            await each.count(*some)
            while await each.store.release(3):
                pass
    here, there = (stored.read(each.database_url, drawn.journey, {}) for each in (counted, plain))
    assert here == there
    shown, shown_there = (
        stored.read_windows(each.database_url, drawn.journey, shown=True) for each in (counted, plain)
    )
    assert shown == shown_there
    expected = tables(Drawing(drawn.versions), drawn.events, drawn.answers)
    assert differences({"cases": expected["cases"]}, {"cases": here["cases"]}) == []
    assert (await check(counted.database_url, lambda *_: None)).total == 0


async def test_late_data_across_a_full_compressed_chunk_is_right(timescale: Chunks, counted: Counted) -> None:
    """One upsert of the batch has to unpack more rows than the 100,000 that TimescaleDB allows unless it is told to."""
    scopes = 160
    names = [f"balie-{number:03}" for number in range(scopes)]
    await counted.count(*(event("vraag", 12 * 60, case_id=f"nu-{name}", department=name) for name in names))
    timescale.run(
        """INSERT INTO rollups_hour (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
           SELECT scope_id, bucket, 32000, 1, 1, 1, 0, '{}', '{}'
           FROM timescaledb_information.chunks, generate_series(range_start, range_end - '1 hour'::interval, '1 hour')
               AS bucket, scopes
           WHERE hypertable_name = 'rollups_hour' AND %s >= range_start AND %s < range_end
             AND measure = 'volume' AND channel = '' AND persona = ''""",
        MIDNIGHT,
        MIDNIGHT,
    )
    in_all = """SELECT count(*), sum(n)::integer FROM rollups_hour JOIN scopes USING (scope_id)
                WHERE measure = 'volume'"""
    full = scopes * 30 * 24 + scopes  # an hour of each scope is there twice, by two writers
    assert timescale.rows(in_all) == [(full, full)]
    timescale.compress()
    late = [event("vraag", 12 * 60 + 5, case_id=f"laat-{name}", department=name) for name in names]
    await counted.count(*late)
    assert migrate(timescale.url) == []  # with chunks that are compressed
    assert timescale.rows(in_all)[0][1] == full + scopes
    assert timescale.rows(
        """SELECT sum(n)::integer, count(DISTINCT scope_id) FROM rollups_hour JOIN scopes USING (scope_id)
           WHERE measure = 'volume' AND bucket = %s""",
        MIDNIGHT + timedelta(hours=12),
    ) == [(3 * scopes, scopes)]


def test_the_policies_run(timescale: Chunks, counted: Counted) -> None:
    timescale.run(
        """INSERT INTO windows_hour (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
           SELECT 1, now() - days * interval '1 day', 1, 1, 1, 1, 0, '{}', '{}'
           FROM generate_series(0, 250, 10) AS days"""
    )
    jobs = timescale.rows("SELECT job_id FROM timescaledb_information.jobs WHERE job_id >= 1000")
    for (job,) in jobs:
        timescale.run(f"CALL run_job({job})")
    chunks = timescale.rows(
        """SELECT is_compressed, range_end < now() - interval '100 days' FROM timescaledb_information.chunks
           WHERE hypertable_name = 'windows_hour'"""
    )
    assert {True, False} == {compressed for compressed, _ in chunks}
    assert all(compressed is old for compressed, old in chunks)


def test_windows_go_by_whole_chunks_and_only_before_what_is_said_to_be_kept(
    timescale: Chunks, counted: Counted
) -> None:
    now = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    timescale.run(
        """INSERT INTO windows_minute (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
           SELECT 1, bucket, 1, 1, 1, 1, 0, '{}', '{}'
           FROM generate_series('2026-10-10 00:00+00'::timestamptz, '2026-11-20 00:00+00', '6 hours') AS bucket"""
    )
    first = "SELECT min(bucket) FROM windows_minute"
    drop = "CALL drop_old_windows(0, '{}')"
    set_keep(timescale.url, "minute", Keep(0, 35))
    timescale.run(drop)  # the worker has not moved the moment yet
    assert timescale.rows(first) == [(datetime(2026, 10, 10, tzinfo=UTC),)]
    prune(timescale.url, now)  # leaves windows to TimescaleDB
    assert timescale.rows(RETAINED_FROM) == [(datetime(2026, 10, 16, tzinfo=UTC),)]
    assert timescale.rows(first) == [(datetime(2026, 10, 10, tzinfo=UTC),)]
    timescale.run(drop)
    assert timescale.rows(first) == [(datetime(2026, 10, 16, tzinfo=UTC),)]


async def test_the_history_of_old_cases_goes_from_compressed_chunks(timescale: Chunks, counted: Counted) -> None:
    await counted.count(
        event("aanvraag", 0, case_id="oud"),
        event("besluit", 60, case_id="oud"),
        event("aanvraag", 0, case_id="open"),
        event("aanvraag", 60 * 24 * 40, case_id="nieuw"),
    )
    assert timescale.compress() > 0
    set_keep(timescale.url, "events", Keep(0, 30))
    prune(timescale.url, counted.now)
    assert counted.rows("SELECT case_id FROM touchpoint_events JOIN cases USING (case_key) ORDER BY case_id") == [
        {"case_id": "nieuw"},
        {"case_id": "open"},
    ]


def test_the_writer_counts_in_chunks_that_it_does_not_own(timescale: Chunks, counted: Counted) -> None:
    """Rights go with the table to all of its chunks, compressed ones too."""
    timescale.run("CREATE ROLE klantreis_writer")
    timescale.run("CREATE ROLE klantreis_reader")
    migrate(timescale.url)
    upsert = """
        INSERT INTO rollups_hour AS held (scope_id, bucket, writer, n, total, squares, merged, bins, counts)
        VALUES (1, '2027-05-01', 1, 1, 1, 1, 0, '{}', '{}')
        ON CONFLICT (scope_id, bucket, writer) DO UPDATE SET n = held.n + excluded.n"""
    with psycopg.connect(timescale.url, autocommit=True) as connection:
        connection.execute("SET ROLE klantreis_writer")
        connection.execute(upsert.encode())
        connection.execute("RESET ROLE")
        assert timescale.compress() == 1
        connection.execute("SET ROLE klantreis_writer")
        connection.execute(upsert.encode())
        assert connection.execute("SELECT n FROM rollups_hour").fetchall() == [(2,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT drop_chunks('rollups_hour', older_than => now())")
        connection.execute("SET ROLE klantreis_reader")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT FROM rollups_hour")
        connection.execute("RESET ROLE")  # it is the one session of all


async def test_what_was_dumped_elsewhere_is_restored_into_chunks(
    timescale: Chunks, counted: Counted, plain: Counted, tmp_path: Path
) -> None:
    drawn = draw("verhuisd", 5, 120, MIDNIGHT + timedelta(days=50))
    plain.empty(*drawn.versions)
    await plain.count(*drawn.arrivals)
    counted.empty()
    dump(plain.database_url, tmp_path / "dump", lambda *_: None)
    restore(timescale.url, tmp_path / "dump", lambda *_: None)
    here, there = (stored.read(each.database_url, drawn.journey, {}) for each in (counted, plain))
    assert here == there
    assert timescale.compress() > 0
    assert (await check(timescale.url, lambda *_: None)).total == 0
