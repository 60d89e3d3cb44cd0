"""deploy/ end to end: pages of metrics in, through real Prometheus and Alertmanager, webhooks and mails out."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from services.monitor.kpis.alertmanager import Alertmanager
from tests.alerting import MAIL_PASSWORD, Alerting, running_alerting, told_once_and_resolved
from tests.exporting import ExportedMonitor
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(120)

JOURNEY = "vergunning"
BELOW = "KlantreisKpiBelowNorm"
PATIENCE = 20


class Scene:
    """Two monitors, as they are at the start of each test, and what is told of one KPI."""

    def __init__(self, alerting: Alerting, monitors: Sequence[ExportedMonitor], kpi: str) -> None:
        self.alerting = alerting
        self.monitors = monitors
        self.kpi = kpi
        self.recover()

    def drop(self) -> None:
        for monitor in self.monitors:
            monitor.kpi(JOURNEY, self.kpi, 1, 5.44)

    def recover(self) -> None:
        for monitor in self.monitors:
            monitor.kpi(JOURNEY, self.kpi, 0, 7.4)

    def told(self, name: str = BELOW) -> list[str]:
        return self.alerting.notifications.statuses(name, journey=JOURNEY, kpi=self.kpi)

    def wait_told(self, *statuses: str, name: str = BELOW) -> None:
        wait_until(lambda: self.told(name) == list(statuses), PATIENCE, f"{name} is told {statuses}")

    def wait_pipeline(self, name: str, status: str) -> None:
        """Wait until the operators were last told this of an alert of the pipeline."""
        told = self.alerting.notifications.statuses
        wait_until(lambda: told(name)[-1:] == [status], PATIENCE, f"{name} is told {status}")

    def wait_held(self, by: str) -> None:
        """Wait until Alertmanager holds the KPI's alert back: inhibitedBy or silencedBy."""
        wait_until(lambda: any(alert["status"][by] for alert in self.standing()), PATIENCE, f"{self.kpi} is {by}")

    def standing(self) -> list[dict[str, dict[str, list[str]]]]:
        return self.alerting.standing(alertname=BELOW, kpi=self.kpi)


@pytest.fixture(scope="module")
def monitors() -> Sequence[ExportedMonitor]:
    return ExportedMonitor(), ExportedMonitor()


@pytest.fixture(scope="module")
def alerting(monitors: Sequence[ExportedMonitor], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alerting]:
    with running_alerting(tmp_path_factory.mktemp("alerting"), [each.address for each in monitors]) as alerting:
        yield alerting


@pytest.fixture
def answering(monitors: Sequence[ExportedMonitor]) -> Iterator[list[ExitStack]]:
    """The serving of each monitor: closing one takes it down."""
    with ExitStack() as all_of_them:
        stacks = [all_of_them.enter_context(ExitStack()) for _ in monitors]
        for stack, monitor in zip(stacks, monitors, strict=True):
            stack.enter_context(monitor.serving())
        yield stacks


@pytest.fixture
def scene(
    alerting: Alerting,
    monitors: Sequence[ExportedMonitor],
    answering: list[ExitStack],
    request: pytest.FixtureRequest,
) -> Iterator[Scene]:
    """A KPI of the test's own, while the pipeline is well."""
    scene = Scene(alerting, monitors, request.node.name.removeprefix("test_"))
    wait_until(lambda: alerting.value('count(up{job="klantreis"} == 1)') == 2, PATIENCE, "both monitors are scraped")
    wait_until(lambda: not alerting.standing(severity="critical"), PATIENCE, "nothing is wrong")
    yield scene
    scene.recover()


def test_a_drop_is_told_once_within_ten_seconds_and_resolved(scene: Scene) -> None:
    told_once_and_resolved(scene.alerting, JOURNEY, scene.kpi, scene.drop, scene.recover)
    message, _ = (each for each in scene.alerting.notifications.told if each["groupLabels"].get("kpi") == scene.kpi)
    (alert,) = message["alerts"]
    assert (message["receiver"], message["status"]) == ("service-team", "firing")
    assert alert["labels"] == {
        "alertname": BELOW,
        "job": "klantreis",
        "journey": JOURNEY,
        "kpi": scene.kpi,
        "department": "VG Vergunningen",
        "severity": "critical",
    }
    assert alert["annotations"]["summary_nl"] == (
        f"Cijfer {scene.kpi} haalt de norm niet: 5,44 (norm 7), over 48 waarnemingen."
    )
    assert alert["annotations"]["dashboard_url"] == f"http://localhost:8080/alerts#{JOURNEY}.{scene.kpi}"


