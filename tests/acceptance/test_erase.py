"""`klantreis erase` beside a worker that counts, and what a replay of the topic makes of it."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import psycopg
import pytest

from schemas.touchpoint_event import TouchpointEvent
from services.settings import Settings
from tests.conftest import Processes
from tests.drawn import LOKET, event
from tests.sending import Sender, parcels

pytestmark = pytest.mark.timeout(180)

CASES, CUSTOMERS = 400, 20
ERASED = "klant-7"


def passages() -> Sequence[TouchpointEvent]:
    """Cases of request, completion and decision by twenty customers; one case after another."""
    return [
        event(name, number + 10 * place, case_id=f"zaak-{number}", customer=f"klant-{number % CUSTOMERS}")
        for number in range(CASES)
        for place, name in enumerate(("aanvraag", "aanvulling", "besluit"))
    ]


def erase(processes: Processes, *options: str, said: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "erase", *options],
        env={**os.environ, **processes.environment(), "COLUMNS": "200"},
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(query.encode()).fetchall()


def sums(settings: Settings) -> list[tuple[Any, ...]]:
    query = """SELECT measure, span, touchpoint, bucket, sum(n)::int, sum(total)::bigint
               FROM windows_day JOIN scopes USING (scope_id)
               GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4"""
    return rows(settings, query)


def test_erasing_while_a_worker_counts_and_replaying_the_topic(
    settings: Settings, processes: Processes, apply: Callable[[str], str], worker: Any
) -> None:
    apply(LOKET)
    half = len(passages()) // 2
    with Sender(settings) as sender:
        sender.send(parcels(passages()[:half]))
        first = erase(processes, "--customer", "-", "--yes", said=f"{ERASED}\n")  # in the middle of it, or before
        sender.send(parcels(passages()[half:], partition=1))
        sender.wait_until_counted()
        asked = erase(processes, "--customer", ERASED, said="n\n")
        assert (asked.returncode, "nothing was changed" in asked.stdout) == (1, True)
        before = sums(settings)
        assert before
        done = erase(processes, "--customer", ERASED, "--asked-by", "verzoek 12", "--yes", "--json")
        assert done.returncode == 0, done.stderr
        assert sums(settings) == before
        refused = rows(settings, "SELECT FROM rejects")
        for partition in (2, 0):
            sender.send(parcels(reversed(passages()), partition))
            sender.wait_until_counted()
    report = orjson.loads(done.stdout)
    assert (report["asked_by"], report["customers"], report["dry_run"]) == ("verzoek 12", 1, False)
    found = [number for number in range(CASES) if number % CUSTOMERS == 7]
    assert rows(settings, "SELECT count(*) FROM cases WHERE erased") == [(len(found),)]
    assert report["cases"] == len(found) - (
        0 if first.returncode else int(first.stdout.split("cases: ")[1].split(",")[0])
    )
    assert sums(settings) == before
    assert rows(settings, "SELECT FROM rejects") == refused
    assert rows(settings, "SELECT count(*) FROM customer_digests") == [(CUSTOMERS - 1,)]
    assert {name for (name,) in rows(settings, "SELECT case_id FROM cases WHERE NOT erased")} == {
        f"zaak-{number}" for number in range(CASES) if number not in found
    }
    unknown = erase(processes, "--customer", ERASED, "--dry-run")
    assert (unknown.returncode, unknown.stdout) == (
        1,
        "nothing is kept of this customer, under any key that is given\n",
    )


def test_what_is_no_case_is_told(processes: Processes) -> None:
    wrong = erase(processes, "--customer", ERASED, "--case", "zaak-7", "--yes")
    assert wrong.returncode == 1
    assert "--case: 'zaak-7' is not of the form JOURNEY/CASE_ID" in wrong.stderr
