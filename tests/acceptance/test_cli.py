"""The command line as an integrator meets it: help, schemas, journey files, rejects, and errors that say what to do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import psycopg
import pytest

from schemas.topics import TOUCHPOINT_EVENTS
from services.embedded.ports import free_port
from services.event_producer import EventProducer
from services.kafka_access import KafkaAccess
from services.store.offsets import event_ids
from services.store.queries import load
from services.store.rejects import list_rejects
from tests.blocking import holding, wait_until_a_worker_waits
from tests.conftest import CHECKOUT, Processes
from tests.drawn import LOKET, event
from tests.waiting import wait_until

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run(processes: Processes) -> Run:
    """Run a command to its end with the settings of this module's pipeline."""

    def run(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *command],
            env={**os.environ, **processes.environment(), "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_help_names_every_command(run: Run) -> None:
    told = run("--help").stdout
    commands = "up worker monitor migrate journey import rejects retention rebuild erase schema simulate doctor"
    for command in commands.split():
        assert f" {command} " in told


def test_schema_prints_what_integrators_need(run: Run) -> None:
    every = orjson.loads(run("schema").stdout)
    assert set(every) == {"touchpoint-event", "survey-answer", "journey"}
    one = orjson.loads(run("schema", "touchpoint-event").stdout)
    assert one == every["touchpoint-event"]
    assert set(one["required"]) == {"source", "event_id", "journey", "case_id", "touchpoint", "occurred_at"}
    unknown = run("schema", "besluit")
    assert unknown.returncode == 1
    assert "touchpoint-event, survey-answer, journey" in unknown.stderr


@pytest.mark.parametrize("file", sorted((CHECKOUT / "journeys").glob("*.yaml")), ids=lambda file: file.name)
def test_every_journey_file_of_the_project_applies(run: Run, file: Path) -> None:
    if file.name.endswith(".mapping.yaml"):
        assert (CHECKOUT / "journeys" / file.name.replace(".mapping", "")).exists()
        return
    first, again = run("journey", "apply", str(file)), run("journey", "apply", str(file))
    assert (first.returncode, again.returncode) == (0, 0)
    assert "version 1 holds now" in first.stdout
    assert "nothing new" in again.stdout


def test_a_journey_file_with_mistakes_is_refused_by_line_and_field(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "fout.yaml"
    file.write_text(LOKET.replace("start: aanvraag,", "start: aanvrag,"))
    refused = run("journey", "apply", str(file))
    line = LOKET[: LOKET.index("start: aanvraag")].count("\n") + 1
    assert refused.returncode == 1
    assert f"line {line}: spans.0.start: 'aanvrag' is not a touchpoint" in refused.stderr


def test_a_log_is_inspected_and_a_journey_drafted_after_it(run: Run, tmp_path: Path) -> None:
    """What is printed to stdout works as it stands; what is told stands beside it."""
    log, mapping, journey = tmp_path / "zaken.csv", tmp_path / "mapping.yaml", tmp_path / "journey.yaml"
    log.write_text(
        "zaak,stap,moment\n1,Vraag,2026-01-05 09:00\n1,Antwoord,2026-01-05 10:00\n2,Vraag,2026-01-06 09:00\n"
    )
    inspected = run("import", str(log), "--inspect")
    assert inspected.returncode == 0, inspected.stderr
    assert [line.split() for line in inspected.stderr.splitlines()][1:3] == [
        ["zaak", "100%", "2", "case", "1,", "2"],
        ["stap", "100%", "2", "touchpoint", "Vraag,", "Antwoord"],
    ]
    mapping.write_text(inspected.stdout)
    drafted = run("journey", "draft", str(log), "--mapping", str(mapping), "--id", "geschetst")
    assert drafted.returncode == 0, drafted.stderr
    assert "2 cases, 3 visits" in drafted.stderr
    journey.write_text(drafted.stdout)
    assert "geschetst: version 1 holds now" in run("journey", "apply", str(journey)).stdout
    refused = run("journey", "draft", str(log), "--mapping", str(mapping), "--id", "Niet Goed")
    assert refused.returncode == 1
    assert "id: String should match pattern" in refused.stderr


def test_what_cannot_be_proposed_and_what_is_missing(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "namen.csv"
    log.write_text("naam\nJan\nPiet\n")
    inspected = run("import", str(log), "--inspect")
    assert (inspected.returncode, inspected.stdout) == (1, "")
    assert "No mapping can be proposed: no column seems to tell cases apart" in inspected.stderr
    unmapped = run("import", str(log), "--journey", "x")
    assert unmapped.returncode == 1
    assert "`klantreis import LOG --inspect` proposes a mapping" in unmapped.stderr


def test_a_journey_file_that_is_not_text(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "fout.yaml"
    file.write_bytes(b"id: \xff\xfe\n")
    refused = run("journey", "apply", str(file))
    assert refused.returncode == 1
    assert "'utf-8' codec can't decode byte 0xff" in refused.stderr


def test_a_rejected_event_is_listed_and_counts_once_mended(
    run: Run, settings: "object", processes: Processes, worker: object, tmp_path: Path
) -> None:
    """The journey is applied after its first event: the reject says so, and replaying it counts it."""
    database_url, broker = processes.settings.database_url, processes.settings.broker
    with EventProducer(KafkaAccess(broker)) as producer:
        producer.send(TOUCHPOINT_EVENTS.name, None, event("vraag", 5).model_dump_json().encode()).result(30)
    wait_until(lambda: bool(list_rejects(database_url, after=0, limit=9)), 60, "the reject")
    listed = run("rejects", "list").stdout
    assert "unknown_journey" in listed
    assert "'loket' is not a known journey" in listed

    file = tmp_path / "loket.yaml"
    file.write_text(LOKET)
    assert run("journey", "apply", str(file)).returncode == 0
    replayed = run("rejects", "replay", "1", "77")
    assert "1 sent again; not found: 77" in replayed.stdout
    assert "another secret" in run("rejects", "replay", "1", KLANTREIS_SECRET="wrong").stderr

    wait_until(lambda: bool(event_ids(database_url, "proef")), 30, "the event counted")


def test_retention_is_shown_and_set(run: Run) -> None:
    """The wrong ones change nothing."""
    shown = run("retention").stdout.splitlines()
    assert shown[0].split() == ["name", "kept", "complete", "from", "what", "it", "is"]
    names = ["minute", "hour", "day", "events", "texts", "rejects", "tombstones"]
    assert [line.split()[0] for line in shown[1:]] == names
    assert "400 days" in shown[2]
    assert "for ever" in shown[3]
    assert "the beginning" in shown[3]
    for name, keep, words in (
        ("minute", "P1D", "minute: 1 day is too short; rolling windows need at least 2 days of it"),
        ("hour", "35 days", "'35 days' is not a time in years, months, weeks or days of ISO 8601, such as P35D or P2Y"),
        ("weeks", "P35D", f"'weeks' is not one of {', '.join(names)}"),
    ):
        refused = run("retention", "set", name, keep)
        assert (refused.returncode, refused.stderr.strip()) == (1, words)
    assert run("retention").stdout.splitlines() == shown
    assert "day: kept 2 years from the next pruning on" in run("retention", "set", "day", "P2Y").stdout
    assert "2 years" in run("retention").stdout.splitlines()[3]
    assert "day: kept for ever" in run("retention", "set", "day", "forever").stdout


def test_a_rebuild_says_what_it_finds(run: Run, processes: Processes) -> None:
    """On what the test before it counted: one visit."""
    agreed = run("rebuild", "--check")
    assert (agreed.returncode, agreed.stdout) == (0, "nothing differs from what the kept events come to\n")
    with psycopg.connect(processes.settings.database_url) as connection:
        connection.execute("UPDATE windows_day SET n = n + 1, total = total + 1")
        connection.execute("UPDATE cases SET last_at = NULL")
    for command, code, words in (
        (("rebuild", "--check"), 1, "are not what the kept events come to; `klantreis rebuild` mends that"),
        (("rebuild",), 0, "are mended"),
    ):
        told = run(*command)
        lines = told.stdout.splitlines()
        # the visit, and the case that came to the journey and to the department
        assert (told.returncode, lines[-1]) == (code, f"4 rows (cases 1, windows_day 3) {words}")
        assert lines[0] == "cases  loket: case Z-1"
        assert (
            "windows_day  2026-03-01T23:00Z  loket: volume, touchpoint vraag\n"
            "    stored: n 2, total 2\n"
            "    right:  n 1, total 1\n"
        ) in told.stdout
    assert run("rebuild").stdout == "nothing differed from what the kept events come to\n"
    assert run("rebuild", "--check").returncode == 0


def test_a_worker_waits_for_a_rebuild_for_as_long_as_it_takes(processes: Processes, worker: object) -> None:
    """Longer than its session lasts: its heart beats on."""
    database_url, broker = processes.settings.database_url, processes.settings.broker
    with holding(database_url, load("rebuild")["hold_counting"]):
        with EventProducer(KafkaAccess(broker)) as producer:
            producer.send(TOUCHPOINT_EVENTS.name, None, event("aanvraag", 9).model_dump_json().encode()).result(30)
        wait_until_a_worker_waits(database_url)
        time.sleep(processes.settings.session_seconds + 2)
        assert "Z-1-aanvraag-9" not in event_ids(database_url, "proef")
    wait_until(lambda: "Z-1-aanvraag-9" in event_ids(database_url, "proef"), 5, "the event counted, without a restart")


@pytest.mark.parametrize(
    ("command", "environment", "words"),
    [
        (["migrate"], {"KLANTREIS_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "`klantreis up` starts one"),
        (["worker"], {"KLANTREIS_SECRET": ""}, "KLANTREIS_SECRET is not set"),
        (["worker"], {"KLANTREIS_BROKER": "127.0.0.1:1"}, "no answer from the Kafka broker at 127.0.0.1:1"),
        (["worker"], {"KLANTREIS_BATCH_RECORDS": "veel"}, "KLANTREIS_BATCH_RECORDS: Input should be a valid integer"),
        (["import", "x.csv", "--journey", "j", "--mapping", "m"], {}, "does not exist"),
    ],
)
def test_what_is_amiss_is_told_in_words(run: Run, command: list[str], environment: dict[str, str], words: str) -> None:
    told = run(*command, **environment)
    assert told.returncode != 0
    assert words in told.stderr
    assert "Traceback" not in told.stderr


def test_the_doctor_looks_at_the_real_thing(run: Run, worker: object) -> None:
    nowhere = str(free_port())

    def seen() -> dict[str, str]:
        told = run("doctor", "--json", KLANTREIS_MONITOR_PORT=nowhere)
        return {each["what"]: each["health"] for each in orjson.loads(told.stdout)}

    wait_until(lambda: seen()["worker"] == "well", 30, "a worker was seen")
    found = seen()
    assert found.pop("monitor") == "wrong"  # none runs here
    assert found.pop("journeys") in {"well", "note"}
    assert found.pop("rejects") in {"well", "note"}
    assert found == dict.fromkeys(
        ("database", "schema", "clock", "secret", "outbox", "broker", "topics", "offsets", "worker"), "well"
    )
    told = run("doctor", KLANTREIS_MONITOR_PORT=nowhere)
    assert told.returncode == 1
    assert "Start one with `klantreis monitor`" in told.stdout


def test_the_doctor_goes_on_where_nothing_answers(run: Run) -> None:
    nowhere = {
        "KLANTREIS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "KLANTREIS_BROKER": "127.0.0.1:1",
        "KLANTREIS_MONITOR_PORT": str(free_port()),
    }
    told = run("doctor", **nowhere)
    assert told.returncode == 1
    assert [line.split()[1] for line in told.stdout.splitlines() if line.startswith("✗")] == [
        "database",
        "broker",
        "monitor",
    ]
