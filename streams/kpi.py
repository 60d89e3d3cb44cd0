"""Where a KPI stands: on its norm, below it, or not to be told. Pure: the moment is an argument.

A CUSUM (streams.cusum) looks for a drop; once it has found one, another looks for recovery, towards a reference that
lies nearer to the norm. Each change of alarm begins a new sum at 0. So what matters of the past is the last change.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from streams.cusum import SCORE_ALLOWANCE, SCORE_RECOVERY, Bucket, climb, share_allowance

QUARTER = timedelta(weeks=13)
"""What counts as lately, and as long enough to know a usual pace."""

DWELL = timedelta(days=14)
"""An alarm stands for at least so long."""

MISSED = 10
"""So many answers should have come in a silence that counts: by chance alone that happens once in 22,000 times."""

QUIET_DAYS = 7
"""A silence that counts has so many whole days, of those days of the week that usually bring answers."""

CLEARLY = 1.15
"""The level in the running hour at which a change needs not wait for its end, in thresholds."""

LONGER = 1.5
"""A silence that counts is so many times as long as any that was usual."""

_WATCH = 0.75  # of the threshold: on the norm one quarter in four has a watch
_WATCH_ENDS = 0.375
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_WEEK = 7
_USUAL = 0.25  # a day of the week is usual from such a part of an average day on


class State(StrEnum):
    """What is said of a KPI. A watch is a hint, and no alert."""

    ON_NORM = "on_norm"
    WATCH = "watch"
    BELOW_NORM = "below_norm"
    TOO_FEW = "too_few"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Aim:
    """What a KPI is held against. Norm and allowances are thousandths, of a point or of the whole.

    `at_least`: less is worse; otherwise more is. `is_share`: each value is 0 or 1. `least`: under so many answers in a
    quarter nothing is said. `quiet_days`: how many whole usual days of silence it takes to say that measuring stopped.
    """

    norm: int
    allowance: int
    recovery_allowance: int
    at_least: bool = True
    is_share: bool = False
    least: int = 20
    dwell: timedelta = DWELL
    quiet_days: int = QUIET_DAYS

    @classmethod
    def of_score(cls, norm: int, *, at_least: bool = True, least: int = 20) -> Self:
        """Make the aim of a mean score."""
        return cls(norm, SCORE_ALLOWANCE, SCORE_RECOVERY, at_least, least=least)

    @classmethod
    def of_share(cls, norm: int, *, least: int = 20) -> Self:
        """Make the aim of a share that is kept, such as 'within the limit'."""
        allowance = share_allowance(norm)
        return cls(norm, allowance, (allowance + 1) // 2, is_share=True, least=least)

    def reference(self, *, below: bool) -> int:
        """Return what values are held against: for an alarm, or for recovery while it is `below` its norm."""
        allowance = self.recovery_allowance if below else self.allowance
        return self.norm - allowance if self.at_least else self.norm + allowance

    def sense(self, *, below: bool) -> int:
        """Return 1 where it counts what falls short of the reference, and -1 where what exceeds it does."""
        return 1 if self.at_least is not below else -1


class Standing(NamedTuple):
    """Where a KPI stands since its last change of alarm.

    `since` is the bucket that brought the change; the sum goes on with the bucket after it. None: from the beginning.
    """

    below: bool = False
    since: datetime | None = None


class Change(NamedTuple):
    """An alarm was raised (`below`) or taken off by the bucket that begins at `at`."""

    at: datetime
    below: bool


class Step(NamedTuple):
    """What one bucket did: the level after it, and n and total since the last change, this bucket included.

    `below` is what the KPI stood at when the bucket came: it tells which sum the level is of. A bucket that brings
    a change still shows the level that brought it.
    """

    bucket: Bucket
    below: bool
    level: int
    watch: bool
    n: int
    total: int
    changed: bool


class Verdict(NamedTuple):
    """What is to be said of a KPI now.

    `changes`: those on the way, oldest first. `n` and `total` are of what came since the last change. `level` is of
    the running sum, towards the alarm or, while below norm, towards recovery; both in thousandths, as is `threshold`.
    `recent` is how many answers came in the last quarter, `latest` the last bucket that has any.
    """

    state: State
    standing: Standing
    changes: Sequence[Change]
    n: int
    total: int
    level: int
    threshold: int
    recent: int
    latest: datetime | None

    @property
    def reach(self) -> float:
        """The level as a share of the threshold: at 1 the KPI changes, or waits for its dwell to end."""
        return self.level / self.threshold


def evaluate(
    aim: Aim,
    standing: Standing,
    buckets: Sequence[Bucket],
    threshold: int,
    *,
    zone: ZoneInfo,
    now: datetime,
    caught_up: bool = True,
) -> Verdict:
    """Judge a KPI by its buckets, in order of time; those that begin after `now` are left out.

    Buckets up to `standing.since` tell the pace only: give those from `needed_from` on, or more. The running hour
    counts as it stands, but changes something only CLEARLY: what it still brings may undo it. Silence tells something
    only when counting has `caught_up` with the log.

    Raises ValueError when buckets are not in order, or the threshold is not above 0.
    """
    known = [bucket for bucket in buckets if bucket.at <= now and (bucket.n or bucket.total)]
    steps = list(trace(aim, standing, known, threshold))
    if steps and steps[-1].changed and now - steps[-1].bucket.at < _HOUR and steps[-1].level < CLEARLY * threshold:
        steps[-1] = steps[-1]._replace(changed=False)
    changes = [Change(step.bucket.at, not step.below) for step in steps if step.changed]
    after = Standing(changes[-1].below, changes[-1].at) if changes else standing
    last = steps[-1] if steps and not steps[-1].changed else None
    recent = sum(bucket.n for bucket in known if bucket.at > now - QUARTER)
    return Verdict(
        _state(aim, after, recent, last is not None and last.watch, caught_up and has_stopped(aim, known, zone, now)),
        after,
        changes,
        *((last.n, last.total, last.level) if last else (0, 0, 0)),
        threshold,
        recent,
        known[-1].at if known else None,
    )


def trace(aim: Aim, standing: Standing, buckets: Iterable[Bucket], threshold: int) -> Iterator[Step]:
    """Go through the buckets after `standing.since`, and say of each what it did.

    Raises ValueError when buckets are not in order, or the threshold is not above 0.
    """
    if threshold <= 0:
        raise ValueError(f"threshold: {threshold} is not above 0")
    below, since = standing
    reference, sense = aim.reference(below=below), aim.sense(below=below)
    level = n = total = 0
    watch = False
    for bucket in _in_order(buckets, since):
        level = climb(level, bucket, reference, sense)
        watch = not below and level >= threshold * (_WATCH_ENDS if watch else _WATCH)
        n, total = n + bucket.n, total + bucket.total
        changed = level >= threshold and not (below and _dwells(aim, since, bucket))
        yield Step(bucket, below, level, watch, n, total, changed)
        if changed:
            below, since = not below, bucket.at
            reference, sense = aim.reference(below=below), aim.sense(below=below)
            level = n = total = 0
            watch = False


def needed_from(standing: Standing, latest: datetime) -> datetime:
    """Return from when on `evaluate` wants buckets, if the last answer came at `latest` and a change at `since`."""
    usual = latest - QUARTER
    return usual if standing.since is None else min(usual, standing.since)


def has_stopped(aim: Aim, buckets: Sequence[Bucket], zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether the silence since the last bucket is far longer than the pace of the quarter before it explains.

    Answers come in clusters and on some days of the week, so that a silence is counted in whole days of the zone, of
    those days of the week that usually bring answers: there are `quiet_days` of them, which should have brought MISSED
    answers, and the silence is LONGER than any in that quarter. All three have to hold.
    """
    if not buckets:
        return False
    latest = buckets[-1].at
    usual = [bucket for bucket in buckets if bucket.at > latest - QUARTER]
    silence = now - latest
    longest = max((later.at - earlier.at for earlier, later in pairwise(usual)), default=timedelta(0))
    if silence < max(LONGER * longest, aim.quiet_days * _DAY):
        return False
    paces = _paces(usual, zone)
    missed = [paces[day.weekday()] for day in _whole_days(latest, now, zone) if day.weekday() in paces]
    return len(missed) >= aim.quiet_days and sum(missed) >= MISSED


