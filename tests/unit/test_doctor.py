"""What the doctor says of what was seen, by tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.topics import ALL
from services.doctor import database, log
from services.doctor.finding import Finding, Health
from services.kafka_topics import Cluster, Log
from services.store.checkup import Checkup, Contents, Position, Server

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SERVER = Server("17.5", NOON, 12_000_000, None, temporary=True)
CONTENTS = Contents(2, 0, NOON - timedelta(seconds=1), ["k1"], {}, [])
SOUND = Checkup(SERVER, [], [], CONTENTS)
CLUSTER = Cluster("c", 3, {t.name: Log(t.name, f"c/{t.name}", 3, dict.fromkeys(range(t.partitions), 0)) for t in ALL})


def of_database(seen: Checkup, keys: tuple[str, ...] = ("k1",), off: timedelta = timedelta(0)) -> dict[str, Finding]:
    return {finding.what: finding for finding in database.findings(seen, keys, NOON - off)}


def of_log(cluster: Cluster, *positions: Position) -> dict[str, Finding]:
    return {finding.what: finding for finding in log.findings(cluster, positions)}


def test_a_sound_database_needs_nothing() -> None:
    found = of_database(SOUND)
    assert {finding.health for finding in found.values()} == {Health.WELL}
    assert not any(finding.advice for finding in found.values())
    assert set(found) == {"database", "schema", "clock", "secret", "journeys", "worker", "rejects", "outbox"}


def test_a_sound_log_needs_nothing() -> None:
    found = of_log(CLUSTER, Position("c/touchpoint-events", "touchpoint-events", 0, 90, 100))
    assert {finding.health for finding in found.values()} == {Health.WELL}
    assert found["offsets"].seen == "10 records wait to be counted"


@pytest.mark.parametrize(
    ("contents", "what", "health", "seen"),
    [
        ({"journeys": 0}, "journeys", Health.NOTE, "none"),
        ({"letters": 4000}, "outbox", Health.NOTE, "4,000 letters"),
        ({"worker_seen_at": None}, "worker", Health.WRONG, "none has ever"),
        ({"worker_seen_at": NOON - timedelta(minutes=3)}, "worker", Health.WRONG, "180 s ago"),
        ({"rejects": {"unknown_journey": 7}}, "rejects", Health.NOTE, "7 unknown_journey"),
        ({"key_ids": ["k0"]}, "secret", Health.WRONG, "under 1 other secret"),
        ({"key_ids": ["k0", "k1"]}, "secret", Health.NOTE, "1 other secret"),
        ({"key_ids": []}, "secret", Health.WELL, ""),
    ],
)
def test_what_is_in_the_database(contents: dict[str, object], what: str, health: Health, seen: str) -> None:
    found = of_database(replace(SOUND, contents=replace(CONTENTS, **contents)))  # type: ignore[arg-type]
    assert found[what].health is health
    assert seen in found[what].seen
    assert bool(found[what].advice) == (health is not Health.WELL)
    assert {each.health for each in found.values() if each.what != what} == {Health.WELL}


@pytest.mark.parametrize(
    ("seen", "what", "advice"),
    [
        (replace(SOUND, missing=["0012_new"], contents=None), "schema", "klantreis migrate"),
        (replace(SOUND, unknown=["0099_later"]), "schema", "newer version"),
        (replace(SOUND, server=replace(SERVER, version="13.4")), "database", "PostgreSQL 14"),
        (replace(SOUND, server=replace(SERVER, temporary=False)), "rights", "GRANT TEMPORARY"),
    ],
)
def test_a_server_or_a_schema_that_does_not_do(seen: Checkup, what: str, advice: str) -> None:
    finding = of_database(seen)[what]
    assert finding.health is Health.WRONG
    assert advice in finding.advice


@pytest.mark.parametrize(
    ("seconds", "health"), [(1, Health.WELL), (-1, Health.WELL), (5, Health.WRONG), (-5, Health.WRONG)]
)
def test_clocks_that_differ(seconds: int, health: Health) -> None:
    finding = of_database(SOUND, off=timedelta(seconds=seconds))["clock"]
    assert finding.health is health
    assert ("ahead of" if seconds > 0 else "behind") in finding.seen


def test_without_a_secret_nothing_can_be_counted() -> None:
    assert of_database(SOUND, keys=())["secret"].health is Health.WRONG


def test_a_topic_that_is_missing() -> None:
    logs = {name: each for name, each in CLUSTER.logs.items() if name != "survey-answers"}
    finding = of_log(replace(CLUSTER, logs=logs))["topics"]
    assert (finding.health, finding.seen) == (Health.WRONG, "missing: survey-answers")


@pytest.mark.parametrize(
    ("changes", "seen"), [({"begins": {0: 0}}, "touchpoint-events has 1"), ({"replicas": 1}, "touchpoint-events")]
)
def test_a_topic_that_is_thin(changes: dict[str, object], seen: str) -> None:
    thin = replace(CLUSTER.logs["touchpoint-events"], **changes)  # type: ignore[arg-type]
    finding = of_log(replace(CLUSTER, logs={**CLUSTER.logs, "touchpoint-events": thin}))["topics"]
    assert finding.health is Health.NOTE
    assert seen in finding.seen


def test_records_that_the_broker_deleted_before_they_were_counted() -> None:
    pruned = replace(CLUSTER.logs["touchpoint-events"], begins={0: 0, 1: 500, 2: 0, 3: 0})
    cluster = replace(CLUSTER, logs={**CLUSTER.logs, "touchpoint-events": pruned})
    finding = of_log(cluster, Position("c/touchpoint-events", "touchpoint-events", 1, 470, 600))["offsets"]
    assert (finding.health, finding.seen) == (
        Health.WRONG,
        "deleted before they were counted: touchpoint-events/1 30",
    )


def test_counted_beyond_the_end_of_the_log() -> None:
    finding = of_log(CLUSTER, Position("c/touchpoint-events", "touchpoint-events", 1, 700, 600))["offsets"]
    assert (finding.health, finding.seen) == (
        Health.WRONG,
        "counted beyond the end of the log: touchpoint-events/1 700",
    )


def test_another_broker_than_the_one_that_was_counted() -> None:
    finding = of_log(CLUSTER, Position("before/touchpoint-events", "touchpoint-events", 1, 700, 600))["offsets"]
    assert finding.health is Health.NOTE
    assert "nothing of this log" in finding.seen
