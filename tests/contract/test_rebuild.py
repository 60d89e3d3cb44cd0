"""Windows, hours of cases and the progress of cases, held against the events that are kept, and mended."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest

from services.store import recount
from services.store.differences import SHOWN, Difference, Differences
from services.store.keeping import Keep, set_keep
from services.store.rebuild import check, rebuild
from services.store.retention import prune
from streams.counting import Counting
from streams.ports import Partition, Stretch
from streams.windows import bin_of
from tests import stored
from tests.chance import draw
from tests.counted import Counted, store_on
from tests.drawn import MIDNIGHT, answer, event
from tests.oracle import Tables
from tests.waiting import wait_until

SECRET = "a secret for tests only"
A_DAY = 24 * 60
WINDOWS = [f"{detail}_{resolution}" for detail in ("windows", "rollups") for resolution in ("minute", "hour", "day")]


async def fill(counted: Counted) -> None:
    """Count some cases, the last of them by another partition than the others."""
    await counted.count(
        event("vraag", 5, case_id="A", department="KCC", channel="web"),
        event("aanvraag", 10, case_id="A", department="KCC", channel="web"),
        event("besluit", 25, case_id="A", department="vergunningen"),
        answer("besluit", 90, case_id="A"),
        event("aanvraag", 40, case_id="B", channel="balie", persona="bewoner"),
    )
    await counted.count(event("aanvulling", 20, case_id="A", department="KCC", channel="e-mail"))
    await counted.count(*(event("aanvraag", 50 + minute, case_id=f"C{minute}") for minute in range(4)))


async def checked(counted: Counted) -> Differences:
    return await check(counted.database_url, told_nobody)


def told_nobody(*_: object) -> None:
    pass


def sums(counted: Counted) -> Tables:
    """What is stored of the journey, windows summed over writers."""
    return stored.read(counted.database_url, "loket", {})


async def test_what_was_counted_agrees(counted: Counted) -> None:
    await fill(counted)
    found = await checked(counted)
    assert (found.total, found.number, found.first) == (0, {}, [])


async def test_an_empty_database_agrees(counted: Counted) -> None:
    assert (await checked(counted)).total == 0
    assert (await rebuild(counted.database_url, told_nobody)).total == 0


OF_VOLUME = "(SELECT scope_id FROM scopes WHERE measure = 'volume' AND touchpoint = 'besluit')"
OF_GAP = "(SELECT scope_id FROM scopes WHERE measure = 'gap' AND touchpoint = 'aanvulling' AND channel <> '')"
TAMPERED = {
    "a visit too many": (["UPDATE windows_day SET n = n + 1 WHERE scope_id IN " + OF_VOLUME], {"windows_day": 1}),
    "a sum": (["UPDATE rollups_hour SET total = total + 1 WHERE scope_id IN " + OF_VOLUME], {"rollups_hour": 1}),
    "squares": (["UPDATE rollups_hour SET squares = 0 WHERE scope_id IN " + OF_VOLUME], {"rollups_hour": 1}),
    "another bin": (["UPDATE windows_minute SET bins[1] = 7 WHERE scope_id IN " + OF_GAP], {"windows_minute": 1}),
    "a row that is gone": (["DELETE FROM windows_hour WHERE scope_id IN " + OF_GAP], {"windows_hour": 1}),
    "a table that is gone": (["DELETE FROM rollups_day"], {"rollups_day": 19}),
    "a row of another writer": (
        [
            "INSERT INTO rollups_minute "
            f"SELECT scope_id, '{MIDNIGHT}', 99, 1, 1, 1, 0, '{{}}', '{{}}' FROM scopes LIMIT 1"
        ],
        {"rollups_minute": 1},
    ),
    "a scope that is gone": (
        [f"DELETE FROM {table} WHERE scope_id IN {OF_GAP}" for table in WINDOWS if table.startswith("windows")]
        + ["DELETE FROM scopes WHERE scope_id IN " + OF_GAP],
        {"windows_minute": 1, "windows_hour": 1, "windows_day": 1},
    ),
    "a case that is not closed": (["UPDATE cases SET closed_at = NULL WHERE case_id = 'A'"], {"cases": 1}),
    "a span that has not begun": (["UPDATE cases SET begun = NULL WHERE case_id = 'B'"], {"cases": 1}),
    "a path that was not gone": (["UPDATE cases SET path = gen_random_uuid() WHERE case_id = 'A'"], {"cases": 1}),
    "an answer never given": (["UPDATE cases SET answered_at = now() WHERE case_id = 'B'"], {"cases": 1}),
    "an hour of cases": (["UPDATE case_hours SET opened = opened + 1, closed = 5"], {"case_hours": 1}),
    "an hour that is gone": (["DELETE FROM case_hours"], {"case_hours": 1}),
}


@pytest.mark.parametrize(("statements", "number"), TAMPERED.values(), ids=TAMPERED.keys())
async def test_what_was_tampered_with_is_found_and_mended(
    counted: Counted, statements: list[str], number: dict[str, int]
) -> None:
    await fill(counted)
    right = sums(counted)
    counted.change(*statements)
    found = await checked(counted)
    assert found.number == number
    assert found.total == sum(number.values())
    assert {difference.table for difference in found.first} == number.keys()
    assert await checked(counted) == found, "checking changes nothing"
    mended = await rebuild(counted.database_url, told_nobody)
    assert mended == found
    assert (await checked(counted)).total == 0
    assert sums(counted) == right


async def test_a_difference_is_told_in_words(counted: Counted) -> None:
    await fill(counted)
    counted.change(
        "UPDATE rollups_hour SET n = n + 1, total = total + 1 WHERE scope_id IN " + OF_VOLUME,
        "UPDATE windows_minute SET bins[1] = 7 WHERE scope_id IN " + OF_GAP,
        "DELETE FROM rollups_day WHERE scope_id IN (SELECT scope_id FROM scopes WHERE measure = 'satisfaction')",
        "UPDATE case_hours SET closed = 3",
        "UPDATE cases SET last_department = 'post', begun = NULL WHERE case_id = 'B'",
    )
    bin_ = bin_of("gap", 10 * 60_000)
    midnight = MIDNIGHT - timedelta(hours=1)  # in Amsterdam
    opened_at = (MIDNIGHT + timedelta(minutes=40)).isoformat()
    assert (await checked(counted)).first == [
        Difference(
            "cases",
            "loket: case B",
            None,
            "last_department post",
            f"last_department unknown, case began {opened_at}, beslistermijn began {opened_at}, "
            "beslistermijn of balie, bewoner",
        ),
        Difference(
            "windows_minute",
            "loket: gap after aanvraag, touchpoint aanvulling, department KCC, channel e-mail",
            MIDNIGHT + timedelta(minutes=20),
            "in bin 7 1",
            f"in bin {bin_} 1",
        ),
        Difference(
            "rollups_hour",
            "loket: volume, touchpoint besluit, department vergunningen, in time",
            MIDNIGHT,
            "n 2, total 2",
            "n 1, total 1",
        ),
        Difference(
            "rollups_day",
            "loket: satisfaction, touchpoint besluit, department vergunningen, in time",
            midnight,
            "nothing",
            "n 1, total 8000, squares 64000000, in bin 8000 1",
        ),
        Difference("case_hours", "loket: cases opened in this hour", MIDNIGHT, "closed 3", "closed 1"),
    ]


@pytest.mark.parametrize("at_once", [1, 4, 1000])
async def test_however_many_differ_only_the_first_are_told(
    counted: Counted, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(recount, "_CASES_AT_ONCE", at_once)
    await counted.count(*(event("aanvraag", minute, case_id=f"C{minute}") for minute in range(15)))
    right = sums(counted)
    counted.change("DELETE FROM windows_minute", "UPDATE cases SET last_at = NULL")
    found = await rebuild(counted.database_url, told_nobody)
    assert found.number == {"cases": 15, "windows_minute": 30}
    assert [difference.table for difference in found.first] == ["cases"] * SHOWN + ["windows_minute"] * SHOWN
    assert sums(counted) == right


async def test_a_case_of_which_little_is_known_is_not_wrong(counted: Counted) -> None:
    """It came from before progress was kept: its next event asks for its history."""
    await fill(counted)
    counted.change("UPDATE cases SET journey_version = NULL, begun = NULL WHERE answered_at IS NULL")
    assert (await checked(counted)).total == 0


# All but when a case is to be looked at: that goes by the clock at which it was counted last.
_CASES = """
SELECT case_key, journey, case_id, opened_at, closed_at, last_at, last_touchpoint, last_department, journey_version,
       begun, answered_at, expected, path, last_day, history_dropped, flagged
