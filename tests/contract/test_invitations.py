"""Inviting customers in the transaction of the batch: what is stored and sent, also with workers side by side."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import orjson
import pytest

from schemas.journey import Journey, JourneyVersion, parse_journey
from services.store.retention import prune
from tests.counted import LINKS, RULE, Counted, counting
from tests.drawn import LOKET, MIDNIGHT, answer, event

ASKING = LOKET.replace("moment_of_truth: true}", "moment_of_truth: true, asks: [satisfaction, emotion]}").replace(
    "name: Vraag}", "name: Vraag, asks: [effort]}"
)
NOON = MIDNIGHT + timedelta(hours=12)
CUSTOMER = "klant-8812"


def asking(journey: str) -> Journey:
    return parse_journey(ASKING.replace("id: loket", f"id: {journey}"))


@pytest.fixture
async def counted(database_url: str) -> AsyncIterator[Counted]:
    """An empty database at noon, with two journeys that ask after a question and after the decision."""
    since = datetime(1, 1, 2, tzinfo=UTC)
    journeys = (parse_journey(ASKING.replace("id: loket", f"id: {id_}")) for id_ in ("loket", "balie"))
    versions = (JourneyVersion(version=1, valid_from=since, journey=journey) for journey in journeys)
    async with counting(database_url, NOON, *versions) as counted:
        yield counted


def states(counted: Counted) -> list[tuple[str, str | None]]:
    found = counted.rows("SELECT event_id, suppressed FROM invitations ORDER BY decided_at, event_id")
    return [(row["event_id"], row["suppressed"]) for row in found]


async def test_a_moment_that_asks_leads_to_an_invitation_and_a_letter(counted: Counted) -> None:
    await counted.count(event("besluit", 700, event_id="b", customer=CUSTOMER), event("aanvraag", 600))
    (row,) = counted.rows("SELECT * FROM invitations JOIN cases USING (case_key)")
    assert (row["case_id"], row["touchpoint"], row["event_id"]) == ("Z-1", "besluit", "b")
    assert (row["suppressed"], row["questions"], row["decided_at"]) == (None, ["satisfaction", "emotion"], NOON)
    (letter,) = counted.rows("SELECT * FROM outbox WHERE topic = 'survey-invitations'")
    assert letter["key"] == b"loket|Z-1"
    assert orjson.loads(letter["value"]) == {
        "invitation_id": row["invitation_id"],
        "journey": "loket",
        "case_id": "Z-1",
        "touchpoint": "besluit",
        "source": "proef",
        "event_id": "b",
        "questions": ["satisfaction", "emotion"],
        "invited_at": "2026-03-02T12:00:00Z",
        "link": ANY,
    }
    address, _, token = orjson.loads(letter["value"])["link"].rpartition("/")
    assert address == "https://klant.example/survey"
    assert LINKS.invitation_id(token, NOON) == row["invitation_id"]


async def test_no_customers_reference_is_stored_or_sent(counted: Counted) -> None:
    await counted.count(event("besluit", 700, customer=CUSTOMER))
    for table in ("invitations", "outbox", "customers", "customer_digests", "touchpoint_events"):
        assert CUSTOMER not in str(counted.rows(f"SELECT {table}::text AS row FROM {table}"))
        assert CUSTOMER.encode().hex() not in str(counted.rows(f"SELECT {table}::text AS row FROM {table}"))


async def test_the_same_events_again_invite_nobody_again(counted: Counted) -> None:
    events = [event("besluit", 700, customer=CUSTOMER), event("vraag", 710, customer="klant-2")]
    await counted.count(*events)
    first = counted.rows("SELECT * FROM invitations ORDER BY invitation_id")
    await counted.count(*events)
    await counted.count(events[0])
    assert counted.rows("SELECT * FROM invitations ORDER BY invitation_id") == first
    assert counted.rows("SELECT count(*) AS n FROM outbox") == [{"n": 2}]


async def test_what_is_told_of_a_day_late_invites_nobody(counted: Counted) -> None:
    counted.now = MIDNIGHT + timedelta(days=2)
    await counted.count(*(event("besluit", minute, customer=f"klant-{minute}") for minute in (0, 1440, 1441)))
    assert states(counted) == [("Z-1-besluit-0", "late"), ("Z-1-besluit-1440", "late"), ("Z-1-besluit-1441", None)]
    assert counted.rows("SELECT count(*) AS n FROM outbox") == [{"n": 1}]


async def test_the_rule_spans_journeys_and_keeps_one_for_a_moment_of_truth(counted: Counted) -> None:
    await counted.count(
        event("vraag", 600, event_id="1", customer=CUSTOMER),
        event("vraag", 610, event_id="2", customer=CUSTOMER, journey="balie"),
        event("besluit", 620, event_id="3", customer=CUSTOMER, journey="balie"),
    )
    counted.now += timedelta(minutes=1)
    await counted.count(event("besluit", 630, event_id="4", customer=CUSTOMER))
    assert states(counted) == [("1", None), ("2", "contact_fatigue"), ("3", None), ("4", "contact_fatigue")]
    later = counted.now = NOON + RULE.within
    minute = (later - MIDNIGHT) / timedelta(minutes=1) - 5
    await counted.count(event("besluit", minute, event_id="5", customer=CUSTOMER))
    assert states(counted)[-1] == ("5", None)


async def test_workers_side_by_side_do_not_ask_too_often(counted: Counted) -> None:
    """Eight batches at a time, each of which would invite the same customers in an order of its own."""
    customers = [f"klant-{number}" for number in range(20)]
    batches = [
        [
            event(
                "besluit",
                600 + number,
                event_id=f"{number}-{customer}",
                case_id=f"{number}-{customer}",
                customer=customer,
            )
            for customer in (customers if number % 2 else customers[::-1])
        ]
        for number in range(8)
    ]
    await asyncio.gather(*(counted.count(*batch) for batch in batches))
    invited = counted.rows("SELECT customer_id, count(*) AS n FROM invitations WHERE suppressed IS NULL GROUP BY 1")
    assert [row["n"] for row in invited] == [RULE.at_most] * len(customers)
    assert counted.rows("SELECT count(*) AS n FROM invitations") == [{"n": 8 * len(customers)}]


async def test_an_answer_is_noted_once(counted: Counted) -> None:
    await counted.count(event("besluit", 600, customer=CUSTOMER))
    (row,) = counted.rows("SELECT invitation_id FROM invitations")
    later, sooner = (
        answer("besluit", minute, answer_id=str(minute), invitation_id=row["invitation_id"]) for minute in (650, 640)
    )
    await counted.count(later)
    await counted.count(sooner)
    assert counted.rows("SELECT answered_at FROM invitations") == [{"answered_at": sooner.answered_at}]


async def test_what_is_taken_back_invites_nobody(counted: Counted) -> None:
    await counted.count(event("besluit", 600, event_id="terug", voids="b", customer=CUSTOMER))
    assert states(counted) == []


async def test_invitations_go_with_the_history_of_their_case(counted: Counted) -> None:
    await counted.count(event("besluit", 600, customer=CUSTOMER))
    prune(counted.database_url, NOON + timedelta(days=1000))
    assert len(states(counted)) == 1
    prune(counted.database_url, NOON + timedelta(days=1200))
    assert states(counted) == []
