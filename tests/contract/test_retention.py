"""How long everything is kept: setting it, and that what is past it goes, all of it and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.store import retention
from services.store.keeping import KINDS, Keep, read_keeping, set_keep
from services.store.migrate import migrate
from services.store.retention import prune
from tests.counted import Counted, counting
from tests.drawn import MIDNIGHT, answer, catalogue, event

A_DAY = 24 * 60
WINDOWS = [f"{detail}_{resolution}" for detail in ("windows", "rollups") for resolution in ("minute", "hour", "day")]
DEFAULTS = {
    "minute": Keep(0, 35),
    "hour": Keep(0, 400),
    "day": None,
    "events": Keep(0, 1096),
    "texts": Keep(0, 400),
    "rejects": Keep(0, 14),
    "tombstones": None,
}


@pytest.fixture
async def counted(database_url: str) -> AsyncIterator[Counted]:
    """An empty database, a year after midnight."""
    for name, keep in DEFAULTS.items():
        set_keep(database_url, name, keep)
    async with counting(database_url, MIDNIGHT + timedelta(days=365), *catalogue().versions("loket")) as counted:
        yield counted


def kept_from(counted: Counted, name: str) -> datetime | None:
    return next(kept.retained_from for kept in read_keeping(counted.database_url) if kept.name == name)


def histories(counted: Counted) -> set[str]:
    """The cases of which any event or answer is left."""
    return {
        row["case_id"]
        for row in counted.rows(
            """SELECT case_id FROM cases WHERE case_key IN (
                   SELECT case_key FROM touchpoint_events UNION SELECT case_key FROM survey_answers)"""
        )
    }


def test_what_a_new_database_keeps(empty_database_url: str) -> None:
    migrate(empty_database_url)
    found = read_keeping(empty_database_url)
    assert {kept.name: kept.keep for kept in found} == DEFAULTS
    assert [kept.name for kept in found] == list(KINDS)
    assert [kept.name for kept in found if kept.retained_from is None] == ["day", "tombstones"]


@pytest.mark.parametrize(
    ("text", "keep", "words"),
    [
        ("P35D", Keep(0, 35), "35 days"),
        ("P1D", Keep(0, 1), "1 day"),
        ("P6W", Keep(0, 42), "42 days"),
        ("P4M", Keep(4, 0), "4 months"),
        ("P2Y", Keep(24, 0), "2 years"),
        ("P1Y6M2W1D", Keep(18, 15), "1 year 6 months 15 days"),
        ("P1000Y", Keep(12_000, 0), "1000 years"),
    ],
)
def test_a_time_is_read_kept_and_told(counted: Counted, text: str, keep: Keep, words: str) -> None:
    assert Keep.parse(text) == keep
    assert str(keep) == words
    set_keep(counted.database_url, "events", keep)
    assert [kept.keep for kept in read_keeping(counted.database_url) if kept.name == "events"] == [keep]


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT5M", "P1DT2H", "35", "35D", "p35d", "P-1D", "P1.5D", "P1D ", "P1D1Y", "P0D", "P1001Y", "two weeks"],
)
def test_nonsense_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"ISO 8601|at least a day and at most 1000 years"):
        Keep.parse(text)


@pytest.mark.parametrize(
    ("name", "least", "less"),
    [("minute", "P2D", "P1D"), ("hour", "P91D", "P90D"), ("hour", "P4M", "P3M"), ("day", "P91D", "P90D")],
)
def test_rolling_windows_are_not_left_without(counted: Counted, name: str, least: str, less: str) -> None:
    set_keep(counted.database_url, name, Keep.parse(least))
    with pytest.raises(
        ValueError, match=rf"^{name}: .* is too short; rolling windows need at least (2|91) days of it$"
    ):
        set_keep(counted.database_url, name, Keep.parse(less))


def test_a_name_that_is_none(counted: Counted) -> None:
    with pytest.raises(ValueError, match="'week' is not one of minute, hour, day, events, texts, rejects, tombstones"):
        set_keep(counted.database_url, "week", Keep(0, 35))


@pytest.mark.parametrize("at_once", [2, 1000])
async def test_windows_go_by_their_bucket(counted: Counted, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(retention, "_ROWS_AT_ONCE", at_once)
    for name, keep in (("minute", "P2D"), ("hour", "P91D"), ("day", "P11M")):
        set_keep(counted.database_url, name, Keep.parse(keep))
    now = datetime(2027, 3, 2, 15, 30, tzinfo=UTC)
    edges = {
        "minute": datetime(2027, 2, 28, tzinfo=UTC),
        "hour": datetime(2026, 12, 1, tzinfo=UTC),
        "day": datetime(2026, 4, 2, tzinfo=UTC),
    }
    days = [(edge - MIDNIGHT).days for edge in edges.values()]
    arrivals = [
        event("vraag", (day + off) * A_DAY, case_id=f"{day}/{off}") for day in days for off in (-1.5, -0.001, 0, 1)
    ]
    await counted.count(*arrivals)
    before = {table: buckets(counted, table) for table in WINDOWS}
    prune(counted.database_url, now)
    for table in WINDOWS:
        edge = edges[table.split("_")[1]]
        kept = [bucket for bucket in before[table] if bucket >= edge]
        assert buckets(counted, table) == kept
        assert 0 < len(kept) < len(before[table])
    assert {name: kept_from(counted, name) for name in edges} == edges


def buckets(counted: Counted, table: str) -> list[datetime]:
    return [row["bucket"] for row in counted.rows(f"SELECT bucket FROM {table} ORDER BY bucket")]


async def test_what_is_too_old_for_a_window_does_not_come_back(counted: Counted) -> None:
    prune(counted.database_url, counted.now)
    await counted.count(event("vraag", 0))
    assert buckets(counted, "windows_minute") == []
    assert len(buckets(counted, "windows_hour")) == 1
    assert counted.rows("SELECT resolution, n FROM skipped_observations") == [{"resolution": "minute", "n": 1}]


async def test_words_and_rejects_go_by_their_age(counted: Counted) -> None:
    old = answer("vraag", 0, case_id="A", text="Te lang gewacht.")
    young = answer("vraag", 60 * A_DAY, case_id="B", text="Snel.")
    await counted.count(event("vraag", 0, case_id="A"), event("vraag", 0, case_id="B"), old, young)
    rejected = "INSERT INTO rejects VALUES (DEFAULT, '{}', 'too_large', NULL, '', 'touchpoint-events', 0, 0, '')"
    counted.change(*(rejected.format(MIDNIGHT + timedelta(days=days)) for days in (350.9, 351, 352)))
    set_keep(counted.database_url, "texts", Keep.parse("P320D"))
    prune(counted.database_url, MIDNIGHT + timedelta(days=365, hours=5))
    assert counted.rows("SELECT text FROM answer_texts") == [{"text": "Snel."}]
    assert len(counted.rows("SELECT FROM survey_answers")) == 2
    assert [row["rejected_at"] for row in counted.rows("SELECT rejected_at FROM rejects ORDER BY 1")] == [
        MIDNIGHT + timedelta(days=351),
        MIDNIGHT + timedelta(days=352),
    ]


CASES: Mapping[str, Sequence[TouchpointEvent | SurveyAnswer]] = {
    "old": [event("aanvraag", 0, case_id="old"), event("besluit", A_DAY, case_id="old")],
    "old with an answer": [
        event("besluit", A_DAY, case_id="old with an answer"),
        answer("besluit", 2 * A_DAY, case_id="old with an answer"),
    ],
    "closed just now": [
        event("aanvraag", 0, case_id="closed just now"),
        event("besluit", 335 * A_DAY, case_id="closed just now"),
    ],
    "open": [event("aanvraag", 0, case_id="open")],
    "cared for just now": [
        event("besluit", A_DAY, case_id="cared for just now"),
        event("factuur", 336 * A_DAY, case_id="cared for just now"),
    ],
    "answered just now": [
        event("besluit", A_DAY, case_id="answered just now"),
        answer("besluit", 336 * A_DAY, case_id="answered just now"),
    ],
    "opened again": [
        event("besluit", A_DAY, case_id="opened again"),
        event("aanvulling", 2 * A_DAY, case_id="opened again"),
    ],
    "taken back": [
        event("besluit", A_DAY, case_id="taken back", event_id="fout"),
        event("besluit", 2 * A_DAY, case_id="taken back", voids="fout"),
    ],
}


@pytest.mark.parametrize("at_once", [1, 3, 1000])
async def test_history_goes_with_the_last_of_a_closed_case(
    counted: Counted, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(retention, "_CASES_AT_ONCE", at_once)
    await counted.count(*(arrival for arrivals in CASES.values() for arrival in arrivals))
    rows = "SELECT case_id, opened_at, closed_at, last_at, last_touchpoint, answered_at FROM cases ORDER BY case_key"
    windows = "SELECT scope_id, bucket, n, total, bins, counts FROM windows_day ORDER BY scope_id, bucket"
    before = counted.rows(rows), counted.rows(windows)
    set_keep(counted.database_url, "events", Keep.parse("P30D"))
    prune(counted.database_url, counted.now)
    gone = {"old", "old with an answer"}
    assert histories(counted) == CASES.keys() - gone
    assert {row["case_id"] for row in counted.rows("SELECT case_id FROM cases WHERE history_dropped")} == gone
    assert (counted.rows(rows), counted.rows(windows)) == before
    assert kept_from(counted, "events") == MIDNIGHT + timedelta(days=335)


async def test_what_was_counted_and_dropped_is_still_a_repeat(counted: Counted) -> None:
    await counted.count(*CASES["old with an answer"])
    windows = counted.rows("SELECT * FROM rollups_day ORDER BY scope_id, bucket, writer")
    set_keep(counted.database_url, "events", Keep.parse("P30D"))
    prune(counted.database_url, counted.now)
    await counted.count(*CASES["old with an answer"])
    assert counted.rows("SELECT * FROM rollups_day ORDER BY scope_id, bucket, writer") == windows
    assert histories(counted) == set()
    assert counted.rows("SELECT FROM rejects") == []


@pytest.mark.parametrize(
    "late",
    [
        event("aanvulling", 10, case_id="old", event_id="late"),
        event("factuur", 364 * A_DAY, case_id="old", event_id="late"),
        event("besluit", 10, case_id="old", event_id="late", voids="old-besluit-1440"),
        answer("besluit", 364 * A_DAY, case_id="old", answer_id="late"),
    ],
    ids=["in the middle", "afterwards", "taking back", "an answer"],
)
async def test_what_comes_for_a_case_without_its_history_is_set_apart(
    counted: Counted, late: TouchpointEvent | SurveyAnswer
) -> None:
    """It cannot be counted exactly any more. What comes with it is counted."""
    await counted.count(*CASES["old"])
    set_keep(counted.database_url, "events", Keep.parse("P30D"))
    prune(counted.database_url, counted.now)
    case = counted.rows("SELECT * FROM cases")
    windows = counted.rows("SELECT * FROM windows_day ORDER BY scope_id, bucket, writer")
    await counted.count(late)
    assert counted.rows("SELECT reason, field FROM rejects") == [{"reason": "case_history_dropped", "field": "case_id"}]
    assert counted.rows("SELECT * FROM windows_day ORDER BY scope_id, bucket, writer") == windows
    assert counted.rows("SELECT * FROM cases") == case
    assert histories(counted) == set()
    await counted.count(late.model_copy(update={"source": "elders"}), event("vraag", 0, case_id="new"))
    assert histories(counted) == {"new"}


async def test_a_case_that_is_being_counted_stays_until_tomorrow(counted: Counted) -> None:
    await counted.count(*CASES["old"], *CASES["old with an answer"])
    set_keep(counted.database_url, "events", Keep.parse("P30D"))
    with psycopg.connect(counted.database_url) as busy:
        busy.execute("SELECT FROM cases WHERE case_id = 'old' FOR UPDATE")
        prune(counted.database_url, counted.now)
    assert histories(counted) == {"old"}
    prune(counted.database_url, counted.now + timedelta(days=1))
    assert histories(counted) == set()


async def test_shortening_counts_from_the_next_pruning_and_lengthening_brings_nothing_back(counted: Counted) -> None:
    await counted.count(event("vraag", 330 * A_DAY), event("vraag", 355 * A_DAY))
    prune(counted.database_url, counted.now)
    longer = kept_from(counted, "minute"), buckets(counted, "rollups_minute")
    assert longer == (MIDNIGHT + timedelta(days=330), [MIDNIGHT + timedelta(days=days) for days in (330, 355, 355)])
    set_keep(counted.database_url, "minute", Keep.parse("P15D"))
    assert (kept_from(counted, "minute"), buckets(counted, "rollups_minute")) == longer
    prune(counted.database_url, counted.now)
    shorter = kept_from(counted, "minute"), buckets(counted, "rollups_minute")
    assert shorter == (MIDNIGHT + timedelta(days=350), [MIDNIGHT + timedelta(days=355)] * 2)
    for keep in (Keep.parse("P60D"), None):
        set_keep(counted.database_url, "minute", keep)
        prune(counted.database_url, counted.now + timedelta(days=20))
        assert (kept_from(counted, "minute"), buckets(counted, "rollups_minute")) == shorter


async def test_one_at_a_time_prunes(counted: Counted) -> None:
    with psycopg.connect(counted.database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('klantreis upkeep'))")
        prune(counted.database_url, counted.now)
        assert kept_from(counted, "minute") is None
    prune(counted.database_url, counted.now)
    assert kept_from(counted, "minute") is not None


async def test_counting_waits_for_the_moment_to_move_and_not_for_the_deletes(counted: Counted) -> None:
    """A batch that has read the moments keeps them where they are until it is written."""
    with psycopg.connect(counted.database_url) as batch:
        batch.execute("SELECT FROM retention WHERE name IN ('minute', 'hour', 'day') FOR SHARE")
        pruning = asyncio.create_task(asyncio.to_thread(prune, counted.database_url, counted.now))
        await asyncio.sleep(0.3)
        assert not pruning.done()
        assert kept_from(counted, "minute") is None
    await pruning
    assert kept_from(counted, "minute") == MIDNIGHT + timedelta(days=330)
