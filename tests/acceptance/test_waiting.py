"""A case that waits is flagged by a running worker without any new event, told to whoever listens, and cleared."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from kafka import KafkaConsumer, TopicPartition

from schemas.alert import Alert
from schemas.topics import KPI_ALERTS
from schemas.touchpoint_event import TouchpointEvent
from services.settings import Settings
from tests.drawn import LOKET, event
from tests.monitoring import RunningMonitor, running_monitor
from tests.sending import Sender, parcels
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)

WAITING = LOKET.replace("{id: vraag, name: Vraag}", "{id: vraag, name: Vraag, waiting_limit: PT2S}").replace(
    "{id: aanvraag, name: Aanvraag}",
    "{id: aanvraag, name: Aanvraag, expects: {touchpoint: aanvulling, within: PT3S}}",
)
_FLAGGED = 'klantreis_cases_flagged{journey="loket",kind="missing",touchpoint="aanvulling"} 1.0'
_A_MINUTE = 60 + 3  # what the limits themselves take


@pytest.fixture(scope="module")
def monitor(settings: Settings, worker: Any, apply: Callable[[str], str]) -> Iterator[RunningMonitor]:
    apply(WAITING)
    with running_monitor(settings) as monitor:
        yield monitor


def now(touchpoint: str, case_id: str) -> TouchpointEvent:
    return event(touchpoint, 0, case_id=case_id, event_id=f"{case_id}-{touchpoint}", occurred_at=datetime.now(UTC))


def flags(settings: Settings) -> list[tuple[str, str, str, bool]]:
    """Each flag: its case, its kind, its touchpoint, and whether it stands."""
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(
            """SELECT case_id, kind, touchpoint, cleared_at IS NULL
               FROM case_flags JOIN cases USING (case_key) ORDER BY case_id"""
        ).fetchall()


def alerts(broker: str) -> list[Alert]:
    """All alerts that are on the topic."""
    partition = TopicPartition(KPI_ALERTS.name, 0)
    consumer = KafkaConsumer(bootstrap_servers=broker)
    try:
        consumer.assign([partition])
        consumer.seek(partition, 0)
        records = consumer.poll(timeout_ms=2000)
        return [Alert.model_validate_json(record.value) for record in records.get(partition, [])]
    finally:
        consumer.close()


def _is_shown(monitor: RunningMonitor) -> None:
    """Look for both flags wherever they are told."""
    listed = monitor.get("/api/journeys/loket/flags").json()["items"]
    assert sorted((each["case_id"], each["kind"], each["touchpoint"], each["after"]) for each in listed) == [
        ("misses", "missing", "aanvulling", "aanvraag"),
        ("waits", "waiting", "vraag", "vraag"),
    ]
    page, cursor = [], ""
    while cursor is not None:
        answer = monitor.get(f"/api/journeys/loket/flags?limit=1&cursor={cursor}").json()
        page += answer["items"]
        cursor = answer["next"]
    assert page == listed
    assert monitor.get("/api/journeys/loket/flags?cursor=x").status_code == 422
    assert monitor.get("/api/journeys/onbekend/flags").status_code == 404
    assert [each["kind"] for each in monitor.get("/api/journeys/loket/cases/waits").json()["flags"]] == ["waiting"]
    wait_until(lambda: _FLAGGED in monitor.get("/metrics").text, 10, "the gauge says so")
    dutch, english = (monitor.get(f"/journeys/loket/cases?lang={lang}").text for lang in ("nl", "en"))
    assert "Mist Aanvulling: die had binnen 3,0\u202fs na Aanvraag moeten volgen." in dutch
    assert "Waits too long after Vraag: something had to follow within 2.0\u202fs." in english
    assert "wacht te lang</span>" in dutch
    case = monitor.get("/journeys/loket/cases/misses").text
    assert "Mist Aanvulling" in case
    assert "Mist Aanvulling" not in monitor.get("/journeys/loket/cases/is-fine").text


def test_cases_are_flagged_without_a_new_event_and_cleared_on_arrival(
    settings: Settings, monitor: RunningMonitor
) -> None:
    with Sender(settings) as sender:
        sender.send(parcels([now("vraag", "waits"), now("aanvraag", "misses"), now("aanvulling", "is-fine")]))
        sender.wait_until_counted()
        stand = [("misses", "missing", "aanvulling", True), ("waits", "waiting", "vraag", True)]
        wait_until(lambda: flags(settings) == stand, _A_MINUTE, "both cases are flagged")
        _is_shown(monitor)
        sender.send(parcels([now("besluit", "waits"), now("aanvulling", "misses")]))
        gone = [(*flag[:3], False) for flag in stand]
        wait_until(lambda: flags(settings) == gone, 30, "both flags are cleared")
    assert monitor.get("/api/journeys/loket/flags").json() == {"items": [], "next": None}
    wait_until(lambda: len(alerts(settings.broker)) == 4, 30, "all is told")
    told = alerts(settings.broker)
    assert sorted((each.case_id, each.state) for each in told) == [
        ("misses", "cleared"),
        ("misses", "raised"),
        ("waits", "cleared"),
        ("waits", "raised"),
    ]
    assert len({each.alert_id for each in told}) == 4
    assert all(datetime.now(UTC) - each.at < timedelta(minutes=4) for each in told)
