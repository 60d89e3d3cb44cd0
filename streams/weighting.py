"""Weighting those who answered so that they stand for all who passed: raking (Deming and Stephan, 1940). Pure.

Customers of one channel or persona answer more often than others, and those who were kept waiting less often. Where
what they answer goes with that, too, the plain mean is off. Raking gives each answer a weight, so that the answers show
each trait as often as the passages do. It mends what goes with traits that are known, and nothing else: that somebody
answers, or does not, because of the score itself is not to be seen from the answers.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from schemas.question import THOUSANDTHS, Scale
from streams.scores import Counts, Estimate, number, student_quantile

LEAST = 250
"""Under so many answers a weighted mean is not worth showing."""

_ROUNDS = 200
_CLOSE = 1e-9

Traits = tuple[str, ...]
"""What is known of a passage: its touchpoint, channel and so on, always in the same order."""


class Weighted(NamedTuple):
    """A weighted mean in points, and the share of all passages that have their like among those who answered."""

    estimate: Estimate
    represented: float


def weighted_mean(said: Mapping[Traits, Counts], passages: Mapping[Traits, int], scale: Scale) -> Weighted | None:
    """Return the mean of scores by traits as it would be had all who passed answered; None under LEAST scores.

    The interval is Student's t on the weighted scores. It is wide rather than narrow: that weighting takes out some of
    the chance is left out of it.
    """
    n = sum(map(number, said.values()))
    if n < LEAST:
        return None
    weights = rake({traits: number(counts) for traits, counts in said.items()}, passages)
    total = sum(weights[traits] * number(said[traits]) for traits in weights)
    if total == 0:
        return None
    spread = [(weights[traits], value, count) for traits in weights for value, count in said[traits].items()]
    mean = sum(weight * value * count for weight, value, count in spread) / total
    squares = sum(count * (weight * (value - mean)) ** 2 for weight, value, count in spread)
    reach = student_quantile(n - 1) * math.sqrt(squares * n / (n - 1)) / total
    lowest, *_, highest = scale.scores
    ends = (mean - reach) / THOUSANDTHS, (mean + reach) / THOUSANDTHS
    estimate = Estimate(mean / THOUSANDTHS, max(lowest, ends[0]), min(highest, ends[1]))
    return Weighted(estimate, _represented(weights.keys(), passages))


def rake(answers: Mapping[Traits, int], passages: Mapping[Traits, int]) -> Mapping[Traits, float]:
    """Return the weight of each answer with given traits, 1 on average; traits of no passage get none.

    What is left of the passages are those whose every trait occurs among the answers: the others are stood for by
    nobody.
    """
    cells = {traits: float(n) for traits, n in answers.items() if n > 0 and passages.get(traits, 0) > 0}
    targets = _shares(_with_known_traits(passages, cells.keys()))
    for _ in range(_ROUNDS):
        if _fit(cells, targets) < _CLOSE:
            break
    total = sum(cells.values())
    answered = sum(answers[traits] for traits in cells)
    return {traits: n / answers[traits] * answered / total for traits, n in cells.items()}


def _fit(cells: dict[Traits, float], targets: Sequence[Mapping[str, float]]) -> float:
    """Scale cells to the target of one trait after another; return how far off they were."""
    off = 0.0
    for place, target in enumerate(targets):
        held: dict[str, float] = defaultdict(float)
        for traits, n in cells.items():
            held[traits[place]] += n
        total = sum(held.values())
        factors = {trait: target[trait] * total / n for trait, n in held.items()}
        for traits in cells:
            cells[traits] *= factors[traits[place]]
        off = max(off, *(abs(factor - 1) for factor in factors.values()))
    return off


def _shares(passages: Mapping[Traits, int]) -> Sequence[Mapping[str, float]]:
    """Return how large a part of the passages each trait is of, for each place among the traits."""
    total = sum(passages.values())
    places = len(next(iter(passages), ()))
    counts: list[Counter[str]] = [Counter() for _ in range(places)]
    for traits, n in passages.items():
        for count, trait in zip(counts, traits, strict=True):
            count[trait] += n
    return [{trait: n / total for trait, n in count.items()} for count in counts]


def _with_known_traits(passages: Mapping[Traits, int], answered: Collection[Traits]) -> Mapping[Traits, int]:
    known = [set(each) for each in zip(*answered, strict=True)]
    if not known:
        return {}
    return {
        traits: n
        for traits, n in passages.items()
        if n > 0 and all(trait in those for trait, those in zip(traits, known, strict=True))
    }


def _represented(answered: Collection[Traits], passages: Mapping[Traits, int]) -> float:
    return sum(_with_known_traits(passages, answered).values()) / sum(passages.values())
