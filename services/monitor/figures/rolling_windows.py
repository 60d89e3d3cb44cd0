"""Rolling windows as the monitor keeps them: in parts, of which those that change most are read most often."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from schemas.journey import Journey
from services.monitor.figures.histograms import summed
from services.monitor.figures.kept_limits import fallen_by
from services.store.reading import Histogram, Histograms, Moment, Subject
from streams.observations import Scope
from streams.rolling import ROLLING, Part, parts
from streams.scores import Counts
from streams.windows import Resolution

WINDOWS = ("1h", "24h", "28d")
"""The rolling windows that are kept."""

DAYS_EVERY = timedelta(seconds=30)
"""How often days that are over are read again: only what comes late changes them."""

_SHARE = 5
_SAVED_UP = timedelta(seconds=0.2)
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)

_Key = tuple[str, Part]


class _Kept(NamedTuple):
    read_at: datetime
    histograms: Histograms


async def read_parts(moment: Moment, journey: str, over: Sequence[Part], now: datetime) -> Histograms:
    """Read windows of a journey that make up a time, as they are at one moment, and nothing that is still to come."""
    return _together([fallen_by(await moment.histograms(journey, part), part, now) for part in over])


async def read_scores(moment: Moment, journey: str, over: Sequence[Part]) -> Mapping[Scope, Counts]:
    """Read the scores of a journey that are shown in windows that make up a time, by the finest scope."""
    found: dict[Scope, Counter[int]] = defaultdict(Counter)
    for part in over:
        for scope, counts in (await moment.scores(journey, part)).items():
            found[scope].update(counts)
    return {scope: +counts for scope, counts in found.items()}


async def read_passages(moment: Moment, journey: str, over: Sequence[Part]) -> Mapping[Scope, int]:
    """Read the visits of a journey in windows that make up a time, by the finest scope."""
    found: Counter[Scope] = Counter()
    for part in over:
        found.update(await moment.passages(journey, part))
    return +found


@dataclass
class RollingWindows:
    """The rolling windows of all journeys. Reading them takes a fifth of the time at most, but for the first time.

    Each reading takes the running bucket and the buckets that have come into a window; what was read before is read
    again as far as time allows, longest ago first. So with a quick database everything but past days is of now.
    """

    clock: Callable[[], datetime]
    _kept: dict[_Key, _Kept] = field(default_factory=dict)
    _windows: Mapping[str, Mapping[str, Histograms]] = field(default_factory=dict)
    _allowance: timedelta = timedelta(0)
    _asked_at: datetime = _LONG_AGO

    async def read(
        self, moment: Moment, journeys: Collection[Journey], now: datetime
    ) -> Mapping[str, Mapping[str, Histograms]]:
        """Return the windows of each journey, by name: as they were, if time does not allow to read any of them."""
        self._allowance = min(self._allowance + (now - self._asked_at) / _SHARE, _SAVED_UP)
        self._asked_at = now
        if self._allowance > timedelta(0) or self._windows.keys() != {drawn.id for drawn in journeys}:
            await self._read(moment, journeys, now)
            self._allowance -= self.clock() - now
        return self._windows

    async def _read(self, moment: Moment, journeys: Collection[Journey], now: datetime) -> None:
        wanted = {
            drawn.id: {window: parts(ROLLING[window], now, drawn.zone) for window in WINDOWS} for drawn in journeys
        }
        keys = {(journey, part) for journey, windows in wanted.items() for each in windows.values() for part in each}
        self._kept = {key: kept for key, kept in self._kept.items() if key in keys and key[1].end <= kept.read_at}
        before = list(self._kept)
        for key in keys - self._kept.keys():
            await self._read_part(moment, key, now)
        for key in before:
            if self.clock() - now >= self._allowance:
                break
            if self._may_have_changed(key, now):
                await self._read_part(moment, key, now)
        self._windows = {
            journey: {
                window: _together(self._kept[journey, part].histograms for part in each)
                for window, each in windows.items()
            }
            for journey, windows in wanted.items()
        }

    async def _read_part(self, moment: Moment, key: _Key, now: datetime) -> None:
        histograms = fallen_by(await moment.histograms(*key), key[1], now)
        self._kept.pop(key, None)  # they stand in the order in which they were read
        self._kept[key] = _Kept(now, histograms)

    def _may_have_changed(self, key: _Key, now: datetime) -> bool:
        return key[1].resolution is not Resolution.DAY or now - self._kept[key].read_at >= DAYS_EVERY


def _together(found: Iterable[Histograms]) -> Histograms:
    by_subject: dict[Subject, list[Histogram]] = defaultdict(list)
    for histograms in found:
        for subject, histogram in histograms.items():
            by_subject[subject].append(histogram)
    return {subject: summed(histograms) for subject, histograms in by_subject.items()}
