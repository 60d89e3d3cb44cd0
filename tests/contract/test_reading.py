"""What the monitor may rely on of the read side: sums over writers, lists in order, by index, at one moment."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from services.store.journeys import apply_journey
from services.store.queries import load
from services.store.reading import (
    AFTER_ALL,
    BEFORE_ALL,
    SHOWN,
    CaseCounts,
    Histogram,
    Moment,
    Place,
    Reading,
    Responses,
    Subject,
    Unreadable,
)
from streams.observations import SCORED, Scope
from streams.rolling import Part
from streams.windows import Resolution, bin_of
from tests.filling import Filling
from tests.snapshots import balie

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@pytest.fixture(scope="module")
def address(database_url: str) -> str:
    apply_journey(database_url, balie())
    return database_url


@pytest.fixture
def filling(address: str) -> Iterator[Filling]:
    with psycopg.connect(address, autocommit=True) as connection:
        filling = Filling(connection)
        filling.empty()
        yield filling


@pytest.fixture
async def reading(address: str) -> AsyncIterator[Reading]:
    reading = Reading(address)
    await reading.open()
    yield reading
    await reading.close()


@pytest.fixture
async def moment(filling: Filling, reading: Reading) -> AsyncIterator[Moment]:
    """What is read, after the test has filled in its rows: the database is looked at on the first question."""
    async with reading.moment() as moment:
        yield moment


async def test_histograms_sum_over_buckets_and_writers(filling: Filling, moment: Moment) -> None:
    gaps = filling.scope("gap", touchpoint="bericht", department="KCC")
    volumes = filling.scope("volume", touchpoint="bericht", department="KCC")
    other = filling.scope("gap", journey="andere", touchpoint="bericht")
    filling.window("hour", at(0), gaps, "gap", [5000, 90_000, 5000], writer=1)
    filling.window("hour", at(1), gaps, "gap", [5000], writer=2)
    filling.window("hour", at(3), gaps, "gap", [7])  # the end is not part of it
    filling.window("hour", at(-1), gaps, "gap", [8])
    filling.window("minute", at(0), gaps, "gap", [9])
    filling.window("hour", at(2), volumes, "volume", [1, 1])
    filling.window("hour", at(0), other, "gap", [11])
    found = await moment.histograms("balie", Part(Resolution.HOUR, at(0), at(3)))
    assert found == {
        Subject("gap", "", "bericht", "KCC"): Histogram(4, 105_000, {bin_of("gap", 5000): 3, bin_of("gap", 90_000): 1}),
        Subject("volume", "", "bericht", "KCC"): Histogram(2, 2, {}),
    }


async def test_scores_are_their_own_bins(filling: Filling, moment: Moment) -> None:
    """Exact scores are for nobody's eyes; what is released of them is."""
    scores = filling.scope("released satisfaction", touchpoint="antwoord")
    filling.window("day", MIDNIGHT, scores, "released satisfaction", [8000, 6000, 8000])
    exact = filling.scope("satisfaction", touchpoint="antwoord")
    filling.window("day", MIDNIGHT, exact, "satisfaction", [8000, 6000, 8000, 1000])
    found = await moment.histograms("balie", Part(Resolution.DAY, MIDNIGHT, MIDNIGHT + HOUR))
    assert found == {Subject("released satisfaction", "", "antwoord", ""): Histogram(3, 22_000, {6000: 1, 8000: 2})}


async def test_scores_by_the_finest_scope(filling: Filling, moment: Moment) -> None:
    web = filling.scope("released effort", span="late", touchpoint="antwoord", channel="web")
    post = filling.scope("released effort", touchpoint="antwoord", channel="post")
    exact = filling.scope("effort", touchpoint="antwoord", channel="post")
    for scope, values in ((web, [7000, 7000]), (post, [1000]), (exact, [2000])):
        filling.window("day", MIDNIGHT, scope, "effort", values, detail="windows")
    filling.window("day", MIDNIGHT, web, "effort", [7000], sign=-1, writer=2, detail="windows")
    found = await moment.scores("balie", Part(Resolution.DAY, MIDNIGHT, MIDNIGHT + HOUR))
    assert found == {
        Scope("balie", "effort", "late", "antwoord", "", "web", ""): {7000: 1},
        Scope("balie", "effort", "", "antwoord", "", "post", ""): {1000: 1},
    }


