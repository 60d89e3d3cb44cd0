"""What a KPI is judged by: the hours it covers, on the scale of its test; and which KPIs a batch concerns. Pure.

Tests know two scales (streams.cusum): scores on a scale of ten points, so that half a point weighs alike on all of
them, and shares, where each value is kept (1) or not (0). Of volume the value is a day.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.journey import CASE_SPAN, Catalogue, Journey
from schemas.kpi import NPS, SHARES, VOLUME, Kpi, ends
from schemas.question import THOUSANDTHS
from streams.cusum import Bucket
from streams.observations import SCORED, Measure, Scope
from streams.releasing import shown_as
from streams.windows import Cell, Detail, Resolution, bin_of, bucket_of
from streams.working_time import calendar

KpiName = tuple[str, str]
"""What a KPI is called: (journey, id)."""

_LOWEST, _HIGHEST = 1, 10
_VOLUME_NORM = 5 * THOUSANDTHS
"""Where a day with as many visits as the norm lies on the scale of the test: a fifth more or less is a point."""

_DAY = timedelta(days=1)
_FEWEST = 2
_PROMOTER = 9 * THOUSANDTHS
_DETRACTOR = 6 * THOUSANDTHS


class Coverage(NamedTuple):
    """The scopes that a KPI is about. None stands for all there are.

    `measures` has more than one where a share is of one measure in another.
    """

    journey: str
    measures: tuple[str, ...]
    span: str | None
    touchpoints: tuple[str, ...] | None
    department: str | None
    channel: str | None
    persona: str | None

    def holds(self, scope: Scope) -> bool:
        """Say whether a scope is covered."""
        return (
            scope.journey == self.journey
            and scope.measure in self.measures
            and (self.touchpoints is None or scope.touchpoint in self.touchpoints)
            and self.span in (None, scope.span)
            and self.department in (None, scope.department)
            and self.channel in (None, scope.channel)
            and self.persona in (None, scope.persona)
        )

    @property
    def detail(self) -> Detail:
        """Where it is read from: roll-ups know neither channel nor persona."""
        return Detail.ROLLUPS if self.channel is None and self.persona is None else Detail.WINDOWS


class HourOfValues(NamedTuple):
    """Observations of a measure in an hour: how many, the sum of their values, and how many lie in each bin."""

    at: datetime
    measure: str
    n: int
    total: int
    bins: Mapping[int, int]


def coverage(kpi: Kpi, drawn: Journey) -> Coverage:
    """Return what a KPI of a journey covers."""
    return Coverage(
        drawn.id,
        _MEASURES.get(kpi.measure, (kpi.measure,)),
        (kpi.span or CASE_SPAN) if kpi.measure == "throughput" else None,
        _touchpoints(kpi, drawn),
        kpi.department,
        kpi.channel,
        kpi.persona,
    )


def coverage_shown(kpi: Kpi, drawn: Journey) -> Coverage:
    """Return what is shown of what a KPI covers: of scores those that are released (streams.releasing)."""
    covered = coverage(kpi, drawn)
    shown = tuple(shown_as(measure) if measure in SCORED else measure for measure in covered.measures)
    return covered._replace(measures=shown)


def needs_values(kpi: Kpi) -> bool:
    """Say whether a KPI needs to know how many values there are of each kind: sums do not tell."""
    return kpi.measure in ("gap", NPS)


def last_hour(kpi: Kpi, now: datetime) -> datetime:
    """Return the moment at which the last hour that counts begins at the latest.

    What falls later in the running hour stands there as not kept, so of limits only whole hours count.
    """
    return now - timedelta(hours=1) if kpi.measure == "throughput" else now


def due(cells: Iterable[Cell], catalogue: Catalogue) -> Mapping[KpiName, datetime]:
    """Return the KPIs that changes of windows concern, each with the earliest hour that changed."""
    covering: dict[Scope, Sequence[KpiName]] = {}
    found: dict[KpiName, datetime] = {}
    for cell in cells:
        if cell.resolution is Resolution.HOUR and cell.detail is Detail.WINDOWS:
            names = covering.get(cell.scope)
            if names is None:
                names = covering[cell.scope] = _covering(cell.scope, catalogue.latest(cell.scope.journey))
            for name in names:
                found[name] = min(cell.bucket, found.get(name, cell.bucket))
    return found


def buckets(
    kpi: Kpi, drawn: Journey, hours: Iterable[HourOfValues], now: datetime, since: datetime | None = None
) -> Sequence[Bucket]:
    """Return hours of what a KPI covers as buckets of its test, in order of time; one a moment, of volume one a day.

    Days are those from `since` on; without it, from the first visit on.
    """
    return _days(kpi, drawn, hours, now, since) if kpi.measure == VOLUME else _hours(kpi, drawn, hours)


def first_bucket(kpi: Kpi, drawn: Journey, moment: datetime) -> datetime:
    """Return when the first bucket begins that a change from a moment on may concern."""
    return bucket_of(moment, Resolution.DAY, drawn.zone) if kpi.measure == VOLUME else moment


def _days(
    kpi: Kpi, drawn: Journey, hours: Iterable[HourOfValues], now: datetime, since: datetime | None
) -> Sequence[Bucket]:
    """Return the whole days on which the organisation works, those without any visit too."""
    visits: Counter[date] = Counter()
    for hour in hours:
        visits[hour.at.astimezone(drawn.zone).date()] += hour.n
    today = now.astimezone(drawn.zone).date()
    first = since.astimezone(drawn.zone).date() if since is not None else min(visits, default=today)
    days = (first + timedelta(days=number) for number in range((today - first).days))
    works = calendar(drawn.zone, drawn.week, drawn.holidays) if any(drawn.week) else None
    return [
        Bucket(_midnight(day, drawn.zone), 1, round(_VOLUME_NORM * visits[day] / kpi.norm))
        for day in days
        if works is None or works.worked(_midnight(day, drawn.zone), _midnight(day + _DAY, drawn.zone))
    ]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _hours(kpi: Kpi, drawn: Journey, hours: Iterable[HourOfValues]) -> Sequence[Bucket]:
    sums: dict[datetime, tuple[int, int]] = {}
    reduce = _reduction(kpi, drawn)
    for hour in hours:
        n, total = reduce(hour)
        held = sums.get(hour.at, (0, 0))
        sums[hour.at] = held[0] + n, held[1] + total
    turned = kpi.measure in SHARES and not kpi.at_least
    return [
        Bucket(at, n, n * THOUSANDTHS - total if turned else total)
        for at, (n, total) in sorted(sums.items())
        if n or total
    ]


def norm_of_test(kpi: Kpi) -> int:
    """Return a KPI's norm on the scale of its test, in thousandths; of a share that is to be small, of its rest."""
    if kpi.measure == VOLUME:
        return _VOLUME_NORM
    if kpi.measure in SHARES:
        return round((kpi.norm if kpi.at_least else 1 - kpi.norm) * THOUSANDTHS)
    return round(_on_ten(kpi.norm, *ends(kpi.measure)) * THOUSANDTHS)


