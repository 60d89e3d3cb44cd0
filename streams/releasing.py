"""Releasing scores in lots, so that no difference between two figures tells what one customer said. Pure.

All scores of a lot are shown at one moment, that of its last one: a lot comes into every window whole and leaves it
whole. A score that is taken back takes its lot back with it; what remains of the lot waits for the next one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from streams.observations import Observation, Scope


class Score(NamedTuple):
    """What a customer said, in thousandths of a point of the measure's scale, and when."""

    at: datetime
    value: int


class Waiting(NamedTuple):
    """A score that is in no lot; `shown` if it was in one of the same scope before."""

    score: Score
    shown: bool = False


class Lot(NamedTuple):
    """Scores of one scope that are shown together."""

    scores: Sequence[Score]

    @property
    def moment(self) -> datetime:
        """The moment at which they are shown."""
        return max(score.at for score in self.scores)


class Held(NamedTuple):
    """What is held of a scope: all that waits, and the lots, by number, with scores like those to be taken back."""

    waiting: Sequence[Waiting] = ()
    lots: Mapping[int, Lot] = {}


@dataclass
class Release:
    """What a scope holds afterwards: all that waits, the lots made, and the numbers of those taken back.

    `unknown` are scores that were to be taken back and are not held.
    """

    waiting: list[Waiting]
    made: list[Lot] = field(default_factory=list)
    taken_back: list[int] = field(default_factory=list)
    unknown: list[Score] = field(default_factory=list)


def release(held: Held, changes: Mapping[Score, int], least: int) -> Release:
    """Add scores (a count above 0) and take some back (below 0), then make what lots can be made.

    A lot is made as soon as `least` scores wait that were never shown of this scope. Those that were go with them:
    alone with one newcomer they would tell it.
    """
    after = Release(list(held.waiting))
    for score, count in changes.items():
        after.waiting += [Waiting(score)] * count
        for _ in range(-count):
            _take_back(score, held, after)
    _make_lots(after, least)
    return after


def _take_back(score: Score, held: Held, after: Release) -> None:
    alike = next((waiting for waiting in after.waiting if waiting.score == score), None)
    if alike is None:
        number = _lot_with(score, held, after)
        if number is None:
            after.unknown.append(score)
            return
        after.taken_back.append(number)
        after.waiting += [Waiting(each, shown=True) for each in held.lots[number].scores]
        alike = Waiting(score, shown=True)
    after.waiting.remove(alike)


def _lot_with(score: Score, held: Held, after: Release) -> int | None:
    numbers = (number for number, lot in held.lots.items() if score in lot.scores and number not in after.taken_back)
    return next(numbers, None)


def _make_lots(after: Release, least: int) -> None:
    """Make lots in the order of time, so that scores of about one moment are shown together."""
    gathered: list[Waiting] = []
    new = 0
    for waiting in sorted(after.waiting):
        gathered.append(waiting)
        new += not waiting.shown
        if new == least:
            after.made.append(Lot([each.score for each in gathered]))
            gathered, new = [], 0
    after.waiting = gathered


def shown_as(measure: str) -> str:
    """Return the measure as which the scores of a measure are shown; by its own name they are for nobody's eyes."""
    return f"released {measure}"


def released(scope: Scope) -> Scope:
    """Return the scope in which the scores of a scope are shown."""
    return scope._replace(measure=shown_as(scope.measure))


def shown(scope: Scope, lots: Iterable[Lot]) -> Iterable[Observation]:
    """Return what lots of a scope show."""
    public = released(scope)
    return [Observation(lot.moment, public, score.value) for lot in lots for score in lot.scores]
