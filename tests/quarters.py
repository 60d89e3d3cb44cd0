"""Quarters of answers, drawn by chance with means that are exact by construction, to hold the KPI test against.

Answers are whole scores of 1 to 10. A distribution is a base of ten weights, tilted: weights times exp(a k + b k k),
with a and b solved for the mean and the standard deviation that are wanted. Each working day has a level of its own,
one of LEVELS equally likely normal quantiles, scaled to a standard deviation of exactly 0.3; a day's distribution is
the tilt of the undisturbed one to mean + level. Levels add up to 0, so the mean over days is exactly the one wanted.
A drop is a tilt by a alone, which widens the distribution, the J-shaped one from 2.3 to 2.9, as more disappointed
customers do; or by both, so that the standard deviation stays what it was.

Answers come on working days, Monday to Friday, from 8 to 17 o'clock by the clock of Amsterdam, as a Poisson process
with more on Mondays and before noon. All of a day's answers share its level, so that nothing is as hard
as few, busy days.
What an hour's answers add up to is drawn at once, from the distribution of the sum of so many.
"""

import math
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from statistics import NormalDist
from zoneinfo import ZoneInfo

from streams.cusum import Bucket

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS = 13
DAY_EFFECT = 0.3
LEVELS = 101

_BY_WEEKDAY = (1.3, 1.0, 1.0, 0.9, 0.8)
_BY_HOUR = (0.6, 1.2, 1.4, 1.2, 0.8, 1.1, 1.1, 1.0, 0.6)
_OPENS = 7  # in UTC; in summer the offices open an hour later than they should, which matters to nothing
_AT_ONCE = 16


@dataclass(frozen=True)
class Shape:
    """How answers to a question are spread: ten weights, and the standard deviation on the norm."""

    name: str
    base: tuple[float, ...]
    sd: float


LEFT_SKEWED = Shape("left-skewed", (1, 1, 2, 3, 5, 8, 14, 24, 26, 16), 1.8)
J_SHAPED = Shape("J-shaped", (7, 1, 1, 1.5, 3, 6, 14, 24, 24, 19), 2.3)


def _mean(weights: Sequence[float]) -> float:
    return sum(value * weight for value, weight in enumerate(weights, 1)) / sum(weights)


def _sd(weights: Sequence[float]) -> float:
    middle = _mean(weights)
    return math.sqrt(sum(weight * (value - middle) ** 2 for value, weight in enumerate(weights, 1)) / sum(weights))


def _tilted(weights: Sequence[float], a: float, b: float = 0.0) -> tuple[float, ...]:
    return tuple(w * math.exp(a * (k - 5.5) + b * (k - 5.5) ** 2) for k, w in enumerate(weights, 1))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2


def with_mean(weights: Sequence[float], mean: float) -> tuple[float, ...]:
    """Tilt weights until they have a mean."""
    return _tilted(weights, _root(lambda a: _mean(_tilted(weights, a)) - mean, -5, 5))


def on_norm(shape: Shape, norm: float) -> tuple[float, ...]:
    b = _root(lambda b: _sd(with_mean(_tilted(shape.base, 0, b), norm)) - shape.sd, -1, 1)
    return with_mean(_tilted(shape.base, 0, b), norm)


@cache
def levels(sd: float) -> tuple[float, ...]:
    if sd == 0:
        return (0.0,)
    raw = [NormalDist().inv_cdf((place + 0.5) / LEVELS) for place in range(LEVELS)]
    scale = sd / math.sqrt(sum(each * each for each in raw) / LEVELS)
    return tuple(scale * each for each in raw)


class Sums:
    """Draws what n values add up to, in thousandths, each value being lowest + place with weights[place]."""

    def __init__(self, weights: Sequence[float], lowest: int) -> None:
        whole = sum(weights)
        self._one = [weight / whole for weight in weights]
        self._lowest = lowest
        self._tables = [[1.0], _up_to_one(self._one)]
        self._last = self._one

    def draw(self, chance: Random, n: int) -> int:
        total = 0
        while n > _AT_ONCE:
            total += self._draw(chance, _AT_ONCE)
            n -= _AT_ONCE
        return 1000 * (total + self._draw(chance, n))

    def _draw(self, chance: Random, n: int) -> int:
        while len(self._tables) <= n:
            self._last = _convolved(self._last, self._one)
            self._tables.append(_up_to_one(self._last))
        return n * self._lowest + bisect(self._tables[n], chance.random())


def _up_to_one(weights: Sequence[float]) -> list[float]:
    """Accumulate weights to a table for `bisect`, whose end no number under 1 lies beyond, however it was rounded."""
    return [*accumulate(weights[:-1]), 1.0]


def _convolved(one: Sequence[float], other: Sequence[float]) -> list[float]:
    out = [0.0] * (len(one) + len(other) - 1)
    for place, weight in enumerate(one):
        for further, more in enumerate(other):
            out[place + further] += weight * more
    return out


@cache
def scores(
    shape: Shape, norm: float, mean: float, day_effect: float = DAY_EFFECT, *, widened: bool = True
) -> tuple[Sums, ...]:
    """Return the distributions of days on which the mean over days is `mean`, one for each level.

    Those of a drop are `widened` as the tilt makes them, or have the standard deviation that answers on the norm have.
    """
    undisturbed = with_mean(on_norm(shape, norm), mean) if widened else on_norm(shape, mean)
    return tuple(Sums(with_mean(undisturbed, mean + level), 1) for level in levels(day_effect))


@cache
def kept(misses: float) -> tuple[Sums, ...]:
    return (Sums((misses, 1 - misses), 0),)


@cache
def _poisson(mean: float) -> tuple[float, ...]:
    p, total, out, k = math.exp(-mean), 0.0, [], 0
    while total < 1 - 1e-12:
        total += p
        out.append(total)
        k += 1
        p *= mean / k
    return tuple(out)


@cache
def _days(rate: float, weeks: int, start: datetime) -> tuple[tuple[tuple[datetime, tuple[float, ...]], ...], ...]:
    """Return the hours of each working day: when they begin, and the distribution of how many answers come."""
    mondays = [start + timedelta(weeks=week, hours=_OPENS) for week in range(weeks)]
    return tuple(
        tuple((monday + timedelta(days=day, hours=hour), table) for hour, table in enumerate(hours))
        for monday in mondays
        for day, hours in enumerate(_hours(rate))
    )


@cache
def _hours(rate: float) -> tuple[tuple[tuple[float, ...], ...], ...]:
    whole = sum(_BY_WEEKDAY) * sum(_BY_HOUR) * WEEKS
    return tuple(tuple(_poisson(rate * day * hour / whole) for hour in _BY_HOUR) for day in _BY_WEEKDAY)


def draw(
    chance: Random, days: Sequence[Sums], rate: float, weeks: int = WEEKS, start: datetime = MONDAY
) -> Iterator[Bucket]:
    """Draw the hour buckets of so many weeks with `rate` answers in a quarter."""
    for hours in _days(rate, weeks, start):
        sums = chance.choice(days)
        for at, table in hours:
            n = bisect(table, chance.random())
            if n:
                yield Bucket(at, n, sums.draw(chance, n))
