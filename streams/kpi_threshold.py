"""The threshold of a KPI as it is kept: found from its baseline, and found anew while that still grows. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

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
