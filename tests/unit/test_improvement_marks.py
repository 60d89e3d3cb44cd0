"""Improvements on charts: which belong to a chart, and where on its time axis each stands."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.improvement import Improvement
from services.monitor.improvements.improvement_marks import concerning, marks
from services.monitor.review.charted import Charted, PeriodFigure
from streams.periods import By, periods
from tests.improving import kept
from tests.snapshots import balie

DAY = date(2026, 10, 14)  # a Wednesday
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DURATION = {"measure": "throughput", "span": "antwoordtermijn", "direction": "down", "size": 1}


def made(number: int, touchpoint: str = "antwoord", **given: Any) -> Improvement:
    return kept(number, touchpoint=touchpoint, **{"done_on": DAY, **given})


@pytest.mark.parametrize(
    ("of", "numbers"),
    [
        ({"measure": "satisfaction", "touchpoint": "antwoord"}, [1, 4]),
        ({"measure": "throughput", "span": "antwoordtermijn"}, [1, 2, 4]),
        ({"measure": "throughput"}, [1, 2, 3, 4]),
        ({"measure": "volume"}, [1, 2, 3, 4]),
        ({"measure": "satisfaction", "touchpoint": "antwoord", "department": "KCC"}, []),
    ],
)
def test_a_chart_shows_what_may_have_changed_it(of: dict[str, Any], numbers: list[int]) -> None:
    """The term to answer runs from question to answer; care comes after it."""
    improvements = [
        made(1),
        made(2, "gesteld", effect=DURATION),
        made(3, "nazorg"),
        made(4, done_on=date(2026, 10, 15)),
        made(5, done_on=None),
        made(6, withdrawn_at=NOW, withdrawn_by="Anna"),
    ]
    assert [each.id for each in concerning(Charted.model_validate(of), improvements, balie())] == numbers


def test_a_span_that_is_expected_to_change_shows_it_wherever_it_is() -> None:
    of = Charted.model_validate({"measure": "throughput", "span": "antwoordtermijn"})
    assert concerning(of, [made(1, "nazorg")], balie()) == []
    assert len(concerning(of, [made(1, "nazorg", effect=DURATION)], balie())) == 1
    assert concerning(of, [made(1, "vroeger")], balie()) == []


@pytest.mark.parametrize(("by", "part"), [(By.WEEK, 2 / 7), (By.MONTH, 13 / 31)])
def test_an_improvement_stands_on_its_day(by: By, part: float) -> None:
    figures = [PeriodFigure(each, 0, None, None, True) for each in periods(by, 3, NOW, balie().zone)]
    noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    (place,) = [place for place, each in enumerate(figures) if each.period.start <= noon < each.period.end]
    (mark,) = marks([made(1), made(2, done_on=date(2020, 1, 1)), made(3, done_on=date(2027, 1, 1))], figures, 64, 10)
    assert mark.improvement.id == 1
    assert mark.x == pytest.approx(64 + 10 * (place + part), abs=0.05)
