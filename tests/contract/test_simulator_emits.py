"""The running simulator on a real broker: it sends, stops at once, and goes on where it was."""

import threading
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import orjson
import pytest
from kafka import KafkaConsumer, TopicPartition
from rich.console import Console

from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS, Topic
from services.kafka_access import KafkaAccess
from services.simulator import simulate
from services.simulator.anchor import Anchor, load_anchor

NOW = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)
AFTERWARDS = NOW + timedelta(minutes=3)
"""When the replay is over, during which what is old waits."""


def _run_for(seconds: float, broker: str, anchor_file: Path, stored: frozenset[str]) -> float:
    """Run the simulator for a while; return how long it took to stop."""
    stop = threading.Event()
    quiet = Console(file=StringIO())
    running = threading.Thread(
        target=simulate,
        args=(KafkaAccess(broker), anchor_file, stored, stop),
        kwargs={"clock": lambda: AFTERWARDS, "console": quiet},
    )
    running.start()
    time.sleep(seconds)
    assert running.is_alive()
    stopped_at = time.monotonic()
    stop.set()
    running.join(10)
    assert not running.is_alive()
    return time.monotonic() - stopped_at


def _read(broker: str, topic: Topic) -> list[dict[str, object]]:
    consumer = KafkaConsumer(bootstrap_servers=broker, auto_offset_reset="earliest", consumer_timeout_ms=1500)
    try:
        consumer.assign([TopicPartition(topic.name, partition) for partition in range(topic.partitions)])
        return [orjson.loads(record.value) for record in consumer]
    finally:
        consumer.close()


def test_it_sends_stops_at_once_and_goes_on_where_it_was(broker: str, tmp_path: Path) -> None:
    anchor_file = tmp_path / "simulation.json"
    load_anchor(anchor_file, 1, NOW)
    assert _run_for(3, broker, anchor_file, frozenset()) < 1.5
    first = _read(broker, TOUCHPOINT_EVENTS)
    answers = _read(broker, SURVEY_ANSWERS)
    assert len(first) > 500
    assert answers
    assert all(datetime.fromisoformat(str(event["occurred_at"])) <= AFTERWARDS for event in first)

    stored = frozenset(str(sent["event_id"]) for sent in first) | {str(sent["answer_id"]) for sent in answers}
    assert _run_for(3, broker, anchor_file, stored) < 1.5
    both = [event["event_id"] for event in _read(broker, TOUCHPOINT_EVENTS)]
    assert len(both) > len(first)
    assert len(both) == len(set(both))


def test_the_first_start_sets_seed_and_anchor_for_good(tmp_path: Path) -> None:
    anchor_file = tmp_path / "new" / "simulation.json"
    made = load_anchor(anchor_file, 3, NOW)
    assert made == Anchor(seed=3, anchor=NOW)
    assert load_anchor(anchor_file, 4, datetime(2027, 1, 1, tzinfo=UTC)) == made


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"seed": 1, "anchor": "2026-11-18T14:00:00"}', "anchor"),
        ('{"seed": "one", "anchor": "2026-11-18T14:00:00Z"}', "seed"),
        ('{"anchor": "2026-11-18T14:00:00Z"}', "seed"),
        ('{"seed": 1', "the file"),
    ],
)
def test_a_damaged_anchor_file_is_named_with_its_field(tmp_path: Path, text: str, field: str) -> None:
    anchor_file = tmp_path / "simulation.json"
    anchor_file.write_text(text)
    with pytest.raises(ValueError, match=rf"simulation\.json: {field}: "):
        load_anchor(anchor_file, 1, NOW)
