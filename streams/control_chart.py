"""Control charts of individual values (XmR): what is chance, and what signals that something has changed. Pure.

Limits lie three sigma from the mean of a baseline, sigma being its mean moving range / 1.128: 2.66 mean moving ranges
(NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2; Wheeler, Understanding Variation, 1993). Signals are a value
beyond the limits and eight in a row on one side of the mean, and no others. With all four rules of Western Electric
chance signals once in 92 values instead of once in 153, so in 45 % of all years of weeks (Champ and Woodall, 1987).
"""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise
from statistics import fmean
from typing import NamedTuple

from streams.scores import Estimate, student_quantile

BASELINE = 24
"""How many values make a baseline; before there are so many, nothing is concluded."""

RUN = 8
"""How many values in a row on one side of the mean are a signal."""

_D2 = 1.128  # the mean range of two values, in sigmas
_REACH = 3
_FREEDOM = 0.62  # degrees of freedom of a mean moving range, for each of its ranges (Wheeler, 1995)
_HAIR = 1e-9  # what rounding may do

_FALSE_IN_BASELINE = 0.094
_FALSE_PER_VALUE = 0.0149


class Rule(StrEnum):
    """What makes a signal."""

    BEYOND_THE_LIMITS = "beyond_the_limits"
    RUN_OF_EIGHT = "run_of_8"


@dataclass(frozen=True)
class Limits:
    """Where values lie by chance alone, as far as the scale goes; sigma is what the moving ranges make it."""

    mean: float
    sigma: float
    low: float
    high: float

    def side(self, value: float) -> int:
        """Say on which side of the mean a value lies: 1 above, -1 below, 0 on it."""
        return _side(value - self.mean, self.mean)

    def beyond(self, value: float) -> int:
        """Say beyond which limit a value lies: 1 the upper, -1 the lower, 0 neither."""
        return max(0, _side(value - self.high, self.high)) + min(0, _side(value - self.low, self.low))


class Signal(NamedTuple):
    """Values that chance does not explain, from the place of the first to that of the last, both inclusive."""

    rule: Rule
    above: bool
    first: int
    last: int


class Change(NamedTuple):
    """Signals on one side that touch: from where to where the values have shifted, and how far, with its interval."""

    above: bool
    first: int
    last: int
    shift: Estimate


@dataclass(frozen=True)
class Section:
    """A chart between two resets of its baseline: the places first <= place < end.

    Without limits its baseline still lacks values: `missing` of them.
    """

    first: int
    end: int
    known: int
    missing: int
    limits: Limits | None
    signals: Sequence[Signal]
    changes: Sequence[Change]

    @property
    def false_signals(self) -> float:
        """How many signals there would be if nothing had ever changed, on average."""
        return expected_false_signals(self.known)


Values = Sequence[float | None]
"""What is charted, in order; None where there is too little to make a figure."""


def control_chart(
    values: Values,
    *,
    lowest: float = -math.inf,
    highest: float = math.inf,
    resets: Collection[int] = (),
    baseline: int = BASELINE,
) -> Sequence[Section]:
    """Chart values on a scale from `lowest` to `highest`; from each place in `resets` on with a baseline of its own.

    The first `baseline` values that are known make the limits, and are held against them too.
    """
    edges = sorted({0, len(values), *(place for place in resets if 0 < place < len(values))})
    return [_section(values, first, end, (lowest, highest), baseline) for first, end in pairwise(edges)]


def expected_false_signals(values: int) -> float:
    """Return how many signals so many values give on average though nothing changes.

    Simulated, of independent normal values against limits of their first 24, 250,000 times: a line that is at most 5 %
    off. Limits that were known, and not found from a baseline, would give 0.0027 + 1/256 a value.
    """
    return 0.0 if values < BASELINE else _FALSE_IN_BASELINE + _FALSE_PER_VALUE * (values - BASELINE)


def _section(values: Values, first: int, end: int, scale: tuple[float, float], baseline: int) -> Section:
    known = [(place, value) for place in range(first, end) if (value := values[place]) is not None]
    if len(known) < baseline:
        return Section(first, end, len(known), baseline - len(known), None, (), ())
    limits = _limits([value for _, value in known[:baseline]], scale)
    signals = [
        *_signals(known, limits.beyond, Rule.BEYOND_THE_LIMITS, 1),
        *_signals(known, limits.side, Rule.RUN_OF_EIGHT, RUN),
    ]
    signals.sort(key=lambda signal: (signal.first, signal.last))
    changes = [_change(known, each, limits, baseline) for each in _touching(signals)]
    return Section(first, end, len(known), 0, limits, signals, changes)


def _limits(values: Sequence[float], scale: tuple[float, float]) -> Limits:
    mean = fmean(values)
    sigma = fmean(abs(later - earlier) for earlier, later in pairwise(values)) / _D2
    return Limits(mean, sigma, max(scale[0], mean - _REACH * sigma), min(scale[1], mean + _REACH * sigma))


def _side(distance: float, beside: float) -> int:
    hair = _HAIR * max(1.0, abs(beside))
    return (distance > hair) - (distance < -hair)


def _signals(
    known: Iterable[tuple[int, float]], side_of: Callable[[float], int], rule: Rule, least: int
) -> Iterable[Signal]:
    """Yield where `least` values in a row or more lie on one side."""
    for side, group in groupby(known, key=lambda pair: side_of(pair[1])):
        places = [place for place, _ in group]
        if side and len(places) >= least:
            yield Signal(rule, side > 0, places[0], places[-1])


def _touching(signals: Sequence[Signal]) -> Sequence[tuple[bool, int, int]]:
    """Return the stretches that signals on one side cover together, in order."""
    stretches: list[tuple[bool, int, int]] = []
    for signal in signals:
        if stretches and stretches[-1][0] == signal.above and signal.first <= stretches[-1][2] + 1:
            above, first, last = stretches.pop()
            stretches.append((above, first, max(last, signal.last)))
        else:
            stretches.append((signal.above, signal.first, signal.last))
    return stretches


def _change(
    known: Sequence[tuple[int, float]], stretch: tuple[bool, int, int], limits: Limits, baseline: int
) -> Change:
    """Measure a stretch against the baseline; the interval is Student's, by the freedom of the moving ranges."""
    above, first, last = stretch
    found = [value for place, value in known if first <= place <= last]
    shift = fmean(found) - limits.mean
    freedom = max(1, round(_FREEDOM * (baseline - 1)))
    reach = student_quantile(freedom) * limits.sigma * math.sqrt(1 / len(found) + 1 / baseline)
    return Change(above, first, last, Estimate(shift, shift - reach, shift + reach))
