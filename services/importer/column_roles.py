"""What a log's columns hold -> the role that each seems to have. Pure: names speak first, then what stands in them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.importer import column_words
from services.importer.column_profile import ColumnProfile, LogProfile
from services.importer.column_words import is_made_of, rank, words

_MOST_TOUCHPOINTS = 300
_LONGEST_TERM = 100
_NEARLY_ALL = 0.99
_TEN = 10
_FEW_ROWS = 9
_ROWS_PER_CASE = 1.2
"""From here on a case has rows of its own for what happened in it; below, one row tells it all."""

_STEM = 6
"""Of how many letters two words are alike: delivery and delivered."""


class Unclear(Exception):  # noqa: N818 - an answer about the user's file
    """The log does not show what is what; the text says which role no column seems to have."""


@dataclass(frozen=True)
class Times:
    """The columns of one touchpoint's moments."""

    occurred_at: str
    started_at: str | None = None
    due_at: str | None = None

    def columns(self) -> Mapping[str, str]:
        """Return the columns that there are, by field."""
        given = {"occurred_at": self.occurred_at, "started_at": self.started_at, "due_at": self.due_at}
        return {name: column for name, column in given.items() if column is not None}


@dataclass(frozen=True)
class Roles:
    """Which column seems to be what: `activity` and one of `times`, or several `times` in a log with a column each.

    `scores` are those that seem to hold what customers answered; which question that was, no log says.
    """

    case: str
    times: Sequence[Times]
    activity: str | None = None
    lifecycle: str | None = None
    instance: str | None = None
    descriptive: Mapping[str, str] = field(default_factory=dict)
    scores: Sequence[str] = ()

    def by_column(self) -> Mapping[str, str]:
        """Return the role of each column that has one."""
        moments = {column: name for times in self.times for name, column in times.columns().items()}
        others = {
            "touchpoint": self.activity,
            "lifecycle": self.lifecycle,
            "event_id": self.instance,
            "case": self.case,
        }
        named = {column: role for role, column in others.items() if column is not None}
        described = {column: role for role, column in self.descriptive.items()} | dict.fromkeys(self.scores, "score")
        return described | moments | named


def guess_roles(log: LogProfile) -> Roles:
    """Return the roles that the columns of a log seem to have; raise Unclear if there is no case or no moment."""
    moments = [name for name, column in log.columns.items() if column.form is not None]
    others = [name for name in log.columns if name not in moments and log.columns[name].filled]
    case = _case(log, others)
    if case is None:
        raise Unclear("no column seems to tell cases apart, such as a case number")
    if not moments:
        raise Unclear("no column seems to hold moments")
    comes_again = log.distinct(case) <= 1 / _ROWS_PER_CASE
    activity = _activity(log, case, others) if comes_again or len(moments) == 1 else None
    if comes_again and activity is None and len(moments) == 1:
        raise Unclear(f"cases ({case}) have several rows, and no column seems to say what each is about")
    roles = _wide(log, case, moments) if activity is None else _tall(log, case, activity, moments)
    taken = roles.by_column()
    return _described(log, roles, [name for name in others if name not in taken])


def _case(log: LogProfile, columns: Sequence[str]) -> str | None:
    full = [name for name in columns if log.columns[name].share >= _NEARLY_ALL and len(log.columns[name].values) > 1]
    named = [name for name in full if is_made_of(name, column_words.CASE, column_words.IDENTITY)]
    best = _best(named, column_words.CASE)
    if best is not None:
        return best
    numbered = [name for name in full if rank(name, column_words.IDENTITY) is not None]
    return min(numbered, key=log.distinct, default=None)


def _activity(log: LogProfile, case: str, columns: Sequence[str]) -> str | None:
    """Return the column that is called an activity, or else the first that changes within a case and has no role."""
    fit = [name for name in columns if name != case and _is_category(log, name)]
    if "concept:name" in fit:
        return "concept:name"
    taken = [word for words_ in column_words.DESCRIPTIVE.values() for word in words_]
    free = [name for name in fit if rank(name, (*taken, *column_words.LIFECYCLE)) is None]
    varying = (name for name in free if not log.constant_within(name, case))
    return _best(fit, column_words.ACTIVITY) or next(varying, None)


def _is_category(log: LogProfile, name: str) -> bool:
    """Return whether a column has few values, and is not one of numbers that tell the rows apart."""
    column = log.columns[name]
    few = not column.more and len(column.values) <= _MOST_TOUCHPOINTS
    return few and column.share >= _NEARLY_ALL and (len(log.sample) < _FEW_ROWS or log.distinct(name) < 1)


def _tall(log: LogProfile, case: str, activity: str, moments: Sequence[str]) -> Roles:
    varying = [name for name in moments if not log.constant_within(name, case)] or list(moments)
    lifecycle = _lifecycle(log)
    times = _row_times(varying, told_apart=lifecycle is not None)
    named = [name for name in log.columns if rank(name, column_words.INSTANCE) is not None]
    instance = _instance(log, [name for name in named if name not in (case, activity, *moments)], lifecycle, activity)
    return Roles(case, [times], activity, lifecycle, instance)


