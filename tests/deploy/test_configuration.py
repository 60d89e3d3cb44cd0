"""What is in deploy/ for Prometheus and Alertmanager: valid, tested by their own tools, and complete."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.alerting import DEPLOY, program
from tests.conftest import CHECKOUT

PROMETHEUS = DEPLOY / "prometheus" / "prometheus.yml"
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"
TIMELINES = Path(__file__).with_name("rules_test.yml")
_yaml = YAML(typ="safe", pure=True)


def run(*command: str | Path) -> str:
    """Run a tool and return what it says; fail with that if it fails."""
    done = subprocess.run([program(str(command[0])), *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alerts() -> list[dict[str, Any]]:
    groups = [group for file in RULES for group in _yaml.load(file)["groups"]]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def headings(file: Path) -> set[str]:
    """Return what links to the headings of a Markdown file end with."""
    return {line.lstrip("# ").strip().lower() for line in file.read_text().splitlines() if line.startswith("#")}


def test_prometheus_takes_its_configuration_and_the_rules(tmp_path: Path) -> None:
    shutil.copytree(PROMETHEUS.parent, tmp_path, dirs_exist_ok=True)
    here = tmp_path / PROMETHEUS.name
    here.write_text(here.read_text().replace("/run/secrets", str(tmp_path)))
    (tmp_path / "klantreis_read_token").write_text("for tests only")
    said = run("promtool", "check", "config", here)
    assert f"{len(RULES)} rule files found" in said
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULES)


def test_the_rules_make_of_each_timeline_what_they_should() -> None:
    run("promtool", "test", "rules", TIMELINES)


def test_each_alert_has_a_timeline_on_which_it_fires() -> None:
    expected = [each for test in _yaml.load(TIMELINES)["tests"] for each in test.get("alert_rule_test", ())]
    assert {each["alertname"] for each in expected if each["exp_alerts"]} == {each["alert"] for each in alerts()}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_says_what_is_wrong_and_what_to_do(alert: dict[str, Any]) -> None:
    assert re.fullmatch(r"Klantreis([A-Z][a-z]+)+", alert["alert"])
    assert {"summary", "description", "runbook_url", "dashboard_url"} <= alert["annotations"].keys()
    assert f"#{alert['alert'].lower()}" in alert["annotations"]["runbook_url"]
    assert alert["alert"].lower() in headings(CHECKOUT / "docs" / "runbook.md")


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_only_what_no_test_has_decided_waits(alert: dict[str, Any]) -> None:
    decided = alert["alert"].startswith("KlantreisKpi")
    assert ({"for", "keep_firing_for"} & alert.keys()) == (set() if decided else {"for", "keep_firing_for"})
    assert decided or alert["labels"]["severity"] in ("critical", "warning", "info")


def test_alertmanager_takes_its_configuration() -> None:
    said = run("amtool", "check-config", ALERTMANAGER)
    assert "SUCCESS" in said


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ("journey=v kpi=k severity=critical", "service-team,process-owner"),
        ("journey=v kpi=k severity=warning", "process-owner"),
        ("journey=v kpi=k severity=info", "process-owner"),
        ("journey=v kpi=k severity=critical department=VG Vergunningen", "service-team,vergunningen,process-owner"),
        ("journey=v kpi=k severity=warning department=VG Vergunningen", "vergunningen,process-owner"),
        ("journey=v kpi=k severity=warning department=Toezicht", "process-owner"),
        ("journey=v touchpoint=t severity=info", "process-owner"),
        ("severity=critical pipeline=standstill", "operators"),
        ("severity=warning instance=a", "operators"),
    ],
)
def test_an_alert_goes_to_those_whom_it_concerns(labels: str, receivers: str) -> None:
    split = re.split(r" (?=\w+=)", labels)
    said = run("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", *split)
    assert said.strip() == receivers


def test_no_secret_stands_in_the_configuration() -> None:
    secret = re.compile(r"^\s*[\w-]*(password|token|secret|credentials|api_key)\s*:", re.MULTILINE)
    assert secret.findall(ALERTMANAGER.read_text() + PROMETHEUS.read_text()) == []
