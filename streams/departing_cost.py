"""What departing from the map costs: the difference between two means, with its interval. Pure."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from streams.scores import Estimate, student_quantile


class Sample(NamedTuple):
    """Values of some cases: how many, their sum and the sum of their squares, exactly."""

    n: int = 0
    total: int = 0
    squares: int = 0

    @property
    def mean(self) -> float | None:
        """Their mean; None of nothing."""
        return self.total / self.n if self.n else None

    @property
    def variance_of_mean(self) -> float:
        """How far their mean varies by chance, squared; there must be two of them or more."""
        return (self.n * self.squares - self.total * self.total) / (self.n * self.n * (self.n - 1))


def together(samples: Iterable[Sample]) -> Sample:
    """Return samples as one."""
    n = total = squares = 0
    for sample in samples:
        n, total, squares = n + sample.n, total + sample.total, squares + sample.squares
    return Sample(n, total, squares)


def difference(departing: Sample, following: Sample, enough: int) -> Estimate | None:
    """Return how much greater the first mean is, with Welch's 95 % interval (1947). None if either has under `enough`.

    The degrees of freedom are those of Welch and Satterthwaite, rounded down. Where no value differs from another one
    of its sample, the interval is a point.
    """
    if min(departing.n, following.n) < max(enough, 2):
        return None
    value = departing.total / departing.n - following.total / following.n
    one, other = departing.variance_of_mean, following.variance_of_mean
    if one + other == 0:
        return Estimate(value, value, value)
    freedom = (one + other) ** 2 / (one**2 / (departing.n - 1) + other**2 / (following.n - 1))
    reach = student_quantile(math.floor(freedom)) * math.sqrt(one + other)
    return Estimate(value, value - reach, value + reach)