def figure_of(kpi: Kpi, found: Sequence[Bucket]) -> tuple[int, Decimal | None]:
    """Return how many values there are in buckets of a KPI, and their mean on the scale of its norm; None: too few."""
    n = sum(bucket.n for bucket in found)
    if n < _FEWEST:
        return n, None
    mean = Decimal(sum(bucket.total for bucket in found)) / n / THOUSANDTHS
    if kpi.measure in SHARES:
        return n, mean if kpi.at_least else 1 - mean
    if kpi.measure == VOLUME:
        return n, mean * THOUSANDTHS * kpi.norm / _VOLUME_NORM
    low, high = ends(kpi.measure)
    return n, low + (mean - _LOWEST) * (high - low) / (_HIGHEST - _LOWEST)


_MEASURES: Mapping[str, tuple[str, ...]] = {
    "throughput": ("within",),
    "complaints": (Measure.COMPLAINTS, Measure.VOLUME),
}


def _touchpoints(kpi: Kpi, drawn: Journey) -> tuple[str, ...] | None:
    if kpi.touchpoint is not None:
        return (kpi.touchpoint,)
    if kpi.phase is not None:
        return tuple(each.id for phase in drawn.phases if phase.id == kpi.phase for each in phase.touchpoints)
    return None


def _covering(scope: Scope, drawn: Journey) -> Sequence[KpiName]:
    return [(drawn.id, kpi.id) for kpi in drawn.kpis if coverage(kpi, drawn).holds(scope)]


def _on_ten(value: Decimal, low: int, high: int) -> Decimal:
    return _LOWEST + (value - low) * (_HIGHEST - _LOWEST) / (high - low)


def _reduction(kpi: Kpi, drawn: Journey) -> Callable[[HourOfValues], tuple[int, int]]:
    """Return how an hour becomes (n, total) on the scale of the KPI's test."""
    if kpi.measure == "throughput":
        return lambda hour: (hour.n, hour.total * THOUSANDTHS)
    if kpi.measure == "complaints":
        return lambda hour: (0, hour.n * THOUSANDTHS) if hour.measure == Measure.COMPLAINTS else (hour.n, 0)
    if kpi.measure == "gap":
        longest = bin_of(Measure.GAP, drawn.gap_limits[kpi.touchpoint or ""])
        return lambda hour: (hour.n, THOUSANDTHS * sum(n for bin_, n in hour.bins.items() if bin_ <= longest))
    if kpi.measure == NPS:
        return _promoters
    if kpi.measure in SHARES:
        return lambda hour: (hour.n, hour.total)
    low, high = ends(kpi.measure)
    return lambda hour: (
        hour.n,
        hour.n * THOUSANDTHS + (hour.total - hour.n * low * THOUSANDTHS) * (_HIGHEST - _LOWEST) // (high - low),
    )


def _promoters(hour: HourOfValues) -> tuple[int, int]:
    """Return NPS as scores: a promoter 10, a detractor 1, the others in between."""
    net = sum(n * ((value >= _PROMOTER) - (value <= _DETRACTOR)) for value, n in hour.bins.items())
    return hour.n, (hour.n * (_LOWEST + _HIGHEST) + net * (_HIGHEST - _LOWEST)) * THOUSANDTHS // 2