async def test_passages_by_the_finest_scope(filling: Filling, moment: Moment) -> None:
    late = filling.scope("volume", span="late", touchpoint="antwoord", channel="web")
    other = filling.scope("gap", touchpoint="antwoord", channel="web")
    filling.window("day", MIDNIGHT, late, "volume", [1, 1], detail="windows")
    filling.window("day", MIDNIGHT, late, "volume", [1], writer=2, detail="windows")
    filling.window("day", MIDNIGHT, other, "gap", [5000], detail="windows")
    found = await moment.passages("balie", Part(Resolution.DAY, MIDNIGHT, MIDNIGHT + HOUR))
    assert found == {Scope("balie", "volume", "late", "antwoord", "", "web", ""): 3}


async def test_who_was_asked_and_who_answered(filling: Filling, moment: Moment) -> None:
    key, elsewhere = filling.case("Z-1", at(0)), filling.case("Z-2", at(0), journey="elders")
    for number, (decided, suppressed, answered) in enumerate(
        [(at(1), None, at(2)), (at(3), None, None), (at(9), None, None), (at(4), "late", None), (at(30), None, None)]
    ):
        filling.invitation(f"i{number}", key, decided, suppressed=suppressed, answered_at=answered)
    filling.invitation("elsewhere", elsewhere, at(5))
    found = await moment.responses("balie", at(0), at(24), expired_before=at(3))
    assert sorted(found, key=lambda each: each.suppressed or "") == [
        Responses("gesteld", None, n=3, answered=1, expired=1),
        Responses("gesteld", "late", n=1, answered=0, expired=0),
    ]


async def test_invitations_that_wait_for_an_answer(filling: Filling, moment: Moment) -> None:
    key = filling.case("Z-gevraagd", at(1))
    for number, (decided, suppressed, answered) in enumerate(
        [(at(1), None, None), (at(3), None, None), (at(4), "late", None), (at(5), None, at(6)), (at(-99), None, None)]
    ):
        filling.invitation(f"i{number}", key, decided, suppressed=suppressed, answered_at=answered)
    filling.invitation("i9", key, at(2))
    filling.response("i9", "satisfaction", at(2))
    found = await moment.open_invitations("balie", at(0), 5)
    assert [(each.invitation_id, each.decided_at) for each in found] == [("i1", at(3)), ("i0", at(1))]
    assert len(await moment.open_invitations("balie", at(0), 1)) == 1
    assert await moment.open_invitations("elders", at(0), 5) == []


async def test_what_one_writer_added_and_another_took_back_is_not_there(filling: Filling, moment: Moment) -> None:
    spans = filling.scope("throughput", span="case", touchpoint="antwoord")
    gone = filling.scope("gap", touchpoint="bericht")
    filling.window("minute", at(0), spans, "throughput", [1000, 60_000], writer=1)
    filling.window("minute", at(0), spans, "throughput", [1000], writer=3, sign=-1)
    filling.window("minute", at(0), gone, "gap", [1000], writer=1)
    filling.window("minute", at(0), gone, "gap", [1000], writer=2, sign=-1)
    found = await moment.histograms("balie", Part(Resolution.MINUTE, at(0), at(1)))
    assert found == {
        Subject("throughput", "case", "antwoord", ""): Histogram(1, 60_000, {bin_of("throughput", 60_000): 1}),
    }


async def test_today_is_one_day_of_all_departments(filling: Filling, moment: Moment) -> None:
    kcc = filling.scope("volume", touchpoint="gesteld", department="KCC")
    vg = filling.scope("volume", touchpoint="gesteld", department="VG")
    filling.window("day", MIDNIGHT, kcc, "volume", [1, 1, 1])
    filling.window("day", MIDNIGHT, vg, "volume", [1], writer=2)
    filling.window("day", MIDNIGHT - timedelta(days=1), kcc, "volume", [1])
    filling.window("day", MIDNIGHT, filling.scope("gap", touchpoint="gesteld"), "gap", [1])
    assert await moment.volumes_of_day("balie", MIDNIGHT) == {"gesteld": 4}


