"""How many limits fell in a time, and how many of those were kept, whether or not anything has ended since. Pure."""

from dataclasses import dataclass
from datetime import datetime

from services.monitor.figures.histograms import ENOUGH, Verdict, judged, summed
from services.store.reading import Histograms
from streams.observations import Measure
from streams.rolling import Part
from streams.scores import Estimate, share


@dataclass(frozen=True)
class KeptLimits:
    """The limits of a span that fell: `due` is how many, `estimate` the share that was kept, None if there are none."""

    due: int
    kept: int
    estimate: Estimate | None

    @property
    def verdict(self) -> Verdict | None:
        """How it stands; None of too few."""
        return judged(self.kept / self.due) if self.due >= ENOUGH else None


def kept_limits(histograms: Histograms, span: str) -> KeptLimits:
    """Return how the limits of a span were kept, whoever began it."""
    found = summed(
        histogram
        for subject, histogram in histograms.items()
        if subject.measure == Measure.WITHIN and subject.span == span
    )
    due = max(found.n, 0)
    # Until they are rebuilt, windows from before limits were counted lack what the ends of their spans take back.
    kept = min(max(found.total, 0), due)
    return KeptLimits(due, kept, share(kept, due))


def fallen_by(histograms: Histograms, part: Part, now: datetime) -> Histograms:
    """Return the same without limits that may still have to fall: of a bucket that runs nobody knows which have."""
    if part.end <= now:
        return histograms
    return {subject: histogram for subject, histogram in histograms.items() if subject.measure != Measure.WITHIN}
