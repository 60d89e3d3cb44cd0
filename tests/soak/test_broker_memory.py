"""The embedded broker under a million events, with little memory to hold them: it stays small, and all count once."""

import logging
from collections import deque
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import orjson
import psutil
import pytest

from schemas.topics import TOUCHPOINT_EVENTS, case_key
from services.event_producer import EventProducer, Place
from services.importer.patient_producer import PatientProducer
from services.intake import Intake
from services.kafka_access import KafkaAccess
from services.store.journeys import apply_journey
from tests.drawn import MIDNIGHT, loket
from tests.looking import looking
from tests.running_up import Up, counted, started

pytestmark = pytest.mark.timeout(1800)

EVENTS = 1_000_000
MOST_MB = 50
OVER_MB = 25
"""What may come while senders finish and the worker catches up."""

_UNDER_WAY = 5_000
_log = logging.getLogger(__name__)


class Memory:
    """Looks how much the broker's process holds."""

    def __init__(self, up: Up) -> None:
        self.most_mb = 0.0
        self._up = up
        self._looks = 0

    def look(self) -> None:
        try:
            held = psutil.Process(self._up.pid("broker")).memory_info().rss / 1e6
        except (psutil.NoSuchProcess, OSError):
            return
        self.most_mb = max(self.most_mb, held)
        self._looks += 1
        if self._looks % 10 == 0:
            _log.info("the broker holds %.0f MB, at most %.0f MB so far", held, self.most_mb)


def event(number: int) -> bytes:
    return orjson.dumps(
        {
            "source": "proef",
            "event_id": f"{number}",
            "journey": "loket",
            "case_id": f"Z-{number}",
            "touchpoint": "vraag",
            "occurred_at": (MIDNIGHT + timedelta(milliseconds=20 * number)).isoformat(),
        }
    )


def test_the_broker_stays_small_and_every_event_counts_once(scratch: Path) -> None:
    with started(scratch / "renewed", KLANTREIS_BROKER_MEMORY_MB=str(MOST_MB)) as up:
        up.wait_until_it_is_up()
        apply_journey(up.running["database_url"], loket())
        memory = Memory(up)
        patient = PatientProducer(lambda: EventProducer(KafkaAccess(up.running["broker"])), Intake(up.data_dir))
        with looking(memory.look, 1.0), patient as producer:
            under_way: deque[Future[Place]] = deque()
            for number in range(EVENTS):
                key = case_key("loket", f"Z-{number}")
                under_way.append(producer.send(TOUCHPOINT_EVENTS.name, key, event(number)))
                while len(under_way) > _UNDER_WAY:
                    under_way.popleft().result()
            for promise in under_way:
                promise.result()
            renewals = producer.renewals
        up.wait_for("all being counted", lambda: counted(up.running["database_url"])[0] >= EVENTS, 600)
        assert counted(up.running["database_url"]) == (EVENTS, EVENTS)
        _log.info("%d renewals; the broker held %.0f MB at most", renewals, memory.most_mb)
        assert renewals >= 1
        assert memory.most_mb <= MOST_MB + OVER_MB
        up.interrupt()
        assert up.process.wait(120) == 0, up.said