async def test_case_counts(filling: Filling, moment: Moment) -> None:
    filling.hour(MIDNIGHT - 96 * HOUR, opened=7, closed=5)
    filling.hour(MIDNIGHT - 95 * HOUR, opened=4, closed=1)
    filling.hour(MIDNIGHT - HOUR, opened=3, closed=3)
    filling.hour(MIDNIGHT, opened=2)
    filling.hour(MIDNIGHT + 9 * HOUR, opened=5, closed=4)
    filling.hour(MIDNIGHT, opened=50, journey="andere")
    whole, span = (
        filling.scope("throughput", span=name, touchpoint="antwoord") for name in ("case", "antwoordtermijn")
    )
    elsewhere = filling.scope("throughput", span="case", touchpoint="brief", department="VG")
    filling.window("day", MIDNIGHT, whole, "throughput", [1000, 2000])
    filling.window("day", MIDNIGHT, elsewhere, "throughput", [1000])
    filling.window("day", MIDNIGHT, span, "throughput", [1000])
    filling.window("day", MIDNIGHT - 24 * HOUR, whole, "throughput", [1000])
    overdue_before = MIDNIGHT - 95 * HOUR
    assert await moment.case_counts("balie", MIDNIGHT, overdue_before) == CaseCounts(
        open=8, overdue=2, opened_today=7, closed_today=3
    )
    assert (await moment.case_counts("balie", MIDNIGHT, None)).overdue == 0
    assert await moment.case_counts("nergens", MIDNIGHT, None) == CaseCounts(0, 0, 0, 0)


async def test_a_case_may_be_opened_by_one_writer_and_closed_by_another(filling: Filling, moment: Moment) -> None:
    filling.hour(MIDNIGHT - HOUR, opened=2, writer=1)
    filling.hour(MIDNIGHT - HOUR, opened=0, closed=1, writer=2)
    filling.hour(MIDNIGHT, opened=1, writer=1)
    filling.hour(MIDNIGHT, opened=-1, writer=2)  # taken back
    assert await moment.case_counts("balie", MIDNIGHT, MIDNIGHT) == CaseCounts(
        open=1, overdue=1, opened_today=0, closed_today=0
    )


async def test_open_cases_are_paged_longest_waiting_first(filling: Filling, moment: Moment) -> None:
    for number, hours in enumerate((5, 1, 3, 3, 9)):  # two wait equally long
        filling.case(f"Z-{number}", at(0), last_at=at(hours))
    filling.case("dicht", at(0), last_at=at(0), closed_at=at(0))
    found, after = [], BEFORE_ALL
    while page := await moment.waiting_cases("balie", after, 2):
        found += [row.case_id for row in page]
        last = page[-1]
        assert last.last_at is not None
        after = Place(last.last_at, last.case_key)
    assert found == ["Z-1", "Z-2", "Z-3", "Z-0", "Z-4"]


async def test_closed_cases_are_paged_last_closed_first(filling: Filling, moment: Moment) -> None:
    for number, hours in enumerate((5, 1, 3, 3, 9)):
        filling.case(f"Z-{number}", at(0), closed_at=at(hours))
    filling.case("open", at(0))
    found, after = [], AFTER_ALL
    while page := await moment.closed_cases("balie", after, 2):
        found += [row.case_id for row in page]
        last = page[-1]
        assert last.closed_at is not None
        after = Place(last.closed_at, last.case_key)
    assert found == ["Z-4", "Z-0", "Z-3", "Z-2", "Z-1"]


async def test_one_case_and_its_visits(filling: Filling, moment: Moment) -> None:
    key = filling.case("Z/1 é", at(0))
    filling.event(key, at(0), "gesteld", channel="web")
    filling.event(key, at(2), "bericht", department="VG", started_at=at(1), voids="eerder")
    filling.event(filling.case("Z-2", at(0)), at(0), "gesteld")
    row = await moment.one_case("balie", "Z/1 é")
    assert row is not None
    assert (row.case_key, row.opened_at, row.closed_at, row.last_touchpoint) == (key, at(0), None, "gesteld")
    visits = sorted(await moment.visits_of_case(key))
    assert [(visit.touchpoint, visit.occurred_at, visit.started_at) for visit in visits] == [
        ("gesteld", at(0), None),
        ("bericht", at(2), at(1)),
    ]
    assert [(visit.channel, visit.department, visit.voids) for visit in visits] == [
        ("web", None, None),
        (None, "VG", "eerder"),
    ]
    assert await moment.one_case("balie", "Z/1 e") is None
    assert await moment.one_case("andere", "Z/1 é") is None