def test_the_mail_says_it_in_its_subject_to_all_whom_it_concerns(scene: Scene) -> None:
    sentence = f"Cijfer {scene.kpi} haalt de norm niet: 5,44 (norm 7), over 48 waarnemingen."

    def mails(subject: str) -> dict[str, str]:
        found = [each for each in scene.alerting.mailbox.mails if each["Subject"] == subject]
        return {str(each["To"]): body.get_content() for each in found if (body := each.get_body(["plain"]))}

    scene.drop()
    wait_until(lambda: len(mails(f"[critical] {sentence}")) == 3, PATIENCE, "three mails arrive")
    scene.recover()
    wait_until(lambda: len(mails(f"Voorbij: {sentence}")) == 3, PATIENCE, "three more say that it is over")

    texts = mails(f"[critical] {sentence}")
    assert texts.keys() == {"serviceteam@example.org", "vergunningen@example.org", "proceseigenaar@example.org"}
    for expected in (sentence, f"Score {scene.kpi} does not meet its norm: 5.44", "Anna", "/alerts#vergunning."):
        assert expected in texts["vergunningen@example.org"]
    assert scene.alerting.mailbox.passwords == {MAIL_PASSWORD}


def test_one_of_two_monitors_goes_and_comes_and_nothing_is_told_of_it_to_who_waits(
    scene: Scene, answering: list[ExitStack]
) -> None:
    scene.drop()
    scene.wait_told("firing")
    answering[1].close()
    scene.wait_pipeline("KlantreisMonitorDown", "firing")
    answering[1].enter_context(scene.monitors[1].serving())
    scene.wait_pipeline("KlantreisMonitorDown", "resolved")
    scene.recover()
    scene.wait_told("firing", "resolved")


def test_all_monitors_go_and_what_stood_is_neither_resolved_nor_told_again(
    scene: Scene, answering: list[ExitStack]
) -> None:
    scene.drop()
    scene.wait_told("firing")
    for stack in answering:
        stack.close()
    scene.wait_pipeline("KlantreisMonitorsGone", "firing")
    assert scene.standing()
    for stack, monitor in zip(answering, scene.monitors, strict=True):
        stack.enter_context(monitor.serving())
    scene.wait_pipeline("KlantreisMonitorsGone", "resolved")
    scene.recover()
    scene.wait_told("firing", "resolved")


def test_a_drop_while_no_worker_counts_is_held_back_until_one_does(scene: Scene) -> None:
    for monitor in scene.monitors:
        monitor.worker(seen=False)
    scene.wait_pipeline("KlantreisWorkerGone", "firing")
    scene.drop()
    scene.wait_held("inhibitedBy")
    assert scene.told() == []
    for monitor in scene.monitors:
        monitor.worker(seen=True)
    scene.wait_told("firing")


def test_a_recovery_while_no_worker_counts_is_told_once_one_does(scene: Scene) -> None:
    scene.drop()
    scene.wait_told("firing")
    for monitor in scene.monitors:
        monitor.worker(seen=False)
    scene.wait_held("inhibitedBy")
    scene.recover()
    seen = f'count(klantreis_kpi_alert{{kpi="{scene.kpi}"}} == 0)'
    wait_until(lambda: scene.alerting.value(seen) == 2, PATIENCE, "Prometheus has seen the recovery")
    assert scene.standing()
    for monitor in scene.monitors:
        monitor.worker(seen=True)
    scene.wait_told("firing", "resolved")


def test_a_kpi_that_is_not_measured_any_more_is_not_told_to_be_below_its_norm(scene: Scene) -> None:
    stopped = {"journey": JOURNEY, "kpi": scene.kpi, "state": "stopped"}
    for monitor in scene.monitors:
        monitor.say("klantreis_kpi_state", 1, **stopped)
    scene.wait_told("firing", name="KlantreisKpiStopped")
    scene.drop()
    scene.wait_held("inhibitedBy")
    assert scene.told() == []
    for monitor in scene.monitors:
        monitor.say("klantreis_kpi_state", 0, **stopped)
    scene.wait_told("firing")
    scene.wait_told("firing", "resolved", name="KlantreisKpiStopped")


async def test_a_kpi_that_is_muted_is_told_of_when_it_is_unmuted(scene: Scene) -> None:
    alertmanager = Alertmanager(scene.alerting.alertmanager.address)
    now = datetime.now(UTC)
    mute = await alertmanager.mute(
        JOURNEY, scene.kpi, since=now, until=now + timedelta(hours=1), author="Anna", comment="verhuizing"
    )
    scene.drop()
    scene.wait_held("silencedBy")
    (alert,) = (each for each in await alertmanager.alerts() if each.is_about(JOURNEY, scene.kpi))
    assert alert.status.silenced_by == [mute]
    assert scene.told() == []
    await alertmanager.unmute(mute)
    await alertmanager.close()
    scene.wait_told("firing")
