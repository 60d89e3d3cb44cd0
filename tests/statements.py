"""Every named block of SQL that the store holds, as it may be asked: its gaps filled in, its parameters numbered."""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import NamedTuple

import psycopg
from psycopg import sql

from services.store.queries import load

FRAGMENTS = {("kpis", "covered"), ("paths", "of_whom"), ("rebuild", "figures")}
"""What is no statement by itself, but a part of others."""

_GAPS: Mapping[str, Mapping[str, str]] = {
    "": {"table": "windows_hour", "windows": "windows_hour", "rollups": "rollups_hour", "held": "windows_day"},
    "counting claim_keys": {"table": "event_keys", "id": "event_id"},
    "counting copy_keys": {"table": "answer_keys", "id": "answer_id"},
    "counting digests": {"table": "answer_keys", "id": "answer_id"},
    "counting release_keys": {"table": "event_keys", "id": "event_id"},
    "dump copy_in": {"table": "imports", "columns": "journey"},
    "dump copy_out": {"table": "touchpoint_events", "columns": "case_key"},
    "dump": {"table": "imports"},
    "rebuild": {"right": "right_hours", "differing": "differing_hours", "scores": "scores"},
    "workload": {"handler": "team"},
    "upkeep": {"table": "windows_hour", "moment": "bucket"},
}
"""What is put into the gaps of blocks: of all, of a file, of one block."""

_TYPES: Mapping[str, Mapping[str, str]] = {"flags backlog": {"now": "::timestamptz"}}
"""Parameters of which their place does not say what they are; the store gives each with its type."""

_PARAMETER = re.compile(r"%\((\w+)\)s")


class Statement(NamedTuple):
    """A block: where it stands, its text, and its text with numbered parameters."""

    file: str
    name: str
    text: sql.Composed
    numbered: str

    @property
    def verb(self) -> str:
        """The word that it begins with."""
        lines = [line for line in self.numbered.splitlines() if not line.startswith("--")]
        return lines[0].split()[0]


def statements(connection: psycopg.Connection) -> Iterator[Statement]:
    """Yield all statements, those of a file in its order."""
    folder = files("services.store.queries")
    for file in sorted(each.name.removesuffix(".sql") for each in folder.iterdir() if each.name.endswith(".sql")):
        for name in load(file):
            if (file, name) not in FRAGMENTS:
                text = _filled(file, name)
                yield Statement(
                    file, name, text, _numbered(text.as_string(connection), _TYPES.get(f"{file} {name}", {}))
                )


def _filled(file: str, name: str) -> sql.Composed:
    text = sql.SQL(load(file)[name])
    if not re.search(r"{\w+}", load(file)[name]):
        return sql.Composed([text])
    gaps = {**_GAPS[""], **_GAPS.get(file, {}), **_GAPS.get(f"{file} {name}", {})}
    parts: dict[str, sql.Composable] = {gap: sql.Identifier(filled) for gap, filled in gaps.items()}
    for fragment_file, fragment in FRAGMENTS - {("rebuild", "figures")}:
        parts[fragment] = sql.SQL(load(fragment_file)[fragment])
    figures = sql.SQL(load("rebuild")["figures"])
    parts["held_figures"] = figures.format(rows=parts["held"])
    parts["right_figures"] = figures.format(rows=parts.get("right", parts["held"]))
    return text.format(**parts)


def _numbered(text: str, types: Mapping[str, str]) -> str:
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${numbers.setdefault(match[1], len(numbers) + 1)}{types.get(match[1], '')}"

    found = _PARAMETER.sub(number, text)
    return found.replace("%%", "%") if numbers else found
