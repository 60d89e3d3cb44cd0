"""The questions that customers are asked: each is about one measure, on a scale of its own."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.journey_part import Label, Part, Text
from schemas.values import Slug

THOUSANDTHS = 1000
"""What one point of a measure's scale is in a value."""

_LONGEST_SCALE = 100


class Scale(Part):
    """Whole scores from the one that says least or worst to the one that says most or best; either may be larger."""

    low: int
    high: int

    @model_validator(mode="after")
    def _has_steps(self) -> Self:
        if not 0 < abs(self.high - self.low) <= _LONGEST_SCALE:
            raise ValueError(f"should run over 1 to {_LONGEST_SCALE} steps, from `low` to `high`")
        return self

    @property
    def scores(self) -> range:
        """All scores, from the smallest number."""
        return range(min(self.low, self.high), max(self.low, self.high) + 1)


WORDS = "words"
"""Stands in the place of a measure where a question is answered in words only."""

SCALES: Mapping[str, Scale] = {
    "satisfaction": Scale(low=1, high=10),
    "overall": Scale(low=1, high=10),
    "effort": Scale(low=1, high=7),
    "emotion": Scale(low=-2, high=2),
    "importance": Scale(low=1, high=10),
    "expectation_met": Scale(low=0, high=1),
    "outcome_reached": Scale(low=0, high=1),
    "missed_message": Scale(low=0, high=1),
    "nps": Scale(low=0, high=10),
}
"""The scale of each measure, on which the scores of all questions about it come together. High effort is easy."""

ScoredMeasure = Literal[
    "satisfaction",
    "overall",
    "effort",
    "emotion",
    "importance",
    "expectation_met",
    "outcome_reached",
    "missed_message",
    "nps",
]
"""What customers give a score for."""

_Measure = Literal[ScoredMeasure, "words"]


class Question(Part):
    """A question about a measure, or one that is answered in words.

    Scores are given on `scale`, which lies evenly on the measure's own (the default); a scale that does not has a
    `mapping` instead: what each score comes to on the measure's.
    """

    id: Slug
    measure: _Measure
    text: Text
    scale: Scale | None = None
    mapping: Annotated[dict[int, Annotated[Decimal, Field(decimal_places=3)]], Field(min_length=2)] | None = None

    @model_validator(mode="after")
    def _is_answered_in_one_way(self) -> Self:
        if self.scale is not None and self.mapping is not None:
            raise ValueError("has a `scale` and a `mapping`; it takes one of them")
        if self.measure == WORDS and (self.scale or self.mapping):
            raise ValueError("is answered in words, which lie on no scale")
        for score, value in (self.mapping or {}).items():
            if not self._own.scores[0] <= value <= self._own.scores[-1]:
                lowest, *_, highest = self._own.scores
                raise ValueError(f"maps {score} to {value}; {self.measure} runs from {lowest} to {highest}")
        return self

    @property
    def _own(self) -> Scale:
        return SCALES[self.measure]

    @cached_property
    def values(self) -> Mapping[int, int]:
        """What each score comes to on the measure's scale, in thousandths of a point; empty if words are asked."""
        if self.measure == WORDS:
            return {}
        if self.mapping is not None:
            return {score: int(value * THOUSANDTHS) for score, value in sorted(self.mapping.items())}
        given = self.scale or self._own
        steps = {score: Fraction(score - given.low, given.high - given.low) for score in given.scores}
        reach = self._own.high - self._own.low
        return {score: round((self._own.low + step * reach) * THOUSANDTHS) for score, step in steps.items()}


def _standard(measure: _Measure, nl: str, en: str, id_: str | None = None) -> Question:
    return Question(id=id_ or measure, measure=measure, text=Label(nl=nl, en=en))


STANDARD: Mapping[str, Question] = {
    question.id: question
    for question in (
        _standard("satisfaction", "Hoe tevreden bent u over dit contact?", "How satisfied are you with this contact?"),
        _standard("overall", "Hoe tevreden bent u tot nu toe over alles?", "How satisfied are you so far overall?"),
        _standard("effort", "Hoe makkelijk was dit voor u?", "How easy was this for you?"),
        _standard("emotion", "Hoe voelde u zich erbij?", "How did it make you feel?"),
        _standard("importance", "Hoe belangrijk is dit contact voor u?", "How important is this contact to you?"),
        _standard("expectation_met", "Ging het zoals u had verwacht?", "Did it go as you expected?"),
        _standard("outcome_reached", "Heeft u bereikt wat u wilde?", "Did you achieve what you wanted?"),
        _standard("missed_message", "Heeft u een bericht van ons gemist?", "Did you miss a message from us?"),
        _standard("nps", "Hoe waarschijnlijk is het dat u ons aanbeveelt?", "How likely are you to recommend us?"),
        _standard("words", "Wilt u er nog iets over kwijt?", "Is there anything you would like to add?", "remark"),
    )
}
"""The questions that every journey knows, by id; a journey file may word them anew and add its own."""
