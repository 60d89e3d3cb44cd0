"""HTTP ingest: a true word about every event, and no more of a body read than is allowed."""

from collections.abc import AsyncIterator, MutableMapping, Sequence
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from schemas.topics import Topic
from services.api_key import ApiKey
from services.monitor.ingest import events_api
from services.monitor.ingest.admission import Admission
from services.monitor.ingest.outlet import Outlet, Record
from services.monitor.ingest.token_bucket import Rate
from services.monitor.mistakes import Mistakes
from services.monitor.pages.html import Pages
from tests.keys import HeldKeys, Seconds, admission
from tests.snapshots import poller, snapshot

PATH = "/api/events/touchpoints"
GOOD = {
    "source": "zaaksysteem",
    "event_id": "a-1",
    "journey": "balie",
    "case_id": "Z-1",
    "touchpoint": "gesteld",
    "occurred_at": "2026-11-20T10:15:00+01:00",
}
CLOUD = {
    "specversion": "1.0",
    "type": "klantreis.touchpoint",
    "source": "zaaksysteem",
    "id": "c-1",
    "subject": "Z/2",
    "time": "2026-11-20T10:16:00+01:00",
    "data": {"journey": "balie", "touchpoint": "bericht"},
}


class PretendOutlet(Outlet):
    """A broker that takes everything but the records whose place is in `refusing`."""

    def __init__(self) -> None:
        self.taken: list[Record] = []
        self.refusing: set[int] = set()

    def deliver(self, topic: Topic, records: Sequence[Record]) -> list[str | None]:
        assert topic.name == "touchpoint-events"
        self.taken += [record for place, record in enumerate(records) if place not in self.refusing]
        return ["the broker is away" if place in self.refusing else None for place in range(len(records))]


@pytest.fixture
def outlet() -> PretendOutlet:
    return PretendOutlet()


def app_for(outlet: Outlet, *, knows_journeys: bool = True, admitting: Admission | None = None) -> FastAPI:
    app = FastAPI()
    Mistakes(Pages()).answer_for(app)
    journeys = poller(snapshot() if knows_journeys else None)
    app.include_router(events_api.router(journeys, outlet, admitting or admission(), stored=True))
    return app


def client_for(app: FastAPI) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app), base_url="http://monitor")


@pytest.fixture
async def client(outlet: PretendOutlet) -> AsyncIterator[AsyncClient]:
    async with client_for(app_for(outlet)) as client:
        yield client


