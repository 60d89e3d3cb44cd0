"""Real Prometheus and Alertmanager, as processes of their own on loopback, with the configuration in deploy/."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from services.embedded.child import Child
from services.embedded.ports import free_port
from tests.conftest import CHECKOUT
from tests.notifications import Mailbox, Notifications
from tests.waiting import wait_until

DEPLOY = CHECKOUT / "deploy"
MAIL_PASSWORD = "a mail password for tests only"
_PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
}
_NAMES_ELSEWHERE = {"prometheus-alertmanager": "alertmanager"}
_yaml = YAML(typ="safe", pure=True)


def program(name: str) -> str:
    """Return where a program is, by its name on Debian or elsewhere; skip aloud without it, fail with CI=true."""
    found = shutil.which(name) or shutil.which(_NAMES_ELSEWHERE.get(name, name))
    if found is not None:
        return found
    absent = f"{name} is not installed, so alerting is not tested (Debian's package: {_PACKAGES[name]})"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(absent)
    pytest.skip(absent)


@dataclass(frozen=True)
class Server:
    """A process that answers over HTTP."""

    child: Child
    address: str

    def get(self, path: str, **parameters: str) -> Any:
        return httpx.get(f"{self.address}{path}", params=parameters, timeout=20, trust_env=False).json()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/-/ready", timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False


@dataclass(frozen=True)
class Alerting:
    """Prometheus watching monitors, Alertmanager behind it, and what it told by webhook and by mail."""

    prometheus: Server
    alertmanager: Server
    notifications: Notifications
    mailbox: Mailbox

    def standing(self, **labels: str) -> list[dict[str, Any]]:
        """Return the alerts with these labels that Alertmanager knows of, told or held back."""
        known = self.alertmanager.get("/api/v2/alerts")
        return [alert for alert in known if labels.items() <= alert["labels"].items()]

    def value(self, expression: str) -> float | None:
        """Return what an expression with one result comes to now; None if it has none."""
        found = self.prometheus.get("/api/v1/query", query=expression)["data"]["result"]
        return float(found[0]["value"][1]) if found else None


@contextmanager
def running_alerting(folder: Path, monitors: Sequence[str]) -> Iterator[Alerting]:
    """Run deploy/ for monitors at some addresses (host:port), a second for every wait and 0 for the first."""
    notifications, mailbox = Notifications(), Mailbox()
    with notifications.serving() as webhook, mailbox.serving() as mail_server:
        alertmanager_file = _quick_alertmanager(folder, webhook, mail_server)
        with running_alertmanager(folder, alertmanager_file) as alertmanager:
            prometheus_file = _quick_prometheus(folder, monitors, alertmanager.address.removeprefix("http://"))
            with running_prometheus(folder, prometheus_file) as prometheus:
                yield Alerting(prometheus, alertmanager, notifications, mailbox)


def told_once_and_resolved(
    alerting: Alerting, journey: str, kpi: str, drop: Callable[[], None], recover: Callable[[], None]
) -> None:
    """Let a KPI fall and recover, and check that one alert comes within 10 seconds, and that it is resolved."""

    def told() -> list[str]:
        return alerting.notifications.statuses("KlantreisKpiBelowNorm", journey=journey, kpi=kpi)

    drop()
    wait_until(lambda: told() == ["firing"], 10, "one alert is told")
    recover()
    wait_until(lambda: told() == ["firing", "resolved"], 10, "it is resolved")


@contextmanager
def running_alertmanager(folder: Path, configuration: Path) -> Iterator[Server]:
    """Run an Alertmanager with a configuration file; what it knows goes into a folder."""
    address = f"127.0.0.1:{free_port()}"
    command = [
        program("prometheus-alertmanager"),
        f"--config.file={configuration}",
        f"--storage.path={folder / 'alertmanager-data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",  # it is alone
    ]
    with _running(Child("alertmanager", command, folder / "alertmanager.log"), address) as server:
        yield server


@contextmanager
def running_prometheus(folder: Path, configuration: Path) -> Iterator[Server]:
    """Run a Prometheus with a configuration file; what it keeps goes into a folder."""
    address = f"127.0.0.1:{free_port()}"
    command = [
        program("prometheus"),
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'prometheus-data'}",
        f"--web.listen-address={address}",
    ]
    with _running(Child("prometheus", command, folder / "prometheus.log"), address) as server:
        yield server


@contextmanager
def _running(child: Child, address: str) -> Iterator[Server]:
    """Start a server and wait until it is ready; what it logs is shown if it dies."""
    server = Server(child, f"http://{address}")
    child.start()
    try:
        wait_until(lambda: not child.running or server.is_ready(), 30, f"{child.name} is ready")
        if not child.running:
            pytest.fail(f"{child.name} ended by itself with {child.exit_code}:\n{child.log_tail(40)}")
        yield server
    finally:
        child.stop(10)


def _quick_alertmanager(folder: Path, webhook: str, mail_server: str) -> Path:
    """Copy the configuration, with short waits, addresses and secrets of ours; return where it is."""
    copy = folder / "alertmanager"
    shutil.copytree(DEPLOY / "alertmanager", copy)
    file, token, password = copy / "alertmanager.yml", copy / "webhook-token", copy / "smtp-password"
    token.write_text(Notifications.TOKEN)
    password.write_text(MAIL_PASSWORD)
    configuration = _yaml.load(file)
    configuration["global"] |= {"smtp_smarthost": mail_server, "smtp_require_tls": False}
    configuration["global"]["smtp_auth_password_file"] = str(password)
    for receiver in configuration["receivers"]:
        for hook in receiver.get("webhook_configs", ()):
            hook["url"] = webhook
            hook["http_config"]["authorization"]["credentials_file"] = str(token)
    for route in (configuration["route"], *configuration["route"]["routes"]):
        route.update(group_wait="0s", group_interval="1s")
    _yaml.dump(configuration, file)
    return file


def _quick_prometheus(folder: Path, monitors: Sequence[str], alertmanager: str) -> Path:
    """Copy the configuration, with short waits and these addresses; return where it is."""
    copy = folder / "prometheus"
    shutil.copytree(DEPLOY / "prometheus", copy)
    for rules in (copy / "rules").glob("*.yml"):
        _shorten(rules)
    file = copy / "prometheus.yml"
    configuration = _yaml.load(file)
    configuration["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    configuration["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager]}]}]
    configuration["scrape_configs"] = [{"job_name": "klantreis", "static_configs": [{"targets": list(monitors)}]}]
    _yaml.dump(configuration, file)
    return file


def _shorten(file: Path) -> None:
    rules = _yaml.load(file)
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        rule.update(dict.fromkeys({"for", "keep_firing_for"} & rule.keys(), "1s"))
    _yaml.dump(rules, file)
