"""How often an effect is found where there is one, and where there is none, in weeks that are drawn by chance.

    python -m tests.effect_simulation

prints the figures of docs/effect.md. A run is a journey of touchpoints, each with a mean of its own. A week has a level
that all of them share and one for each touchpoint alone (SHOCKS); customers give whole scores of 1 to 10 around that.
From the change on, one touchpoint is better by the effect. How many answer in a week varies, too, and between
touchpoints by up to a factor of four.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from streams.effect import OTHERS, WEEKS_AFTER, WEEKS_BEFORE, Sides, Weekly
from streams.improvement_effect import Measured, measured
from streams.sample import Sample
from streams.scores import Estimate
from tests.quarters import LEFT_SKEWED, on_norm, with_mean

RUNS = 500
SHOCKS = (0.15, 0.3)
RATES = (10, 30, 100)
EFFECTS = (0.0, 0.5, 1.0)
ENOUGH = 20
COMMON = 0.2
"""The standard deviation of what happens to all touchpoints alike in a week."""

MEANS = 5.8, 8.0
SHORT, LONG = WEEKS_BEFORE, 65
SIDES = Sides(tuple(range(-WEEKS_BEFORE, 0)), tuple(range(WEEKS_AFTER)))
_NORM = on_norm(LEFT_SKEWED, 7.2)
_GRID = 100
_MANY = 40
_SCORES = range(1000, 11_000, 1000)


@dataclass(frozen=True)
class Cell:
    """What runs of one kind have in common: answers a week at the changed touchpoint, shocks, the effect, weeks of
    history, and how much of its shock a touchpoint keeps from one week to the next."""

    rate: int
    shock: float
    effect: float
    history: int = SHORT
    others: int = OTHERS
    kept: float = 0.0
    sides: Sides = SIDES

    def estimates(self, runs: int, seed: int = 1) -> Iterator[Estimate]:
        chance = Random(f"{seed}/{self}")
        for _ in range(runs):
            yield self._estimate(chance)

    def _estimate(self, chance: Random) -> Estimate:
        common = [chance.gauss(0, COMMON) for _ in range(self.history + self.sides.after[-1] + 1)]
        changed = weekly(chance, self, common, chance.uniform(*MEANS), self.rate, effect=self.effect)
        rates = [self.rate * chance.choice((0.5, 1, 2)) for _ in range(self.others)]
        others = [weekly(chance, self, common, chance.uniform(*MEANS), rate) for rate in rates]
        found = measured(changed, others, self.sides, -self.history, ENOUGH)
        assert isinstance(found, Measured), found
        return Estimate(*(each / 1000 for each in found.estimate))


def weekly(
    chance: Random, cell: Cell, common: Sequence[float], mean: float, rate: float, *, effect: float = 0
) -> Weekly:
    """Draw the weeks of a touchpoint, over the levels that all touchpoints share; from week 0 on with the effect."""
    shock = chance.gauss(0, cell.shock)
    weeks = {}
    for week, level in enumerate(common, WEEKS_AFTER - len(common) + cell.sides.after[0]):
        own = mean + level + shock + (effect if week >= 0 else 0)
        weeks[week] = answers(chance, own, round(rate * chance.uniform(0.7, 1.3)))
        shock = cell.kept * shock + chance.gauss(0, cell.shock * (1 - cell.kept**2) ** 0.5)
    return Weekly(weeks)


def answers(chance: Random, mean: float, n: int) -> Sample:
    """Draw whole scores around a mean, in thousandths. Of many, what they add up to is drawn at once."""
    place = round(min(9.8, max(1.2, mean)) * _GRID)
    if n <= _MANY:
        drawn = chance.choices(_SCORES, cum_weights=_table(place), k=n)
        return Sample(n, sum(drawn), sum(score * score for score in drawn))
    middle, spread = _moments(place)
    total = round(n * middle + chance.gauss(0, (n * spread) ** 0.5))
    return Sample(n, total, round((n - 1) * spread + total * total / n))


@cache
def _table(mean: int) -> Sequence[float]:
    return list(accumulate(with_mean(_NORM, mean / _GRID)))


@cache
def _moments(mean: int) -> tuple[float, float]:
    weights = with_mean(_NORM, mean / _GRID)
    middle = sum(score * weight for score, weight in zip(_SCORES, weights, strict=True)) / sum(weights)
    spread = sum((score - middle) ** 2 * weight for score, weight in zip(_SCORES, weights, strict=True))
    return middle, spread / sum(weights)


@dataclass(frozen=True)
class Times:
    """Runs of durations, some 20 a week: each touchpoint has a usual one of its own, minutes to weeks, and a spread.

    Shocks and the effect are those of the logarithm, as the durations are counted (services.monitor.effects.weekly).
    """

    shock: float
    effect: float

    def estimates(self, runs: int, seed: int = 1) -> Iterator[Estimate]:
        chance = Random(f"{seed}/{self}")
        for _ in range(runs):
            own = self._weekly(chance, _DECIDED, 20, self.effect)
            others = [self._weekly(chance, chance.choice(_USUAL), 20 * chance.choice((0.5, 1, 2))) for _ in range(7)]
            found = measured(own, others, SIDES, -SHORT, ENOUGH)
            assert isinstance(found, Measured), found
            yield Estimate(*(each / 1000 for each in found.estimate))

    def _weekly(self, chance: Random, usual: tuple[float, float], rate: float, effect: float = 0) -> Weekly:
        weeks = {}
        for week in range(-SHORT, WEEKS_AFTER):
            middle = usual[0] + chance.gauss(0, self.shock) + (effect if week >= 0 else 0)
            n = round(rate * chance.uniform(0.7, 1.3))
            drawn = [round(1000 * chance.gauss(middle, usual[1])) for _ in range(n)]
            weeks[week] = Sample(n, sum(drawn), sum(each * each for each in drawn))
        return Weekly(weeks)


_DECIDED = 21.7, 0.33  # the logarithm of 31 days in milliseconds, and its spread
_USUAL = ((12.1, 0.9), (18.3, 0.5), (20.8, 0.3))


@dataclass(frozen=True)
class Found:
    """What runs of a cell came to: the parts whose interval held the effect and left out 0, and the mean reach."""

    covered: float
    claimed: float
    reach: float

    @classmethod
    def of(cls, cell: Cell | Times, runs: int = RUNS) -> "Found":
        found = list(cell.estimates(runs))
        return cls(
            sum(each.low <= cell.effect <= each.high for each in found) / runs,
            sum(not each.low <= 0 <= each.high for each in found) / runs,
            sum(each.high - each.value for each in found) / runs,
        )


def rows() -> Iterator[Sequence[object]]:
    yield "weeks before", "shock", "answers a week", "effect", "covered", "claimed", "half-width"
    for history in (SHORT, LONG):
        for shock in SHOCKS:
            for rate in RATES:
                for effect in EFFECTS:
                    found = Found.of(Cell(rate, shock, effect, history))
                    yield (
                        history,
                        shock,
                        rate,
                        effect,
                        f"{100 * found.covered:.1f} %",
                        f"{100 * found.claimed:.1f} %",
                        f"{found.reach:.2f}",
                    )


def rows_of_times() -> Iterator[Sequence[object]]:
    yield "shock of durations", "effect", "covered", "claimed", "half-width"
    for shock in (0.1, 0.3):
        for effect in (0.0, -0.25):
            found = Found.of(Times(shock, effect))
            yield shock, effect, f"{100 * found.covered:.1f} %", f"{100 * found.claimed:.1f} %", f"{found.reach:.2f}"


def main() -> None:
    for table in (rows(), rows_of_times()):
        for place, row in enumerate(table):
            sys.stdout.write(f"| {' | '.join(map(str, row))} |\n")
            if place == 0:
                sys.stdout.write(f"|{'---|' * len(row)}\n")
            sys.stdout.flush()
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
