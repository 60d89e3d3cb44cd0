"""The alert page on a real database and a real Alertmanager: what it says, taking notice, muting."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from typer.testing import CliRunner

from services.cli import app as command_line
from services.monitor.app import build_app
from services.settings import Settings
from tests.alerting import Server, running_alertmanager
from tests.contract.test_kpis import scores, version
from tests.counted import Counted
from tests.drawn import MIDNIGHT
from tests.improving import WRITTEN, improvements, proposal

TAKEN_UP = {"by": "Anna de Vries", "note": "We bellen ze <b>terug</b>"}


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    configuration = folder / "alertmanager.yml"
    configuration.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    with running_alertmanager(folder, configuration) as server:
        yield server


@pytest.fixture
async def alarmed(counted: Counted) -> Counted:
    """A database in which the KPI of the loket is below its norm, and told so."""
    counted.empty(version())
    counted.now = MIDNIGHT + timedelta(days=20)
    await counted.count(*scores(range(10), 8, 8, 8, 8), *scores(range(10, 20), 4, 4, 4, 4))
    while await counted.store.release(5):
        pass
    await counted.judge()
    return counted


async def client_of(
    database_url: str, alertmanager_url: str = "", peer: str = "127.0.0.1", **given: Any
) -> AsyncIterator[AsyncClient]:
    nowhere = "nowhere.invalid:1"
    settings = Settings(database_url=database_url, broker=nowhere, alertmanager_url=alertmanager_url, **given)
    app = build_app(settings)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(app, client=(peer, 1)), base_url="http://monitor", follow_redirects=True
        ) as client,
    ):
        yield client


@pytest.fixture
async def client(alarmed: Counted, alertmanager: Server) -> AsyncIterator[AsyncClient]:
    async for client in client_of(alarmed.database_url, alertmanager.address):
        yield client


async def told_at(client: AsyncClient) -> str:
    (kpi,) = (await client.get("/api/journeys/loket/kpis")).json()["items"]
    return str(kpi["told_at"])


async def test_it_says_in_one_sentence_what_is_wrong(client: AsyncClient) -> None:
    dutch, english = (await client.get("/alerts")).text, (await client.get("/alerts?lang=en")).text
    assert "Gemiddeld 4,0 over 40 antwoorden sinds 12 mrt, norm 7,0." in dutch
    assert "Mean 4.0 over 40 answers since 12 Mar, norm 7.0." in english
    assert "onder norm" in dutch
    assert "below norm" in english


async def test_an_alert_is_taken_up(client: AsyncClient) -> None:
    form = {**TAKEN_UP, "told_at": await told_at(client)}
    page = await client.post("/alerts/loket/besluit/acknowledge", data=form)
    assert "Opgepakt door Anna de Vries" in page.text
    assert "We bellen ze &lt;b&gt;terug&lt;/b&gt;" in page.text
    (kpi,) = (await client.get("/api/journeys/loket/kpis")).json()["items"]
    assert kpi["acknowledged_by"] == "Anna de Vries"


async def test_over_the_api_the_last_word_counts(client: AsyncClient) -> None:
    at = await told_at(client)
    for name in ("Anna", "Bram"):
        answer = await client.post("/api/journeys/loket/kpis/besluit/acknowledgement", json={"told_at": at, "by": name})
        assert answer.status_code == 204
    (kpi,) = (await client.get("/api/journeys/loket/kpis")).json()["items"]
    assert kpi["acknowledged_by"] == "Bram"


async def test_an_alert_that_is_over_cannot_be_taken_up(client: AsyncClient) -> None:
    form = {**TAKEN_UP, "told_at": "2026-01-01T00:00:00+00:00"}
    assert (await client.post("/alerts/loket/besluit/acknowledge", data=form)).status_code == 409
    notice = {"told_at": "2026-01-01T00:00:00Z", "by": "Anna"}
    answer = await client.post("/api/journeys/loket/kpis/besluit/acknowledgement", json=notice)
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("act", "fields", "words"),
    [
        ("acknowledge", {"told_at": "gisteren", "by": "A"}, "told_at"),
        ("acknowledge", {"told_at": "2026-01-01T00:00:00", "by": "A"}, "offset"),
        ("acknowledge", {"told_at": "2026-01-01T00:00:00Z", "by": " "}, "by"),
        ("mute", {"hours": "5000", "by": "A"}, "hours"),
    ],
)
async def test_a_form_that_makes_no_sense(client: AsyncClient, act: str, fields: dict[str, str], words: str) -> None:
    refused = await client.post(f"/alerts/loket/besluit/{act}", data=fields)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]


async def test_a_page_of_somebody_elses_can_do_nothing(client: AsyncClient) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    refused = await client.post("/alerts/loket/besluit/mute", data={**TAKEN_UP, "hours": "4"}, headers=foreign)
    assert refused.status_code == 403


async def test_what_is_no_kpi_is_not_muted(client: AsyncClient) -> None:
    refused = await client.post("/alerts/loket/besluyt/mute", data={**TAKEN_UP, "hours": "4"})
    assert refused.status_code == 404


@pytest.mark.parametrize("name", ["", "   ", "An\x00na"])
async def test_a_notice_wants_a_name(client: AsyncClient, name: str) -> None:
    notice = {"told_at": "2026-01-01T00:00:00Z", "by": name}
    assert (await client.post("/api/journeys/loket/kpis/besluit/acknowledgement", json=notice)).status_code == 422


async def test_a_kpi_is_muted_and_told_again(client: AsyncClient, alertmanager: Server) -> None:
    page = await client.post("/alerts/loket/besluit/mute", data={**TAKEN_UP, "hours": "4"})
    assert "Gedempt door Anna de Vries tot" in page.text
    (silence,) = [each for each in alertmanager.get("/api/v2/silences") if each["status"]["state"] == "active"]
    assert {each["name"]: each["value"] for each in silence["matchers"]} == {"journey": "loket", "kpi": "besluit"}
    page = await client.post("/alerts/loket/besluit/unmute", data={"mute": silence["id"]})
    assert "Gedempt" not in page.text
    assert alertmanager.get(f"/api/v2/silence/{silence['id']}")["status"]["state"] == "expired"


async def test_without_an_alertmanager_nothing_offers_to_mute(alarmed: Counted) -> None:
    async for client in client_of(alarmed.database_url):
        page = (await client.get("/alerts")).text
        assert "Opgepakt" in page
        assert "Demp" not in page
        assert (await client.post("/alerts/loket/besluit/mute", data={"hours": "4", "by": "A"})).status_code == 502


async def test_an_alertmanager_that_is_away_is_said_so_and_the_rest_is_shown(alarmed: Counted) -> None:
    async for client in client_of(alarmed.database_url, "http://127.0.0.1:1"):
        page = (await client.get("/alerts")).text
        assert "Dempen kan nu niet" in page
        assert "onder norm" in page


async def test_changes_are_listed(client: AsyncClient) -> None:
    (change,) = (await client.get("/api/journeys/loket/kpis/besluit/changes")).json()["items"]
    assert (change["state"], change["withdrawn"], change["corrected_at"]) == ("below_norm", False, None)
    assert change["evidence_since"] == "2026-03-12T10:00:00+01:00"
    unknown = await client.get("/api/journeys/loket/kpis/besluyt/changes")
    assert (unknown.status_code, "besluit" in unknown.json()["detail"]) == (404, True)


def test_the_command_line_says_where_kpis_stand_and_why(alarmed: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLANTREIS_DATABASE_URL", alarmed.database_url)
    runner = CliRunner()
    listed = runner.invoke(command_line, ["kpi", "list"])
    assert (listed.exit_code, "besluit" in listed.output) == (0, True)
    explained = runner.invoke(command_line, ["kpi", "explain", "besluit"])
    assert explained.exit_code == 0
    assert "looks for recovery, since 2026-03-1" in explained.output
    unknown = runner.invoke(command_line, ["kpi", "explain", "besluyt"])
    assert (unknown.exit_code, "there are: loket/besluit" in unknown.output) == (1, True)


@pytest.fixture
async def named(alarmed: Counted) -> AsyncIterator[AsyncClient]:
    """Somebody whom a proxy that is believed calls Bram Jansen."""
    given = {"proxy_user_header": "X-Remote-User", "trusted_proxies": "10.0.0.7"}
    async for client in client_of(alarmed.database_url, peer="10.0.0.7", **given):
        client.headers["X-Remote-User"] = "Bram Jansen"
        yield client


async def test_whom_a_proxy_names_cannot_take_another_name(named: AsyncClient) -> None:
    page = (await named.get("/alerts")).text
    assert "Als Bram Jansen" in page
    assert 'name="by"' not in page
    at = await told_at(named)
    await named.post("/alerts/loket/besluit/acknowledge", data={"by": "Anna", "note": "", "told_at": at})
    (kpi,) = (await named.get("/api/journeys/loket/kpis")).json()["items"]
    assert kpi["acknowledged_by"] == "Bram Jansen"
    path = "/api/journeys/loket/kpis/besluit/acknowledgement"
    answer = await named.post(path, json={"told_at": at, "by": "Anna", "note": "over de API"})
    assert answer.status_code == 204
    page = (await named.get("/alerts")).text
    assert "Opgepakt door Bram Jansen" in page
    assert "over de API" in page


@pytest.mark.parametrize(
    ("body", "media_type", "status", "words"),
    [
        (b'{"told_at": ', "application/json", 422, "JSON"),
        (b"[]", "application/json", 422, "object"),
        (b'{"told_at": "2026-01-01T00:00:00", "by": "A"}', "application/json", 422, "told_at"),
        (b"told_at=x", "application/x-www-form-urlencoded", 415, "application/json"),
        (b'{"note": "' + b"x" * 20_000 + b'"}', "application/json", 413, "16,384"),
    ],
)
async def test_a_notice_that_is_none(
    client: AsyncClient, body: bytes, media_type: str, status: int, words: str
) -> None:
    path = "/api/journeys/loket/kpis/besluit/acknowledgement"
    answer = await client.post(path, content=body, headers={"content-type": media_type})
    assert answer.status_code == status
    assert words in answer.json()["detail"]


async def test_what_was_improved_stands_among_the_changes_of_alarm(alarmed: Counted, client: AsyncClient) -> None:
    """The alarm came in March 2026, on the decision: what was made there since is shown, and nothing else."""
    made = {
        "Korter": ("besluit", date(2026, 4, 6)),
        "Eerder": ("besluit", date(2025, 4, 7)),
        "Elders": ("factuur", date(2026, 4, 6)),
    }
    async with improvements(alarmed.database_url) as written:
        for what, (touchpoint, day) in made.items():
            await written.add("loket", proposal(what=what, touchpoint=touchpoint, done_on=day), by="A", now=WRITTEN)
    page = (await client.get("/alerts")).text
    assert page.count("verbetering gedaan") == 1
    assert 'href="/journeys/loket/improvements#v1">verbetering gedaan: Korter</a>' in page
