"""A new secret: who was known stays who they were, and nobody can tell who that is without the old one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.store.postgres import PostgresStore
from services.store.secrecy import Secrecy
from tests.counted import LINKS, SECRET, Counted, counting
from tests.drawn import MIDNIGHT, catalogue, event

NEW = "a secret of another year"


@pytest.fixture
async def counted(database_url: str) -> AsyncIterator[Counted]:
    async with counting(database_url, MIDNIGHT + timedelta(days=1), *catalogue().versions("loket")) as counted:
        await counted.count(event("vraag", 1, customer="klant-1"), event("vraag", 2, customer="klant-2"))
        yield counted


def customers(counted: Counted) -> list[int]:
    return [
        row["customer_id"] for row in counted.rows("SELECT customer_id FROM touchpoint_events ORDER BY occurred_at")
    ]


async def renewed(counted: Counted, *former: str) -> None:
    """Count three more events with the new secret, one of somebody new."""
    store = PostgresStore(counted.database_url, Secrecy(NEW, former), LINKS.link, "klantreis")
    await store.open()
    later = replace(counted, store=store)
    await later.count(event("vraag", 3, customer="klant-2"), event("vraag", 4, customer="klant-3"))
    await later.count(event("vraag", 5, customer="klant-2"))
    await store.close()


async def test_who_was_known_keeps_the_number(counted: Counted) -> None:
    with capture_logs() as logs:
        await renewed(counted, "one in between", SECRET)
    assert logs == []
    first, second, again, third, once_more = customers(counted)
    assert second == again == once_more
    assert len({first, second, third}) == 3
    known = counted.rows("SELECT customer_id, digest FROM customer_digests WHERE key_id = %s", Secrecy(NEW).key_id)
    assert {row["customer_id"]: bytes(row["digest"]) for row in known} == {
        second: Secrecy(NEW).digest("klant-2"),
        third: Secrecy(NEW).digest("klant-3"),
    }


async def test_without_the_former_secret_everybody_is_new(counted: Counted) -> None:
    with capture_logs() as logs:
        await renewed(counted)
    assert [(each["log_level"], each["customers"]) for each in logs if "former secrets" in each["event"]] == [
        ("error", 2)
    ]
    first, second, again, third, once_more = customers(counted)
    assert again == once_more
    assert len({first, second, again, third}) == 4


def test_what_a_former_secret_sealed_is_opened() -> None:
    sealed = Secrecy(SECRET).seal(b"raw bytes")
    assert Secrecy(NEW, [SECRET]).unseal(sealed) == b"raw bytes"
    assert Secrecy(NEW, [SECRET]).seal(b"raw bytes") != sealed
