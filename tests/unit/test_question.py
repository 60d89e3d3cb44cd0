"""Questions: what each score comes to on the scale of its measure, and what is refused in a journey file."""

from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.journey import parse_journey
from schemas.located_yaml import FileMistakes
from schemas.question import SCALES, STANDARD, Question
from streams.observations import Measure
from tests.drawn import LOKET

TWO_ASKED = "moment_of_truth: true, asks: [satisfaction, gemak]"


def question(measure: str, **given: Any) -> Question:
    return Question.model_validate({"id": "vraag", "measure": measure, "text": "?", **given})


def with_questions(questions: str, asks: str = TWO_ASKED) -> str:
    """The desk's journey file, with questions of its own and a touchpoint that asks them."""
    assert LOKET.count("moment_of_truth: true") == 1, "the piece must be there once"
    return LOKET.replace("moment_of_truth: true", asks) + f"\nquestions:\n{questions}"


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        (question("satisfaction"), {score: 1000 * score for score in range(1, 11)}),
        (question("emotion"), {-2: -2000, -1: -1000, 0: 0, 1: 1000, 2: 2000}),
        (
            question("satisfaction", scale={"low": 1, "high": 5}),
            {1: 1000, 2: 3250, 3: 5500, 4: 7750, 5: 10_000},
        ),
        (question("effort", scale={"low": 5, "high": 1}), {1: 7000, 2: 5500, 3: 4000, 4: 2500, 5: 1000}),
        (question("satisfaction", scale={"low": 0, "high": 3}), {0: 1000, 1: 4000, 2: 7000, 3: 10_000}),
        (question("overall", mapping={1: 2, 2: "5.5", 3: "8.125"}), {1: 2000, 2: 5500, 3: 8125}),
        (question("missed_message"), {0: 0, 1: 1000}),
        (question("words"), {}),
    ],
)
def test_scores_on_the_scale_of_their_measure(asked: Question, values: dict[int, int]) -> None:
    assert asked.values == values


@given(
    st.sampled_from(sorted(SCALES)),
    st.integers(-50, 50),
    st.integers(-100, 100).filter(bool),
)
def test_any_scale_lies_evenly_on_its_measure(measure: str, low: int, steps: int) -> None:
    values = question(measure, scale={"low": low, "high": low + steps}).values
    own = SCALES[measure]
    assert len(values) == abs(steps) + 1
    assert (values[low], values[low + steps]) == (1000 * own.low, 1000 * own.high)
    for score, value in values.items():
        exact = Decimal(own.low) + Decimal(own.high - own.low) * (score - low) / steps
        assert abs(value - 1000 * exact) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"scale": {"low": 3, "high": 3}}, "1 to 100 steps"),
        ({"scale": {"low": 0, "high": 101}}, "1 to 100 steps"),
        ({"scale": {"low": 1, "high": 5}, "mapping": {1: 1, 5: 10}}, "takes one of them"),
        ({"mapping": {1: 1, 2: 11}}, "maps 2 to 11; satisfaction runs from 1 to 10"),
        ({"mapping": {1: 1}}, "at least 2"),
        ({"mapping": {1: 1, 2: "5.5555"}}, "decimal"),
        ({"measure": "words", "scale": {"low": 1, "high": 5}}, "lie on no scale"),
        ({"measure": "happiness"}, "satisfaction"),
    ],
)
def test_a_question_that_cannot_be_asked(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        question(**{"measure": "satisfaction", **wrong})


def test_every_measure_that_is_asked_has_a_scale_and_is_observed() -> None:
    named = set(get_args(Question.model_fields["measure"].annotation))
    assert named == {*SCALES, "words"}
    assert SCALES.keys() <= {measure.value for measure in Measure}
    assert {each.measure for each in STANDARD.values()} == named


def test_a_journey_words_standard_questions_anew_and_adds_its_own() -> None:
    gemak = "  - {id: gemak, measure: effort, scale: {low: 1, high: 5}, text: {nl: Gemakkelijk?, en: Easy?}}\n"
    journey = parse_journey(with_questions(gemak + "  - {id: nps, measure: nps, text: Raadt u ons aan?}\n"))
    assert journey.question_by_id["gemak"].text.en == "Easy?"
    assert journey.question_by_id["nps"].text.nl == "Raadt u ons aan?"
    assert journey.question_by_id["satisfaction"] == STANDARD["satisfaction"]
    (besluit,) = (each for each in journey.touchpoints if each.moment_of_truth)
    assert besluit.asks == ("satisfaction", "gemak")


@pytest.mark.parametrize(
    ("questions", "asks", "field", "words"),
    [
        (
            "  - {id: gemak, measure: effort, text: G}",
            "asks: [gemk]",
            "phases.1.touchpoints.0.asks.0",
            "not a question",
        ),
        ("  - {id: a, measure: nps, text: G}", "asks: [a, a]", "phases.1.touchpoints.0.asks.1", "used twice"),
        (
            "  - {id: a, measure: nps, text: G}\n  - {id: a, measure: effort, text: G}",
            "asks: [a]",
            "questions.1.id",
            "used twice",
        ),
        ("  - {id: a, measure: smile, text: G}", "asks: [a]", "questions.0.measure", "'satisfaction'"),
    ],
)
def test_a_mistake_in_questions_is_told_by_field(questions: str, asks: str, field: str, words: str) -> None:
    with pytest.raises(FileMistakes) as refused:
        parse_journey(with_questions(questions, asks))
    assert field in [mistake.field for mistake in refused.value.mistakes]
    assert words in str(refused.value)
