"""How high the level of a KPI's CUSUM has to come: so high that a KPI on its norm gets there in 5 % of quarters. Pure.

The height depends on how much scores differ, on how much whole days do, and on how many there are. All of it is read
from the KPI's baseline, its first quarter; what comes later never changes it, so a drop does not raise its own bar.

A day-block bootstrap of a baseline (resample its days, centred on the norm; h is the 95th percentile of the quarters'
maxima) is about right on average and far off for a single KPI: when 65 days happened to be calm h is too low, and 9 to
15 % of quarters on the norm alarmed, after a baseline of 20 days 20 to 40 %. So h is Siegmund's approximation, which
takes no more from the baseline than two variances, the one of days drawn towards what is usual. The bootstrap's 85th
percentile takes its place where it is higher: where days are wilder than two variances tell.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from schemas.question import THOUSANDTHS
from streams.cusum import ODDS, Bucket, Stretch
from streams.kpi import QUARTER, Aim

LEAST_ANSWERS = 100
LEAST_DAYS = 20
"""From so many answers, and so many days with any, a baseline tells how much scores differ."""

FALSE_ALARMS = 0.05
"""In so many quarters a KPI that lies on its norm alarms."""

TABLE: Mapping[int, int] = {50: 28_000, 200: 38_000, 1_000: 59_000, 5_000: 110_000, 25_000: 280_000}
"""Thresholds for J-shaped scores by answers in a quarter: standard deviation 2.3, of the means of days 0.3."""

_NOTHING_YET = (Bucket(datetime(1970, 1, 1, tzinfo=UTC), 1, 0),)
_QUARTER_DAYS = QUARTER.days
_LEAST_LENGTH = 7  # the first days tell little of how many answers a quarter brings
_USUAL_OF_DAYS = 0.3**2  # the variance of the means of days that is usual for scores, in points
_DOUBT = 0.05  # and how much KPIs differ in it: a standard deviation
_SKEWNESS = 0.18  # scores with a variance v are skewed by some 0.2 v, as their scale ends little above the norm
_OVERSHOOT = 1.166  # twice 0.583, Siegmund's correction for a sum that is looked at in steps
_OF_DAY = 0.95  # the same for the steady slope within a day, fitted by simulation
_SURE = 4  # so many standard errors until misses are held to come in clusters
_LEAST_OF_SCORE = 12.0  # in points: no two answers alone raise an alarm,
_LEAST_OF_SHARE = 2.0  # nor do two misses
_TINY = 1e-9
_QUARTERS = 400
_PERCENTILE = 0.85


def baseline(buckets: Sequence[Bucket]) -> Sequence[Bucket]:
    """Return the buckets of a KPI's first quarter, from its first answer on."""
    come = [bucket for bucket in buckets if bucket.n]
    return [bucket for bucket in come if bucket.at < come[0].at + QUARTER]


def suffices(buckets: Sequence[Bucket], zone: ZoneInfo) -> bool:
    """Tell whether a baseline has enough answers, on enough days of the zone, to tell how much scores differ."""
    days = {bucket.at.astimezone(zone).date() for bucket in buckets if bucket.n}
    return sum(bucket.n for bucket in buckets) >= LEAST_ANSWERS and len(days) >= LEAST_DAYS


def threshold(aim: Aim, buckets: Sequence[Bucket], zone: ZoneInfo, seed: int) -> int:
    """Return h in thousandths, from the baseline among the buckets of a KPI, which are in order of time.

    The same buckets and seed give the same h. A share's variance follows from its norm, so its h needs no baseline;
    where its misses come in clusters by day, a baseline that suffices raises it. Without one a score's h is from TABLE.
    """
    come = baseline(buckets) or _NOTHING_YET
    known, enough = _Days.of(come, zone), suffices(come, zone)
    allowance = aim.allowance / THOUSANDTHS
    if aim.is_share:
        misses = 1 - aim.norm / THOUSANDTHS
        return round(THOUSANDTHS * _of_share(known, misses, allowance, _alike(known) if enough else 0.0))
    if not enough:
        return tabled(known.rate)
    return round(THOUSANDTHS * _of_score(known, allowance, Random(seed)))


