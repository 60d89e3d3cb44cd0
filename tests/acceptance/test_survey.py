"""The survey page over HTTP, from the event that invites to the answer that is counted, once."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from schemas.touchpoint_event import TouchpointEvent
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.settings import Settings
from tests.drawn import LOKET
from tests.monitoring import RunningMonitor, running_monitor
from tests.sending import Sender, parcels
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)

ASKING = LOKET.replace("moment_of_truth: true}", "moment_of_truth: true, asks: [satisfaction, overall, emotion]}")
CUSTOMER = "klant-8812-geheim"
AMSTERDAM = {"Accept-Language": "nl-NL,nl;q=0.9,en;q=0.8"}


@pytest.fixture(scope="module")
def worker(settings: Settings) -> Iterator[Child]:
    child = command_child("worker", "worker", settings)
    child.start()
    yield child
    child.stop(30)


@pytest.fixture(scope="module")
def monitor(settings: Settings, worker: Child, apply: Callable[[str], str]) -> Iterator[RunningMonitor]:
    apply(ASKING)
    with running_monitor(settings) as monitor:
        yield monitor


def rows(settings: Settings, query: str, *given: Any) -> list[dict[str, Any]]:
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        return connection.execute(query.encode(), given).fetchall()


@pytest.fixture
def invited(settings: Settings, monitor: RunningMonitor, request: pytest.FixtureRequest) -> str:
    """Let a customer of a case of this test's own be invited, and return the invitation's id."""
    case_id = f"Z-{request.node.name}"
    decision = TouchpointEvent(
        source="proef",
        event_id=case_id,
        journey="loket",
        case_id=case_id,
        touchpoint="besluit",
        customer=f"{CUSTOMER}-{case_id}",
        occurred_at=datetime.now(UTC) - timedelta(minutes=5),
    )
    with Sender(settings) as sender:
        sender.send(parcels([decision]))
        sender.wait_until_counted()
    (row,) = rows(settings, "SELECT invitation_id FROM invitations WHERE event_id = %s", case_id)
    return str(row["invitation_id"])


def link(settings: Settings, monitor: RunningMonitor, invitation_id: str, age: timedelta = timedelta(0)) -> str:
    return f"{monitor.address}/survey/{settings.survey_links.token(invitation_id, datetime.now(UTC) - age)}"


def answers(settings: Settings, invitation_id: str) -> list[tuple[str, int | None]]:
    query = "SELECT question, score FROM survey_answers WHERE invitation_id = %s ORDER BY question"
    return [(row["question"], row["score"]) for row in rows(settings, query, invitation_id)]


def heading(page: httpx.Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found, page.text
    return unescape(found[1])


def action(page: httpx.Response) -> str:
    """Where the form of a page goes."""
    found = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert found, page.text
    return str(page.url.join(unescape(found[1])))


def browse() -> httpx.Client:
    return httpx.Client(follow_redirects=True, timeout=20, headers=AMSTERDAM)


def test_a_customer_answers_three_questions_and_adds_a_remark(
    settings: Settings, monitor: RunningMonitor, invited: str
) -> None:
    with browse() as customer:
        page = customer.get(link(settings, monitor, invited))
        assert (page.status_code, heading(page)) == (200, "Hoe tevreden bent u over dit contact?")
        assert "geen invloed op uw zaak" in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "<script" not in page.text
        page = customer.post(action(page), data={"score": "9"})
        assert heading(page) == "Hoe tevreden bent u tot nu toe over alles?"
        page = customer.post(action(page), data={"score": "7"})
        assert heading(page) == "Hoe voelde u zich erbij?"
        assert re.findall(r'value="(-?\d)">([^<]+)<', page.text) == [
            ("-2", "Heel vervelend"),
            ("-1", "Vervelend"),
            ("0", "Gewoon"),
            ("1", "Prettig"),
            ("2", "Heel prettig"),
        ]
        page = customer.post(action(page), data={"score": "-1"})
        assert heading(page) == "Wilt u er nog iets over kwijt?"
        page = customer.post(action(page), data={"text": "  Duurde lang.\r\nMaar vriendelijk. "})
        assert (page.status_code, heading(page)) == (200, "Dank u wel")
        assert heading(customer.get(link(settings, monitor, invited))) == "Dank u wel"
    given = [("emotion", -1), ("overall", 7), ("remark", None), ("satisfaction", 9)]
    wait_until(lambda: answers(settings, invited) == given, 20, "the answers are counted")
    assert rows(settings, "SELECT text FROM answer_texts")[0]["text"] == "Duurde lang.\r\nMaar vriendelijk."
    (row,) = rows(settings, "SELECT answered_at FROM invitations WHERE invitation_id = %s", invited)
    assert row["answered_at"] is not None


def test_questions_may_be_skipped_and_the_remark_left_empty(
    settings: Settings, monitor: RunningMonitor, invited: str
) -> None:
    with browse() as customer:
        page = customer.get(link(settings, monitor, invited))
        for question in ("Hoe tevreden bent u tot nu toe over alles?", "Hoe voelde u zich erbij?"):
            page = customer.get(page.url.join(re.findall(r'class="skip" href="([^"]+)"', page.text)[0]))
            assert heading(page) == question
        page = customer.post(action(page), data={"score": "2"})
        page = customer.post(action(page), data={"text": " "})
        assert heading(page) == "Dank u wel"
        again = customer.get(link(settings, monitor, invited))
        assert heading(again) == "Hoe tevreden bent u over dit contact?", "what was skipped may still be answered"
    wait_until(lambda: answers(settings, invited) == [("emotion", 2)], 20, "the answer is counted")


def test_of_many_answers_at_the_same_moment_one_counts(
    settings: Settings, monitor: RunningMonitor, invited: str
) -> None:
    """Each by a link of its own: they are made anew whenever they are needed."""
    addresses = [f"{link(settings, monitor, invited)}/satisfaction" for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        said = list(
            threads.map(lambda n: httpx.post(addresses[n - 1], data={"score": str(n)}, timeout=20), range(1, 9))
        )
    assert sorted(each.status_code for each in said) == [303] + [409] * 7
    (first,) = [n for n, each in enumerate(said, 1) if each.status_code == 303]
    twice = next(each for each in said if each.status_code == 409)
    assert heading(twice) == "Deze vraag hebt u al beantwoord"
    wait_until(lambda: answers(settings, invited) == [("satisfaction", first)], 20, "the first answer is counted")
    assert rows(settings, "SELECT * FROM rejects") == []


@pytest.mark.parametrize("score", ["0", "11", "-1", "8.5", "acht", "", "٣", "9" * 5000])
def test_a_score_that_is_not_on_the_page_is_told_so(
    settings: Settings, monitor: RunningMonitor, invited: str, score: str
) -> None:
    with browse() as customer:
        page = customer.post(f"{link(settings, monitor, invited)}/satisfaction", data={"score": score})
        assert (page.status_code, heading(page)) == (422, "Dat antwoord staat er niet bij")
        back = page.url.join(re.findall(r'class="ready" href="([^"]+)"', page.text)[0])
        assert heading(customer.get(back)) == "Hoe tevreden bent u over dit contact?"
    assert rows(settings, "SELECT * FROM survey_responses WHERE invitation_id = %s", invited) == []


def test_links_that_are_not_good_say_why(settings: Settings, monitor: RunningMonitor, invited: str) -> None:
    with browse() as customer:
        good = link(settings, monitor, invited)
        for address, status, said in (
            (good[:-3], 404, "Deze link klopt niet"),
            (f"{monitor.address}/survey/abc", 404, "Deze link klopt niet"),
            (link(settings, monitor, invited, timedelta(days=15)), 410, "Deze link is verlopen"),
            (link(settings, monitor, "f" * 32), 410, "Deze vragen zijn er niet meer"),
        ):
            page = customer.get(address)
            assert (page.status_code, heading(page)) == (status, said)
            page = customer.post(f"{address}/satisfaction", data={"score": "9"})
            assert (page.status_code, heading(page)) == (status, said)
        assert heading(customer.get(f"{good}/nps")) == "Hoe tevreden bent u over dit contact?", "not among those asked"
        assert customer.post(f"{good}/nps", data={"score": "9"}).url.path == httpx.URL(good).path
    assert answers(settings, invited) == []


def test_it_speaks_the_customers_language(settings: Settings, monitor: RunningMonitor, invited: str) -> None:
    for asked, named, language in (
        ("", "nl-NL,nl;q=0.9", "nl"),
        ("", "en-GB,en", "en"),
        ("", "de, fr", "nl"),
        ("?lang=nl", "en", "nl"),
    ):
        page = httpx.get(link(settings, monitor, invited) + asked, headers={"Accept-Language": named})
        assert f'<html lang="{language}">' in page.text
    with httpx.Client(follow_redirects=True, headers={"Accept-Language": "en"}) as customer:
        page = customer.get(link(settings, monitor, invited))
        page = customer.get(page.url.join(re.findall(r'href="([^"]+)" lang="nl"', page.text)[0]))
        page = customer.post(action(page), data={"score": "5"})
        assert heading(page) == "Hoe tevreden bent u tot nu toe over alles?", "who has chosen need not choose again"


def test_while_the_database_is_away_it_says_to_try_again(settings: Settings) -> None:
    nowhere = "postgresql://postgres@127.0.0.1:1/none?connect_timeout=1"
    with (
        running_monitor(settings.model_copy(update={"database_url": nowhere}), ready=False) as monitor,
        browse() as one,
    ):
        page = one.get(link(settings, monitor, "f" * 32))
        assert (page.status_code, heading(page)) == (503, "Het lukt nu even niet")


def test_while_the_broker_is_away_no_answer_is_noted(settings: Settings, monitor: RunningMonitor, invited: str) -> None:
    with running_monitor(settings.model_copy(update={"broker": "127.0.0.1:1"})) as cut_off, browse() as customer:
        page = customer.post(f"{link(settings, cut_off, invited)}/satisfaction", data={"score": "9"})
        assert (page.status_code, heading(page)) == (503, "Het lukt nu even niet")
    with browse() as customer:
        page = customer.post(f"{link(settings, monitor, invited)}/satisfaction", data={"score": "4"})
        assert heading(page) == "Hoe tevreden bent u tot nu toe over alles?"
    wait_until(lambda: answers(settings, invited) == [("satisfaction", 4)], 20, "the answer is counted")


def test_nothing_tells_who_answered(settings: Settings, monitor: RunningMonitor, worker: Child, invited: str) -> None:
    """No reference of a customer, and no address of theirs, in any table or log, once all of the above has happened."""
    with browse() as customer:
        customer.post(f"{link(settings, monitor, invited)}/satisfaction", data={"score": "9"})
    wait_until(lambda: answers(settings, invited) == [("satisfaction", 9)], 20, "the answer is counted")
    tables = [row["table_name"] for row in rows(settings, _TABLES)]
    assert "survey_responses" in tables
    stored = "\n".join(str(rows(settings, f'SELECT t::text FROM "{table}" t')) for table in tables)
    logged = "\n".join(file.read_text() for file in (settings.data_dir / "logs").iterdir())
    for told in (stored, logged):
        assert CUSTOMER not in told
        assert CUSTOMER.encode().hex() not in told
    for path in (
        "/metrics",
        "/wallboard/loket",
        "/journeys/loket",
        "/journeys/loket/cases",
        "/api/journeys/loket/scores",
    ):
        assert CUSTOMER not in monitor.get(path).text
    addresses = rows(settings, "SELECT attname FROM pg_attribute WHERE atttypid IN ('inet'::regtype, 'cidr'::regtype)")
    assert [row for row in addresses if row["attname"] in ("ip", "address")] == []
    assert "127.0.0.1:" not in stored
    assert "/survey/" not in logged


_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
