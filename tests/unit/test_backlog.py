"""The backlog's order, and what the roadmap shows of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.improvement import Improvement
from services.monitor.improvements.backlog import State, backlog, state_of
from services.monitor.improvements.roadmap_drawing import is_overdue, on_the_road, roadmap_drawing
from streams.priority import priority
from tests.improving import WRITTEN, kept

TODAY = date(2026, 11, 25)  # a Wednesday
MONDAY = date(2026, 11, 23)
SINCE = datetime(2026, 8, 25, tzinfo=UTC)


def worth(volume: int) -> object:
    return priority(importance=9, score=5.4, norm=7, ideal=None, volume=volume)


def test_the_highest_priority_comes_first_and_the_newest_of_what_was_done() -> None:
    priorities = {"veel": worth(100), "weinig": worth(10), "niets": worth(0)}
    found = backlog(
        [
            kept(1, touchpoint="weinig"),
            kept(2, touchpoint="onbekend"),
            kept(3, touchpoint="veel", planned_week=MONDAY),
            kept(4, touchpoint="niets"),
            kept(5, touchpoint="veel"),
            kept(6, done_on=TODAY - timedelta(days=9)),
            kept(7, done_on=TODAY),
            kept(8, withdrawn_at=WRITTEN, withdrawn_by="Anna", done_on=TODAY),
        ],
        priorities,  # type: ignore[arg-type]
        SINCE,
    )
    assert [each.improvement.id for each in found.open] == [3, 5, 1, 4, 2]
    assert [each.improvement.id for each in found.done] == [7, 6]
    assert [each.improvement.id for each in found.withdrawn] == [8]
    assert found.open[-1].priority.value is None
    assert found.find(8) == found.withdrawn[0]
    assert found.find(9) is None


@pytest.mark.parametrize(
    ("improvement", "state"),
    [
        (kept(1), State.OPEN),
        (kept(1, planned_week=MONDAY), State.PLANNED),
        (kept(1, planned_week=MONDAY, done_on=TODAY), State.DONE),
        (kept(1, done_on=TODAY, withdrawn_at=WRITTEN, withdrawn_by="Anna"), State.WITHDRAWN),
    ],
)
def test_where_an_improvement_stands(improvement: Improvement, state: State) -> None:
    assert state_of(improvement) is state


@pytest.mark.parametrize(
    ("planned", "done", "overdue"),
    [
        (MONDAY, None, False),  # its week runs
        (MONDAY - timedelta(weeks=1), None, True),
        (MONDAY - timedelta(weeks=1), TODAY, False),
        (None, None, False),
    ],
)
def test_what_is_not_done_in_its_week_is_overdue(planned: date | None, done: date | None, overdue: bool) -> None:
    assert is_overdue(kept(1, planned_week=planned, done_on=done), TODAY) is overdue


def test_the_roadmap_goes_half_a_year_either_way() -> None:
    days = {
        1: MONDAY - timedelta(weeks=26),
        2: MONDAY - timedelta(weeks=26, days=1),
        3: MONDAY + timedelta(weeks=26) - timedelta(days=1),
        4: MONDAY + timedelta(weeks=26),
        5: MONDAY,
    }
    improvements = [*(kept(number, done_on=day) for number, day in days.items()), kept(6)]
    assert [each.id for each in on_the_road(improvements, TODAY)] == [1, 5, 3]


@given(st.lists(st.tuples(st.integers(-200, 200), st.integers(0, 52)), max_size=12))
def test_everything_is_drawn_within_the_picture_in_the_order_of_days(drawn: list[tuple[int, int]]) -> None:
    improvements = [
        kept(number, done_on=TODAY + timedelta(days=days), settles_weeks=weeks)
        for number, (days, weeks) in enumerate(drawn, 1)
    ]
    road = roadmap_drawing(improvements, TODAY)
    places = [(stop.x, stop.y) for stop in road.stops]
    assert places == sorted(places)
    for stop in road.stops:
        assert road.left <= stop.x <= stop.settled <= road.right
        assert road.top < stop.y < road.height
    assert road.left < road.today < road.right
