"""The journey as a line: what customers say of each touchpoint, what is to be done about it, and how it is drawn."""

from collections.abc import Mapping, Sequence

import pytest

from schemas.journey import Journey, parse_journey
from services.monitor.figures.curve import Point, Quadrant, curve, said_in
from services.monitor.figures.score_figures import Unit, score_figure
from services.monitor.wallboard.wall_drawing import pictures
from services.store.reading import Subject
from tests.snapshots import BALIE, histogram, volume

ENOUGH = 20
DRAWN = (
    BALIE.replace("initiator: customer}", "initiator: customer, asks: [effort, overall], importance: 9, ideal: 9}")
    .replace("gap_limit: P2D}", "gap_limit: P2D, importance: 3}")
    .replace("gap_limit: P1W}", "gap_limit: P1W, asks: [satisfaction], importance: 8, ideal: 8.5}")
)


@pytest.fixture(scope="module")
def drawn() -> Journey:
    return parse_journey(DRAWN)


def scores(*each: int, times: int = 1) -> dict[int, int]:
    return {1000 * score: times * each.count(score) for score in each}


def line(drawn: Journey, said: Mapping[tuple[str, str], Mapping[int, int]]) -> Sequence[Point]:
    passed = {
        **volume("antwoord", 4),
        **volume("antwoord", 3, "VG"),
        **volume("gesteld", 7),
        Subject("complaints", "", "antwoord", "KCC"): histogram("complaints", [1, 1]),
    }
    return curve(drawn, lambda measure, touchpoint: said.get((measure, touchpoint), {}), passed, ENOUGH)


def test_a_point_is_what_its_own_question_is_about(drawn: Journey) -> None:
    """Effort runs to 7, and 4 of 1 to 7 is 5.5 of 1 to 10."""
    said = {
        ("effort", "gesteld"): scores(3, 5, times=10),
        ("satisfaction", "antwoord"): scores(7, 9, times=10),
        ("emotion", "antwoord"): scores(-1, 1, times=10),
    }
    asked, told, answered, cared = line(drawn, said)
    assert asked.score.measure == "effort"
    assert asked.score.estimate is not None
    assert asked.level is not None
    assert (asked.score.estimate.value, asked.level.value) == (4.0, 5.5)
    assert answered.level is not None
    assert answered.level.value == 8
    assert answered.level.low == pytest.approx(8 - 2.093 * (20 / 19 / 20) ** 0.5, abs=0.001)
    assert answered.emotion.estimate is not None
    assert answered.emotion.estimate.value == 0
    assert (told.level, cared.level, told.emotion.estimate) == (None, None, None)
    assert [point.volume for point in (asked, told, answered, cared)] == [7, 0, 7, 0]
    assert [point.complaints for point in (asked, told, answered, cared)] == [0, 0, 2, 0]


def test_the_gap_is_what_is_missing_to_the_ideal(drawn: Journey) -> None:
    asked, _, answered, _ = line(drawn, {("satisfaction", "antwoord"): scores(7, 9, times=10)})
    assert (asked.ideal_gap, answered.ideal_gap) == (None, 0.5)


@pytest.mark.parametrize("n", [0, 1, 19])
def test_too_few_are_no_figure(n: int) -> None:
    figure = score_figure("satisfaction", {8000: n}, ENOUGH)
    assert (figure.n, figure.missing) == (n, ENOUGH - n)
    assert (figure.estimate, figure.high, figure.distribution) == (None, None, None)


def test_what_a_figure_is_in() -> None:
    nps, met, mean = (
        score_figure(measure, scores(0, 1, times=10), ENOUGH) for measure in ("nps", "outcome_reached", "overall")
    )
    assert [figure.unit for figure in (nps, met, mean)] == [Unit.NPS, Unit.SHARE, Unit.POINTS]
    assert nps.estimate is not None
    assert met.estimate is not None
    assert (nps.estimate.value, met.estimate.value) == (-100, 0.5)
    assert met.high is None
    assert mean.high is not None


