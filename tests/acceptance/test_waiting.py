"""A case that waits is flagged by a running worker without any new event, told to whoever listens, and cleared."""

from collections.abc import Callable
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
from tests.sending import Sender, parcels
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)

WAITING = LOKET.replace("{id: vraag, name: Vraag}", "{id: vraag, name: Vraag, waiting_limit: PT2S}").replace(
    "{id: aanvraag, name: Aanvraag}",
    "{id: aanvraag, name: Aanvraag, expects: {touchpoint: aanvulling, within: PT3S}}",
)
_A_MINUTE = 60 + 3  # what the limits themselves take


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


def test_cases_are_flagged_without_a_new_event_and_cleared_on_arrival(
    settings: Settings, apply: Callable[[str], str], worker: Any
) -> None:
    apply(WAITING)
    with Sender(settings) as sender:
        sender.send(parcels([now("vraag", "waits"), now("aanvraag", "misses"), now("aanvulling", "is-fine")]))
        sender.wait_until_counted()
        stand = [("misses", "missing", "aanvulling", True), ("waits", "waiting", "vraag", True)]
        wait_until(lambda: flags(settings) == stand, _A_MINUTE, "both cases are flagged")
        sender.send(parcels([now("besluit", "waits"), now("aanvulling", "misses")]))
        gone = [(*flag[:3], False) for flag in stand]
        wait_until(lambda: flags(settings) == gone, 30, "both flags are cleared")
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