async def test_log_positions_are_those_of_the_log_seen_last(filling: Filling, moment: Moment) -> None:
    filling.log(100, 250, at(0), log_id="vorige", partition=0)
    filling.log(4, 10, at(5), log_id="nieuwe", partition=0)
    filling.log(None, 3, at(4), log_id="nieuwe", partition=1)
    found = [
        (each.topic, each.partition, each.next_offset, each.end_offset, each.seen_at)
        for each in await moment.log_positions()
    ]
    assert found == [("touchpoint-events", 0, 4, 10, at(5)), ("touchpoint-events", 1, 0, 3, at(4))]


async def test_reject_counts(filling: Filling, moment: Moment) -> None:
    filling.connection.execute("INSERT INTO reject_counts VALUES ('too_large', 2), ('malformed_json', 40)")
    assert await moment.reject_counts() == {"malformed_json": 40, "too_large": 2}


async def test_the_catalogue_is_read_again_when_a_version_was_added(reading: Reading, address: str) -> None:
    before = await reading.catalogue()
    assert before.latest("balie") == balie()
    assert await reading.catalogue() is before
    apply_journey(address, balie().model_copy(update={"case_limit": timedelta(days=9)}))
    after = await reading.catalogue()
    assert [version.version for version in after.versions("balie")] == [1, 2]
    assert after.latest("balie").case_limit == timedelta(days=9)


async def test_a_moment_does_not_move(filling: Filling, reading: Reading) -> None:
    async with reading.moment() as moment:
        before = await moment.case_counts("balie", MIDNIGHT, None)
        filling.hour(MIDNIGHT, opened=1)
        assert await moment.case_counts("balie", MIDNIGHT, None) == before
    async with reading.moment() as moment:
        assert (await moment.case_counts("balie", MIDNIGHT, None)).open == before.open + 1


async def test_nothing_can_be_written(reading: Reading) -> None:
    with pytest.raises(Unreadable, match="read-only"):
        async with reading.moment() as moment:
            await moment.connection.execute("DELETE FROM cases")


async def test_a_database_that_is_not_migrated_says_so(empty_database_url: str, address: str) -> None:
    elsewhere = psycopg.conninfo.make_conninfo(empty_database_url, dbname="postgres")
    reading = Reading(elsewhere)
    await reading.open()
    with pytest.raises(Unreadable, match="klantreis migrate"):
        await reading.catalogue()
    await reading.close()


async def test_a_database_that_is_away_says_why() -> None:
    reading = Reading("postgresql://klantreis@127.0.0.1:1/klantreis")
    await reading.open()
    with pytest.raises(Unreadable, match="refused"):
        await reading.catalogue()
    await reading.close()