@pytest.mark.parametrize(
    ("importance", "score", "quadrant"),
    [
        (9, 5, Quadrant.IMPROVE),
        (9, 8, Quadrant.KEEP),
        (4, 5, Quadrant.NO_NEED_TO_INVEST),
        (4, 8, Quadrant.WATCH),
        (7, 7, Quadrant.KEEP),
    ],
)
def test_importance_held_against_the_score_says_what_to_do(importance: int, score: int, quadrant: Quadrant) -> None:
    drawn = parse_journey(DRAWN.replace("importance: 8", f"importance: {importance}"))
    *_, answered, _ = line(drawn, {("satisfaction", "antwoord"): scores(score, times=20)})
    assert (answered.importance, answered.quadrant) == (importance, quadrant)


def test_customers_know_best_what_is_important_once_enough_of_them_have_said(drawn: Journey) -> None:
    said = {("satisfaction", "antwoord"): scores(5, times=20), ("importance", "antwoord"): scores(3, times=20)}
    *_, answered, _ = line(drawn, said)
    assert (answered.importance, answered.quadrant) == (3, Quadrant.NO_NEED_TO_INVEST)
    *_, answered, _ = line(drawn, {**said, ("importance", "antwoord"): scores(3, times=19)})
    assert (answered.importance, answered.quadrant) == (8, Quadrant.IMPROVE)


def test_of_histograms_only_what_is_released_is_read() -> None:
    """Departments are taken together, and exact scores are for nobody's eyes."""
    said = said_in(
        {
            Subject("released satisfaction", "", "antwoord", "KCC"): histogram("released satisfaction", [8000, 9000]),
            Subject("released satisfaction", "", "antwoord", "VG"): histogram("released satisfaction", [8000]),
            Subject("satisfaction", "", "antwoord", "KCC"): histogram("satisfaction", [1000]),
        }
    )
    assert said("satisfaction", "antwoord") == {8000: 2, 9000: 1}
    assert said("satisfaction", "bericht") == {}


def test_the_curve_runs_straight_over_what_is_not_known(drawn: Journey) -> None:
    """10 is at the top, 1 at the bottom; nothing is drawn before the first score and after the last."""
    said = {("effort", "gesteld"): scores(7, times=20), ("satisfaction", "antwoord"): scores(4, times=20)}
    first, second, third, fourth = pictures(line(drawn, said))
    assert (first.line, first.at) == ("50,0 100,15", 0.0)
    assert (second.line, second.at, second.low) == ("0,15 50,30 100,45", None, None)
    assert (third.line, third.at) == ("0,45 50,60", 60.0)
    assert (fourth.line, fourth.at) == ("", None)
    assert [picture.ideal for picture in (first, second, third, fourth)] == [10.0, None, 15.0, None]


def test_a_score_alone_is_a_point_without_a_line(drawn: Journey) -> None:
    said = {("satisfaction", "antwoord"): scores(4, 6, times=10)}
    third = pictures(line(drawn, said))[2]
    assert (third.line, third.at) == ("", 50.0)
    assert third.low is not None
    assert third.high is not None
    assert third.high < 50 < third.low


def test_feelings_have_a_curve_of_their_own_and_importance_a_weight(drawn: Journey) -> None:
    """+2 is at the top, -2 at the bottom, whatever the scores are."""
    said = {("emotion", "gesteld"): scores(2, times=20), ("emotion", "bericht"): scores(-2, times=20)}
    first, second, third, _ = pictures(line(drawn, said))
    assert (first.felt, second.felt, third.felt) == (0.0, 90.0, None)
    assert (first.feelings, second.feelings, third.feelings) == ("50,0 100,45", "0,45 50,90", "")
    assert first.line == ""
    assert [picture.weight for picture in (first, second, third)] == [3, 1, 3]
