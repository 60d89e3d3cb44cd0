"""The dashboards as they are committed, and every query in them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.conftest import CHECKOUT

Board = dict[str, Any]

FOLDER = CHECKOUT / "dashboards"
FILES = sorted(FOLDER.glob("*/*.json"))


def read(name: str, language: str = "nl") -> Board:
    board: Board = json.loads((FOLDER / language / f"{name}.json").read_text())
    return board


@dataclass(frozen=True)
class Asked:
    """A query: where it stands, the uid of whom it asks, and what."""

    place: str
    source: str
    text: str
    ref_id: str = "A"


def panels(board: Board) -> Iterator[dict[str, Any]]:
    """Yield every panel, those within rows too."""
    for panel in board.get("panels", []):
        yield panel
        yield from panel.get("panels", [])


def queries(board: Board) -> Iterator[Asked]:
    """Yield what panels and annotations ask. Variables are not among them: they ask in turn, each with the answers
    of those before it."""
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield _asked(f"{board['uid']} / {panel['title']}", target)
    for annotation in board.get("annotations", {}).get("list", []):
        if not annotation.get("builtIn"):
            yield _asked(f"{board['uid']} / annotation {annotation['name']}", annotation["target"])


def _asked(place: str, target: Mapping[str, Any]) -> Asked:
    text = target.get("rawSql") or target.get("expr") or ""
    return Asked(place, target["datasource"]["uid"], text, target.get("refId", ""))