@pytest.fixture(scope="module")
def grown(address: str) -> Iterator[psycopg.Connection]:
    """A database with enough in it for the planner to care: two journeys, 30 subjects each, in four persons' words."""
    with psycopg.connect(address, autocommit=True) as connection:
        Filling(connection).empty()
        connection.execute(
            """INSERT INTO scopes (journey, measure, span, touchpoint, department, channel, persona)
               SELECT journey, measure, '', 'punt-' || s, '', channel, persona
               FROM unnest('{balie,andere}'::text[]) journey,
                    unnest('{volume,gap,throughput,released satisfaction}'::text[]) measure,
                    generate_series(1, 10) s, unnest(ARRAY['', 'web', 'post', 'telefoon', 'balie']) channel,
                    unnest(ARRAY['', 'bewoner', 'ondernemer', 'architect']) persona"""
        )
        for resolution, step, steps in (("minute", "1 minute", 2000), ("hour", "1 hour", 1500), ("day", "1 day", 800)):
            connection.execute(
                f"""INSERT INTO rollups_{resolution}
                    SELECT scope_id, %s::timestamptz + g * interval '{step}', 1, 2, 1, 1, 2, '{{7,9}}', '{{1,1}}'
                    FROM generate_series(1, {steps}) g, scopes WHERE channel = '' AND persona = ''""",
                (START,),
            )
            connection.execute(
                f"""INSERT INTO windows_{resolution}
                    SELECT scope_id, %s::timestamptz + g * interval '{step}', 1, 2, 1, 1, 2, '{{7,9}}', '{{1,1}}'
                    FROM generate_series(1, {steps}, 10) g, scopes WHERE channel <> ''""",
                (START,),
            )
        connection.execute(
            """INSERT INTO case_hours
               SELECT journey, %s::timestamptz - g * interval '1 hour', writer,
                      9, CASE WHEN mod(g, 20) = 0 THEN 2 ELSE 9 END
               FROM unnest('{balie,andere}'::text[]) journey, generate_series(1, 4000) g,
                    generate_series(1, 4) writer""",
            (START,),
        )
        connection.execute(
            """INSERT INTO cases (journey, case_id, opened_at, closed_at, last_at)
               SELECT 'balie', 'Z-' || g, t, CASE WHEN mod(g, 20) <> 0 THEN t END, t
               FROM generate_series(1, 40000) g, LATERAL (SELECT %s::timestamptz - g * interval '1 hour') AS at (t)""",
            (START,),
        )
        connection.execute(
            """INSERT INTO touchpoint_events (case_key, occurred_at, source, event_id, journey_version, touchpoint)
               SELECT case_key, opened_at, 'proef', case_id, 1, 'gesteld' FROM cases"""
        )
        connection.execute(
            """INSERT INTO survey_answers
                   (case_key, answered_at, source, answer_id, journey_version, touchpoint, question, score)
               SELECT case_key, opened_at, 'proef', case_id, 1, 'gesteld', 'satisfaction', 8 FROM cases"""
        )
        connection.execute(
            """INSERT INTO invitations
               SELECT case_id, case_key, 'proef', case_id, 1, 'gesteld', NULL, opened_at,
                      CASE WHEN mod(case_key, 3) = 0 THEN 'late' END, '{}', NULL
               FROM cases"""
        )
        connection.execute(
            """INSERT INTO case_flags
                   (case_key, journey, kind, touchpoint, after, since, due_at, flagged_at, cleared_at)
               SELECT case_key, CASE WHEN mod(case_key, 40) = 0 THEN journey ELSE 'andere' END, 'waiting', 'gesteld',
                      'gesteld', last_at, last_at, last_at, closed_at
               FROM cases"""
        )
        connection.execute(
            "INSERT INTO survey_responses SELECT invitation_id, 'satisfaction', decided_at FROM invitations"
        )
        connection.execute(
            """INSERT INTO answer_texts
               SELECT 'proef', case_id, opened_at, 'Duurde lang.', 'balie', 'gesteld' FROM cases"""
        )
        connection.execute("VACUUM ANALYZE")
        yield connection


WHOLE = "whole"
"""Of a table of a row for each partition, or for each reason to reject a record."""

EVERY_QUERY: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "histograms",
        {"rollups": "minute", "start": at(1), "end": at(2)},
        {"scopes": "", "rollups_minute": "bucket"},
    ),
    (
        "histograms",
        {"rollups": "hour", "start": at(1450), "end": at(1462)},
        {"scopes": "", "rollups_hour": "bucket"},
    ),
    (
        "histograms",
        {"rollups": "day", "start": at(24 * 700), "end": at(24 * 703)},
        {"scopes": "", "rollups_day": "bucket"},
    ),
    (
        "scores",
        {"windows": "day", "start": at(24 * 700), "end": at(24 * 703)},
        {"scopes": WHOLE, "windows_day": "bucket"},
    ),
    (
        "passages",
        {"windows": "hour", "start": at(1450), "end": at(1462)},
        {"scopes": WHOLE, "windows_hour": "bucket"},
    ),
    (
        "employee_visits",
        {"start": at(-72), "end": at(-48)},
        {"touchpoint_events": "", "cases": "case_key"},
    ),
    (
        "responses",
        {"start": at(-48), "end": at(-24), "expired_before": at(-99)},
        {"invitations": "decided_at", "cases": "case_key"},
    ),
    ("volumes_of_day", {"midnight": at(24 * 700)}, {"scopes": "", "rollups_day": "bucket"}),
    (
        "case_counts",
        {"midnight": at(-9), "overdue_before": at(-99)},
        {"case_hours": "journey", "scopes": "", "rollups_day": "bucket"},
    ),
    ("waiting_cases", {"after_moment": at(-9000), "after_key": 5, "limit": 50}, {"cases": "journey"}),
    ("closed_cases", {"after_moment": at(-9000), "after_key": 5, "limit": 50}, {"cases": "journey"}),
    ("flag_counts", {}, {"case_flags": "journey"}),
    (
        "open_flags",
        {"after_moment": at(-9000), "after_key": 5, "limit": 50},
        {"case_flags": "due_at", "cases": "case_key"},
    ),
    ("open_flags_of_cases", {"case_keys": [7, 20]}, {"case_flags": "case_key", "cases": "case_key"}),
    ("one_case", {"case_id": "Z-7"}, {"cases": "case_id"}),
    ("visits_of_case", {"case_key": 7}, {"touchpoint_events": "case_key"}),
    (
        "remarks",
        {"start": at(-48), "end": at(-24), "touchpoint": "gesteld", "limit": 10},
        {"answer_texts": "answered_at"},
    ),
    (
        "open_invitations",
        {"since": at(-24), "limit": 3},
        {"invitations": "decided_at", "cases": "case_key", "survey_responses": "invitation_id"},
    ),
    ("log_positions", {}, {"stream_ends": WHOLE, "stream_offsets": WHOLE}),
    ("reject_counts", {}, {"reject_counts": WHOLE}),
    ("interruption_counts", {}, {"interruption_counts": WHOLE}),
]
"""Each query, what it is asked with, which tables it reads, and what the index of each must go by."""


