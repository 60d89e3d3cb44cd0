"""Which touchpoint to improve first: its importance, times how far it falls short, times how many come by. Pure.

It is a sum that one can do again by hand: its factors are rounded as they are shown before they are multiplied.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

_TENTH = Decimal("0.1")


class Factor(StrEnum):
    """What a priority is made of."""

    IMPORTANCE = "importance"
    SCORE = "score"
    AIM = "aim"


@dataclass(frozen=True)
class Priority:
    """The factors of a priority; None is what is not known, and without it there is no priority.

    `importance`, `score` and `aim` are in tenths on scales of 1 to 10, and `volume` is a number of visits. The aim is
    the norm or the ideal, whichever asks for more; `aims_at_ideal` says which.
    """

    importance: Decimal | None
    score: Decimal | None
    aim: Decimal | None
    aims_at_ideal: bool
    volume: int

    @property
    def gap(self) -> Decimal | None:
        """How far the score falls short of the aim; 0 if it does not."""
        if self.score is None or self.aim is None:
            return None
        return max(self.aim - self.score, Decimal(0))

    @property
    def value(self) -> Decimal | None:
        """The product of importance, gap and volume."""
        if self.importance is None or self.gap is None:
            return None
        return self.importance * self.gap * self.volume

    @property
    def unknown(self) -> tuple[Factor, ...]:
        """What would have to be known for there to be a priority."""
        known = {Factor.IMPORTANCE: self.importance, Factor.SCORE: self.score, Factor.AIM: self.aim}
        return tuple(factor for factor, value in known.items() if value is None)


def priority(
    *, importance: float | None, score: float | None, norm: float | None, ideal: float | None, volume: int
) -> Priority:
    """Return the priority of a touchpoint with these figures: all but the volume on a scale of 1 to 10."""
    aims = [aim for aim in (norm, ideal) if aim is not None]
    aim = max(aims, default=None)
    return Priority(
        importance=_tenths(importance),
        score=_tenths(score),
        aim=_tenths(aim),
        aims_at_ideal=ideal is not None and ideal == aim,
        volume=max(0, volume),
    )


def _tenths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(_TENTH, ROUND_HALF_EVEN)
