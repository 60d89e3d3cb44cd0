"""The alert page's adapter against a real Alertmanager, and against what is not there or is something else."""

import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import httpx
import pytest
from pydantic import ValidationError

from services.embedded.ports import free_port
from services.monitor.kpis.alertmanager import Alertmanager, Away, Mute, NoSuchMute, NotConfigured, Refused
from services.settings import Settings
from tests.alerting import Server, running_alertmanager
from tests.serving import serving

NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(hours=4)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("alertmanager")
    configuration = folder / "alertmanager.yml"
    configuration.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    with running_alertmanager(folder, configuration) as server:
        yield server


@pytest.fixture
async def alertmanager(server: Server) -> AsyncIterator[Alertmanager]:
    adapter = Alertmanager(server.address)
    yield adapter
    await adapter.close()


def tell(server: Server, name: str, **labels: str) -> None:
    """Post an alert, as Prometheus does."""
    alert = {"labels": {"alertname": name, **labels}, "annotations": {"summary": "Eén zin."}}
    httpx.post(f"{server.address}/api/v2/alerts", json=[alert], trust_env=False).raise_for_status()


def silence(server: Server, *matchers: dict[str, Any]) -> str:
    """Make a silence as somebody else would, and return its id."""
    wanted = {"startsAt": NOW.isoformat(), "endsAt": LATER.isoformat(), "createdBy": "beheer", "comment": "onderhoud"}
    url = f"{server.address}/api/v2/silences"
    answer = httpx.post(url, json={**wanted, "matchers": list(matchers)}, trust_env=False)
    return str(answer.raise_for_status().json()["silenceID"])


async def test_a_mute_is_listed_and_holds_back_the_alerts_of_its_kpi_alone(
    server: Server, alertmanager: Alertmanager
) -> None:
    tell(server, "KlantreisKpiBelowNorm", journey="balie", kpi="besluit", severity="critical")
    tell(server, "KlantreisKpiBelowNorm", journey="balie", kpi="vraag", severity="critical")
    tell(server, "SomebodyElses", journey="balie", kpi="besluit")
    mute = await alertmanager.mute(
        "balie", "besluit", since=NOW, until=LATER, author="Anna de Vries", comment="Verhuizing: “even” stil\n"
    )

    listed = [each for each in await alertmanager.mutes() if each.id == mute]
    alerts = await alertmanager.alerts()

    assert [(each.journey, each.kpi, each.ends_at, each.author, each.comment) for each in listed] == [
        ("balie", "besluit", LATER, "Anna de Vries", "Verhuizing: “even” stil\n")
    ]
    assert {each.labels["kpi"]: each.status.silenced_by for each in alerts} == {"besluit": [mute], "vraag": []}
    (held,) = (each for each in alerts if each.is_about("balie", "besluit"))
    assert (held.name, held.annotations) == ("KlantreisKpiBelowNorm", {"summary": "Eén zin."})
    assert NOW - timedelta(minutes=1) < held.starts_at < LATER


async def test_a_mute_that_is_ended_is_gone_and_cannot_be_ended_again(alertmanager: Alertmanager) -> None:
    mute = await alertmanager.mute("balie", "einde", since=NOW, until=LATER, author="Anna", comment="")
    await alertmanager.unmute(mute)
    assert mute not in [each.id for each in await alertmanager.mutes()]
    with pytest.raises(NoSuchMute):
        await alertmanager.unmute(mute)


async def test_a_mute_may_begin_later(alertmanager: Alertmanager) -> None:
    mute = await alertmanager.mute(
        "balie", "straks", since=NOW + timedelta(hours=1), until=LATER, author="Anna", comment=""
    )
    listed: list[Mute] = [each for each in await alertmanager.mutes() if each.id == mute]
    assert [each.starts_at for each in listed] == [NOW + timedelta(hours=1)]


@pytest.mark.parametrize(
    "matchers",
    [
        [{"name": "journey", "value": "balie", "isRegex": False}],
        [{"name": "journey", "value": "balie", "isRegex": False}, {"name": "kpi", "value": ".+", "isRegex": True}],
        [
            {"name": "journey", "value": "balie", "isRegex": False},
            {"name": "kpi", "value": "besluit", "isRegex": False, "isEqual": False},
        ],
        [
            {"name": "journey", "value": "balie", "isRegex": False},
            {"name": "kpi", "value": "besluit", "isRegex": False},
            {"name": "severity", "value": "info", "isRegex": False},
        ],
    ],
    ids=["a journey", "a pattern", "all but one", "less than a kpi"],
)
async def test_a_silence_that_matches_anything_but_one_kpi_is_no_mute_and_is_left_alone(
    server: Server, alertmanager: Alertmanager, matchers: list[dict[str, Any]]
) -> None:
    theirs = silence(server, *matchers)
    assert theirs not in [each.id for each in await alertmanager.mutes()]
    with pytest.raises(NoSuchMute):
        await alertmanager.unmute(theirs)
    assert server.get(f"/api/v2/silence/{theirs}")["status"]["state"] == "active"


async def test_what_alertmanager_refuses_is_told_with_its_reason(alertmanager: Alertmanager) -> None:
    with pytest.raises(Refused, match=r"status 400: .*end time can't be in the past"):
        await alertmanager.mute(
            "balie",
            "besluit",
            since=NOW - timedelta(hours=2),
            until=NOW - timedelta(hours=1),
            author="Anna",
            comment="",
        )


async def test_without_an_address_it_says_which_setting_is_empty() -> None:
    with pytest.raises(NotConfigured, match="KLANTREIS_ALERTMANAGER_URL"):
        await Alertmanager("").alerts()


async def test_one_that_is_away_is_told_from_one_that_refuses() -> None:
    away = Alertmanager(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Away, match="cannot be reached"):
        await away.mutes()
    await away.close()


async def test_one_that_does_not_answer_in_time_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.monitor.kpis.alertmanager._PATIENCE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        adapter = Alertmanager("http://{}:{}".format(*silent.getsockname()))
        with pytest.raises(Away, match=r"cannot be reached: ReadTimeout\."):
            await adapter.alerts()
        await adapter.close()


class _SomethingElse(BaseHTTPRequestHandler):
    """An Alertmanager under a path, and other things beside it."""

    _PAGES: ClassVar = {"/under/api/v2/silences": b"[]", "/api/v2/silences": b'[{"id": 7}]'}

    def do_GET(self) -> None:
        body = self._PAGES.get(self.path, b"<p>Welcome</p>")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        pass


@pytest.mark.parametrize("path", ["/under", "/under/"])
async def test_it_may_be_under_a_path(path: str) -> None:
    with serving(_SomethingElse) as address:
        adapter = Alertmanager(f"{address}{path}")
        assert await adapter.mutes() == []
        await adapter.close()


async def test_something_else_at_the_address_is_told_by_what_is_wrong_with_its_answer() -> None:
    with serving(_SomethingElse) as address:
        other = Alertmanager(address)
        with pytest.raises(Refused, match="no Alertmanager that we know: the answer: Invalid JSON"):
            await other.alerts()
        with pytest.raises(Refused, match=r"no Alertmanager that we know: 0\.id: "):
            await other.mutes()
        await other.close()


@pytest.mark.parametrize("url", ["alertmanager:9093", "ftp://alertmanager", "http://"])
def test_an_address_that_is_none_is_refused_with_the_name_of_its_setting(url: str) -> None:
    with pytest.raises(ValidationError, match="alertmanager_url"):
        Settings(alertmanager_url=url)