OF_ANYBODY = {"department": None, "channel": None, "persona": None}
CLOSED = {"start": at(-48), "end": at(-24), "since": [at(-99)], "at_most": 9}
QUERIES_OF_PATHS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "edges",
        {"windows": "hour", "start": at(1450), "end": at(1462), **OF_ANYBODY},
        {"scopes": WHOLE, "windows_hour": "bucket"},
    ),
    (
        "visits",
        {"windows": "day", "start": at(24 * 700), "end": at(24 * 703), **OF_ANYBODY},
        {"scopes": WHOLE, "windows_day": "bucket"},
    ),
    (
        "personas",
        {"windows": "day", "start": at(24 * 700), "end": at(24 * 703)},
        {"scopes": WHOLE, "windows_day": "bucket"},
    ),
    ("variants", CLOSED, {"cases": "closed_at"}),
    ("examples", {"case_keys": [7, 20]}, {"touchpoint_events": "case_key"}),
    (
        "scores",
        {**CLOSED, "zone": "Europe/Amsterdam", "first_week": at(-48), "after_weeks": at(-24)},
        {"cases": "closed_at", "survey_answers": "case_key"},
    ),
]
"""The same of the queries of paths."""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan as EXPLAIN tells it."""
    yield plan
    for under in plan.get("Plans", ()):
        yield from nodes(under)


def by_index(scan: dict[str, Any]) -> str:
    """What a scan looks up in an index; raises AssertionError for one that reads its table from end to end."""
    conditions = [step["Index Cond"] for step in nodes(scan) if "Index Cond" in step]
    assert conditions, scan
    return " ".join(conditions)


def explained(
    connection: psycopg.Connection, query: str, given: dict[str, Any], file: str = "reading"
) -> list[dict[str, Any]]:
    tables = {
        "rollups": sql.Identifier(f"rollups_{given.get('rollups')}"),
        "windows": sql.Identifier(f"windows_{given.get('windows')}"),
        "of_whom": sql.SQL(load("paths")["of_whom"]),
    }
    text = sql.SQL(load(file)[query]).format(**tables)
    scores = {"hidden": sorted(SCORED), "shown": sorted(SHOWN)}
    asked = {"journey": "balie", **scores, **given}
    found = connection.execute(sql.SQL("EXPLAIN (FORMAT JSON) ") + text, asked).fetchone()
    assert found is not None
    return list(nodes(found[0][0]["Plan"]))


def test_no_query_is_left_out() -> None:
    assert {query for query, _, _ in EVERY_QUERY} == set(load("reading"))
    assert {query for query, _, _ in QUERIES_OF_PATHS} == set(load("paths")) - {"of_whom"}


@pytest.mark.parametrize(
    ("file", "query", "given", "tables"),
    [*(("reading", *each) for each in EVERY_QUERY), *(("paths", *each) for each in QUERIES_OF_PATHS)],
)
def test_windows_and_cases_are_read_by_index_and_events_of_one_case_only(
    grown: psycopg.Connection, file: str, query: str, given: dict[str, Any], tables: dict[str, str]
) -> None:
    scans = [step for step in explained(grown, query, given, file) if "Relation Name" in step]
    assert {scan["Relation Name"] for scan in scans} == set(tables)
    for scan in scans:
        column = tables[scan["Relation Name"]]
        if column != WHOLE:
            assert column in by_index(scan), scan
