"""What is set as a secret is seen nowhere: not in logs, not beside a process's name, not in an answer."""

import os
import subprocess
import sys
from collections.abc import Iterator

import httpx
import psutil
import pytest
from pydantic import SecretStr

from services.settings import Settings
from tests.conftest import CHECKOUT
from tests.monitoring import RunningMonitor, running_monitor

pytestmark = pytest.mark.timeout(180)

SECRETS = {
    "secret": "geheim-een-8f3a1c",
    "former_secrets": "geheim-twee-77b2d0,geheim-drie-1e9c4f",
    "remarks_token": "geheim-vier-5d6e7f0a1b",
    "read_token": "geheim-vijf-c0ffee1234",
    "grafana_token": "geheim-zeven-glsa9d4e",
}
PARTS = [part for secret in SECRETS.values() for part in secret.split(",")]
PASSWORD = "geheim-zes-a1b2c3"


@pytest.fixture(scope="module")
def sealed(settings: Settings) -> Settings:
    """The settings of this module's pipeline, with every secret that there is, and a password for the database."""
    joined = "&" if "?" in settings.database_url else "?"
    secrets = {name: SecretStr(secret) for name, secret in SECRETS.items()}
    url = f"{settings.database_url}{joined}password={PASSWORD}"
    return settings.model_copy(update={**secrets, "database_url": url})


@pytest.fixture(scope="module")
def monitor(sealed: Settings) -> Iterator[RunningMonitor]:
    """A monitor that logs all it can."""
    with running_monitor(sealed.model_copy(update={"log_level": "debug"})) as monitor:
        yield monitor


def seen_in(text: str) -> list[str]:
    """Return the secrets that a text holds."""
    return [secret for secret in (*PARTS, PASSWORD) if secret in text]


def test_this_test_sees_secrets() -> None:
    assert seen_in(f"x{PARTS[1]}y") == [PARTS[1]]
    assert len(PARTS) == 6


def test_the_settings_keep_them_to_themselves(sealed: Settings) -> None:
    for text in (repr(sealed), str(sealed), f"{sealed.secrecy!r} {sealed.survey_links!r}"):
        assert seen_in(text) == []


@pytest.mark.parametrize("name", ["KLANTREIS_READ_TOKEN", "KLANTREIS_DATABASE_URL", "KLANTREIS_MONITOR_PORT"])
def test_neither_does_a_setting_that_is_refused_repeat_them(name: str) -> None:
    given = {"KLANTREIS_SECRET": PARTS[0], name: "geheim-zeven"}
    told = subprocess.run(
        [sys.executable, "-m", "services.cli", "migrate"],
        env={**os.environ, **given, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 1
    assert name in told.stderr
    assert "geheim" not in told.stderr + told.stdout


PATHS = ("/", "/metrics", "/docs", "/openapi.json", "/alerts", "/sign-in", "/api/nergens", "/nergens", "/readyz")


def test_no_answer_holds_one(monitor: RunningMonitor) -> None:
    token = {"Authorization": f"Bearer {SECRETS['read_token']}"}
    for path in (*PATHS, "/api/journeys/x/remarks", f"/survey/{PARTS[0]}", "/api/journeys/x/cases?cursor=x"):
        for headers in ({}, token, {"Authorization": "Bearer hond"}):
            answer = httpx.get(f"{monitor.address}{path}", headers=headers, timeout=20)
            assert seen_in(answer.text.replace(f"/survey/{PARTS[0]}", "")) == [], path
            assert seen_in(str(answer.headers).replace(f"/survey/{PARTS[0]}", "")) == [], path
    for fields in ({"token": "hond"}, {"token": SECRETS["read_token"]}):
        answer = httpx.post(f"{monitor.address}/sign-in", data=fields, timeout=20)
        assert seen_in(f"{answer.text} {answer.headers}") == []
    event = httpx.post(f"{monitor.address}/api/events/touchpoints", json={"source": "x"}, timeout=20)
    assert seen_in(event.text) == []


def test_no_process_shows_one_beside_its_name(monitor: RunningMonitor) -> None:
    process = psutil.Process(monitor.child.pid)
    for each in (process, *process.children(recursive=True)):
        assert seen_in(" ".join(each.cmdline())) == []


def test_no_log_holds_one(monitor: RunningMonitor) -> None:
    httpx.get(f"{monitor.address}/metrics", headers={"Authorization": f"Bearer {SECRETS['read_token']}"}, timeout=20)
    log = monitor.child.log.read_text()
    assert "debug" in log.lower()
    assert seen_in(log) == []
