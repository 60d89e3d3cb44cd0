"""An alert from end to end: answers, broker, worker, two monitors, Prometheus, Alertmanager, whoever is told."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest

from schemas.survey_answer import SurveyAnswer
from schemas.topics import SURVEY_ANSWERS
from services.embedded.child import Child
from services.settings import Settings
from tests.alerting import Alerting, running_alerting, told_once_and_resolved
from tests.drawn import LOKET
from tests.monitoring import RunningMonitor, running_monitor
from tests.sending import Parcel, Sender
from tests.waiting import wait_until

KPI = """
kpis:
  - id: besluit
    name: {nl: Het besluit, en: The decision}
    measure: satisfaction
    norm: 7.0
    touchpoint: besluit
    severity: critical
    runbook: https://wiki.example/besluit
"""
_NUMBERS = count(1)


def scores(days_ago: float, *each: int) -> list[Parcel]:
    """Answers about the decision, all given so many days ago."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return [_parcel(score, at) for score in each]


def _parcel(score: int, at: datetime) -> Parcel:
    number = next(_NUMBERS)
    answer = SurveyAnswer(
        source="proef",
        answer_id=f"a-{number}",
        journey="loket",
        case_id=f"Z-{number}",
        touchpoint="besluit",
        question="satisfaction",
        score=score,
        answered_at=at,
    )
    return Parcel(SURVEY_ANSWERS.name, number % SURVEY_ANSWERS.partitions, answer.model_dump_json().encode())


@pytest.fixture(scope="module")
def monitors(settings: Settings, worker: Child, apply: Callable[[str], str]) -> Iterator[Sequence[RunningMonitor]]:
    """Two monitors of one pipeline, whose loket has a KPI that is on its norm."""
    apply(LOKET + KPI)
    with ExitStack() as stack:
        running = [stack.enter_context(running_monitor(settings)) for _ in range(2)]
        with Sender(settings) as sender:
            chance = Random(7)
            for days_ago in range(60, 0, -1):
                sender.send(scores(days_ago, *chance.choices((5, 6, 7, 8, 9), k=3)))
            sender.wait_until_counted()
        for monitor in running:
            wait_until(lambda at=monitor: state(at) == "on_norm", 30, "the KPI is on its norm")  # type: ignore[misc]
        yield running


@pytest.fixture(scope="module")
def alerting(monitors: Sequence[RunningMonitor], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alerting]:
    folder: Path = tmp_path_factory.mktemp("alerting")
    with running_alerting(folder, [monitor.address.removeprefix("http://") for monitor in monitors]) as alerting:
        wait_until(lambda: alerting.value("sum(klantreis_kpi_alert) + 1") == 1, 30, "Prometheus has seen both")
        yield alerting


def state(monitor: RunningMonitor) -> str | None:
    for line in monitor.get("/metrics").text.splitlines():
        if line.startswith('klantreis_kpi_state{journey="loket",kpi="besluit"') and line.endswith(" 1.0"):
            return line.partition('state="')[2].partition('"')[0]
    return None


def test_one_alert_comes_within_ten_seconds_and_is_resolved_after_recovery(
    settings: Settings, alerting: Alerting, monitors: Sequence[RunningMonitor]
) -> None:
    """What is told must have stood for two weeks before it recovers, so the low scores come three weeks late."""

    def drop() -> None:
        sender.send(scores(21, *[2] * 60))

    def recover() -> None:
        sender.send(scores(0.5, *[10] * 250))

    with Sender(settings) as sender:
        told_once_and_resolved(alerting, "loket", "besluit", drop, recover)
    assert {state(monitor) for monitor in monitors} == {"on_norm"}
    raised, *_ = alerting.notifications.told
    (alert,) = raised["alerts"]
    assert (alert["labels"]["severity"], alert["labels"]["kpi"]) == ("critical", "besluit")
    assert alert["annotations"]["runbook_url"] == "https://wiki.example/besluit"
    assert alert["annotations"]["summary"].startswith("The decision does not meet its norm")
