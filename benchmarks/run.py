"""One run of one case: how many records, when they end, and where its files may lie."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """`folder` is this run's own and empty; `scratch` is shared by all runs; `rate` is what was measured for a."""

    records: int
    now: datetime
    folder: Path
    scratch: Path
    rate: float | None = None
