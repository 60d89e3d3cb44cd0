"""What is drawn in Python, what is committed, and what can be told of it by looking."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.all_boards import BOARDS, drawn
from dashboards.language import LANGUAGES
from tests.dashboards.committed import FILES, Board, panels, read
from tests.dashboards.demo import demo_journey
from tests.dashboards.layout import faults


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", BOARDS)
def test_what_is_committed_is_what_is_drawn(name: str, language: str) -> None:
    assert json.loads(drawn(name, language)) == read(name, language), "run `python -m dashboards`"


def test_nothing_else_is_committed() -> None:
    assert {(file.parent.name, file.stem) for file in FILES} == {(each, name) for each in LANGUAGES for name in BOARDS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_nothing_can_be_seen_to_be_wrong(file: Path) -> None:
    assert faults(json.loads(file.read_text())) == []


@pytest.mark.parametrize("name", BOARDS)
def test_the_sdk_reads_what_it_wrote(name: str) -> None:
    register_default_plugins()
    board = read(name)
    again = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
    assert again["uid"] == board["uid"]
    assert [panel["title"] for panel in again["panels"]] == [panel["title"] for panel in board["panels"]]


@pytest.mark.parametrize("name", BOARDS)
def test_both_languages_ask_the_same(name: str) -> None:
    """They differ in words and in which name they show, in nothing else."""
    dutch, english = read(name, "nl"), read(name, "en")
    assert (dutch["uid"] + "-en", dutch["time"]) == (english["uid"], english["time"])
    for one, other in zip(panels(dutch), panels(english), strict=True):
        assert (one["id"], one["type"], one["gridPos"]) == (other["id"], other["type"], other["gridPos"])
        assert [each.get("expr") for each in one.get("targets", [])] == [
            each.get("expr") for each in other.get("targets", [])
        ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_links_lead_to_dashboards_that_there_are(file: Path) -> None:
    uids = {json.loads(each.read_text())["uid"] for each in FILES}
    text = file.read_text()
    named = {part.split("?")[0].split('"')[0] for part in text.split("/d/")[1:]}
    assert named
    assert named <= uids


def test_the_wallboard_can_be_read_from_five_metres() -> None:
    """At most ten tiles (five of the first panel's), no controls, and figures of a size for the wall."""
    board = read("wallboard")
    first, *others = board["panels"]
    assert first["options"]["reduceOptions"]["limit"] + len(others) <= 10
    assert board["timepicker"]["hidden"]
    assert all(each["hide"] == 2 for each in board["templating"]["list"])
    sizes = [panel["options"]["text"] for panel in board["panels"]]
    assert min(size["titleSize"] for size in sizes) >= 32
    assert min(size["valueSize"] for size in sizes) >= 56
    assert sum(panel["gridPos"]["h"] for panel in (first, others[0])) * 38 < 900, "it fits on a screen of 1080 lines"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_state_fits_beside_the_longest_name(language: str) -> None:
    """A letter is two thirds as wide as it is high at most, and sizes on the wall do not shrink."""
    panel = read("wallboard", language)["panels"][0]
    assert panel["options"]["orientation"] == "horizontal", "one below the other"
    names = [getattr(each.name, language) for each in demo_journey().touchpoints if each.moment_of_truth]
    name = max(len(f"★ {each} 100 % (norm 80 %)") for each in names)
    states = panel["fieldConfig"]["defaults"]["mappings"][0]["options"].values()
    state = max(len(each["text"]) for each in states)
    sizes = panel["options"]["text"]
    assert (name * sizes["titleSize"] + state * sizes["valueSize"]) * 2 / 3 < 1920


def test_too_few_answers_do_not_look_broken() -> None:
    defaults = read("wallboard")["panels"][0]["fieldConfig"]["defaults"]
    told = {each["text"]: each["color"] for each in defaults["mappings"][0]["options"].values()}
    assert told["TE WEINIG ANTWOORDEN"] not in (told["ONDER NORM"], told["IN DE GATEN"])
    assert len(set(told.values())) == 5


def _overlapping(board: Board) -> None:
    board["panels"][4]["gridPos"]["y"] -= 1


def _with_unknown_unit(board: Board) -> None:
    board["panels"][0]["fieldConfig"]["defaults"]["unit"] = "fortnights"


def _with_undefined_variable(board: Board) -> None:
    board["panels"][0]["targets"][0]["expr"] += ' + on() max(up{job="$office"})'


def _too_wide(board: Board) -> None:
    board["panels"][3]["gridPos"]["w"] += 1


def _without_description(board: Board) -> None:
    board["panels"][0]["description"] = ""


def _without_query(board: Board) -> None:
    board["panels"][0]["targets"][0]["expr"] = ""


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_overlapping, "overlap"),
        (_with_unknown_unit, "fortnights is no unit"),
        (_with_undefined_variable, "$office is no variable"),
        (_too_wide, "beyond the last column"),
        (_without_description, "does not say what it is"),
        (_without_query, "is empty"),
    ],
)
def test_the_checker_catches(spoil: Callable[[Board], None], said: str) -> None:
    board = deepcopy(read("pipeline"))
    spoil(board)
    assert any(said in fault for fault in faults(board))
