"""The journey page's pictures: everything lies where its figure says, within the picture."""

import pytest

from schemas.journey import Journey, parse_journey
from services.monitor.figures.curve import Point, curve
from services.monitor.journey.journey_drawing import HEIGHT, WIDTH, line_drawing, matrix_drawing
from tests.snapshots import BALIE, volume

DRAWN = BALIE.replace("initiator: customer}", "initiator: customer, importance: 4, ideal: 10}").replace(
    "gap_limit: P1W}", "gap_limit: P1W, importance: 9}"
)
SAID = {
    ("satisfaction", "gesteld"): {4000: 20},
    ("satisfaction", "antwoord"): {10_000: 20},
    ("emotion", "antwoord"): {-2000: 20},
    ("satisfaction", "nazorg"): {7000: 20},
}


@pytest.fixture(scope="module")
def drawn() -> Journey:
    return parse_journey(DRAWN)


@pytest.fixture(scope="module")
def points(drawn: Journey) -> list[Point]:
    passed = {**volume("gesteld", 40), **volume("antwoord", 10)}
    return list(curve(drawn, lambda *of: SAID.get(of, {}), passed, 20))


def test_scores_lie_by_their_height_and_touchpoints_in_order(drawn: Journey, points: list[Point]) -> None:
    line = line_drawing(points, drawn)
    first, second, third, last = line.marks
    assert first.x < second.x < third.x < last.x < WIDTH
    grid = dict(line.score_grid)
    assert first.score is not None
    assert third.score is not None
    assert (first.score.at, third.score.at, first.ideal) == (grid[4], grid[10], grid[10])
    assert third.feeling is not None
    assert third.feeling.at == dict(line.feeling_grid)[-2]
    assert (second.score, second.feeling, second.ideal) == (None, None, None)
    assert line.scores == f"{first.x:.1f},{grid[4]} {third.x:.1f},{grid[10]} {last.x:.1f},{grid[7]}"
    assert line.feelings.count(",") == 1


def test_the_busiest_has_the_highest_bar_and_the_important_the_larger_dot(drawn: Journey, points: list[Point]) -> None:
    first, second, third, _ = line_drawing(points, drawn).marks
    assert first.volume_high == 4 * third.volume_high > 0
    assert second.volume_high == 0
    assert first.volume_top + first.volume_high == third.volume_top + third.volume_high <= HEIGHT
    assert first.size < third.size


def test_phases_are_as_wide_as_their_touchpoints(drawn: Journey, points: list[Point]) -> None:
    line = line_drawing(points, drawn)
    widths = [band.width for band in line.bands]
    assert widths[0] == pytest.approx(2 * widths[1])
    assert [band.odd for band in line.bands] == [False, True, False]
    assert line.bands[0].x <= line.marks[0].x < line.marks[1].x < line.bands[1].x


def test_the_matrix_shows_what_is_known_of_both(points: list[Point]) -> None:
    matrix = matrix_drawing(points)
    assert [spot.number for spot in matrix.spots] == [1, 3]
    low, high = matrix.spots
    assert low.x < matrix.middle_x < high.x
    assert high.y < matrix.middle_y < low.y, "more important is higher up"
    assert (matrix.lowest_score, matrix.lowest_importance) == (3, 3)
    assert all(matrix.left <= spot.x <= matrix.right and matrix.top <= spot.y <= matrix.foot for spot in matrix.spots)
    assert low.radius > high.radius


def test_a_matrix_of_nothing_still_has_its_quadrants(drawn: Journey) -> None:
    matrix = matrix_drawing(curve(drawn, lambda *_: {}, {}, 20))
    assert matrix.spots == []
    assert matrix.left < matrix.middle_x < matrix.right
    assert line_drawing([], drawn).marks == []
