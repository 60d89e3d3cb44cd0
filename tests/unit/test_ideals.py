"""Ideals against what was measured, importance beside what cases say overall, on a small journey worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from schemas.ideal import Ideal
from schemas.journey import Journey, parse_journey
from schemas.located_yaml import FileMistakes
from services.monitor.figures.curve import Said, curve
from services.monitor.ideals.ideal_gaps import EVERYBODY, Gap, IdealGaps, ideal_gaps
from services.monitor.ideals.ideal_tables import ideal_tables
from services.monitor.ideals.importance import Importance, importance, score_pairs
from services.monitor.journey.journey_drawing import line_drawing
from services.store.ideal_reading import GivenScore
from streams.observations import Measure
from streams.scores import Counts
from streams.windows import bin_of

FILE = """\
id: balie
name: Balie
time_zone: Europe/Amsterdam
personas:
  - {id: bewoner, name: Bewoner}
  - {id: bedrijf, name: Bedrijf}
phases:
  - id: een
    name: Een
    touchpoints:
      - {id: gesteld, name: G, asks: [satisfaction, overall], importance: 5, ideal: 8, ideals: {bewoner: {score: 9}}}
      - {id: antwoord, name: Antwoord, asks: [effort], ideal_effort: 6, ideal_duration: P2D}
      - {id: rest, name: Rest}
