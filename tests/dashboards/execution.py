"""Asks a real database and a real Prometheus everything that a dashboard asks, and tells what comes to nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from tests.alerting import Server
from tests.dashboards.committed import Asked, Board, queries
from tests.dashboards.expansion import ALL, Chosen, NotKnown, Span, expanded, shown

NOTHING = "it comes to nothing"


@dataclass(frozen=True)
class Sources:
    """Whom a dashboard asks: a connection in a transaction of its reader's, and a Prometheus, if there is one."""

    database: psycopg.Connection
    prometheus: Server | None
    now: datetime
    timescale: bool = False


def failures(board: Board, sources: Sources, *, first: bool = False) -> dict[str, str]:
    """Return what goes wrong in a dashboard, by where.

    With `first`, the first value of each variable is chosen instead of all of them: then a query may come to nothing,
    as customers of that department may never have been asked, but it has to be one.
    """
    span = shown(board["time"]["from"], board["time"]["to"], sources.now)
    try:
        chosen = _choices(board, sources, span, first=first)
    except (NotKnown, psycopg.Error, LookupError) as error:
        return {f"{board['uid']} / variables": str(error).strip()}
    found = {}
    for asked in queries(board):
        fault = _fault(asked, chosen, sources, span)
        if fault is not None and not (first and fault is NOTHING):
            found[f"{asked.place} / {asked.ref_id}"] = fault
    return found


def _choices(board: Board, sources: Sources, span: Span, *, first: bool) -> Mapping[str, Chosen]:
    chosen: dict[str, Chosen] = {}
    for variable in board.get("templating", {}).get("list", []):
        text = expanded(variable["query"], chosen, span, timescale=sources.timescale)
        rows = _rows(text, sources)
        values = [str(row[-1]) for row in rows]
        if not values and not first:
            raise LookupError(f"${variable['name']} has nothing to choose from")
        takes_all = variable.get("current", {}).get("value") == ALL and not first
        all_value = variable.get("allValue") if takes_all else None
        chosen[variable["name"]] = Chosen(values if takes_all else values[:1] or [""], all_value)
    return chosen


def _fault(asked: Asked, chosen: Mapping[str, Chosen], sources: Sources, span: Span) -> str | None:
    try:
        text = expanded(asked.text, chosen, span, timescale=sources.timescale)
        if asked.source == "klantreis":
            values: Sequence[Any] = [value for row in _rows(text, sources) for value in row]
        elif asked.source == "prometheus":
            values = _samples(text, sources) if sources.prometheus else [0]
        else:
            return f"{asked.source} is no data source of deploy/"
    except (NotKnown, psycopg.Error, ValueError) as error:
        return str(error).strip()
    return None if any(_tells(value) for value in values) else NOTHING


def _tells(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _rows(text: str, sources: Sources) -> Sequence[tuple[Any, ...]]:
    with sources.database.transaction(force_rollback=True):
        return sources.database.execute(text.encode()).fetchall()


def _samples(text: str, sources: Sources) -> Sequence[float]:
    assert sources.prometheus
    answer = sources.prometheus.get("/api/v1/query", query=text)
    if answer["status"] != "success":
        raise ValueError(answer["error"])
    return [float(each["value"][1]) for each in answer["data"]["result"]]