def problem(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == status
    assert found["title"]
    return found


async def test_one_event(client: AsyncClient, outlet: PretendOutlet) -> None:
    response = await client.post(PATH, json=GOOD)
    assert response.status_code == 202
    expected = {"index": 0, "event_id": "a-1", "status": "accepted", "reason": None, "field": None, "detail": None}
    assert response.json() == {"accepted": 1, "rejected": 0, "stored": True, "events": [expected]}
    ((key, value),) = outlet.taken
    assert key == b"balie|Z-1"
    assert orjson.loads(value) == GOOD


async def test_a_batch_of_plain_and_cloud_events_and_bad_ones(client: AsyncClient, outlet: PretendOutlet) -> None:
    batch = [
        GOOD,
        CLOUD,
        GOOD | {"event_id": "a-2", "touchpoint": "besluit"},
        GOOD | {"event_id": "a-3", "occurred_at": "2026-11-20T10:15:00"},
        GOOD | {"event_id": "a-4", "case_id": "Z\x00"},
        "geen object",
        GOOD | {"event_id": "a-5", "occurred_at": "2031-01-01T00:00:00Z"},
    ]
    response = await client.post(PATH, json=batch)
    assert response.status_code == 202
    answer = response.json()
    assert (answer["accepted"], answer["rejected"]) == (2, 5)
    told = [
        (each["index"], each["event_id"], each["status"], each["reason"], each["field"]) for each in answer["events"]
    ]
    assert told == [
        (0, "a-1", "accepted", None, None),
        (1, "c-1", "accepted", None, None),
        (2, "a-2", "rejected", "unknown_touchpoint", "touchpoint"),
        (3, "a-3", "rejected", "invalid_field", "occurred_at"),
        (4, "a-4", "rejected", "invalid_field", "case_id"),
        (5, None, "rejected", "invalid_field", None),
        (6, "a-5", "rejected", "in_the_future", "occurred_at"),
    ]
    assert all(each["detail"] for each in answer["events"][2:])
    assert [key for key, _ in outlet.taken] == [b"balie|Z-1", b"balie|Z/2"]


async def test_all_rejected(client: AsyncClient, outlet: PretendOutlet) -> None:
    found = problem(await client.post(PATH, json=[GOOD | {"journey": "onbekend"}]), 422)
    assert found["events"][0]["reason"] == "unknown_journey"
    assert "balie" in found["events"][0]["detail"]
    assert outlet.taken == []


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"[]", 422, "empty"),
        (b'"tekst"', 422, "object"),
        (b"17", 422, "object"),
        (b"", 400, "line 1, column 1"),
        (b'[{"source": "a",\n "event_id": ', 400, "line 2"),
        (b"\xff\xfe", 400, "not JSON"),
        (b"{} {}", 400, "column 4"),
        (b"[" * 100_000, 400, "not JSON"),
        (b"[" + b",".join([b"1"] * 5_001) + b"]", 422, "5,001 events"),
    ],
)
async def test_bodies_that_are_no_events(client: AsyncClient, body: bytes, status: int, word: str) -> None:
    found = problem(await client.post(PATH, content=body, headers={"content-type": "application/json"}), status)
    assert word in found["detail"]


async def test_truncated_json_names_the_position(client: AsyncClient) -> None:
    body = orjson.dumps(GOOD)[:-10]
    found = problem(await client.post(PATH, content=body), 400)
    assert found["errors"][0]["position"] == len(body)


async def test_another_media_type(client: AsyncClient) -> None:
    found = problem(await client.post(PATH, data={"event": "x"}), 415)
    assert "application/json" in found["detail"]


async def test_a_cloudevents_media_type(client: AsyncClient) -> None:
    headers = {"content-type": "application/cloudevents+json; charset=utf-8"}
    assert (await client.post(PATH, content=orjson.dumps(CLOUD), headers=headers)).status_code == 202


async def test_a_body_announced_as_too_long_is_not_read(client: AsyncClient) -> None:
    headers = {"content-length": "2000000", "content-type": "application/json"}

    async def unread() -> AsyncIterator[bytes]:
        yield b"{"

    found = problem(await client.post(PATH, content=unread(), headers=headers), 413)
    assert "1,048,576" in found["detail"]


async def test_a_chunked_body_is_read_no_further_than_the_limit(outlet: PretendOutlet) -> None:
    app = app_for(outlet)
    handed_over = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal handed_over
        handed_over += 1
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")],
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 413
    assert handed_over == 17  # 16 chunks make 1 MiB; the 17th is one too many


async def test_an_event_that_the_broker_did_not_confirm_is_not_accepted(
    client: AsyncClient, outlet: PretendOutlet
) -> None:
    outlet.refusing = {1}
    batch = [GOOD, "fout", GOOD | {"event_id": "a-2"}, GOOD | {"event_id": "a-3"}]
    response = await client.post(PATH, json=batch)
    assert response.status_code == 202
    told = [(each["event_id"], each["status"], each["reason"]) for each in response.json()["events"]]
    assert told == [
        ("a-1", "accepted", None),
        (None, "rejected", "invalid_field"),
        ("a-2", "rejected", "not_acknowledged"),
        ("a-3", "accepted", None),
    ]