end_touchpoints: [antwoord]
"""
DRAWN = parse_journey(FILE)
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY = 86_400_000


def said_of(*scores: tuple[str, str, int, int]) -> Said:
    held = {(measure, touchpoint): {1000 * score: n} for measure, touchpoint, score, n in scores}
    return lambda measure, touchpoint: held.get((measure, touchpoint), {})


def gaps_of(*days: float) -> dict[int, int]:
    found: dict[int, int] = {}
    for each in days:
        bin_ = bin_of(Measure.GAP, round(each * DAY))
        found[bin_] = found.get(bin_, 0) + 1
    return found


def found(
    *, bewoner: int = 30, visits: int = 30, gaps: dict[tuple[str, str], dict[int, int]] | None = None
) -> dict[tuple[str, str], IdealGaps]:
    said = {
        EVERYBODY: said_of(("satisfaction", "gesteld", 7, bewoner + 30), ("effort", "antwoord", 4, 40)),
        "bewoner": said_of(("satisfaction", "gesteld", 6, bewoner)),
        "bedrijf": said_of(("satisfaction", "gesteld", 8, 30)),
    }
    passed = {(each.id, persona): 30 for each in DRAWN.touchpoints for persona in ("bewoner", "bedrijf")}
    passed["gesteld", "bewoner"] = visits
    all_of_them = ideal_gaps(DRAWN, said, gaps or {}, passed, enough=20, group=5)
    return {(each.touchpoint.id, each.persona): each for each in all_of_them}


def test_a_persona_has_the_ideal_that_differs_and_else_that_of_everybody() -> None:
    gesteld, antwoord, rest = DRAWN.touchpoints
    assert gesteld.ideal_of("bewoner").score == 9
    assert gesteld.ideal_of("bedrijf").score == gesteld.ideal_of(None).score == 8
    assert antwoord.ideal_of("bewoner") == Ideal(effort=Decimal(6), duration=timedelta(days=2))
    assert rest.ideal_of(None) == gesteld.ideal_of(None).model_copy(update={"score": None})


@pytest.mark.parametrize(
    ("ideals", "field", "words"),
    [
        ("ideals: {bewoners: {score: 9}}", "phases.0.touchpoints.0.ideals.bewoners", "not a persona"),
        ("ideals: {bewoner: {score: 11}}", "phases.0.touchpoints.0.ideals.bewoner.score", "10"),
        ("ideals: {bewoner: {effort: 8}}", "phases.0.touchpoints.0.ideals.bewoner.effort", "7"),
        ("ideals: {bewoner: {duration: 3}}", "phases.0.touchpoints.0.ideals.bewoner.duration", "ISO 8601"),
        ("ideals: {bewoner: {}}", "phases.0.touchpoints.0.ideals.bewoner", "what is ideal"),
        ("ideals: {bewoner: {cijfer: 9}}", "phases.0.touchpoints.0.ideals.bewoner.cijfer", "not permitted"),
    ],
)
def test_a_mistake_in_an_ideal_is_told_by_line_and_field(ideals: str, field: str, words: str) -> None:
    with pytest.raises(FileMistakes) as told:
        parse_journey(FILE.replace("ideals: {bewoner: {score: 9}}", ideals))
    (mistake,) = told.value.mistakes
    assert (mistake.line, mistake.field) == (11, field)
    assert words in mistake.detail


def test_what_is_lacking_is_told_for_everybody_and_by_persona() -> None:
    every = found()
    assert every["gesteld", EVERYBODY].score == Gap(8.0, 7.0, 1.0, certain=True)
    assert every["gesteld", "bewoner"].score == Gap(9.0, 6.0, 3.0, certain=True)
    assert every["gesteld", "bedrijf"].score == Gap(8.0, 8.0, 0.0, certain=False)
    assert every["antwoord", EVERYBODY].effort == Gap(6.0, 4.0, 2.0, certain=True)
    assert every["antwoord", "bewoner"].effort == Gap(6.0, None, None, certain=False)
    assert not any(touchpoint == "rest" for touchpoint, _ in every)


def test_under_twenty_scores_or_of_a_small_group_nothing_is_told() -> None:
    assert found(bewoner=19)["gesteld", "bewoner"].score == Gap(9.0, None, None, certain=False)
    hidden = found(visits=4)
    assert hidden["gesteld", "bewoner"].score == Gap(9.0, None, None, certain=False)
    # the other one would give it away: all less the other
    assert hidden["gesteld", "bedrijf"].score == Gap(8.0, None, None, certain=False)
    assert hidden["gesteld", EVERYBODY].score is not None


def test_a_duration_is_the_median_and_certain_only_with_enough_of_them() -> None:
    days = [1, 1.5, *[3] * 40, 9]
    gaps = {("antwoord", "bewoner"): gaps_of(*days), ("antwoord", "bedrijf"): gaps_of(1, 1, 3, 3, 3)}
    every = found(gaps=gaps)
    slow, few = every["antwoord", "bewoner"].duration, every["antwoord", "bedrijf"].duration
    assert slow is not None
    assert few is not None
    assert (slow.ideal, slow.certain, few.certain) == (2 * DAY, True, False)
    assert slow.actual == pytest.approx(3 * DAY, rel=0.011)
    assert slow.short == pytest.approx(1 * DAY, rel=0.04)
    assert found(gaps={("antwoord", "bedrijf"): gaps_of(3, 3, 3, 3)})["antwoord", "bedrijf"].duration == Gap(
        2 * DAY, None, None, certain=False
    )


def test_there_is_a_table_for_each_measure_with_a_column_for_each_persona() -> None:
    tables = ideal_tables(list(found().values()), DRAWN)
    assert [(table.measure, [row.touchpoint.id for row in table.rows]) for table in tables] == [
        ("score", ["gesteld"]),
        ("effort", ["antwoord"]),
        ("duration", ["antwoord"]),
    ]
    assert list(tables[0].rows[0].gaps) == [EVERYBODY, "bewoner", "bedrijf"]


def test_the_line_has_the_ideals_of_personas_that_differ_and_those_of_the_one_that_is_asked_for() -> None:
    points = curve(DRAWN, lambda _measure, _touchpoint: {}, {}, 20)
    (bewoner,) = line_drawing(points, DRAWN).persona_ideals
    assert bewoner.name.nl == "Bewoner"
    general = line_drawing(points, DRAWN)
    assert bewoner.ideals != general.ideals
    of_bewoner = curve(DRAWN, lambda _measure, _touchpoint: {}, {}, 20, "bewoner")
    assert line_drawing(of_bewoner, DRAWN, of_personas=False).ideals == bewoner.ideals
    assert line_drawing(of_bewoner, DRAWN, of_personas=False).persona_ideals == []
    assert [point.ideal for point in of_bewoner] == [9.0, None, None]


def given(case: int, touchpoint: str, question: str, score: int, minutes: int) -> GivenScore:
    return GivenScore(case, touchpoint, 1, question, score, NOW + timedelta(minutes=minutes))


def pairs_of(*scores: GivenScore) -> dict[str, dict[tuple[int, int], int]]:
    return {touchpoint: dict(each) for touchpoint, each in score_pairs(scores, {1: DRAWN}, DRAWN).items()}


def test_a_case_pairs_its_last_score_of_a_touchpoint_with_its_last_overall_one() -> None:
    assert pairs_of(
        given(1, "gesteld", "satisfaction", 6, 0),
        given(1, "gesteld", "satisfaction", 8, 5),
        given(1, "gesteld", "overall", 7, 5),
        given(1, "antwoord", "effort", 3, 9),
        given(1, "antwoord", "overall", 4, 9),
        given(2, "gesteld", "satisfaction", 9, 3),
        given(2, "gesteld", "overall", 2, 1),  # said before
        given(3, "gesteld", "satisfaction", 9, 3),  # nothing overall
        given(4, "antwoord", "satisfaction", 9, 3),  # asks for effort
        given(4, "antwoord", "overall", 9, 3),
    ) == {"gesteld": {(8000, 4000): 1}, "antwoord": {(3000, 4000): 1}}


def weights(drawn: Journey, asked: Counts, pairs: dict[tuple[int, int], int]) -> Importance:
    points = curve(drawn, lambda measure, _: asked if measure == "importance" else {}, {}, 20)
    return importance(points, {"gesteld": pairs})[0]


def test_only_what_goes_up_beyond_chance_is_called_a_driver() -> None:
    rising = {(1000 * n, 1000 * n): 20 for n in range(1, 7)}
    falling = {(1000 * n, 1000 * (8 - n)): 20 for n in range(1, 7)}
    nothing = {(1000 * a, 1000 * b): 4 for a in range(1, 7) for b in range(1, 7)}
    assert weights(DRAWN, {}, rising).drives
    assert not weights(DRAWN, {}, falling).drives
    unsure = weights(DRAWN, {}, nothing)
    assert unsure.together is not None
    assert unsure.together.low < 0 < unsure.together.high
    assert not unsure.drives
    few = weights(DRAWN, {}, {(1000 * n, 1000 * n): 33 for n in range(1, 4)})
    assert (few.together, few.drives, few.pairs, few.missing) == (None, False, 99, 1)


def test_what_customers_say_is_held_against_what_the_organisation_states() -> None:
    sure, unsure = weights(DRAWN, {8000: 30}, {}), weights(DRAWN, {1000: 10, 10000: 10}, {})
    assert (sure.stated, sure.difference, sure.differs) == (5, 3.0, True)
    assert (unsure.difference, unsure.differs) == (0.5, False)
    few = weights(DRAWN, {8000: 19}, {})
    assert (few.difference, few.differs) == (None, False)
