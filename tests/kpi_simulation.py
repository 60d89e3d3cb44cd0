"""How often the KPI test alarms, and how soon, in quarters that are drawn by chance (tests.quarters).

    python -m tests.kpi_simulation

prints the figures of docs/kpi.md. Each of BASELINES quarters on the norm gives a threshold of its own, as in life; what
is shown is over RUNS quarters, of shares over OF_SHARES, shared out among these thresholds. A drop begins with a random
working day, and with a sum of 0, although it is seldom so low.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import dropwhile, islice
from random import Random

from streams.cusum import Bucket
from streams.kpi import Aim, Standing, Step, trace
from streams.thresholds import threshold
from tests.quarters import AMSTERDAM, J_SHAPED, LEFT_SKEWED, MONDAY, WEEKS, Shape, Sums, draw, kept, scores

RUNS = 1_000
OF_SHARES = 10_000
"""Each hour of a share is a few whole misses: it takes more quarters to tell how soon nine drops of ten are found."""

BASELINES = 25
RATES = (200, 1_000, 5_000)
NORM = 7.5
NEVER = 1_000_000


@dataclass(frozen=True)
class Quarters:
    """Quarters of one kind of answers: how they come on the norm, and so many of them a quarter."""

    aim: Aim
    on_norm: tuple[Sums, ...]
    rate: int
    baseline_weeks: int = WEEKS
    runs: int = RUNS
    seed: int = 1

    @cached_property
    def thresholds(self) -> Sequence[int]:
        chance = Random(self.seed)
        baselines = [list(draw(chance, self.on_norm, self.rate, self.baseline_weeks)) for _ in range(BASELINES)]
        return [threshold(self.aim, buckets, AMSTERDAM, self.seed) for buckets in baselines]

    def judged(self, days: Sequence[Sums], weeks: int = WEEKS) -> Iterator[Iterator[Step]]:
        """Yield what the test did in each of the quarters."""
        chance = Random(self.seed + 1)
        for run in range(self.runs):
            skipped = MONDAY + timedelta(days=chance.randrange(5))
            buckets = _without(skipped, draw(chance, days, self.rate, weeks))
            yield trace(self.aim, Standing(), buckets, self.thresholds[run % BASELINES])

    def changes(self, days: Sequence[Sums]) -> Sequence[int]:
        """Return how many changes of alarm each quarter had."""
        return [sum(step.changed for step in steps) for steps in self.judged(days)]

    def found_within(self, days: Sequence[Sums], weeks: int = WEEKS) -> int:
        """Return within how many answers nine drops of ten were found."""
        return sorted(_found(steps) for steps in self.judged(days, weeks=weeks))[self.runs * 9 // 10 - 1]

    def watched(self, days: Sequence[Sums]) -> float:
        """Return in which part of the quarters there was a watch without an alarm."""
        return sum(_watched(list(steps)) for steps in self.judged(days)) / self.runs


def _without(skipped: datetime, buckets: Iterator[Bucket]) -> Iterator[Bucket]:
    """Hand on the buckets from a moment on; time goes on in them, so that only the first have to be looked at."""
    return dropwhile(lambda bucket: bucket.at < skipped, buckets)


def _found(steps: Iterator[Step]) -> int:
    return next((step.n for step in steps if step.changed), NEVER)


def _watched(steps: Sequence[Step]) -> bool:
    return any(step.watch for step in steps) and not any(step.changed for step in steps)


def of_scores(shape: Shape, rate: int, baseline_weeks: int = WEEKS) -> Quarters:
    return Quarters(Aim.of_score(int(1000 * NORM)), scores(shape, NORM, NORM), rate, baseline_weeks)


def of_shares(misses: float, rate: int, runs: int = OF_SHARES) -> Quarters:
    return Quarters(Aim.of_share(round(1000 * (1 - misses))), kept(misses), rate, runs=runs)


def part(changes: Sequence[int], most: int) -> float:
    """Return the part of quarters with at most so many changes."""
    return sum(each <= most for each in changes) / len(changes)


def score_rows() -> Iterator[Sequence[object]]:
    yield (
        "answers",
        "a quarter",
        "h (10 %, median, 90 %)",
        "alarms on norm",
        "found: norm - 1",
        "the same, sd kept",
        "norm - 1.5",
        "at most 2 changes: norm",
        "norm - 0.5",
        "watch on norm",
    )
    for shape in (LEFT_SKEWED, J_SHAPED):
        for rate in RATES:
            quarters = of_scores(shape, rate)
            on_norm = quarters.changes(quarters.on_norm)
            low, high = (scores(shape, NORM, NORM - drop) for drop in (1, 1.5))
            between = quarters.changes(scores(shape, NORM, NORM - 0.5))
            yield (
                shape.name,
                rate,
                _spread(quarters.thresholds),
                _percent(1 - part(on_norm, 0)),
                quarters.found_within(low),
                quarters.found_within(scores(shape, NORM, NORM - 1, widened=False)),
                quarters.found_within(high),
                _percent(part(on_norm, 2)),
                _percent(part(between, 2)),
                _percent(quarters.watched(quarters.on_norm)),
            )


def short_baseline_rows() -> Iterator[Sequence[object]]:
    yield "answers", "a quarter", "weeks of baseline", "h (10 %, median, 90 %)", "alarms on norm"
    for shape in (LEFT_SKEWED, J_SHAPED):
        for rate in (325, 1_000, 5_000):
            quarters = of_scores(shape, rate, 4)
            yield (
                shape.name,
                rate,
                4,
                _spread(quarters.thresholds),
                _percent(1 - part(quarters.changes(quarters.on_norm), 0)),
            )


def share_rows() -> Iterator[Sequence[object]]:
    yield "misses on norm", "cases a quarter", "h", "alarms on norm", "found: twice the misses", "three times"
    for misses, rates in ((0.1, RATES), (0.2, (1_000,)), (0.05, (1_000,)), (0.01, (5_000,))):
        for rate in rates:
            quarters = of_shares(misses, rate)
            yield (
                _percent(misses),
                rate,
                quarters.thresholds[0] / 1000,
                _percent(1 - part(quarters.changes(quarters.on_norm), 0)),
                quarters.found_within(kept(2 * misses), 2 * WEEKS),
                quarters.found_within(kept(3 * misses)),
            )


def _spread(thresholds: Sequence[int]) -> str:
    ordered = sorted(thresholds)
    return ", ".join(f"{ordered[len(ordered) * tenth // 10] / 1000:.0f}" for tenth in (1, 5, 9))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def main() -> None:
    for rows in (score_rows(), short_baseline_rows(), share_rows()):
        for row in islice(rows, 1):
            sys.stdout.write(f"| {' | '.join(map(str, row))} |\n|{'---|' * len(row)}\n")
        for row in rows:
            sys.stdout.write(f"| {' | '.join('never' if each == NEVER else str(each) for each in row)} |\n")
            sys.stdout.flush()
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