def _row_times(moments: Sequence[str], *, told_apart: bool) -> Times:
    """Return which moments are the end, the start and the promise; with rows of its own for a start, only the first."""
    due = [name for name in moments if rank(name, column_words.DUE) is not None]
    done = [name for name in moments if name not in due] or due
    started = [name for name in done if rank(name, column_words.START) is not None]
    ended = [name for name in done if name not in started]
    occurred = _best(ended, column_words.END) or (ended or started)[0]
    left = [name for name in started if name != occurred and not told_apart]
    return Times(occurred, left[0] if left else None, next((name for name in due if name != occurred), None))


def _lifecycle(log: LogProfile) -> str | None:
    """Return the column of transitions, if some rows tell of something else than a completion."""
    for name, column in log.columns.items():
        meant = {value.casefold() for value in column.values}
        if rank(name, column_words.LIFECYCLE) is not None and "complete" in meant and len(meant) > 1:
            return name
    return None


def _instance(log: LogProfile, named: Iterable[str], lifecycle: str | None, activity: str) -> str | None:
    """Return the column that gives each row, or each transition of it, an id of its own."""
    full = [name for name in named if log.columns[name].share == 1]
    apart = [] if lifecycle is None else [lifecycle, activity]
    return next((name for name in full if log.distinct(name, *apart) == 1), None)


def _wide(log: LogProfile, case: str, moments: Sequence[str]) -> Roles:
    due = [name for name in moments if rank(name, column_words.DUE) is not None]
    done = [name for name in moments if name not in due] or due
    times = _paired(done)
    if done is not due:
        times = _with_promises(times, due, list(log.columns))
    return Roles(case, times)


def _paired(moments: Sequence[str]) -> list[Times]:
    """Return the times of touchpoints, those with a start and an end as one."""
    starts = {_subject(name): name for name in moments if rank(name, column_words.START) is not None}
    ends = [name for name in moments if name not in starts.values()]
    used = {subject for subject in map(_subject, ends) if subject in starts}
    alone = [name for subject, name in starts.items() if subject not in used]
    found = [Times(name, starts.pop(_subject(name), None)) for name in ends] + [Times(name) for name in alone]
    return sorted(found, key=lambda times: moments.index(times.occurred_at))


def _subject(name: str) -> tuple[str, ...]:
    formal = {*column_words.START, *column_words.END, *column_words.MOMENT}
    return tuple(word for word in words(name) if word not in formal)


def _with_promises(times: Sequence[Times], due: Iterable[str], header: Sequence[str]) -> list[Times]:
    """Give each promise to the touchpoint nearest before it that has a word like one of its own; else to none."""
    common = set.intersection(*(set(words(each.occurred_at)) for each in times)) if len(times) > 1 else set[str]()
    found = list(times)
    for name in due:
        alike = [
            place
            for place, each in enumerate(found)
            if each.due_at is None
            and header.index(each.occurred_at) < header.index(name)
            and _stems(each.occurred_at, common) & _stems(name, common)
        ]
        if alike:
            place = max(alike, key=lambda place: header.index(found[place].occurred_at))
            found[place] = Times(found[place].occurred_at, found[place].started_at, name)
    return found


def _stems(name: str, common: set[str]) -> set[str]:
    return {word[:_STEM] for word in _subject(name) if word not in common and word not in column_words.DUE}


def _described(log: LogProfile, roles: Roles, free: Sequence[str]) -> Roles:
    """Add the descriptive fields; in a log with a column a touchpoint, only from what is the same in a whole case."""
    fit = [name for name in free if roles.activity is not None or log.constant_within(name, roles.case)]
    found: dict[str, str] = {}
    for role, wanted in column_words.DESCRIPTIVE.items():
        suits = _SUITS.get(role, _is_term)
        left = [name for name in fit if name not in found.values() and suits(log.columns[name])]
        best = _customer(log, left) if role == "customer" else _best(left, wanted)
        if best is not None:
            found[role] = best
    scores = [name for name in free if name not in found.values() and _is_score(log.columns[name])]
    return replace(roles, descriptive=found, scores=scores)


def _customer(log: LogProfile, columns: Sequence[str]) -> str | None:
    """Return the column of references to customers: of several, the one that finds most customers again."""
    wanted = column_words.DESCRIPTIVE["customer"]
    named = [name for name in columns if rank(name, wanted) is not None]
    references = [name for name in named if is_made_of(name, wanted, column_words.IDENTITY, ("unique", "reference"))]
    return min(references, key=log.distinct, default=None)


def _is_term(column: ColumnProfile) -> bool:
    return column.longest <= _LONGEST_TERM and not column.more


def _is_amount(column: ColumnProfile) -> bool:
    return all(re.fullmatch(r"-?\d{1,12}(\.\d{1,2})?", value) for value in column.values)


def _is_score(column: ColumnProfile) -> bool:
    """Return whether a column holds whole numbers of a scale of at most 10, and says so."""
    on_a_scale = all(value.isdecimal() and int(value) <= _TEN for value in column.values)
    return on_a_scale and not column.more and rank(column.name, column_words.SCORE) is not None


def _is_reference(column: ColumnProfile) -> bool:
    return column.longest <= 2 * _LONGEST_TERM


_SUITS: Mapping[str, Callable[[ColumnProfile], bool]] = {"customer": _is_reference, "cost": _is_amount}


def _best(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    """Return the name with the strongest word; of two, the one with fewer other words, then the first."""
    ranked = [(rank(name, wanted), len(words(name)), place) for place, name in enumerate(names)]
    matching = [(strength, length, place) for strength, length, place in ranked if strength is not None]
    return names[min(matching)[2]] if matching else None
