"""Cases that wait too long, on a real database: flagged once, cleared by what comes, found by one indexed query."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest

from schemas.alert import Alert
from schemas.journey import JourneyVersion, parse_journey
from schemas.touchpoint_event import TouchpointEvent
from services.store.flag_rows import MOST_UNCOUNTED
from services.store.keeping import Keep, set_keep
from services.store.queries import load
from services.store.reading import BEFORE_ALL, FlagRow, Place, Reading
from services.store.rebuild import check, rebuild
from services.store.retention import prune
from tests.blocking import holding
from tests.counted import Counted, store_on
from tests.drawn import LOKET, MIDNIGHT, event
from tests.waiting import wait_until

WAITING = LOKET.replace(
    "{id: vraag, name: Vraag}", "{id: vraag, name: Vraag, repeatable: true, waiting_limit: PT30M}"
).replace(
    "{id: aanvraag, name: Aanvraag}",
    "{id: aanvraag, name: Aanvraag, expects: {touchpoint: aanvulling, within: PT1H}}",
)
CASES = 10_000
_FLAGS = """
SELECT case_id, kind, touchpoint, after, since, due_at, flagged_at, cleared_at, corrected
FROM case_flags JOIN cases USING (case_key) ORDER BY flag_id
"""


def minute(number: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=number)


@pytest.fixture
def waiting(counted: Counted) -> Counted:
    """An empty database with a journey that waits; its clock stands at midnight."""
    counted.empty(JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=parse_journey(WAITING)))
    return replace(counted, now=MIDNIGHT)


async def at(waiting: Counted, number: float, *arrivals: TouchpointEvent) -> None:
    """Count what comes at a minute, each event as a batch of its own."""
    waiting.now = minute(number)
    for arrival in arrivals:
        await waiting.count(arrival)


async def flag(waiting: Counted, number: float) -> int:
    return await waiting.store.flag_overdue(minute(number))


def stands(waiting: Counted) -> list[tuple[str, str, float, float | None, bool]]:
    """Each flag: its case, what it is about, when it was made, when it was cleared (in minutes), whether corrected."""

    def minutes(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - MIDNIGHT) / timedelta(minutes=1)

    return [
        (
            row["case_id"],
            f"{row['kind']} {row['touchpoint']}",
            minutes(row["flagged_at"]) or 0,
            minutes(row["cleared_at"]),
            row["corrected"],
        )
        for row in waiting.rows(_FLAGS)
    ]


def letters(waiting: Counted) -> list[Alert]:
    rows = waiting.rows("SELECT value FROM outbox WHERE topic = 'kpi-alerts' ORDER BY outbox_id")
    return [Alert.model_validate(orjson.loads(row["value"])) for row in rows]


def told(waiting: Counted) -> list[tuple[str | None, str, str | None, str]]:
    return [(each.case_id, each.kind, each.touchpoint, each.state) for each in letters(waiting)]


async def test_a_case_that_waits_is_flagged_once_and_cleared_on_arrival(waiting: Counted) -> None:
    await at(waiting, 0, event("vraag", 0), event("vraag", 0, case_id="Z-2"), event("vraag", 20, case_id="Z-2"))
    assert await flag(waiting, 30) == 0
    assert await flag(waiting, 30.5) == 1
    assert await flag(waiting, 31) == 0
    assert stands(waiting) == [("Z-1", "waiting vraag", 30.5, None, False)]
    await at(waiting, 40, event("aanvraag", 39))
    assert stands(waiting) == [("Z-1", "waiting vraag", 30.5, 40, False)]
    assert told(waiting) == [("Z-1", "waiting", "vraag", "raised"), ("Z-1", "waiting", "vraag", "cleared")]
    assert [each.at for each in letters(waiting)] == [minute(30.5), minute(40)]


async def test_a_successor_that_did_not_follow(waiting: Counted) -> None:
    await at(waiting, 0, event("aanvraag", 0))
    await at(waiting, 10, event("vraag", 10))  # something in between
    await at(waiting, 20, event("aanvraag", 20))  # the same again
    assert await flag(waiting, 61) == 1
    missing = ("Z-1", "missing aanvulling", 61.0, None, False)
    assert stands(waiting) == [missing]
    await at(waiting, 70, event("aanvulling", 65))
    assert stands(waiting) == [("Z-1", "missing aanvulling", 61, 70, False)]


async def test_the_waiting_of_two_kinds_at_once(waiting: Counted) -> None:
    await at(waiting, 0, event("aanvraag", 0))
    await at(waiting, 5, event("vraag", 5))
    assert await flag(waiting, 36) == 1
    assert await flag(waiting, 61) == 1
    await at(waiting, 80, event("besluit", 80))  # closes the case, and with it everything
    assert [row[1:] for row in stands(waiting)] == [
        ("waiting vraag", 36, 80, False),
        ("missing aanvulling", 61, 80, False),
    ]
    assert len({each.alert_id for each in letters(waiting)}) == 4


async def test_an_arrival_in_time_that_is_counted_late_corrects_the_flag(waiting: Counted) -> None:
    await at(waiting, 0, event("vraag", 0))
    assert await flag(waiting, 31) == 1
    await at(waiting, 50, event("aanvulling", 30))
    assert stands(waiting) == [("Z-1", "waiting vraag", 31, 50, True)]
    assert told(waiting)[-1] == ("Z-1", "waiting", "vraag", "corrected")


async def test_a_flag_that_was_cleared_may_turn_out_never_to_have_been_right(waiting: Counted) -> None:
    await at(waiting, 0, event("vraag", 0))
    await flag(waiting, 31)
    await at(waiting, 40, event("aanvulling", 39))
    await at(waiting, 50, event("aanvraag", 3))
    assert stands(waiting) == [("Z-1", "waiting vraag", 31, 40, True)]
    assert [each[3] for each in told(waiting)] == ["raised", "cleared", "corrected"]


async def test_taking_back_the_touchpoint_or_the_arrival(waiting: Counted) -> None:
    await at(waiting, 0, event("vraag", 0), event("vraag", 0, case_id="Z-2"))
    await flag(waiting, 31)
    await at(waiting, 40, event("vraag", 40, event_id="terug", voids="Z-1-vraag-0"))
    await at(waiting, 41, event("aanvulling", 41, case_id="Z-2"))
    assert stands(waiting) == [("Z-1", "waiting vraag", 31, 40, True), ("Z-2", "waiting vraag", 31, 41, False)]
    gone = event("aanvulling", 42, case_id="Z-2", event_id="weg", voids="Z-2-aanvulling-41")
    await at(waiting, 42, gone)
    assert stands(waiting)[1] == ("Z-2", "waiting vraag", 31, None, False)
    assert await flag(waiting, 60) == 0
    assert [each[3] for each in told(waiting)] == ["raised", "raised", "corrected", "cleared", "raised"]


async def test_whatever_order_events_come_in_the_flags_are_right_in_the_end(waiting: Counted) -> None:
    route = [event("aanvraag", 0), event("vraag", 10), event("aanvulling", 90), event("vraag", 95)]
    late = [each.model_copy(update={"case_id": "Z-2", "event_id": f"2-{each.event_id}"}) for each in reversed(route)]
    await at(waiting, 100, *route)
    await flag(waiting, 101)
    for number, arrival in enumerate(late):
        await at(waiting, 102 + number, arrival)
        await flag(waiting, 102.9 + number)
    await flag(waiting, 140)
    held = waiting.rows("SELECT expected::jsonb AS expected FROM cases ORDER BY case_id")
    assert held[0] == held[1]
    open_flags = [row[:2] for row in stands(waiting) if row[3] is None]
    assert open_flags == [("Z-1", "waiting vraag"), ("Z-2", "waiting vraag")]


async def test_a_late_case_is_given_time_for_the_rest_of_it(waiting: Counted) -> None:
    """An import tells of a whole case within moments; none of its steps was ever waited for."""
    await at(waiting, 600, event("vraag", 0))
    assert await flag(waiting, 600.4) == 0
    await at(waiting, 600.4, event("vraag", 50))
    assert await flag(waiting, 600.8) == 0  # 24 seconds after the last event
    assert await flag(waiting, 600.95) == 1
    assert stands(waiting) == [("Z-1", "waiting vraag", 600.95, None, False)]
    assert waiting.rows(_FLAGS)[0]["since"] == minute(50)


async def test_with_much_of_the_log_still_to_be_counted_nothing_is_flagged(waiting: Counted) -> None:
    await at(waiting, 0, event("vraag", 0))
    ends = "INSERT INTO stream_ends VALUES ('log-1', 'touchpoint-events', 1, %s, %s)"
    with psycopg.connect(waiting.database_url) as connection:
        connection.execute("DELETE FROM stream_ends")
        connection.execute(ends.encode(), (MOST_UNCOUNTED + 2, minute(31)))  # one of them has been counted
    assert await flag(waiting, 31.5) == 0
    with psycopg.connect(waiting.database_url) as connection:
        connection.execute("UPDATE stream_ends SET end_offset = %s", (MOST_UNCOUNTED,))
    assert await flag(waiting, 31.5) == 1


async def test_two_who_flag_at_the_same_time_flag_once(waiting: Counted) -> None:
    await at(waiting, 0, *[event("vraag", 0, case_id=f"Z-{number}") for number in range(40)])
    for _ in range(3):
        assert sum(await asyncio.gather(*[flag(waiting, 31) for _ in range(4)])) in (0, 40)
    assert len(stands(waiting)) == len(letters(waiting)) == 40


async def test_a_case_that_is_being_counted_is_left_to_the_next_turn(waiting: Counted) -> None:
    await at(waiting, 0, event("vraag", 0), event("vraag", 0, case_id="Z-2"))
    with holding(waiting.database_url, "SELECT FROM cases WHERE case_id = 'Z-1' FOR UPDATE"):
        assert await flag(waiting, 31) == 1
    assert await flag(waiting, 32) == 1
    assert [row[0] for row in stands(waiting)] == ["Z-2", "Z-1"]


async def test_ten_thousand_open_cases_are_one_indexed_query(waiting: Counted) -> None:
    await waiting.count(*[event("vraag", -(number % 30), case_id=f"Z-{number}") for number in range(CASES)])
    with psycopg.connect(waiting.database_url, autocommit=True) as connection:
        connection.execute("ANALYZE cases")
        plan = _plan(connection, minute(4))
        assert [(node["Node Type"], node.get("Index Name")) for node in plan if "Scan" in node["Node Type"]] == [
            ("Index Scan", "cases_overdue")
        ]
        read = {node["Relation Name"] for node in plan if "Relation Name" in node}
        assert read == {"cases"}
        (scan,) = (node for node in plan if "Scan" in node["Node Type"])
        overdue = sum(30 - number % 30 < 4 for number in range(CASES))
        assert scan["Actual Rows"] == overdue  # no others are looked at
        assert scan.get("Rows Removed by Filter", 0) == 0
    assert await flag(waiting, 4) == overdue
    assert await flag(waiting, 4) == 0
    assert await flag(waiting, 100) == CASES - overdue


def _plan(connection: psycopg.Connection[Any], now: datetime) -> list[dict[str, Any]]:
    given = {"now": now, "at_most": CASES}
    with connection.transaction(force_rollback=True):
        explained = connection.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + load("flags")["overdue_cases"], given)
        (((top,),),) = explained.fetchall()
    return _nodes(top["Plan"])


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(each for child in node.get("Plans", ()) for each in _nodes(child))]


async def test_events_that_follow_within_a_day_leave_all_indexes_alone(waiting: Counted) -> None:
    """Each event moves what the case waits for; the moment to look at it stays at the first of these."""
    updates, kept = _updates(waiting)
    store = store_on(waiting.database_url)
    await store.open()
    passing = replace(waiting, store=store, now=minute(5))
    for step in range(6):
        await passing.count(*[event("vraag", step, case_id=f"Z-{number}") for number in range(3)])
    await store.close()  # then what its sessions did is counted
    wait_until(lambda: _updates(waiting)[0] == updates + 15, 30, "the updates are counted")
    assert _updates(waiting) == (updates + 15, kept + 15)
    assert await flag(waiting, 31) == 0  # looked at in vain, and from then on at the right moment
    assert await flag(waiting, 34.9) == 0
    assert await flag(waiting, 35.1) == 3


def _updates(waiting: Counted) -> tuple[int, int]:
    """How many cases were updated, and how many of these without an index being changed."""
    query = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'cases'"
    (row,) = waiting.rows(query)
    return row["n_tup_upd"], row["n_tup_hot_upd"]


async def test_the_list_and_the_number_of_flags_are_read_by_index(waiting: Counted) -> None:
    route = [event("vraag", -(number % 30), case_id=f"Z-{number}") for number in range(600)]
    await waiting.count(*route, *[event("aanvraag", -20, case_id=f"M-{number}") for number in range(3)])
    await flag(waiting, 20.5)  # those of up to 9.5 minutes before midnight wait too long by then
    await flag(waiting, 41)
    reading = Reading(waiting.database_url)
    await reading.open()
    try:
        async with reading.moment() as moment:
            assert await moment.flag_counts("loket") == {("waiting", "vraag"): 600, ("missing", "aanvulling"): 3}
            assert await moment.flag_counts("onbekend") == {}
            pages: list[FlagRow] = []
            after = BEFORE_ALL
            while page := await moment.open_flags("loket", after, 100):
                pages += page
                after = Place(page[-1].due_at, page[-1].flag_id)
            assert [each.due_at for each in pages] == sorted(each.due_at for each in pages)
            assert len({each.flag_id for each in pages}) == len(pages) == 603
            (missing,) = await moment.open_flags_of([pages[-1].case_key])
            assert (missing.case_id[:1], missing.after, missing.flagged_at) == ("M", "aanvraag", minute(41))
    finally:
        await reading.close()
    with psycopg.connect(waiting.database_url) as connection:
        connection.execute("SET enable_seqscan = off")
        for name in ("flag_counts", "open_flags"):
            given = {"journey": "loket", "after_moment": MIDNIGHT, "after_key": 0, "limit": 50}
            (((top,),),) = connection.execute("EXPLAIN (FORMAT JSON) " + load("reading")[name], given).fetchall()
            assert "case_flags_open" in {node.get("Index Name") for node in _nodes(top["Plan"])}


async def test_pruning_a_case_drops_its_flags(waiting: Counted) -> None:
    await at(waiting, 0, event("vraag", 0), event("vraag", 0, case_id="Z-2"))
    await flag(waiting, 31)
    await at(waiting, 40, event("besluit", 40))
    set_keep(waiting.database_url, "events", Keep.parse("P30D"))
    prune(waiting.database_url, MIDNIGHT + timedelta(days=60))
    assert [row[0] for row in stands(waiting)] == ["Z-2"]
    (row,) = waiting.rows("SELECT expected, overdue_from, flagged FROM cases WHERE case_id = 'Z-1'")
    assert row == {"expected": None, "overdue_from": None, "flagged": False}


def _tell(what: str, done: int, of: int) -> None:
    assert done <= of, what


async def test_rebuilding_fills_in_what_is_expected_and_mends_flags(waiting: Counted) -> None:
    await at(waiting, 0, event("aanvraag", 0), event("vraag", 0, case_id="Z-2"), event("vraag", 0, case_id="Z-3"))
    await flag(waiting, 31)
    await at(waiting, 40, event("aanvulling", 40, case_id="Z-3"))
    assert (await check(waiting.database_url, _tell)).total == 0
    waiting.change(
        "UPDATE cases SET expected = NULL, overdue_from = NULL WHERE case_id = 'Z-1'",
        "UPDATE case_flags SET cleared_at = now() WHERE cleared_at IS NULL",
    )
    found = await rebuild(waiting.database_url, _tell)
    assert found.number == {"cases": 1, "case_flags": 1}
    assert (await check(waiting.database_url, _tell)).total == 0
    assert [row[3] for row in stands(waiting)] == [None, 40]
    far_ahead = datetime(2200, 1, 1, tzinfo=UTC)  # the rebuilding took place long after midnight
    assert await waiting.store.flag_overdue(far_ahead) == 1
    assert stands(waiting)[-1][:2] == ("Z-1", "missing aanvulling")
