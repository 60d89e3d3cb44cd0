"""How far two scores of one case go up and down together: Spearman's rank correlation, with its interval. Pure."""

import math
from collections import Counter
from collections.abc import Mapping
from statistics import NormalDist

from streams.scores import CONFIDENCE, Estimate

LEAST_PAIRS = 100
"""Under so many pairs nothing is said of them."""

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_ALMOST = 1 - 1e-12

Pairs = Mapping[tuple[int, int], int]
"""How often each pair of scores comes."""


def rank_correlation(pairs: Pairs) -> Estimate | None:
    """Return Spearman's correlation, -1 to 1, with its 95 % interval; None under LEAST_PAIRS, or if all are alike.

    Scores that are alike share their ranks. The interval is Fisher's, with the standard error that Bonett and Wright
    (2000) found for ranks: sqrt((1 + r * r / 2) / (n - 3)).
    """
    n = sum(pairs.values())
    if n < LEAST_PAIRS:
        return None
    first, second = (_ranks(pairs, place) for place in (0, 1))
    middle = (n + 1) / 2
    together = math.fsum(times * (first[a] - middle) * (second[b] - middle) for (a, b), times in pairs.items())
    spreads = [
        math.fsum(times * (ranks[pair[place]] - middle) ** 2 for pair, times in pairs.items())
        for place, ranks in enumerate((first, second))
    ]
    if min(spreads) == 0:
        return None
    r = together / math.sqrt(spreads[0] * spreads[1])
    turned = math.atanh(max(-_ALMOST, min(_ALMOST, r)))
    reach = _Z * math.sqrt((1 + r * r / 2) / (n - 3))
    return Estimate(r, math.tanh(turned - reach), math.tanh(turned + reach))


def _ranks(pairs: Pairs, place: int) -> Mapping[int, float]:
    """Return the rank of each score on one side, from 1; those that are alike have the mean of theirs."""
    counts: Counter[int] = Counter()
    for pair, times in pairs.items():
        counts[pair[place]] += times
    ranks, below = {}, 0
    for score in sorted(counts):
        ranks[score] = below + (counts[score] + 1) / 2
        below += counts[score]
    return ranks
