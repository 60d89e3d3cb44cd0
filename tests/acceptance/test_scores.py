"""What customers say, from the broker to the API, the page and /metrics, against sums made by hand."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import SecretStr

from schemas.survey_answer import SurveyAnswer
from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.embedded.child import Child
from services.embedded.commands import command_child
from services.settings import Settings
from tests.drawn import LOKET
from tests.monitoring import RunningMonitor, running_monitor
from tests.sending import Parcel, Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)

ASKING = LOKET.replace(
    "moment_of_truth: true}", "moment_of_truth: true, importance: 9, ideal: 8, asks: [satisfaction, emotion]}"
)
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
POST, WEB = 100, 300
TOKEN = "who may read remarks"


@pytest.fixture(scope="module")
def worker(settings: Settings) -> Iterator[Child]:
    child = command_child("worker", "worker", settings.model_copy(update={"release_answers": 5}))
    child.start()
    yield child
    child.stop(30)


@pytest.fixture(scope="module")
def monitor(settings: Settings, worker: Child, apply: Callable[[str], str]) -> Iterator[RunningMonitor]:
    """400 decided on by web or post; all by post and a third of those by web answered. Post is late, and liked less."""
    apply(ASKING)
    events, answers = [], []
    for number in range(POST + WEB):
        channel = "post" if number < POST else "web"
        events.append(decision(number, channel, late=channel == "post"))
        if channel == "post" or number % 3 == 0:
            answers.append(
                answer(number, "satisfaction", (3, 5)[number % 2] if channel == "post" else (7, 9)[number % 2])
            )
            answers.append(answer(number, "emotion", -1 if channel == "post" else 1))
    answers.append(answer(1, "remark", None, text="Duurde lang, zei klant-1."))
    with Sender(settings) as sender:
        sender.send(Parcel(TOUCHPOINT_EVENTS.name, 0, each.model_dump_json().encode()) for each in events)
        sender.wait_until_counted()
        sender.send(Parcel(SURVEY_ANSWERS.name, 1, each.model_dump_json().encode()) for each in answers)
        sender.wait_until_counted()
    with running_monitor(settings.model_copy(update={"remarks_token": SecretStr(TOKEN)})) as monitor:
        wait_until(lambda: scores(monitor, "by=journey")["loket"]["emotion"]["n"] == 200, 30, "all are released")
        yield monitor


def decision(number: int, channel: str, *, late: bool) -> TouchpointEvent:
    return TouchpointEvent(
        source="proef",
        event_id=f"e-{number}",
        journey="loket",
        case_id=f"Z-{number}",
        touchpoint="besluit",
        occurred_at=YESTERDAY,
        due_at=YESTERDAY + timedelta(hours=-1 if late else 1),
        channel=channel,
        department="VG",
        customer=f"klant-{number}",
    )


def answer(number: int, question: str, score: int | None, text: str | None = None) -> SurveyAnswer:
    return SurveyAnswer(
        source="enquete",
        answer_id=f"a-{number}-{question}",
        journey="loket",
        case_id=f"Z-{number}",
        touchpoint="besluit",
        question=question,
        score=score,
        text=text,
        answered_at=YESTERDAY + timedelta(hours=2),
    )


def scores(monitor: RunningMonitor, query: str) -> dict[str, Any]:
    answer = monitor.get(f"/api/journeys/loket/scores?{query}")
    assert answer.status_code == 200, answer.text
    groups = {group["id"]: group["measures"] for group in answer.json()["items"]}
    return groups or {"loket": {"emotion": {"n": 0}}}


def test_means_by_what_they_are_kept_apart_by(monitor: RunningMonitor) -> None:
    """100 by post whose mean is 4, 100 by web whose mean is 8."""
    for by, low, high in (("channel", "post", "web"), ("timeliness", "late", "in_time")):
        found = scores(monitor, f"by={by}")
        assert found.keys() == {low, high}
        assert {group: each["satisfaction"]["n"] for group, each in found.items()} == {low: 100, high: 100}
        assert found[low]["satisfaction"]["estimate"]["value"] == 4
        assert found[high]["satisfaction"]["estimate"]["value"] == 8
        assert found[high]["satisfaction"]["share_8_and_up"]["value"] == 0.5
        assert found[low]["emotion"]["estimate"]["value"] == -1
    whole = scores(monitor, "by=phase")["besluit"]["satisfaction"]
    assert (whole["n"], whole["estimate"]["value"], whole["unit"]) == (200, 6, "points")
    assert whole["distribution"] == {"3.0": 50, "5.0": 50, "7.0": 50, "9.0": 50}


def test_under_250_answers_nothing_is_weighted_and_under_20_there_is_no_figure(monitor: RunningMonitor) -> None:
    whole = scores(monitor, "by=journey")["loket"]["satisfaction"]
    assert whole["weighted"] is None
    assert scores(monitor, "by=journey&channel=telefoon") == {"loket": {"emotion": {"n": 0}}}


def test_the_journey_as_a_line(monitor: RunningMonitor) -> None:
    items = monitor.get("/api/journeys/loket/curve?channel=web").json()["items"]
    assert [each["touchpoint"] for each in items] == ["vraag", "aanvraag", "aanvulling", "besluit", "factuur"]
    decided = items[3]
    assert (decided["level"]["value"], decided["emotion"]["estimate"]["value"]) == (8, 1)
    assert (decided["ideal"], decided["gap"], decided["importance"], decided["quadrant"]) == (8, 0, 9, "keep")
    assert decided["volume"] == POST + WEB
    assert items[0]["score"]["too_few"]
    late = monitor.get("/api/journeys/loket/curve?timeliness=late").json()["items"][3]
    assert (late["gap"], late["quadrant"]) == (4, "improve")


def test_who_was_asked(monitor: RunningMonitor) -> None:
    """All of it happened a day ago, and is too late to ask about."""
    (funnel,) = monitor.get("/api/journeys/loket/responses").json()["items"]
    assert funnel["passages"] == funnel["suppressed"]["late"] == POST + WEB
    assert (funnel["invited"], funnel["response"]) == (0, None)


def test_the_page_and_the_metrics_say_the_same(monitor: RunningMonitor) -> None:
    page = monitor.get("/journeys/loket?channel=web").text
    assert "Waar hebben klanten het moeilijk?" in page
    assert "<strong>8,0</strong>" in page
    assert "behouden" in page
    metrics = monitor.get("/metrics").text
    label = 'department="VG",journey="loket",measure="satisfaction",touchpoint="besluit",window="28d"'
    assert f"klantreis_score{{{label}}} 6.0" in metrics
    assert f"klantreis_scores{{{label}}} 200.0" in metrics


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/journeys/elders/scores", 404),
        ("/api/journeys/loket/scores?by=weer", 422),
        ("/api/journeys/loket/scores?since=2026-02-30", 422),
        ("/api/journeys/loket/scores?since=2026-03-02&until=2026-03-01", 422),
        ("/api/journeys/loket/scores?weekday=monday", 422),
        ("/api/journeys/loket/responses?since=2026-03-02&weekday=monday", 422),
        ("/api/journeys/loket/curve?version=9", 404),
        ("/journeys/elders", 404),
        ("/journeys/loket?version=9", 404),
        ("/journeys/loket?window=gisteren", 404),
    ],
)
def test_what_makes_no_sense_is_said(monitor: RunningMonitor, path: str, status: int) -> None:
    assert monitor.get(path).status_code == status


def test_remarks_are_for_those_with_the_right(monitor: RunningMonitor, settings: Settings) -> None:
    def read(path: str, token: str | None = None) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{monitor.address}/api/journeys/loket/remarks{path}", headers=headers, timeout=20)

    assert read("").status_code == 401
    assert read("", "a guess").status_code == 403
    shown = read("", TOKEN)
    day = (YESTERDAY + timedelta(hours=2)).astimezone(ZoneInfo("Europe/Amsterdam")).date().isoformat()
    assert shown.json()["items"] == [{"day": day, "touchpoint": "besluit", "text": "Duurde lang, zei klant-1."}]
    assert read("?touchpoint=vraag", TOKEN).json()["items"] == []
    for path in ("/metrics", "/wallboard/loket", "/journeys/loket", "/journeys/loket/cases/Z-1", "/api/journeys/loket"):
        assert "Duurde lang" not in monitor.get(path).text
    with running_monitor(settings) as without:
        answer = httpx.get(f"{without.address}/api/journeys/loket/remarks", headers={"Authorization": "Bearer any"})
        assert answer.status_code == 403
        assert "KLANTREIS_REMARKS_TOKEN" in answer.json()["detail"]
