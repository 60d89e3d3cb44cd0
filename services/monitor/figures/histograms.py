"""Histograms -> figures: what they say, on how many observations, and whether that is within its limit. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.store.reading import Histogram
from streams.windows import bin_of, quantile

ENOUGH = 5
"""From how many observations on a figure is judged."""

_MOSTLY = 0.5
_OFTEN = 0.1


class Verdict(StrEnum):
    """A duration held against its limit: over if most take too long, partly if more than one in ten do."""

    OVER = "over"
    PARTLY = "partly"
    WITHIN = "within"
    FEW = "few"
    NO_LIMIT = "no_limit"


@dataclass(frozen=True)
class DurationFigure:
    """A duration over a window: times in milliseconds, None without observations.

    Median and p90 (nearest rank) are within 1 % of the exact ones, and so is what counts as `within` the limit.
    """

    n: int
    mean: int | None
    median: int | None
    p90: int | None
    limit: int | None
    within: int | None

    @property
    def share_within(self) -> float | None:
        """The share of the observations that kept within the limit, 0 to 1; None without limit or observations."""
        return None if self.within is None or self.n == 0 else self.within / self.n

    @property
    def verdict(self) -> Verdict:
        """How it stands."""
        if self.n < ENOUGH:
            return Verdict.FEW
        return Verdict.NO_LIMIT if self.share_within is None else judged(self.share_within)


def judged(within: float) -> Verdict:
    """Return how it stands if this share, 0 to 1, is within the limit."""
    late = 1 - within
    if late > _MOSTLY:
        return Verdict.OVER
    return Verdict.PARTLY if late > _OFTEN else Verdict.WITHIN


def summed(histograms: Iterable[Histogram]) -> Histogram:
    """Return what histograms of one measure are together."""
    n = total = 0
    bins: dict[int, int] = defaultdict(int)  # a Counter takes three times as long
    for histogram in histograms:
        n += histogram.n
        total += histogram.total
        for bin_, count in histogram.bins.items():
            bins[bin_] += count
    return Histogram(n, total, bins)


def duration_figure(measure: str, histograms: Iterable[Histogram], limit: timedelta | None) -> DurationFigure:
    """Return the figure that histograms of one measure make together."""
    found = summed(histograms)
    limit_ms = None if limit is None else limit // timedelta(milliseconds=1)
    return DurationFigure(
        n=found.n,
        mean=round(found.total / found.n) if found.n else None,
        median=quantile(found.bins, 0.5),
        p90=quantile(found.bins, 0.9),
        limit=limit_ms,
        within=None if limit_ms is None else _up_to(found.bins, bin_of(measure, limit_ms)),
    )


def _up_to(bins: Mapping[int, int], last: int) -> int:
    return sum(n for bin_, n in bins.items() if bin_ <= last)
