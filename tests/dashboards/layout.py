"""What can be told to be wrong with a dashboard without asking anybody: places, units, words, names of variables."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tests.dashboards.committed import Board, panels

COLUMNS = 24
# Of Grafana's units (@grafana/data, valueFormats) those that these dashboards may use.
UNITS = {"none", "short", "string", "s", "d", "h", "percentunit", "cps", "dateTimeAsLocal", "dateTimeFromNow"}
TYPES = {"stat", "timeseries", "barchart", "table", "text", "state-timeline"}
_BUILT_IN = re.compile(
    r"__(data|value|field|url\w*|interval|rate_interval|range|timeFilter|timeFrom|timeTo|timeGroup\w*|all)\b"
)
_NAMED = re.compile(r"\$\{?([a-zA-Z_]\w*)")


def faults(board: Board) -> list[str]:
    """Return everything that is wrong, each with where it is."""
    return [f"{board['uid']}{place}: {fault}" for place, fault in _found(board)]


def _found(board: Board) -> Iterator[tuple[str, str]]:
    yield from _of_the_whole(board)
    names = {each["name"] for each in board.get("templating", {}).get("list", [])}
    for panel in panels(board):
        for fault in _of_panel(panel, names):
            yield f" / {panel.get('title')}", fault


def _of_the_whole(board: Board) -> Iterator[tuple[str, str]]:
    everything = list(panels(board))
    if len({panel.get("id") for panel in everything}) < len(everything):
        yield "", "two panels have one id"
    for one, other in combinations(everything, 2):
        if _overlap(one["gridPos"], other["gridPos"]):
            yield "", f"{one['title']} and {other['title']} overlap"
    for top in {panel["gridPos"]["y"] for panel in everything}:
        width = sum(panel["gridPos"]["w"] for panel in everything if panel["gridPos"]["y"] == top)
        if width != COLUMNS:
            yield "", f"the row at {top} fills {width} columns"


def _of_panel(panel: dict[str, Any], names: set[str]) -> Iterator[str]:
    where = panel["gridPos"]
    if where["x"] + where["w"] > COLUMNS:
        yield "it reaches beyond the last column"
    if panel["type"] not in TYPES:
        yield f"{panel['type']} is no type of panel that is used here"
    if not panel.get("links"):
        yield "it leads nowhere"
    if not panel.get("title") or not panel.get("description"):
        yield "it does not say what it is"
    for name in _NAMED.findall(str(panel)):
        if name not in names and not _BUILT_IN.match(name):
            yield f"${name} is no variable of this dashboard"
    if panel["type"] != "text":
        yield from _of_asking_panel(panel)


def _of_asking_panel(panel: dict[str, Any]) -> Iterator[str]:
    for unit in _units(panel):
        if unit not in UNITS:
            yield f"{unit} is no unit"
    if not panel.get("targets"):
        yield "it asks nothing"
    for target in panel.get("targets", []):
        if not target.get("rawSql") and not target.get("expr"):
            yield f"query {target.get('refId')} is empty"
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    colours = re.search(r"kleur|Groen|Rood|Grijs|Oranje|colour|Green|Red|Grey|Orange", panel["description"])
    if steps and not colours:
        yield "it does not say what its colours mean"


def _units(panel: dict[str, Any]) -> Iterator[object]:
    yield panel["fieldConfig"]["defaults"].get("unit")
    for override in panel["fieldConfig"].get("overrides", []):
        yield from (each["value"] for each in override["properties"] if each["id"] == "unit")


def _overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not beside and not above
