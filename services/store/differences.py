"""Rows that are not right, in words. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from streams.flagging import Flag
from streams.observations import OF_SPANS, OF_STEPS, OF_WORK, Scope
from streams.progress import Progress
from streams.terms import Term

SHOWN = 10
"""Of how many rows of each table the difference is told."""

_MOST_BINS = 3

Figures = dict[str, object]


class Difference(NamedTuple):
    """A row that is not right: its table, what it is about, when its bucket begins, what is stored, what is right."""

    table: str
    about: str
    at: datetime | None
    held: str
    right: str


@dataclass
class Differences:
    """How many rows of each table differ, and the first of them."""

    number: dict[str, int] = field(default_factory=dict)
    first: list[Difference] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many rows differ in all."""
        return sum(self.number.values())

    def add(self, table: str, number: int, first: Iterable[Difference]) -> None:
        """Note how many rows more of a table differ, and the first of them."""
        if number:
            room = max(0, SHOWN - self.number.get(table, 0))
            self.number[table] = self.number.get(table, 0) + number
            self.first += islice(first, room)


def of_window(table: str, row: Mapping[str, Any]) -> Difference:
    """Return what differs in a window; `row` has its scope, its bucket, and both figures (held_n, right_n, ...)."""
    held, right = _figures(row, "held"), _figures(row, "right")
    return _difference(table, about(Scope(*(row[name] for name in Scope._fields))), row["bucket"], held, right)


def of_score(row: Mapping[str, Any]) -> Difference:
    """Return what differs in how often a score is there; `row` has its scope, its moment, and both numbers.

    The score itself is not told: it is what one customer said.
    """
    held: Figures = {"scores": row["held"]}
    right: Figures = {"scores": row["correct"]}
    return _difference("scores", about(Scope(*(row[name] for name in Scope._fields))), row["at"], held, right)


def of_case_hour(row: Mapping[str, Any]) -> Difference:
    """Return what differs in an hour of cases; `row` has both figures (held_opened, opened, ...)."""
    held = {"opened": row["held_opened"], "closed": row["held_closed"]}
    right = {"opened": row["opened"], "closed": row["closed"]}
    return _difference("case_hours", f"{row['journey']}: cases opened in this hour", row["opened_in"], held, right)


def of_case(journey: str, case_id: str, held: Progress, right: Progress) -> Difference:
    """Return what differs in how far a case is."""
    return _difference("cases", f"{journey}: case {case_id}", None, _facts(held), _facts(right))


def of_flag(held: Flag, right: Flag) -> Difference:
    """Return what differs in how a flag stands."""
    what = f"{held.journey}: case {held.case_id}, {held.expected.kind} {held.expected.touchpoint}"
    return Difference("case_flags", what, held.expected.due_at, held.state, right.state)


def about(scope: Scope) -> str:
    """Return what a scope is about, such as 'loket: throughput of beslistermijn, touchpoint besluit, channel web'."""
    links = " of " if scope.measure in OF_SPANS | OF_WORK else " after " if scope.measure in OF_STEPS else ""
    measure = f"{scope.journey}: {scope.measure}" + (links + scope.span if links and scope.span else "")
    given = scope._asdict().items()
    parts = [f"{name} {value}" for name, value in given if value and name not in ("journey", "measure", "span")]
    stands = [] if links or not scope.span else [scope.span.replace("_", " ")]
    return ", ".join([measure, *parts, *stands])


def _difference(table: str, what: str, at: datetime | None, held: Figures, right: Figures) -> Difference:
    changed = [name for name in held | right if held.get(name) != right.get(name)]
    return Difference(table, what, at, _said(held, changed), _said(right, changed))


def _figures(row: Mapping[str, Any], side: str) -> Figures:
    if row[f"{side}_n"] is None:
        return {}
    sums: Figures = {name: row[f"{side}_{name}"] for name in ("n", "total", "squares")}
    bins = zip(row[f"{side}_bins"], row[f"{side}_counts"], strict=True)
    return sums | {f"in bin {bin_}": count for bin_, count in bins}


def _facts(progress: Progress) -> Figures:
    rest = {"version": progress.version, "answered_at": progress.answered_at, "path": progress.path}
    rest |= {f"{each.kind} {each.touchpoint} since": each.since for each in progress.expected}
    spans = (fact for span, term in progress.begun.items() for fact in _of_span(span, term))
    return progress.status._asdict() | rest | dict(spans)


def _of_span(span: str, term: Term | None) -> Iterator[tuple[str, object]]:
    """Yield when a span began, and what else is known of it; of one that has ended only that there is nothing more."""
    yield f"{span} began", term and term.since
    if term is not None and term[1:] != Term(term.since)[1:]:
        who = [name for name in (term.channel, term.persona) if name]
        paused = [f"paused since {pause.since.isoformat()}" for pause in term.pauses]
        yield f"{span} of", ", ".join([*who, *paused, *(["passed by"] if term.passed_by else [])])


def _said(figures: Figures, changed: Iterable[str]) -> str:
    said = [f"{name} {_word(figures[name])}" for name in changed if name in figures]
    bins = [word for word in said if word.startswith("in bin")]
    shown = [word for word in said if word not in bins[_MOST_BINS:]]
    more = len(said) - len(shown)
    return ", ".join(shown) + (f" and {more} bins more" if more else "") or "nothing"


def _word(fact: object) -> str:
    if fact is None:
        return "unknown"
    return fact.isoformat() if isinstance(fact, datetime) else str(fact)