def _state(aim: Aim, standing: Standing, recent: int, watch: bool, stopped: bool) -> State:
    if stopped:
        return State.STOPPED
    if standing.below:
        return State.BELOW_NORM
    if recent < aim.least:
        return State.TOO_FEW
    return State.WATCH if watch else State.ON_NORM


def _dwells(aim: Aim, since: datetime | None, bucket: Bucket) -> bool:
    return since is not None and bucket.at - since < aim.dwell


def _in_order(buckets: Iterable[Bucket], since: datetime | None) -> Iterator[Bucket]:
    """Hand on the buckets after `since`, and see to it that time goes on in them."""
    before = since
    for bucket in buckets:
        if since is not None and bucket.at <= since:
            continue
        if before is not None and bucket.at <= before:
            raise ValueError(f"buckets: {bucket.at} does not come after {before}")
        before = bucket.at
        yield bucket


def _paces(buckets: Sequence[Bucket], zone: ZoneInfo) -> dict[int, float]:
    """Return how many answers usually come on each day of the week, for those that usually bring any."""
    first, last = (bucket.at.astimezone(zone).date() for bucket in (buckets[0], buckets[-1]))
    days = Counter((first + timedelta(days=number)).weekday() for number in range((last - first).days + 1))
    came: Counter[int] = Counter()
    for bucket in buckets:
        came[bucket.at.astimezone(zone).weekday()] += bucket.n
    least = _USUAL * came.total() / days.total()
    return {weekday: n / days[weekday] for weekday, n in came.items() if n / days[weekday] >= least}


def _whole_days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Yield the days of a zone that lie wholly between two moments."""
    day, last = start.astimezone(zone).date() + _DAY, end.astimezone(zone).date()
    while day < last:
        yield day
        day += _DAY
