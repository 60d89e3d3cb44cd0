"""A survey answer: what a customer said about a touchpoint."""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from schemas.values import Moment, Prose, Slug, Word


class SurveyAnswer(BaseModel):
    """One answer to one question, as it travels on the topic `survey-answers`.

    (source, answer_id) identifies it. `score` is on the scale of its question, as the customer gave it; an answer
    carries a score, a text, or both.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Word
    answer_id: Word
    journey: Slug
    case_id: Word
    question: Slug
    answered_at: Moment
    touchpoint: Slug | None = None
    invitation_id: Word | None = None
    customer: Word | None = None
    score: int | None = None
    text: Prose | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.score is None and self.text is None:
            raise ValueError("an answer needs a score or a text")
        return self
