"""How many limits fell, and what share of them was kept."""

import pytest

from services.monitor.figures.histograms import Verdict
from services.monitor.figures.kept_limits import KeptLimits, kept_limits
from services.store.reading import Histogram, Histograms, Subject
from tests.snapshots import within


def test_limits_of_a_span_are_taken_together_wherever_they_end() -> None:
    histograms = {
        **within("termijn", kept=60, missed=10),
        **within("termijn", kept=17, missed=13, touchpoint="elders"),
        **within("case", kept=5, missed=5, touchpoint=""),
    }
    found = kept_limits(histograms, "termijn")
    assert (found.due, found.kept) == (100, 77)
    assert found.estimate is not None
    # Wilson's interval of 77 of 100 with z = 1.959964, worked out by hand
    assert found.estimate == pytest.approx((0.77, 0.6785, 0.8416), abs=0.0001)
    assert found.verdict is Verdict.PARTLY


def test_too_few_are_not_judged() -> None:
    assert kept_limits(within("termijn", kept=0, missed=4), "termijn").verdict is None
    assert kept_limits(within("termijn", kept=0, missed=5), "termijn").verdict is Verdict.OVER
    assert kept_limits({}, "termijn") == KeptLimits(0, 0, None)


@pytest.mark.parametrize(("n", "total", "due", "kept"), [(-3, -1, 0, 0), (2, -1, 2, 0), (2, 3, 2, 2)])
def test_what_is_taken_back_of_limits_that_were_never_counted_makes_no_share_beyond_all(
    n: int, total: int, due: int, kept: int
) -> None:
    """Cases that began before limits were counted end; a rebuild puts it right."""
    histograms: Histograms = {Subject("within", "termijn", "besluit", ""): Histogram(n, total, {})}
    found = kept_limits(histograms, "termijn")
    assert (found.due, found.kept) == (due, kept)
