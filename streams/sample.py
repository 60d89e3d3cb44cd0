"""A sample of whole numbers as its sums, from which its mean and how far that varies follow exactly. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self


class Sample(NamedTuple):
    """Values of some cases: how many, their sum and the sum of their squares, exactly."""

    n: int = 0
    total: int = 0
    squares: int = 0

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> Self:
        """Return the sample in which each value comes so many times."""
        n = total = squares = 0
        for value, count in counts.items():
            n, total, squares = n + count, total + value * count, squares + value * value * count
        return cls(n, total, squares)

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
