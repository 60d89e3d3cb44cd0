"""Throughput does not lie when work stops: twenty days in which nothing is decided, counted by hand."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from schemas.touchpoint_event import TouchpointEvent
from services.monitor.figures.histograms import Verdict
from services.monitor.figures.kept_limits import kept_limits
from services.monitor.wallboard.board import span_figure
from services.store.reading import Histogram, Histograms, Subject
from streams.windows import Detail, Resolution
from tests.books import Books
from tests.drawn import MIDNIGHT, catalogue, event

DAY = 24 * 60
LIMIT = 56
NOW = 200
STOPPED = NOW - 20
WINDOW = 28


class Application(NamedTuple):
    """One that came in on a day, and would take so many days."""

    day: int
    takes: int

    @property
    def decided(self) -> bool:
        return self.day + self.takes <= STOPPED


TAKES = (20, 30, 35, 38, 40, 45, 48, 50, 52)
APPLICATIONS = [Application(day, takes) for day in range(NOW) for takes in (*TAKES, 60 if day % 2 else 50)]


def test_what_was_due_and_stands_still_was_not_in_time() -> None:
    histograms = counted_over_the_window()

    ended = [each for each in APPLICATIONS if each.decided and each.day + each.takes > NOW - WINDOW]
    completed = span_figure(histograms, "beslistermijn", timedelta(days=LIMIT))
    assert completed.n == len(ended) > 50
    assert completed.share_within is not None
    assert completed.share_within > 0.9
    assert completed.verdict is Verdict.WITHIN, "what has ended looks as good as ever"
    assert completed.p90 is not None
    assert completed.p90 < LIMIT * 86_400_000

    due = [each for each in APPLICATIONS if NOW - WINDOW < each.day + LIMIT <= NOW]
    kept = [each for each in due if each.decided and each.takes <= LIMIT]
    limits = kept_limits(histograms, "beslistermijn")
    assert (limits.due, limits.kept) == (len(due), len(kept))
    assert limits.estimate is not None
    assert limits.estimate.value < 0.75
    assert limits.verdict is Verdict.PARTLY


def counted_over_the_window() -> Histograms:
    """Count what came in and what was decided, in order; return the window's days together."""
    books = Books(catalogue())
    for number, each in enumerate(APPLICATIONS):
        books.count([_event("aanvraag", each.day, number)])
    for number, each in enumerate(APPLICATIONS):
        if each.decided:
            books.count([_event("besluit", each.day + each.takes, number)])
    assert books.asked == 0
    found: dict[Subject, Histogram] = defaultdict(lambda: Histogram(0, 0, defaultdict(int)))
    since, until = (MIDNIGHT + timedelta(days=day) for day in (NOW - WINDOW, NOW))
    for cell, held in books.cells.items():
        if (cell.detail, cell.resolution) == (Detail.ROLLUPS, Resolution.HOUR) and since < cell.bucket <= until:
            subject = Subject(*(getattr(cell.scope, name) for name in Subject._fields))
            together = found[subject]
            bins = dict(together.bins)
            for bin_, n in held.items():
                if isinstance(bin_, int):
                    bins[bin_] = bins.get(bin_, 0) + n
            found[subject] = Histogram(together.n + held["n"], together.total + held["total"], bins)
    return found


def _event(touchpoint: str, day: int, number: int) -> TouchpointEvent:
    return event(touchpoint, day * DAY, case_id=f"Z-{number}")
