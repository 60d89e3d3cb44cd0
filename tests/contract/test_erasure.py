"""Erasing a customer: nothing names it any more, every figure stays, and what comes again changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import psycopg
import pytest

from schemas.journey import JourneyVersion, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.store.differences import Differences
from services.store.erasing import Report, Whom, erase
from services.store.keeping import Keep, set_keep
from services.store.postgres import PostgresStore
from services.store.reading import BEFORE_ALL, Reading
from services.store.rebuild import check
from services.store.rejects import raw_rejects
from services.store.retention import prune
from services.store.secrecy import Secrecy
from services.store.surveys import Surveys
from services.store.writing_pool import WritingPool
from tests.chance import draw
from tests.counted import LINKS, SECRET, Counted, counting, store_on
from tests.drawn import LOKET, MIDNIGHT, answer, event

CUSTOMER, OTHER = "klant-8812", "klant-17"
NOON = MIDNIGHT + timedelta(hours=12)
ASKING = LOKET.replace("moment_of_truth: true}", "moment_of_truth: true, asks: [satisfaction]}").replace(
    "name: Vraag}", "name: Vraag, complaint: true, waiting_limit: PT5H}"
)
SECRETIVE = Secrecy(SECRET)
_AFTER_REPLAY = ("stream_offsets", "writers", "schema_migrations")
"""Tables that a second log changes, whatever is in it."""

ONE = [
    event("vraag", 5, case_id="geheim-1", customer=CUSTOMER, attributes={"about": "besluit", "naam": "Jansen"}),
    event("aanvraag", 10, case_id="geheim-1", customer=CUSTOMER, department="KCC", channel="web", persona="bewoner"),
    event("aanvulling", 20, case_id="geheim-1", event_id="fout-1", attributes={"about": "Jansen"}),
    event("vraag", 20, case_id="geheim-1", event_id="terug-1", voids="fout-1", customer=CUSTOMER),
    event("besluit", 300, case_id="geheim-1", customer=CUSTOMER, employee="m-17", cost="41.50"),
]
TWO = [event("aanvraag", 40, case_id="geheim-2", customer=CUSTOMER), event("vraag", 50, case_id="geheim-2")]
ANSWERS = [
    answer("besluit", 400, case_id="geheim-1", customer=CUSTOMER, text="Ik ben Jansen."),
    answer("vraag", 60, case_id="geheim-2", score=None, question="remark", text="Jansen weer."),
]
OTHERS: list[TouchpointEvent | SurveyAnswer] = [
    event("aanvraag", 30, case_id="Z-1", customer=OTHER, attributes={"naam": "De Vries"}),
    event("besluit", 200, case_id="Z-1", customer=OTHER),
    answer("besluit", 500, case_id="Z-1", customer=OTHER, text="Prima."),
]
NAMES = ("geheim-", "Jansen", "fout-1", "terug-1", *(SECRETIVE.digest(CUSTOMER).hex(),))


@pytest.fixture
async def counted(lasting_url: str) -> AsyncIterator[Counted]:
    """An empty database at noon, in which a decision asks and everything is kept."""
    version = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=parse_journey(ASKING))
    async with counting(lasting_url, NOON, version) as counted:
        yield counted


async def filled(counted: Counted) -> None:
    await counted.count(*ONE, *TWO, *ANSWERS, *OTHERS)
    await counted.store.flag_overdue(NOON + timedelta(hours=12))
    while await counted.store.release(1):
        pass


async def erased(counted: Counted, *references: str, **given: Any) -> Report:
    whom = Whom(references or (CUSTOMER,), given.pop("cases", ()))
    settled: dict[str, Any] = {"asked_by": "verzoek 12", "now": NOON, "dry_run": False, **given}
    return await erase(counted.database_url, settled.pop("secrecy", SECRETIVE), whom, **settled)


def everything(counted: Counted) -> Mapping[str, list[str]]:
    """Every row of every table, as text."""
    with psycopg.connect(counted.database_url, options="-c TimeZone=UTC") as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {
            table: sorted(row for (row,) in connection.execute(f"SELECT t::text FROM {table} t".encode()))
            for (table,) in tables
        }


def figures(counted: Counted) -> Mapping[str, list[str]]:
    """What is shown in sums."""
    shown = ("windows_", "rollups_", "case_hours", "scores", "scopes")
    return {table: rows for table, rows in everything(counted).items() if table.startswith(shown)}


def _some(counts: Mapping[str, int]) -> Mapping[str, int]:
    return {table: rows for table, rows in counts.items() if rows}


async def checked(counted: Counted) -> Differences:
    return await check(counted.database_url, lambda *_: None)


def unlike(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> set[str]:
    return {table for table in before if before[table] != after[table] and table not in _AFTER_REPLAY}


async def test_nothing_names_the_customer_any_more_and_every_figure_stays(counted: Counted) -> None:
    await filled(counted)
    before = figures(counted)
    held = everything(counted)
    assert all(any(name in row for rows in held.values() for row in rows) for name in NAMES)
    report = await erased(counted)
    assert figures(counted) == before
    found = await checked(counted)
    assert (found.total, found.first) == (0, [])
    left = everything(counted)
    assert [(table, row) for table, rows in left.items() for row in rows if any(name in row for name in NAMES)] == []
    assert [row for row in left["cases"] if "Z-1" in row] == [row for row in held["cases"] if "Z-1" in row]
    assert report.found_nothing is False
    assert (report.cases, report.open_cases, report.customers, report.others) == (2, 1, 1, 0)


async def test_who_is_not_erased_keeps_everything(counted: Counted) -> None:
    await filled(counted)
    kept = "SELECT * FROM touchpoint_events WHERE customer_id = (SELECT max(customer_id) FROM customers) ORDER BY 2"
    words = "SELECT * FROM answer_texts WHERE text = 'Prima.'"
    before = counted.rows(kept), counted.rows(words)
    assert [len(rows) for rows in before] == [2, 1]
    await erased(counted)
    assert (counted.rows(kept), counted.rows(words)) == before


async def test_the_report_counts_what_was_done_and_is_kept(counted: Counted) -> None:
    await filled(counted)
    report = await erased(counted)
    assert _some(report.blanked) == {
        "touchpoint_events": len(ONE) + len(TWO),
        "survey_answers": 2,
        "invitations": 1,
        "cases": 2,
        "case_flags": 1,
    }
    assert _some(report.deleted) == {
        "event_keys": len(ONE) + len(TWO),
        "answer_keys": 2,
        "answer_texts": 2,
        "customers": 1,
        "customer_digests": 1,
        "outbox": 2,  # the invitation, and the alert about the case that waits
    }
    (kept,) = counted.rows("SELECT * FROM erasures")
    assert (kept["at"], kept["asked_by"]) == (NOON, "verzoek 12")
    assert kept["report"] == orjson.loads(report.as_json())
    assert kept["report"]["erasure"] == kept["erasure_id"]


async def test_cases_are_not_tied_together_any_more(counted: Counted) -> None:
    await filled(counted)
    await erased(counted)
    rows = counted.rows("SELECT DISTINCT case_key, customer_id FROM touchpoint_events WHERE customer_id < 0")
    assert len({row["customer_id"] for row in rows}) == len(rows) == 2
    assert all(row["case_id"].startswith("erased-") for row in counted.rows("SELECT case_id FROM cases WHERE erased"))


async def test_a_second_log_with_the_same_records_changes_nothing(counted: Counted) -> None:
    await filled(counted)
    await erased(counted)
    before = everything(counted)
    await counted.count(*ONE, *TWO, *ANSWERS, *OTHERS)
    assert unlike(before, everything(counted)) == set()
    renewed = replace(counted, store=store_on(counted.database_url))  # a worker that remembers nothing
    await renewed.store.open()
    await renewed.count(*reversed(TWO), *ONE, *ANSWERS)
    await renewed.store.close()
    assert unlike(before, everything(counted)) == set()


@pytest.mark.parametrize(
    "late",
    [
        event("factuur", 400, case_id="geheim-1", event_id="laat", customer=CUSTOMER),
        event("aanvraag", 41, case_id="geheim-2", event_id="laat", voids="geheim-2-aanvraag-40"),
        answer("besluit", 450, case_id="geheim-1", answer_id="laat", text="Nog iets van Jansen."),
    ],
    ids=["an event", "taking back", "an answer"],
)
async def test_what_comes_late_is_refused_and_not_kept(counted: Counted, late: TouchpointEvent | SurveyAnswer) -> None:
    await filled(counted)
    await erased(counted)
    before = everything(counted)
    await counted.count(late, event("vraag", 70, case_id="Z-9", event_id="ander"))
    (rejected,) = counted.rows("SELECT reject_id, reason, field, detail FROM rejects")
    assert (rejected["reason"], rejected["field"]) == ("erased", "case_id")
    assert raw_rejects(counted.database_url, SECRETIVE, [rejected["reject_id"]]) == {}
    after = everything(counted)
    assert unlike(before, after) >= {"rejects", "touchpoint_events"}
    assert [row for rows in after.values() for row in rows if "laat" in row or any(n in row for n in NAMES)] == []
    await counted.count(late)
    assert unlike(after, everything(counted)) == set()


async def test_who_comes_again_is_somebody_new_and_can_be_erased_again(counted: Counted) -> None:
    """The worker remembered the number that is gone."""
    await filled(counted)
    known = {row["customer_id"] for row in counted.rows("SELECT customer_id FROM customers")}
    await erased(counted)
    await counted.count(event("aanvraag", 600, case_id="nieuw", customer=CUSTOMER))
    (row,) = counted.rows(
        "SELECT customer_id FROM touchpoint_events JOIN cases USING (case_key) WHERE case_id = 'nieuw'"
    )
    assert row["customer_id"] not in known
    report = await erased(counted)
    assert (report.cases, report.customers) == (1, 1)
    assert counted.rows("SELECT FROM cases WHERE case_id = 'nieuw'") == []


async def test_visits_of_one_moment_keep_their_order(counted: Counted) -> None:
    """Their ids decide it, and after whom the gap is counted decides in which department it stands."""
    ids = ["b", "B", "é", "a", "Z", "10", "9"]
    await counted.count(
        *(
            event("aanvulling", minute, case_id="tegelijk", event_id=id_, customer=CUSTOMER, department=f"D{id_}")
            for minute in (10, 20)
            for id_ in (f"{id_}{minute}" for id_ in ids)
        ),
        event("besluit", 30, case_id="tegelijk"),
    )
    before = figures(counted)
    await erased(counted)
    assert (await checked(counted)).first == []
    assert figures(counted) == before


async def test_a_dry_run_tells_the_same_and_changes_nothing(counted: Counted) -> None:
    await filled(counted)
    before = everything(counted)
    tried = await erased(counted, dry_run=True)
    assert everything(counted) == before
    done = await erased(counted)
    assert replace(done, dry_run=True, erasure=None) == tried


async def test_somebody_unknown_leaves_everything(counted: Counted) -> None:
    await filled(counted)
    before = everything(counted)
    report = await erased(counted, "niemand")
    assert report.found_nothing
    assert everything(counted) == before


async def test_rejected_bytes_that_name_the_customer_go(counted: Counted) -> None:
    """As a whole name in whatever form, by the case, and by the key; what only looks like it stays."""
    theirs = [
        orjson.dumps({"klant": CUSTOMER}),
        orjson.dumps({"specversion": "1.0", "data": {"customer": CUSTOMER}}),
        orjson.dumps({"journey": "loket", "case_id": "geheim-2", "touchpoint": "onbekend"}),
        orjson.dumps({"source": "proef", "event_id": "fout-1"}),
        b'{"customer": "' + CUSTOMER.encode(),
        b"<klant>" + CUSTOMER.encode() + b"</klant>",
    ]
    others = [
        orjson.dumps({"customer": CUSTOMER + "3"}),
        orjson.dumps({"journey": "elders", "case_id": "geheim-2"}),
        orjson.dumps({"source": "elders", "event_id": "fout-1"}),
        b'{"customer": "' + CUSTOMER.encode() + b"3",
        b"",
        b"\xff\xfe",
    ]
    await filled(counted)
    with psycopg.connect(counted.database_url) as connection:
        for offset, raw in enumerate([*theirs, *others]):
            connection.execute(
                "INSERT INTO rejects VALUES (DEFAULT, now(), 'too_large', NULL, '', 'touchpoint-events', 0, %s, %s)",
                (offset, SECRETIVE.seal(raw)),
            )
        told = [{"topic": "touchpoint-events", "partition": 0, "offset": offset} for offset in (0, len(theirs))]
        for letter in told:
            connection.execute(
                "INSERT INTO outbox (topic, value) VALUES ('rejected-events', %s)", (orjson.dumps(letter),)
            )
    report = await erased(counted)
    assert report.deleted["rejects"] == len(theirs)
    offsets = [row["offset"] for row in counted.rows('SELECT "offset" FROM rejects ORDER BY 1')]
    assert offsets == list(range(len(theirs), len(theirs) + len(others)))
    letters = counted.rows("SELECT value FROM outbox WHERE topic = 'rejected-events'")
    assert [orjson.loads(row["value"])["offset"] for row in letters] == [len(theirs)]


async def test_rejects_of_another_secret_are_told(counted: Counted) -> None:
    await filled(counted)
    counted.change(
        "INSERT INTO rejects VALUES (DEFAULT, now(), 'too_large', NULL, '', 'touchpoint-events', 0, 0, 'elsewhere')"
    )
    assert (await erased(counted)).sealed == 1


async def test_an_invitation_that_was_sent_leads_nowhere(counted: Counted) -> None:
    await counted.count(event("besluit", 700, case_id="geheim-1", customer=CUSTOMER))
    invited = "SELECT invitation_id, suppressed, answered_at, decided_at, touchpoint FROM invitations"
    (before,) = counted.rows(invited)
    writing = WritingPool(counted.database_url)
    await writing.open()
    surveys = Surveys(writing)
    assert await surveys.survey(before["invitation_id"]) is not None
    await erased(counted)
    (after,) = counted.rows(invited)
    assert after["invitation_id"] != before["invitation_id"]
    for invitation_id in (before["invitation_id"], after["invitation_id"]):
        assert await surveys.survey(invitation_id) is None
    await writing.close()
    assert {**after, "invitation_id": None} == {**before, "invitation_id": None}


async def test_an_erased_case_waits_in_no_list_and_still_counts(counted: Counted) -> None:
    await filled(counted)
    reading = Reading(counted.database_url)
    await reading.open()
    seen = []
    for _ in range(2):
        async with reading.moment() as moment:
            waiting = await moment.waiting_cases("loket", BEFORE_ALL, 10)
            flags = await moment.open_flags("loket", BEFORE_ALL, 10)
            counts = await moment.case_counts("loket", MIDNIGHT - timedelta(hours=1), None)
        seen.append(([case.case_id for case in waiting], len(flags), counts.open))
        await erased(counted)
    await reading.close()
    assert seen == [(["geheim-2"], 1, 1), ([], 0, 1)]


async def test_without_its_tombstones_what_was_erased_counts_anew(counted: Counted) -> None:
    await counted.count(*ONE)
    await erased(counted)
    set_keep(counted.database_url, "tombstones", Keep.parse("P30D"))
    prune(counted.database_url, NOON + timedelta(days=30))
    assert len(counted.rows("SELECT FROM tombstones")) == len(ONE) + 1
    prune(counted.database_url, NOON + timedelta(days=31))
    assert counted.rows("SELECT FROM tombstones") == []
    await counted.count(*ONE)
    assert len(counted.rows("SELECT FROM touchpoint_events")) == 2 * len(ONE)


async def test_a_case_whose_history_was_dropped_is_erased_by_its_name(counted: Counted) -> None:
    await counted.count(*ONE)
    set_keep(counted.database_url, "events", Keep.parse("P30D"))
    prune(counted.database_url, NOON + timedelta(days=365))
    assert counted.rows("SELECT FROM touchpoint_events") == []
    report = await erased(counted, cases=[("loket", "geheim-1"), ("loket", "nooit-gezien")])
    assert (report.cases, report.customers) == (1, 1)
    assert [row["case_id"][:7] for row in counted.rows("SELECT case_id FROM cases")] == ["erased-"]
    await counted.count(
        event("factuur", 400, case_id="geheim-1", event_id="laat"), event("vraag", 1, case_id="nooit-gezien")
    )
    assert [row["reason"] for row in counted.rows("SELECT reason FROM rejects")] == ["erased"]


async def test_a_customer_of_a_former_key_is_found_and_stays_erased_under_a_new_one(counted: Counted) -> None:
    await filled(counted)
    new, newer = "a secret of another year", "and of yet another"
    lacking = await erased(counted, secrecy=Secrecy(new), dry_run=True)
    assert (lacking.found_nothing, lacking.unreadable) == (True, 2)
    report = await erased(counted, secrecy=Secrecy(new, [SECRET]))
    assert (report.cases, report.deleted["customer_digests"], report.unreadable) == (2, 1, 0)
    before = everything(counted)
    for secrecy in (Secrecy(new), Secrecy(newer, [new]), Secrecy(newer)):
        store = PostgresStore(counted.database_url, secrecy, LINKS.link, "klantreis")
        await store.open()
        await replace(counted, store=store).count(*ONE, *TWO, *ANSWERS)
        await store.close()
    assert unlike(before, everything(counted)) == {"tombstones"}  # those of the newer key stand beside the first
    assert len(everything(counted)["tombstones"]) == 2 * len(before["tombstones"])


async def test_numbers_that_a_lost_key_forked_are_erased_together(counted: Counted) -> None:
    """For a while a worker ran with another secret, and took the customer for somebody else."""
    await filled(counted)
    stray = PostgresStore(counted.database_url, Secrecy("by mistake"), LINKS.link, "klantreis")
    await stray.open()
    await replace(counted, store=stray).count(event("aanvraag", 90, case_id="geheim-3", customer=CUSTOMER))
    await stray.close()
    report = await erased(counted, secrecy=Secrecy(SECRET, ["by mistake"]))
    assert (report.customers, report.cases) == (2, 3)
    left = everything(counted)
    assert [row for rows in left.values() for row in rows if any(name in row for name in NAMES)] == []


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_chance_brought_all_figures_outlive_all_customers(counted: Counted, seed: int) -> None:
    drawn = draw(f"wissen-{seed}", seed, 300, MIDNIGHT + timedelta(days=28))
    counted = replace(counted, now=MIDNIGHT + timedelta(days=30))
    counted.empty(*drawn.versions)
    await counted.count(*drawn.arrivals)
    before = figures(counted)
    customers = sorted({each.customer for each in drawn.arrivals if each.customer})
    for customer in customers[:5]:
        await erased(counted, customer)
    await erased(counted, *customers[5:])
    assert counted.rows("SELECT FROM customer_digests") == []
    assert figures(counted) == before
    assert (await checked(counted)).first == []
    stored = everything(counted)
    await counted.count(*Random(seed).sample(drawn.arrivals, len(drawn.arrivals)))
    assert unlike(stored, everything(counted)) == set()


async def test_erasing_in_the_middle_of_counting(counted: Counted) -> None:
    """Two stores count cases of five customers bit by bit while two of these are erased again and again."""
    arrivals = [
        event(name, minute + 10 * number, case_id=f"zaak-{number}", customer=f"klant-{number % 5}")
        for minute, name in enumerate(("aanvraag", "aanvulling", "besluit"))
        for number in range(40)
    ]
    other = replace(counted, store=store_on(counted.database_url))
    await other.store.open()

    async def count(counted: Counted, share: list[TouchpointEvent]) -> None:
        for place in range(0, len(share), 6):
            await counted.count(*share[place : place + 6])

    async def erase_some() -> None:
        for turn in range(8):
            await erased(counted, f"klant-{turn % 2}")

    await asyncio.gather(count(counted, arrivals[::2]), count(other, arrivals[1::2]), erase_some())
    for turn in range(2):
        await erased(counted, f"klant-{turn}")
    await other.store.close()
    assert (await checked(counted)).first == []
    known = {SECRETIVE.digest(f"klant-{number}") for number in range(2, 5)}
    assert {bytes(row["digest"]) for row in counted.rows("SELECT digest FROM customer_digests")} == known
    numbers = {row["customer_id"] for row in counted.rows("SELECT customer_id FROM customers")}
    named = counted.rows("SELECT DISTINCT customer_id FROM touchpoint_events")
    assert {row["customer_id"] for row in named if row["customer_id"] > 0} == numbers
    left = {row["case_id"] for row in counted.rows("SELECT case_id FROM cases WHERE NOT erased")}
    assert left == {f"zaak-{number}" for number in range(40) if number % 5 >= 2}
    refused = counted.rows("SELECT FROM rejects WHERE reason = 'erased'")
    (volume,) = counted.rows(
        "SELECT sum(n)::int AS n FROM windows_day JOIN scopes USING (scope_id) WHERE measure = 'volume'"
    )
    assert volume["n"] + len(refused) == len(arrivals)
