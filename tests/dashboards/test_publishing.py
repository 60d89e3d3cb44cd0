"""`klantreis dashboards publish`, to what stands for a Grafana."""

import socketserver
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from services.embedded.ports import free_port
from services.publishing import committed
from tests.dashboards.committed import FILES, read
from tests.grafana import EDITOR, VIEWER, StandInGrafana, standing_in
from tests.serving import serving, serving_connections

UIDS = {read(file.stem)["uid"] for file in FILES if file.parent.name == "nl"}


@pytest.fixture
def grafana() -> Iterator[StandInGrafana]:
    with standing_in() as grafana:
        yield grafana


def publish(address: str, *options: str, token: str = EDITOR) -> Result:
    environment = {"KLANTREIS_GRAFANA_URL": address, "KLANTREIS_GRAFANA_TOKEN": token, "NO_COLOR": "1"}
    return CliRunner().invoke(app, ["dashboards", "publish", *options], env={**environment, "COLUMNS": "300"})


def verdicts(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    return dict(line.split(": ") for line in result.output.splitlines() if line.startswith("klantreis-"))


def test_all_of_them_are_new_then_the_same(grafana: StandInGrafana) -> None:
    assert verdicts(publish(grafana.address)) == dict.fromkeys(UIDS, "new")
    assert grafana.folders == {"klantreis": "Klantreis"}
    assert grafana.dashboards.keys() == UIDS
    for uid, held in grafana.dashboards.items():
        assert held["meta"]["folderUid"] == "klantreis"
        (drawn,) = (each for each in committed("nl") if each["uid"] == uid)
        assert {**held["dashboard"], "id": 0, "version": 0} == {**drawn, "id": 0, "version": 0}
    grafana.writes.clear()
    assert verdicts(publish(grafana.address)) == dict.fromkeys(UIDS, "same")
    assert grafana.writes == []


def test_what_somebody_changed_there_is_put_back_with_a_diff(grafana: StandInGrafana) -> None:
    publish(grafana.address)
    grafana.dashboards["klantreis-pipeline"]["dashboard"]["title"] = "Mijn keten"
    result = publish(grafana.address, "--diff")
    assert verdicts(result)["klantreis-pipeline"] == "changed"
    changed = [line.strip() for line in result.output.splitlines() if line[:1] in "+-" and "title" in line]
    assert changed == ['-  "title": "Mijn keten",', f'+  "title": "{read("pipeline")["title"]}",']
    assert grafana.dashboards["klantreis-pipeline"]["dashboard"]["title"] == read("pipeline")["title"]
    assert grafana.dashboards["klantreis-pipeline"]["dashboard"]["version"] == 2


def test_a_dry_run_changes_nothing(grafana: StandInGrafana) -> None:
    assert verdicts(publish(grafana.address, "--dry-run")) == dict.fromkeys(UIDS, "new")
    assert (grafana.writes, grafana.folders, grafana.dashboards) == ([], {}, {})


def test_english_ones_are_others(grafana: StandInGrafana) -> None:
    assert verdicts(publish(grafana.address, "--language", "en")).keys() == {f"{uid}-en" for uid in UIDS}


def test_a_data_source_that_is_not_there_is_told(grafana: StandInGrafana) -> None:
    grafana.data_sources = {"klantreis"}
    result = publish(grafana.address)
    assert "no data source with the uid prometheus" in result.output
    assert "uid klantreis" not in result.output


def not_ours(board: dict[str, Any]) -> dict[str, Any]:
    return {**board, "tags": ["of somebody else"]}


@pytest.mark.parametrize(
    ("folder", "changed", "provisioned", "said"),
    [
        ("elsewhere", dict, False, "is in the folder elsewhere"),
        ("", dict, False, "is in the folder General"),
        ("klantreis", not_ours, False, "lacks the tag klantreis"),
        ("klantreis", dict, True, "reads it from a file"),
    ],
)
def test_what_is_not_ours_is_left_alone(
    grafana: StandInGrafana, folder: str, changed: Any, provisioned: bool, said: str
) -> None:
    grafana.hold(changed(read("wallboard")), folder, provisioned=provisioned)
    result = publish(grafana.address)
    assert result.exit_code != 0
    assert said in result.output
    assert "klantreis-wallboard" in result.output
    assert grafana.writes == []


def test_a_save_in_between_is_not_overwritten(grafana: StandInGrafana, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody saves it after it was read and before it is saved: Grafana answers 412."""
    publish(grafana.address)
    held = grafana.dashboards["klantreis-journey"]["dashboard"]
    held["title"] = "Anders"
    answer = grafana.answer

    def meanwhile(method: str, path: str, *given: Any) -> Any:
        if method == "POST":
            held["version"] = 7
        return answer(method, path, *given)

    monkeypatch.setattr(grafana, "answer", meanwhile)
    result = publish(grafana.address)
    assert result.exit_code != 0
    assert "klantreis-journey: somebody changed it meanwhile" in result.output
    assert held["title"] == "Anders"


def test_a_token_that_is_not_known_is_told(grafana: StandInGrafana) -> None:
    result = publish(grafana.address, token="glsa_of_nobody")
    assert result.exit_code != 0
    assert "does not know the token in KLANTREIS_GRAFANA_TOKEN" in result.output
    assert "glsa_of_nobody" not in result.output


def test_a_token_that_may_not_write_is_told(grafana: StandInGrafana) -> None:
    result = publish(grafana.address, token=VIEWER)
    assert result.exit_code != 0
    assert "needs the role Editor" in result.output


class Elsewhere(BaseHTTPRequestHandler):
    """A server that is no Grafana."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"<html")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class HangingUp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.request.close()


def test_where_no_grafana_is_that_is_told(grafana: StandInGrafana) -> None:
    with serving(Elsewhere) as address:
        assert "not as Grafana does" in publish(address).output
    with serving_connections(HangingUp) as address:
        assert "cannot be reached" in publish(f"http://{address}").output
    assert "cannot be reached" in publish(f"http://127.0.0.1:{free_port()}").output
    result = publish(f"{grafana.address}/somewhere/else")
    assert result.exit_code != 0
    assert "has nothing at /api/health" in result.output


@pytest.mark.parametrize("address", ["", "grafana.example", "ftp://grafana.example"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    result = publish(address)
    assert result.exit_code != 0
    assert "KLANTREIS_GRAFANA_URL" in result.output


def test_a_language_that_there_is_not_is_told(grafana: StandInGrafana) -> None:
    result = publish(grafana.address, "--language", "fr")
    assert result.exit_code != 0
    assert "nl, en" in result.output
