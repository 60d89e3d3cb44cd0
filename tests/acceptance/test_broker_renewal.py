"""The embedded broker grows too large while events come in: a new one takes its place, and none is lost or doubled."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from services.store.journeys import apply_journey
from tests.drawn import loket
from tests.running_up import Up, counted, started

pytestmark = pytest.mark.timeout(180)


class Source:
    """Sends events to the monitor, a few at a time, each until it is accepted."""

    def __init__(self, up: Up) -> None:
        self.accepted = 0
        self.refused = 0
        self.stored: set[bool] = set()
        self._up = up
        self._stop = threading.Event()
        self._opened_at = datetime.now(UTC) - timedelta(days=1)

    @contextmanager
    def sending(self) -> Iterator[None]:
        thread = threading.Thread(target=self._send)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _send(self) -> None:
        for number in count():
            events = [self._event(5 * number + place) for place in range(5)]
            while not self._taken(events):
                sleep(0.1)
            if self._stop.is_set():
                return
            sleep(0.02)

    def _taken(self, events: list[dict[str, Any]]) -> bool:
        try:
            answer = httpx.post(f"{self._up.running['address']}/api/events/touchpoints", json=events, timeout=20)
        except (OSError, httpx.HTTPError):
            return False
        if answer.status_code != 202:
            self.refused += 1
            return False
        said = answer.json()
        self.stored.add(said["stored"])
        self.accepted += said["accepted"]
        return bool(said["accepted"] == len(events))

    def _event(self, number: int) -> dict[str, Any]:
        return {
            "source": "proef",
            "event_id": f"{number}",
            "journey": "loket",
            "case_id": f"Z-{number}",
            "touchpoint": "vraag",
            "occurred_at": (self._opened_at + timedelta(milliseconds=number)).isoformat(),
        }


def test_a_broker_that_has_grown_too_large_is_renewed_under_way(scratch: Path) -> None:
    with started(scratch / "renewed", KLANTREIS_BROKER_MEMORY_MB="1") as up:
        up.wait_for("the database", lambda: up.running["database_url"])
        apply_journey(up.running["database_url"], loket())
        broker = up.pid("broker")
        source = Source(up)
        with source.sending():
            up.wait_for("a new broker", lambda: "nothing was left to count" in up.said)
            up.wait_for("its being noted", lambda: up.pid("broker") != broker)
            after = source.accepted
            up.wait_for("more events", lambda: source.accepted > after + 50)
        up.wait_for("all being counted", lambda: counted(up.running["database_url"])[0] >= source.accepted)
        assert counted(up.running["database_url"]) == (source.accepted, source.accepted)
        assert after > 0
        assert source.stored == {False}
        assert up.get("/api/lag")["records"] == 0
        up.interrupt()
        assert up.process.wait(60) == 0, up.said