def tabled(rate: float) -> int:
    """Return h for J-shaped scores with so many answers in a quarter, interpolated over the logarithm of the rate.

    Below the first and above the last entry these hold.
    """
    rates = list(TABLE)
    rate = min(max(rate, rates[0]), rates[-1])
    lower, upper = next((low, high) for low, high in pairwise(rates) if rate <= high)
    part = math.log(rate / lower) / math.log(upper / lower)
    return round(TABLE[lower] + part * (TABLE[upper] - TABLE[lower]))


@dataclass(frozen=True)
class _Days:
    """A baseline by days of the zone. `length` counts those without answers as well."""

    buckets: Mapping[date, Sequence[Bucket]]
    length: int

    @classmethod
    def of(cls, buckets: Sequence[Bucket], zone: ZoneInfo) -> "_Days":
        days: dict[date, list[Bucket]] = defaultdict(list)
        for bucket in buckets:
            days[bucket.at.astimezone(zone).date()].append(bucket)
        length = (max(days) - min(days)).days + 1 if days else 0
        return cls(days, max(_LEAST_LENGTH, length))

    @property
    def hours(self) -> Sequence[Bucket]:
        return [bucket for day in self.buckets.values() for bucket in day]

    @property
    def sums(self) -> Sequence[tuple[int, float]]:
        """How many answers each day has, and their sum in points."""
        return [
            (sum(hour.n for hour in day), sum(hour.total for hour in day) / THOUSANDTHS)
            for day in self.buckets.values()
        ]

    @property
    def n(self) -> int:
        return sum(hour.n for hour in self.hours)

    @property
    def rate(self) -> float:
        """How many answers a quarter brings at this pace."""
        return self.n * _QUARTER_DAYS / self.length

    @property
    def mean(self) -> float:
        return sum(total for _, total in self.sums) / self.n

    @property
    def busy(self) -> float:
        """With how many answers an answer shares its day, itself included, on average."""
        return sum(n * n for n, _ in self.sums) / self.n

    @property
    def busy_hour(self) -> float:
        return sum(hour.n**2 for hour in self.hours) / self.n


@dataclass(frozen=True)
class _Spread:
    """The variance of an answer around the mean of its day, and of the means of days; in points.

    The doubts are how much chance these two have, as variances.
    """

    answers: float
    days: float
    doubt_of_answers: float = 0.0
    doubt_of_days: float = 0.0

    def in_day(self, n: float) -> float:
        """Return what variance each of n answers of one day brings to their sum."""
        return self.answers + n * self.days

    def doubt_in_day(self, n: float) -> float:
        """Return the variance of `in_day` as a part of its square."""
        return (self.doubt_of_answers + n * n * self.doubt_of_days) / max(self.in_day(n), _TINY) ** 2


@dataclass(frozen=True)
class _Analysis:
    """An analysis of variance by days, of hours: mean squares within and between days, and how many answers make a day.

    `hours` is the sum of squares of the hours around the mean of all.
    """

    within: float
    between: float
    size: float
    days: int
    hours: float

    @classmethod
    def of(cls, known: _Days) -> "_Analysis":
        mean, sums, hours = known.mean, known.sums, known.hours
        squares = sum((hour.total / THOUSANDTHS - hour.n * mean) ** 2 / hour.n for hour in hours)
        between = sum((total - n * mean) ** 2 / n for n, total in sums)
        left = len(hours) - len(sums)
        within = (squares - between) / left if left else squares / len(hours)
        size = (known.n - known.busy) / (len(sums) - 1)
        return cls(within, between / (len(sums) - 1), size, len(sums), squares)

    @property
    def of_days(self) -> float:
        """The variance of the means of days, not biased, and below 0 by chance."""
        return (self.between - self.within) / self.size

    def error(self, of_days: float) -> float:
        """Return the variance of what `of_days` finds where it should find so much."""
        return 2 / (self.days - 1) * (of_days + self.within / self.size) ** 2


