"""The monitor as a process: events in over HTTP and out on its pages; database and broker away; ending."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.embedded.child import Child
from services.embedded.database import EmbeddedDatabase
from services.embedded.ports import free_port
from services.settings import Settings
from services.store.journeys import apply_journey
from services.store.migrate import migrate
from tests.monitoring import RunningMonitor, running_monitor
from tests.snapshots import BALIE, balie
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)

PATH = "/api/events/touchpoints"
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def monitor(settings: Settings, worker: Child, apply: Callable[[str], str]) -> Iterator[RunningMonitor]:
    apply(BALIE)
    with running_monitor(settings) as monitor:
        yield monitor


def event(case_id: str, touchpoint: str, ago: timedelta, **given: Any) -> dict[str, Any]:
    return {
        "source": "proef",
        "event_id": f"{case_id}-{touchpoint}",
        "journey": "balie",
        "case_id": case_id,
        "touchpoint": touchpoint,
        "occurred_at": (NOW - ago).isoformat(),
        "department": "KCC",
        "customer": f"klant-van-{case_id}",
        "employee": "m-17",
        **given,
    }


def figures(monitor: RunningMonitor, window: str = "28d") -> dict[str, Any]:
    return dict(monitor.get(f"/api/journeys/balie/figures?window={window}").json())


def all_seen(lag: dict[str, Any]) -> bool:
    return lag["worker_seen_at"] is not None and lag["records"] == 0


@pytest.fixture(scope="module")
def counted(monitor: RunningMonitor) -> RunningMonitor:
    """The monitor, once a worker has counted seven cases that were sent to it."""
    days = [timedelta(days=number) for number in range(8)]
    batch = [
        each
        for number in range(1, 7)
        for each in (
            event(f"Z/{number}", "gesteld", days[5]),
            event(f"Z/{number}", "bericht", days[2]),  # 3 days after: a day late
            event(f"Z/{number}", "antwoord", days[1]),
        )
    ]
    batch.append(event("open é&?", "gesteld", days[7], channel="web"))
    answer = httpx.post(f"{monitor.address}{PATH}", json=batch)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 19)
    again = httpx.post(f"{monitor.address}{PATH}", json=batch[:3])  # accepted again, counted once
    assert again.json()["accepted"] == 3
    wait_until(lambda: monitor.get("/api/journeys").json()["items"][0]["volume_28d"] == 19, 60, "all is counted")
    wait_until(lambda: all_seen(monitor.get("/api/lag").json()), 20, "a worker was seen, and no lag is left")
    return monitor


def test_figures(counted: RunningMonitor) -> None:
    found = figures(counted)
    touchpoints = {each["id"]: each for each in found["touchpoints"]}
    assert {name: each["volume"] for name, each in touchpoints.items()} == {
        "gesteld": 7,
        "bericht": 6,
        "antwoord": 6,
        "nazorg": 0,
    }
    day = 86_400
    gap = touchpoints["bericht"]["gap"]
    assert (gap["n"], gap["mean_seconds"], gap["verdict"], gap["share_within_limit"]) == (6, 3 * day, "over", 0.0)
    assert gap["median_seconds"] == pytest.approx(3 * day, rel=0.01)
    spans = {each["id"]: each["throughput"] for each in found["spans"]}
    assert spans["case"]["mean_seconds"] == spans["antwoordtermijn"]["mean_seconds"] == 4 * day
    assert (spans["case"]["limit_seconds"], spans["case"]["verdict"]) == (4 * day, "within")
    assert figures(counted, "1h")["touchpoints"][0]["volume"] == 0
    assert found["start"].endswith(("+01:00", "+02:00"))


def test_cases_are_listed_and_paged(counted: RunningMonitor) -> None:
    asked = datetime.now(UTC)
    (waiting,) = counted.get("/api/journeys/balie/cases?state=open").json()["items"]
    answered = datetime.now(UTC)
    since = NOW - timedelta(days=7)
    assert (waiting["case_id"], waiting["last_touchpoint"]) == ("open é&?", "gesteld")
    assert asked <= since + timedelta(seconds=waiting["waiting_seconds"]) <= answered
    found, cursor = [], ""
    while cursor is not None:
        page = counted.get(f"/api/journeys/balie/cases?state=closed&limit=4&cursor={cursor}").json()
        found += [case["case_id"] for case in page["items"]]
        cursor = page["next"]
    assert sorted(found) == [f"Z/{number}" for number in range(1, 7)]


def test_one_case(counted: RunningMonitor) -> None:
    for path in ("Z/3", "Z%2F3"):
        case = counted.get(f"/api/journeys/balie/cases/{path}").json()
        assert (case["state"], case["waiting_seconds"]) == ("closed", None)
        assert [each["touchpoint"] for each in case["touchpoints"]] == ["gesteld", "bericht", "antwoord"]
        assert [each["gap_seconds"] for each in case["touchpoints"]] == [None, 3 * 86_400, 86_400]
        assert {span["id"]: span["seconds"] for span in case["spans"]} == {
            "case": 4 * 86_400,
            "antwoordtermijn": 4 * 86_400,
        }


def test_pages(counted: RunningMonitor) -> None:
    board = counted.get("/wallboard/balie").text
    assert "1 te laat" in board
    assert "METING STIL" not in board
    listed = counted.get("/journeys/balie/cases").text
    link = "/journeys/balie/cases/open%20%C3%A9%26%3F"
    assert link in listed
    assert link in board
    page = counted.get(link).text
    assert "open é&amp;?" in page
    assert "via web" in page
    late = counted.get("/journeys/balie/cases/Z%2F1").text.replace("\u202f", " ")
    assert "te laat, termijn 2 dagen" in late
    for text in (board, listed, page, late, json.dumps(counted.get("/api/journeys/balie/cases/Z%2F1").json())):
        assert "klant-van" not in text
        assert "m-17" not in text
    missing = counted.get("/journeys/balie/cases/Z%2F99?lang=en")
    assert (missing.status_code, "Case Z/99 is not known" in missing.text) == (404, True)


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/api/journeys/nergens", 404, "balie"),
        ("/api/journeys/nergens/figures", 404, "balie"),
        ("/api/journeys/balie/figures?window=3d", 422, "window"),
        ("/api/journeys/balie/cases?state=half", 422, "state"),
        ("/api/journeys/balie/cases?cursor=onzin", 422, "cursor"),
        ("/api/journeys/balie/cases?limit=0", 422, "limit"),
        ("/api/journeys/balie/cases/geen", 404, "geen"),
        ("/api/niets", 404, "/api/niets"),
    ],
)
def test_problems(counted: RunningMonitor, path: str, status: int, word: str) -> None:
    answer = counted.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert word in answer.json()["detail"]


def test_metrics_and_the_journey_as_it_is_drawn(counted: RunningMonitor) -> None:
    answer = counted.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    for line in (
        "klantreis_up 1.0",
        'klantreis_cases_open{journey="balie"} 1.0',
        'klantreis_touchpoint_volume{department="KCC",journey="balie",touchpoint="gesteld",window="28d"} 7.0',
        "klantreis_lag_records 0.0",
    ):
        assert line in answer.text
    drawn = counted.get("/api/journeys/balie").json()
    assert (drawn["version"], drawn["journey"]["case_limit"]) == (1, "P4D")


def test_a_rejected_event_is_counted_by_reason_once_it_is_in_the_log(counted: RunningMonitor) -> None:
    """The same id with other content passes HTTP, which cannot know, and is rejected by the worker."""
    answer = httpx.post(f"{counted.address}{PATH}", json=event("Z/1", "gesteld", timedelta(days=5), channel="post"))
    assert answer.status_code == 202
    line = 'klantreis_rejects_total{reason="event_id_reused"} 1.0'
    wait_until(lambda: line in counted.get("/metrics").text, 30, line)


def test_a_chunked_body_that_is_too_long_is_refused_before_its_end(monitor: RunningMonitor) -> None:
    host, port = monitor.address.removeprefix("http://").split(":")
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode())
        for _ in range(17):  # and no end
            connection.sendall(chunk)
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    announced = httpx.post(
        f"{monitor.address}{PATH}", content=b" " * 2_000_000, headers={"content-type": "application/json"}
    )
    assert announced.status_code == 413


def test_the_broker_is_away(settings: Settings, monitor: RunningMonitor) -> None:
    del monitor  # it applied the journey
    with running_monitor(settings.model_copy(update={"broker": f"127.0.0.1:{free_port()}"})) as lonely:
        begun = time.monotonic()
        answer = httpx.post(f"{lonely.address}{PATH}", json=event("Z/8", "gesteld", timedelta(hours=1)), timeout=30)
        assert time.monotonic() - begun < 15
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["events"][0]["reason"] == "not_acknowledged"
        assert lonely.is_ready()
        assert lonely.child.stop(5)


def test_it_starts_without_a_database_and_outlives_one(scratch: Path) -> None:
    folder = scratch / "monitor-away"
    folder.mkdir()
    database = EmbeddedDatabase(folder)
    database.start()
    migrate(database.url)
    apply_journey(database.url, balie())
    database.stop()
    settings = Settings(data_dir=folder, database_url=database.url, broker="127.0.0.1:1")
    with running_monitor(settings, ready=False) as monitor:
        away = monitor.get("/readyz")
        assert (away.status_code, away.json()["status"]) == (503, 503)
        assert "METING STIL" in monitor.get("/wallboard/balie").text
        assert "klantreis_up 0.0" in monitor.get("/metrics").text
        assert monitor.get("/api/journeys").status_code == 503
        database.start()
        wait_until(monitor.is_ready, 20, "the monitor is ready after the database has come")
        database.stop()
        wait_until(lambda: not monitor.is_ready(), 20, "the monitor notices that the database has gone")
        assert "klantreis_cases_open" in monitor.get("/metrics").text
        assert monitor.get("/api/journeys").status_code == 200  # the last snapshot
        assert monitor.get("/journeys/balie/cases").status_code == 503
        wait_until(
            lambda: "METING STIL" in monitor.get("/wallboard/balie").text, 20, "the board says that it stands still"
        )
        database.start()
        wait_until(monitor.is_ready, 20, "the monitor is ready again")
        database.stop()


def test_it_ends_soon_with_streams_open(settings: Settings, monitor: RunningMonitor) -> None:
    with running_monitor(settings) as ending:
        heard: list[str] = []

        def listen() -> None:
            with httpx.stream("GET", f"{ending.address}/wallboard/balie/stream", timeout=30) as stream:
                heard.extend(line for line in stream.iter_lines() if line.startswith("event:"))

        listeners = [threading.Thread(target=listen) for _ in range(3)]
        for listener in listeners:
            listener.start()
        time.sleep(1.5)
        begun = time.monotonic()
        assert ending.child.stop(10)
        assert time.monotonic() - begun < 5
        assert ending.child.exit_code == 0
        for listener in listeners:
            listener.join(10)
        assert len(heard) >= 3
        assert set(heard) == {"event: board"}
