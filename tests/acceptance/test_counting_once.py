"""Live events through broker, worker and database: counted once, told when they cannot be, taken back."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
import psycopg
import pytest
from kafka import KafkaConsumer, TopicPartition

from schemas.topics import REJECTED_EVENTS, TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.event_producer import EventProducer
from services.settings import Settings
from tests.drawn import LOKET, event
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def producer(settings: Settings) -> Iterator[EventProducer]:
    with EventProducer(settings.kafka) as producer:
        yield producer


def passages(cases: int, prefix: str) -> list[TouchpointEvent]:
    """Cases of request, completion and decision, each 10 minutes after the last, under one department."""
    return [
        event(name, 10 * place + number, case_id=f"{prefix}-{number}", department=prefix)
        for number in range(cases)
        for place, name in enumerate(("aanvraag", "aanvulling", "besluit"))
    ]


def sums(settings: Settings, department: str) -> dict[tuple[str, str, str], tuple[int, int]]:
    """n and total by (measure, span, touchpoint), as the windows have them; of volume, whether it came in time."""
    with psycopg.connect(settings.database_url) as connection:
        found = connection.execute(
            """SELECT measure, span, touchpoint, sum(n)::int, sum(total)::bigint
               FROM windows_day JOIN scopes USING (scope_id) WHERE department = %s
               GROUP BY measure, span, touchpoint HAVING sum(n) <> 0""",
            (department,),
        )
        return {(measure, span, touchpoint): (n, total) for measure, span, touchpoint, n, total in found}


def expected(cases: int) -> dict[tuple[str, str, str], tuple[int, int]]:
    """What the cases of `passages` come to, by hand."""
    ten, twenty = 600_000, 1_200_000
    return {
        ("volume", "", "aanvraag"): (cases, cases),
        ("volume", "", "aanvulling"): (cases, cases),
        ("volume", "in_time", "besluit"): (cases, cases),
        ("gap", "aanvraag", "aanvulling"): (cases, cases * ten),
        ("gap", "aanvulling", "besluit"): (cases, cases * ten),
        ("throughput", "beslistermijn", "besluit"): (cases, cases * twenty),
        ("throughput", "case", "besluit"): (cases, cases * twenty),
        ("arrivals", "department", ""): (cases, cases),
        ("completions", "department", ""): (cases, cases),
    }


def send(producer: EventProducer, records: Sequence[bytes]) -> None:
    """Send without keys: the partitions are as they fall, so cases are spread over them."""
    for record in records:
        producer.send(TOUCHPOINT_EVENTS.name, None, record)
    producer.flush()


def test_bad_records_are_told_and_lose_nothing(
    settings: Settings, apply: Callable[[str], str], worker: Any, producer: EventProducer
) -> None:
    apply(LOKET)
    good = [each.model_dump_json().encode() for each in passages(3, "bad")]
    wrong: list[tuple[bytes, str, str | None]] = [
        (b'{"source": ', "malformed_json", None),
        (changed(good[0], occurred_at="2026-03-02T10:15:00"), "invalid_field", "occurred_at"),
        (changed(good[0], case_id=12), "invalid_field", "case_id"),
        (changed(good[0], journey="onbekend"), "unknown_journey", "journey"),
        (changed(good[0], touchpoint="onbekend"), "unknown_touchpoint", "touchpoint"),
        (changed(good[0], department="a\x00b"), "invalid_field", "department"),
        (changed(good[0], channel="post"), "event_id_reused", "event_id"),
        (
            changed(good[0], event_id="half").replace(b'"attributes":{}', rb'"attributes":{"x":"\ud800"}'),
            "malformed_json",
            None,
        ),
        (b"", "malformed_json", None),
    ]
    send(producer, good[:1])
    wait_until(lambda: bool(sums(settings, "bad")), 60, "the first event counted")
    mixed = [record for pair in zip(good[1:], [raw for raw, _, _ in wrong[:8]], strict=True) for record in pair]
    send(producer, [*mixed, wrong[8][0]])
    wait_until(lambda: sums(settings, "bad") == expected(3), 60, "the good ones counted")

    def told() -> list[tuple[str, str | None]]:
        with psycopg.connect(settings.database_url) as connection:
            return sorted(connection.execute("SELECT reason, field FROM rejects").fetchall(), key=repr)

    wanted = sorted([(reason, field) for _, reason, field in wrong], key=repr)
    wait_until(lambda: told() == wanted, 30, f"the rejects {wanted}")
    posted = read(settings.broker, REJECTED_EVENTS.name, len(wrong))
    assert sorted([(each["reason"], each["field"]) for each in posted], key=repr) == wanted
    assert all("raw" not in each and each["topic"] == TOUCHPOINT_EVENTS.name for each in posted)


def test_what_the_database_refuses_is_found_and_set_apart(
    settings: Settings, apply: Callable[[str], str], worker: Any, producer: EventProducer
) -> None:
    """A constraint that no codec knows of: the batch is halved until the one record is found."""
    apply(LOKET)
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("ALTER TABLE touchpoint_events ADD CHECK (event_id <> 'poison')")
    poison = event("besluit", 30, case_id="refused-0", event_id="poison", department="refused")
    records = [each.model_dump_json().encode() for each in passages(20, "refused")]
    send(producer, [*records[:33], poison.model_dump_json().encode(), *records[33:]])
    wait_until(lambda: sums(settings, "refused") == expected(20), 60, "all but the refused one counted")
    with psycopg.connect(settings.database_url) as connection:
        query = "SELECT detail FROM rejects WHERE reason = 'refused_by_database'"
        ((detail,),) = connection.execute(query).fetchall()
    assert "check constraint" in detail


def test_a_voided_event_is_taken_back(
    settings: Settings, apply: Callable[[str], str], worker: Any, producer: EventProducer
) -> None:
    apply(LOKET)
    events = [*passages(2, "void"), event("besluit", 500, case_id="void-0", event_id="fout", department="void")]
    send(producer, [each.model_dump_json().encode() for each in events])
    third = ("volume", "", "besluit")  # it ends no term
    wait_until(lambda: sums(settings, "void").get(third) == (1, 1), 60, "three decisions")
    back = event("besluit", 501, case_id="void-0", event_id="terug", voids="fout", department="void")
    send(producer, [back.model_dump_json().encode()])
    wait_until(lambda: sums(settings, "void") == expected(2), 30, "the wrong decision taken back")


def changed(record: bytes, **given: Any) -> bytes:
    return orjson.dumps({**orjson.loads(record), **given})


def read(broker: str, topic: str, most: int) -> list[dict[str, Any]]:
    consumer = KafkaConsumer(bootstrap_servers=broker, consumer_timeout_ms=5000)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    found = [orjson.loads(record.value) for _, record in zip(range(most), consumer, strict=False)]
    consumer.close()
    return found
