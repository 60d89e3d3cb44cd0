"""The threshold of a KPI as it is kept: found from its baseline, and found anew while that still grows. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from streams.cusum import Bucket
from streams.kpi import QUARTER, Aim
from streams.thresholds import baseline, threshold

_REST = timedelta(seconds=10)
"""How long a threshold is kept at least: a log that is read in touches the baseline with every batch."""


class Threshold(NamedTuple):
    """The threshold, in thousandths; to when answers make it (None: none has come yet); when it was found.

    `stale`: answers have come since that belong to its baseline.
    """

    value: int
    baseline_end: datetime | None
    found_at: datetime
    stale: bool = False

    def after(self, changed_from: datetime | None) -> "Threshold":
        """Return the threshold as it stands after hours from `changed_from` on have changed; None: none has."""
        in_baseline = self.baseline_end is None or (changed_from is not None and changed_from < self.baseline_end)
        return self._replace(stale=self.stale or (changed_from is not None and in_baseline))

    def is_due(self, now: datetime) -> bool:
        """Say whether it is to be found anew."""
        return self.stale and now >= self.found_at + _REST


def found_threshold(aim: Aim, buckets: Sequence[Bucket], zone: ZoneInfo, seed: bytes, now: datetime) -> Threshold:
    """Return the threshold that the baseline among a KPI's buckets makes, found now; the same for the same seed."""
    begun = baseline(buckets)
    ends = begun[0].at + QUARTER if begun else None
    return Threshold(threshold(aim, buckets, zone, int.from_bytes(seed)), ends, now)
