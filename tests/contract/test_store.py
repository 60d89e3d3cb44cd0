"""What the agents may rely on of a store: one transaction a stretch, keys once, cases locked, offsets beside it all."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from schemas.interruption import Interruption
from schemas.reject import Fault, Reason
from services.store.imports import remembered_shift
from services.store.journeys import apply_journey, read_catalogue
from services.store.migrate import migrate, migrations
from services.store.offsets import event_ids, next_offsets
from services.store.postgres import PostgresStore
from services.store.rejects import list_rejects, raw_rejects
from services.store.retention import prune
from services.store.secrecy import Secrecy
from streams.counting import Arrival, Counting
from streams.ports import (
    AlreadyWritten,
    Claim,
    Fenced,
    Letter,
    Partition,
    Refused,
    RejectedRecord,
    Stretch,
    Unavailable,
)
from streams.windows import Resolution
from tests.counted import LINKS, store_on
from tests.drawn import MIDNIGHT, event, loket

NOW = MIDNIGHT + timedelta(days=1)
SECRECY = Secrecy("a secret for tests only")
LOG = iter(range(1000))


@pytest.fixture(scope="module")
def stored(database_url: str) -> str:
    apply_journey(database_url, loket())
    return database_url


@pytest.fixture
async def store(stored: str) -> AsyncIterator[PostgresStore]:
    store = store_on(stored)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def partition() -> Partition:
    """Partition 0 of a log that no other test reads."""
    return Partition(f"log-{next(LOG)}", "touchpoint-events", 0)


def first(partition: Partition, end: int) -> Stretch:
    """The stretch from 0, of a log of which nothing is stored."""
    return Stretch(partition, 0, end, first=True)


def rows(database_url: str, query: str, **given: Any) -> list[dict[str, Any]]:
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        return connection.execute(query.encode(), given).fetchall()


async def write(store: PostgresStore, stretch: Stretch, events: Sequence[Arrival], *bad: RejectedRecord) -> None:
    """Count events the way the agent does."""
    catalogue = await store.catalogue()
    async with store.transaction(stretch, NOW) as transaction:
        claim = await transaction.claim(events)
        fresh = [events[place] for place in sorted(claim.fresh)]
        counting = Counting(fresh, await transaction.lock_cases({each.case_key for each in fresh}), catalogue)
        histories = await transaction.histories(counting.asks_for)
        await transaction.save(counting.result(histories, await transaction.retained_from()), bad)


def volume(database_url: str, case: str) -> int:
    """What the windows of a case of its own department say."""
    query = """SELECT coalesce(sum(n), 0) AS n FROM windows_day JOIN scopes USING (scope_id)
               WHERE measure = 'volume' AND department = %(case)s"""
    return int(rows(database_url, query, case=case)[0]["n"])


async def test_a_stretch_is_written_with_its_offset(store: PostgresStore, stored: str, partition: Partition) -> None:
    events = [event("aanvraag", 10, case_id="A", department="A"), event("besluit", 25, case_id="A", department="A")]
    await write(store, Stretch(partition, 7, 9, first=True), events)
    assert await store.offsets([partition]) == {partition: 9}
    assert next_offsets(stored, {"touchpoint-events": partition.log_id}) == {("touchpoint-events", 0): 9}
    assert volume(stored, "A") == 2
    (case,) = rows(stored, "SELECT * FROM cases WHERE case_id = 'A'")
    assert case["opened_at"] == MIDNIGHT + timedelta(minutes=10)
    assert case["closed_at"] == MIDNIGHT + timedelta(minutes=25)
    assert (case["journey_version"], case["begun"]) == (1, {"beslistermijn": None, "case": None})
    totals = rows(
        stored,
        """SELECT span, sum(n) AS n, sum(total) AS total, sum(squares) AS squares
           FROM rollups_hour JOIN scopes USING (scope_id)
           WHERE measure = 'throughput' AND department = 'A' GROUP BY span ORDER BY span""",
    )
    ms = 900_000
    assert totals == [{"span": s, "n": 1, "total": ms, "squares": ms**2} for s in ("beslistermijn", "case")]


async def test_the_same_stretch_again_writes_nothing(store: PostgresStore, stored: str, partition: Partition) -> None:
    once = [event("aanvraag", 10, case_id="B", department="B")]
    await write(store, first(partition, 1), once)
    with pytest.raises(AlreadyWritten):
        await write(store, first(partition, 1), [event("besluit", 20, case_id="B", department="B")])
    assert volume(stored, "B") == 1


@pytest.mark.parametrize(("begin", "end"), [(0, 5), (2, 4), (4, 6)])
async def test_a_stretch_that_begins_elsewhere_is_fenced(
    store: PostgresStore, stored: str, partition: Partition, begin: int, end: int
) -> None:
    await write(store, first(partition, 3), [])
    with pytest.raises(Fenced, match="3"):
        await write(store, Stretch(partition, begin, end), [event("besluit", 20, case_id="C", department="C")])
    assert await store.offsets([partition]) == {partition: 3}
    assert volume(stored, "C") == 0


async def test_an_offset_that_has_gone_fences(store: PostgresStore, stored: str, partition: Partition) -> None:
    """A backup came back under a running worker: what lies between must be read again."""
    await write(store, first(partition, 3), [event("aanvraag", 10, case_id="L", department="L")])
    with psycopg.connect(stored) as connection:
        connection.execute("DELETE FROM stream_offsets WHERE log_id = %s", (partition.log_id,))
    with pytest.raises(Fenced):
        await write(store, Stretch(partition, 3, 4), [event("besluit", 20, case_id="L", department="L")])
    assert store._memory.scopes._known == {}


async def test_a_writer_keeps_its_number(store: PostgresStore, stored: str, partition: Partition) -> None:
    """An insert in vain would draw a number, and there are only 32,767."""
    for offset in range(5):
        stretch = Stretch(partition, offset, offset + 1, first=offset == 0)
        await write(store, stretch, [event("vraag", offset, case_id=f"W{offset}", department="W")])
    (drawn,) = rows(stored, "SELECT last_value AS n FROM writers_writer_seq")
    (held,) = rows(stored, "SELECT max(writer) AS n FROM writers")
    assert drawn["n"] == held["n"]


async def test_the_database_s_time_zone_changes_nothing(
    store: PostgresStore, stored: str, partition: Partition
) -> None:
    """Two visits over the night that lost an hour, one of them taken back."""
    with psycopg.connect(stored, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(sql.SQL("ALTER DATABASE {} SET timezone = 'Europe/Amsterdam'").format(sql.Identifier(name)))
    other = store_on(stored)
    await other.open()
    saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
    visits = [
        event("aanvraag", 0, case_id="T", occurred_at=saturday, department="T"),
        event("besluit", 0, case_id="T", occurred_at=saturday + timedelta(days=2), event_id="T-fout", department="T"),
        event("besluit", 1, case_id="T", occurred_at=saturday + timedelta(days=3), voids="T-fout", department="T"),
    ]
    for offset, visit in enumerate(visits):
        await write(other, Stretch(partition, offset, offset + 1, first=offset == 0), [visit])
    await other.close()
    found = rows(
        stored,
        """SELECT measure, span, sum(n)::int AS n, sum(total)::bigint AS total
           FROM windows_day JOIN scopes USING (scope_id) WHERE department = 'T'
           GROUP BY measure, span HAVING sum(n) <> 0 OR sum(total) <> 0 ORDER BY measure""",
    )
    one = {"n": 1, "total": 1}
    assert found == [
        {"measure": "arrivals", "span": "department", **one},
        {"measure": "volume", "span": "", **one},
    ]


async def test_a_refusal_does_not_quote_the_row(store: PostgresStore, stored: str, partition: Partition) -> None:
    with psycopg.connect(stored) as connection:
        connection.execute("ALTER TABLE touchpoint_events ADD CONSTRAINT no_poison CHECK (event_id <> 'poison')")
    poison = event("vraag", 1, case_id="Q", event_id="poison", attributes={"opmerking": "mevrouw Jansen"})
    with pytest.raises(Refused, match="no_poison") as refused:
        await write(store, first(partition, 1), [poison])
    assert "Jansen" not in str(refused.value)


async def test_two_imports_at_the_same_time_get_one_shift(stored: str) -> None:
    held = psycopg.connect(stored)
    held.execute("INSERT INTO imports VALUES ('loket', 'log', '5 days')")
    second = asyncio.create_task(asyncio.to_thread(remembered_shift, stored, "loket", b"log", timedelta(days=6)))
    await asyncio.sleep(0.3)
    held.commit()
    held.close()
    assert await second == timedelta(days=5)


async def test_an_event_counts_once_whatever_brings_it_again(
    store: PostgresStore, stored: str, partition: Partition
) -> None:
    one = event("aanvraag", 10, case_id="D", department="D")
    await write(store, first(partition, 2), [one, one])
    elsewhere = partition._replace(partition=1)
    await write(store, first(elsewhere, 1), [one])
    assert volume(stored, "D") == 1
    assert one.event_id in event_ids(stored, "proef")


async def test_a_key_with_other_content_is_told_apart(store: PostgresStore, partition: Partition) -> None:
    one = event("aanvraag", 10, case_id="E", event_id="e")
    other = event("besluit", 10, case_id="E", event_id="e")
    async with store.transaction(first(partition, 3), NOW) as transaction:
        claim = await transaction.claim([one, other, one])
        assert claim == Claim(fresh=frozenset({0}), reused=frozenset({1}))
        await transaction.save(await counted_nothing(store), [])
    async with store.transaction(Stretch(partition, 3, 5), NOW) as transaction:
        claim = await transaction.claim([other, one])
        assert claim == Claim(fresh=frozenset(), reused=frozenset({0}))


async def counted_nothing(store: PostgresStore) -> Any:
    everything = dict.fromkeys(Resolution, datetime(1, 1, 2, tzinfo=UTC))
    return Counting([], {}, await store.catalogue()).result({}, everything)


async def test_no_word_is_changed_on_its_way(store: PostgresStore, stored: str, partition: Partition) -> None:
    """COPY reads some characters as more than themselves: quotes, backslashes, ends of lines, what stands for null."""
    words = [
        "null",
        "NULL",
        "\\N",
        "\\.",
        "a\n\\.\nb",
        'zei "ja"',
        "a,b",
        "a\tb\r",
        "\\n",
        "\\\\",
        "\x7f\x01é€😀",
        " ",
        "'",
    ]
    events = [event("aanvraag", 10, case_id=f"P-{word}", department=word, attributes={word: word}) for word in words]
    await write(store, first(partition, len(events)), events)
    found = rows(
        stored,
        """SELECT case_id, department, last_department, attributes
                            FROM touchpoint_events JOIN cases USING (case_key) WHERE case_id LIKE 'P-%%'""",
    )
    assert {each["case_id"]: list(each.values())[1:] for each in found} == {
        f"P-{word}": [word, word, {word: word}] for word in words
    }


async def test_what_fails_leaves_nothing(store: PostgresStore, stored: str, partition: Partition) -> None:
    with pytest.raises(RuntimeError, match="halfway"):
        async with store.transaction(first(partition, 1), NOW) as transaction:
            await transaction.claim([event("aanvraag", 10, case_id="F")])
            await transaction.lock_cases({("loket", "F")})
            raise RuntimeError("halfway")
    assert await store.offsets([partition]) == {}
    assert rows(stored, "SELECT FROM event_keys WHERE event_id LIKE 'F-%%'") == []
    assert rows(stored, "SELECT FROM cases WHERE case_id = 'F'") == []


async def test_a_case_that_another_partition_opens_meanwhile_is_tried_again(
    store: PostgresStore, stored: str, partition: Partition
) -> None:
    """The one that comes second finds the case open when it tries again, and counts in it."""
    later = Stretch(partition._replace(partition=1), 0, 1, first=True)
    arrival = event("aanvraag", 10, case_id="O", department="O")
    everything = dict.fromkeys(Resolution, datetime(1, 1, 2, tzinfo=UTC))
    with pytest.raises(Unavailable) as refused:
        async with store.transaction(first(partition, 1), NOW) as transaction:
            await transaction.claim([arrival])
            counting = Counting([arrival], await transaction.lock_cases({arrival.case_key}), await store.catalogue())
            await write(store, later, [event("besluit", 25, case_id="O", department="O")])
            await transaction.save(counting.result({}, everything), [])
    assert refused.value.cause is Interruption.CONTENTION
    assert volume(stored, "O") == 1
    await write(store, first(partition, 1), [arrival])
    assert volume(stored, "O") == 2
    assert rows(stored, "SELECT last_touchpoint FROM cases WHERE case_id = 'O'") == [{"last_touchpoint": "besluit"}]


async def test_two_partitions_write_one_case_at_the_same_time(
    store: PostgresStore, stored: str, partition: Partition
) -> None:
    """Both want the same new cases, in opposite order; locks in key order keep them from a deadlock."""
    names = [f"G{number}" for number in range(40)]

    async def send(number: int, touchpoint: str, minute: int, cases: Sequence[str]) -> None:
        origin = partition._replace(partition=number)
        for offset, case in enumerate([cases[i : i + 8] for i in range(0, len(cases), 8)]):
            events = [event(touchpoint, minute, case_id=each, department="G") for each in case]
            stretch = Stretch(origin, offset, offset + 1, first=offset == 0)
            for _ in range(10):  # a case that both open is opened once; the other partition tries again
                try:
                    await write(store, stretch, events)
                except Unavailable:
                    continue
                break

    await asyncio.gather(send(0, "aanvraag", 10, names), send(1, "besluit", 25, names[::-1]))
    assert volume(stored, "G") == 80
    (total,) = rows(
        stored,
        """SELECT sum(n) AS n, sum(total) AS total FROM windows_day JOIN scopes USING (scope_id)
           WHERE measure = 'throughput' AND span = 'case' AND department = 'G'""",
    )
    assert total == {"n": 40, "total": 40 * 900_000}


async def test_a_late_event_moves_what_came_after_it(store: PostgresStore, stored: str, partition: Partition) -> None:
    await write(store, first(partition, 1), [event("aanvraag", 10, case_id="H", department="H")])
    await write(store, Stretch(partition, 1, 2), [event("besluit", 40, case_id="H", department="H")])
    late = partition._replace(partition=2)
    await write(store, first(late, 1), [event("aanvulling", 25, case_id="H", department="H")])
    found = rows(
        stored,
        """SELECT touchpoint, sum(n) AS n, sum(total) AS total FROM windows_day JOIN scopes USING (scope_id)
           WHERE measure = 'gap' AND department = 'H' GROUP BY touchpoint ORDER BY touchpoint""",
    )
    assert found == [{"touchpoint": name, "n": 1, "total": 900_000} for name in ("aanvulling", "besluit")]


async def test_a_customer_is_known_by_digest_alone(store: PostgresStore, stored: str, partition: Partition) -> None:
    events = [event("aanvraag", m, case_id=f"K{m}", customer=f"klant-{8800 + m % 2}") for m in range(4)]
    await write(store, first(partition, 2), events[:2])
    await write(store, Stretch(partition, 2, 4), events[2:])
    found = rows(
        stored,
        """SELECT digest, count(*) AS n FROM touchpoint_events JOIN customer_digests USING (customer_id)
           JOIN customers USING (customer_id) GROUP BY digest""",
    )
    assert {bytes(row["digest"]): row["n"] for row in found} == {SECRECY.digest(f"klant-{8800 + i}"): 2 for i in (0, 1)}


async def test_rejects_are_kept_counted_and_posted(store: PostgresStore, stored: str, partition: Partition) -> None:
    fault = Fault(reason=Reason.INVALID_FIELD, field="case_id", detail="should not be empty")
    await write(
        store, Stretch(partition, 40, 42, first=True), [], RejectedRecord(41, fault, b'{"customer": "klant-1"}')
    )
    (found,) = list_rejects(stored, after=0, limit=10)
    assert (found.reject.offset, found.reject.field, found.reject.rejected_at) == (41, "case_id", NOW)
    assert raw_rejects(stored, SECRECY, [found.number, 999]) == {
        found.number: ("touchpoint-events", b'{"customer": "klant-1"}')
    }
    (row,) = rows(stored, "SELECT raw FROM rejects")
    assert b"klant-1" not in row["raw"]
    assert rows(stored, "SELECT * FROM reject_counts") == [{"reason": "invalid_field", "n": 1}]

    letters: list[Letter] = []

    async def send(posted: Sequence[Letter]) -> None:
        letters.extend(posted)

    assert await store.relay(send) == 1
    assert await store.relay(send) == 0
    assert letters[0].topic == "rejected-events"
    assert b"klant-1" not in letters[0].value


async def test_a_letter_that_could_not_be_sent_stays(store: PostgresStore, stored: str, partition: Partition) -> None:
    fault = Fault(reason=Reason.MALFORMED_JSON, field=None, detail="x")
    await write(store, first(partition, 1), [], RejectedRecord(0, fault, b"{"))

    async def fail(_: Sequence[Letter]) -> None:
        raise ConnectionError("the broker is away")

    with pytest.raises(ConnectionError):
        await store.relay(fail)
    assert len(rows(stored, "SELECT FROM outbox")) == 1


async def test_a_stopped_owner_of_the_lock_is_ended(store: PostgresStore, stored: str, partition: Partition) -> None:
    """The zombie holds its transaction open; the new owner waits a while, ends it, and writes."""
    zombie = store_on(stored)
    await zombie.open()
    with pytest.raises(Unavailable):
        async with zombie.transaction(first(partition, 1), NOW) as transaction:
            await transaction.claim([event("aanvraag", 10, case_id="Z", department="Z")])
            await write(store, first(partition, 1), [event("besluit", 20, case_id="Z", department="Z")])
            await transaction.lock_cases({("loket", "Z")})
    await zombie.close()
    assert volume(stored, "Z") == 1


async def test_a_database_that_is_away_is_unavailable_not_an_error() -> None:
    store = store_on("postgresql://postgres@127.0.0.1:1/none?connect_timeout=1")
    await store.open()
    store._pool.timeout = 1.0
    with pytest.raises(Unavailable):
        await store.catalogue()
    await store.close()


async def test_ends_are_noted(store: PostgresStore, stored: str, partition: Partition) -> None:
    await store.note_ends({partition: 10}, NOW)
    await store.note_ends({partition: 12}, NOW + timedelta(seconds=1))
    await store.note_ends({}, NOW)
    (row,) = rows(stored, "SELECT * FROM stream_ends WHERE log_id = %(log)s", log=partition.log_id)
    assert (row["end_offset"], row["seen_at"]) == (12, NOW + timedelta(seconds=1))


async def test_the_catalogue_follows_new_versions(store: PostgresStore, stored: str) -> None:
    assert (await store.catalogue()).latest("loket") == loket()
    changed = loket().model_copy(update={"goal": None, "triggers": (), "end_touchpoints": ("besluit", "aanvraag")})
    assert apply_journey(stored, loket()) is None
    assert apply_journey(stored, changed) == 2
    catalogue = await store.catalogue()
    assert catalogue.at("loket", datetime(2020, 1, 1, tzinfo=UTC)).version == 1
    assert catalogue.at("loket", datetime.now(UTC) + timedelta(seconds=1)).version == 2
    assert read_catalogue(stored).latest("loket") == changed
    with pytest.raises(ValueError, match="time_zone"):
        apply_journey(stored, changed.model_copy(update={"time_zone": "America/Sao_Paulo"}))


def test_migrating_again_does_nothing(stored: str) -> None:
    assert migrate(stored) == []


def test_every_migration_is_recorded(stored: str) -> None:
    names = [row["name"] for row in rows(stored, "SELECT name FROM schema_migrations ORDER BY name")]
    assert names == list(migrations())


async def test_pruning_moves_the_edge_and_drops_what_lies_before_it(
    store: PostgresStore, stored: str, partition: Partition
) -> None:
    """Last in this module: the edge only ever moves on."""
    await write(store, first(partition, 1), [event("aanvraag", 10, case_id="P", department="P")])
    prune(stored, MIDNIGHT + timedelta(days=40))
    minutes = "SELECT FROM windows_minute JOIN scopes USING (scope_id) WHERE department = 'P'"
    assert rows(stored, minutes) == []
    assert volume(stored, "P") == 1
    before = rows(stored, "SELECT n FROM skipped_observations WHERE resolution = 'minute'")
    await write(store, Stretch(partition, 1, 2), [event("aanvraag", 11, case_id="P2", department="P")])
    assert rows(stored, minutes) == []
    assert volume(stored, "P") == 2
    after = rows(stored, "SELECT n FROM skipped_observations WHERE resolution = 'minute'")
    assert after[0]["n"] == (before[0]["n"] if before else 0) + 2  # the visit, and the limit that fell in April


async def test_a_store_tells_how_long_it_waited_for_the_database(stored: str) -> None:
    waits: list[float] = []
    store = PostgresStore(stored, SECRECY, LINKS.link, "klantreis", waits.append)
    await store.open()
    try:
        async with store._connection() as connection:
            await connection.execute("SELECT pg_sleep(0.3)")
    finally:
        await store.close()
    assert sum(waits) >= 0.3