async def test_a_broker_that_is_away(client: AsyncClient, outlet: PretendOutlet) -> None:
    outlet.refusing = {0}
    response = await client.post(PATH, json=[GOOD, "fout"])
    found = problem(response, 503)
    assert int(response.headers["retry-after"]) > 0
    assert [each["reason"] for each in found["events"]] == ["not_acknowledged", "invalid_field"]
    assert "the broker is away" in found["detail"]


async def test_before_the_journeys_are_known(outlet: PretendOutlet) -> None:
    async with client_for(app_for(outlet, knows_journeys=False)) as client:
        response = await client.post(PATH, json=GOOD)
    assert "retry-after" in response.headers
    problem(response, 503)
    assert outlet.taken == []


KEY, STRANGE = ApiKey("0123456789ab", "f" * 64), ApiKey("0123456789ab", "e" * 64)
SHOWN = {"Authorization": f"Bearer {KEY.text}"}


def guarded(outlet: Outlet, **given: Any) -> AsyncClient:
    """Return a client of a monitor that knows one key, of zaaksysteem."""
    return client_for(app_for(outlet, admitting=admission(HeldKeys((KEY, "zaaksysteem")), **given)))


async def test_a_key_sends_events_of_its_source_only(outlet: PretendOutlet) -> None:
    batch = [GOOD, CLOUD, GOOD | {"source": "website", "event_id": "b"}, CLOUD | {"source": "website", "id": "c"}]
    async with guarded(outlet, required=True) as client:
        answer = (await client.post(PATH, json=batch, headers=SHOWN)).json()
        found = problem(await client.post(PATH, json=batch[2], headers=SHOWN), 422)
    assert (answer["accepted"], answer["rejected"]) == (2, 2)
    told = [(each["event_id"], each["reason"], each["field"]) for each in answer["events"][2:]]
    assert told == [("b", "source_not_of_this_key", "source"), ("c", "source_not_of_this_key", "source")]
    assert "zaaksysteem" in found["events"][0]["detail"]
    assert [key for key, _ in outlet.taken] == [b"balie|Z-1", b"balie|Z/2"]


@pytest.mark.parametrize("shown", ["", f"Bearer {STRANGE.text}", "Bearer", "Bearer hond", f"Basic {KEY.text}"])
async def test_without_its_key_nothing_is_read(outlet: PretendOutlet, shown: str) -> None:
    headers = {"Authorization": shown} if shown else {}

    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    async with guarded(outlet, required=True) as client:
        answer = await client.post(PATH, content=unread(), headers=headers | {"content-type": "application/json"})
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert outlet.taken == []


async def test_where_no_key_is_asked_for_a_wrong_one_is_refused_all_the_same(outlet: PretendOutlet) -> None:
    async with guarded(outlet) as client:
        assert (await client.post(PATH, json=GOOD)).status_code == 202
        assert (await client.post(PATH, json=GOOD, headers=SHOWN)).status_code == 202
        problem(await client.post(PATH, json=GOOD, headers={"Authorization": f"Bearer {STRANGE.text}"}), 401)


async def test_who_goes_too_fast_is_told_when_to_go_on(outlet: PretendOutlet) -> None:
    seconds = Seconds()
    batch = [GOOD | {"event_id": f"{number}"} for number in range(60)]
    async with guarded(outlet, required=True, seconds=seconds, rate=Rate(10.0, 100.0)) as client:
        assert (await client.post(PATH, json=batch, headers=SHOWN)).status_code == 202
        answer = await client.post(PATH, json=batch, headers=SHOWN)
        assert "10 events a second" in problem(answer, 429)["detail"]
        # 60 of 100 are spent, and this request counts as one: 39 are left, 59 are wanted, and 10 come a second
        assert answer.headers["retry-after"] == "2"
        assert len(outlet.taken) == 60
        seconds.now += 2.1
        assert (await client.post(PATH, json=batch, headers=SHOWN)).status_code == 202
        for _ in range(10):
            answer = await client.post(PATH, content=b"no json", headers=SHOWN)
        assert answer.status_code == 429  # requests that fail count, too
    assert len(outlet.taken) == 120