def _of_score(known: _Days, allowance: float, chance: Random) -> float:
    spread = _spread(known)
    exponent = _exponent(spread, known.busy, allowance)
    height = _height(known, spread, allowance, exponent)
    # The chance of an alarm falls off as exp(-exponent height): what is too low by chance costs more than what is too
    # high saves, and on average as much as this makes up for.
    cautious = height * (1 + exponent * height * spread.doubt_in_day(known.busy) / 2)
    return max(_LEAST_OF_SCORE, cautious, _bootstrap(known, allowance, chance))


def _of_share(known: _Days, misses: float, allowance: float, alike: float) -> float:
    """Return h of a share, where cases of one day are so much alike."""
    variance = misses * (1 - misses)
    spread = _Spread((1 - alike) * variance, alike * variance)
    exponent = math.log(ODDS) / (1 - alike + alike * known.busy)
    return max(_LEAST_OF_SHARE, _height(known, spread, allowance, exponent))


def _alike(known: _Days) -> float:
    """Return the part of the variance of a share that lies between days (intraclass correlation), 0 if by chance."""
    analysis = _Analysis.of(known)
    variance = known.mean * (1 - known.mean)
    if variance <= 0 or analysis.size <= 1:
        return 0.0
    excess = analysis.between / variance - 1
    if excess <= _SURE * math.sqrt(2 / (analysis.days - 1)):
        return 0.0
    return min(1.0, excess / (analysis.size - 1))


def _spread(known: _Days) -> _Spread:
    """Return the variances of a baseline, that of the days drawn towards what is usual.

    Each counts by how sure it is (a linear Bayes estimate): many busy days tell more of it than few quiet ones.
    """
    analysis = _Analysis.of(known)
    trust = _DOUBT**2 / (_DOUBT**2 + analysis.error(_USUAL_OF_DAYS))
    of_days = max(0.0, trust * analysis.of_days + (1 - trust) * _USUAL_OF_DAYS)
    answers = (analysis.hours - of_days * known.n) / (len(known.hours) - 1)
    answers = max(answers, analysis.within / 2)
    return _Spread(answers, of_days, 2 * answers**2 / len(known.hours), (1 - trust) * _DOUBT**2)


def _exponent(spread: _Spread, busy: float, allowance: float) -> float:
    """Return by how much the chance of a level falls off per point of its height (Lundberg's exponent t).

    It solves 0 = -allowance + variance t / 2 + third cumulant t t / 6, as of what an answer adds to its day.
    """
    variance = spread.in_day(busy)
    third = _SKEWNESS * spread.answers**2.5
    return 2 * allowance / (variance / 2 + math.sqrt(variance**2 / 4 + 2 / 3 * third * allowance))


def _height(known: _Days, spread: _Spread, allowance: float, exponent: float) -> float:
    """Return the level in points that the sum of a quarter reaches in FALSE_ALARMS of cases (Siegmund, 1985)."""
    reached = math.log(max(1.0, known.rate * exponent * allowance / FALSE_ALARMS)) / exponent
    step = math.sqrt(known.busy_hour * spread.in_day(known.busy_hour))
    slope = known.busy * math.sqrt(spread.days) * (1 - spread.answers / spread.in_day(known.busy))
    return reached - _OVERSHOOT * step - _OF_DAY * slope


def _bootstrap(known: _Days, allowance: float, chance: Random) -> float:
    """Return the percentile of what quarters of days drawn from the baseline reach, centred on the norm; in points."""
    reference = known.mean - allowance
    drawn_from = [
        Stretch.of(hour.n * reference - hour.total / THOUSANDTHS for hour in hours) for hours in known.buckets.values()
    ]
    drawn_from += [Stretch()] * (known.length - len(drawn_from))
    peaks = sorted(_peak(chance.choices(drawn_from, k=_QUARTER_DAYS)) for _ in range(_QUARTERS))
    return peaks[math.ceil(_PERCENTILE * _QUARTERS) - 1]


def _peak(days: Sequence[Stretch]) -> float:
    level = highest = 0.0
    for rise, end, crest, peak in days:
        highest = max(highest, peak, level + crest)
        level = max(end, level + rise)
    return highest