FROM cases ORDER BY case_key
"""


@pytest.mark.parametrize("seed", range(4))
async def test_what_chance_brought_is_what_a_rebuild_from_nothing_makes(counted: Counted, seed: int) -> None:
    """Late, out of order, taken back, in two versions, by several partitions: counted bit by bit, or all at once."""
    chance = Random(seed)
    drawn = draw(f"toeval-{seed}", seed, 300, MIDNIGHT + timedelta(days=30))
    counted.empty(*drawn.versions)
    arrivals = chance.sample(drawn.arrivals, len(drawn.arrivals))
    while arrivals:
        size = chance.choice((1, 5, 40, 150))
        await counted.count(*arrivals[:size])
        del arrivals[:size]
    rows = {table: counted.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in (*WINDOWS, "case_hours")}
    cases = counted.rows(_CASES)
    right = stored.read(counted.database_url, drawn.journey, {})
    assert (await rebuild(counted.database_url, told_nobody)).total == 0
    for table, before in rows.items():
        assert counted.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") == before, table
    assert counted.rows(_CASES) == cases

    counted.change(
        *(f"DELETE FROM {table}" for table in (*WINDOWS, "case_hours", "scopes")),
        "UPDATE cases SET opened_at = NULL, closed_at = NULL, last_at = NULL, last_touchpoint = NULL, "
        "last_department = NULL, journey_version = 7, begun = NULL, answered_at = NULL, "
        "expected = NULL, path = NULL",
    )
    await rebuild(counted.database_url, told_nobody)
    assert (await checked(counted)).total == 0
    assert stored.read(counted.database_url, drawn.journey, {}) == right
    assert counted.rows(_CASES) == cases


async def test_what_no_event_is_left_of_stays_as_it_is(counted: Counted) -> None:
    """One case has gone, one of the same time is kept since it is open, one is new."""
    await counted.count(
        event("aanvraag", 0, case_id="gone"),
        event("besluit", 10, case_id="gone"),
        event("aanvraag", 0, case_id="open"),
        event("aanvraag", 50 * A_DAY, case_id="new"),
        event("besluit", 51 * A_DAY, case_id="new"),
        event("aanvulling", 52 * A_DAY, case_id="open"),
    )
    right = sums(counted)
    set_keep(counted.database_url, "events", Keep.parse("P30D"))
    prune(counted.database_url, counted.now)
    assert len(counted.rows("SELECT FROM cases WHERE history_dropped")) == 1
    assert (await checked(counted)).total == 0

    # Events are kept from the 30th day on; until 56 days later a limit may fall that was set before.
    unknown = (
        f"bucket < '{MIDNIGHT + timedelta(days=30)}' OR bucket < '{MIDNIGHT + timedelta(days=30 + 56)}' "
        "AND scope_id IN (SELECT scope_id FROM scopes WHERE measure = 'within')"
    )
    early, late = f"SET n = n + 5 WHERE {unknown}", f"SET n = n + 5 WHERE NOT ({unknown})"
    for table in WINDOWS:
        counted.change(f"UPDATE {table} {early}")
    assert (await checked(counted)).total == 0
    for table in WINDOWS:
        counted.change(f"UPDATE {table} {late}")
    counted.change("DELETE FROM case_hours")
    mended = await rebuild(counted.database_url, told_nobody)
    moves = dict.fromkeys(("windows_day", "rollups_day"), 4)  # the new case came and went, of all and of a department
    assert mended.number == {**{table: 8 + moves.get(table, 0) for table in WINDOWS}, "case_hours": 2}
    assert (await checked(counted)).total == 0
    for table in WINDOWS:
        counted.change(f"UPDATE {table} {early.replace('+', '-')}")
    now = sums(counted)
    assert {name: now[name] for name in (*WINDOWS, "cases", "case_hours")} == {
        name: right[name] for name in (*WINDOWS, "cases", "case_hours")
    }


async def test_windows_are_compared_from_when_they_are_kept(counted: Counted) -> None:
    await counted.count(event("aanvraag", 0), event("besluit", 50 * A_DAY))
    set_keep(counted.database_url, "minute", Keep.parse("P30D"))
    prune(counted.database_url, counted.now)
    assert (await checked(counted)).total == 0
    assert (await rebuild(counted.database_url, told_nobody)).total == 0


async def test_a_batch_in_hand_is_waited_for(counted: Counted) -> None:
    await fill(counted)
    counted.change("DELETE FROM rollups_hour WHERE scope_id IN " + OF_VOLUME)
    catalogue_ = await counted.store.catalogue()
    stretch = Stretch(Partition("log", "touchpoint-events", 0), 0, 1, first=True)
    async with counted.store.transaction(stretch, counted.now) as batch:
        arrivals = [event("besluit", 60, case_id="B")]
        await batch.claim(arrivals)
        rebuilding = asyncio.create_task(rebuild(counted.database_url, told_nobody))
        await until_it_waits(counted, "klantreis-rebuild")
        cases = await batch.lock_cases({("loket", "B")})
        counting = Counting(arrivals, cases, catalogue_)
        result = counting.result(await batch.histories(counting.asks_for), await batch.retained_from())
        await batch.save(result, [])
        assert not rebuilding.done()
    assert (await rebuilding).number == {"rollups_hour": 1}
    assert (await checked(counted)).total == 0


async def test_a_batch_that_comes_meanwhile_waits(counted: Counted) -> None:
    await fill(counted)
    counted.change("UPDATE cases SET closed_at = NULL WHERE case_id = 'A'", "DELETE FROM windows_day")
    coming: list[asyncio.Task[None]] = []
    done: list[bool] = []

    def tell(what: str, *_: int) -> None:
        if what == "Observing cases":
            coming.append(asyncio.create_task(counted.count(event("factuur", 99, case_id="A"), answer(None, 99))))
        done.extend(task.done() for task in coming)

    assert (await rebuild(counted.database_url, tell)).number["cases"] == 1
    assert done == [False] * 9
    await asyncio.wait_for(coming[0], 30)
    assert (await checked(counted)).total == 0
    assert counted.rows("SELECT last_touchpoint FROM cases WHERE case_id = 'A'") == [{"last_touchpoint": "factuur"}]


async def test_checking_holds_up_nobody_and_sees_one_moment(counted: Counted) -> None:
    await fill(counted)
    moments: list[str] = []

    async def count_one(number: int) -> None:
        other = store_on(counted.database_url)
        await other.open()
        arrivals = event("besluit", 100, case_id="B"), event("vraag", 200 + number, case_id=f"D{number}")
        await Counted(counted.database_url, other, counted.now, [1000 + number]).count(*arrivals)
        await other.close()

    def tell(what: str, *_: int) -> None:
        moments.append(what)
        if moments.count(what) == 1:  # in a loop of its own: this one stands still
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, count_one(len(moments))).result(30)

    assert (await check(counted.database_url, tell)).total == 0
    assert len(counted.rows("SELECT FROM cases WHERE case_id LIKE 'D%%'")) == 2
    assert (await checked(counted)).total == 0


async def test_nothing_is_pruned_meanwhile(counted: Counted) -> None:
    await fill(counted)
    set_keep(counted.database_url, "minute", Keep.parse("P30D"))
    minutes = counted.rows("SELECT * FROM windows_minute ORDER BY 1, 2, 3")

    def prune_meanwhile(what: str, *_: int) -> None:
        if what == "Observing cases":
            prune(counted.database_url, counted.now)

    await rebuild(counted.database_url, prune_meanwhile)
    assert counted.rows("SELECT * FROM windows_minute ORDER BY 1, 2, 3") == minutes
    prune(counted.database_url, counted.now)
    kept = counted.rows("SELECT DISTINCT measure FROM windows_minute JOIN scopes USING (scope_id)")
    assert kept == [{"measure": "within"}], "limits that fall later"


async def test_a_rebuild_that_breaks_off_leaves_everything_as_it_was(counted: Counted) -> None:
    await fill(counted)
    counted.change("UPDATE cases SET closed_at = NULL WHERE case_id = 'A'", "DELETE FROM windows_day")
    found = await checked(counted)

    def break_off(what: str, done: int, number: int) -> None:
        if what == "Comparing tables" and done == number:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(counted.database_url, break_off)
    assert await checked(counted) == found


async def until_it_waits(counted: Counted, application: str) -> None:
    """Wait until a session waits for a lock."""
    query = "SELECT FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
    await asyncio.to_thread(wait_until, lambda: bool(counted.rows(query, application)), 30, f"{application} waits")
