"""A survey answer: what a customer said about a touchpoint."""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from schemas.values import Moment, Prose, Slug, Word, digest


class SurveyAnswer(BaseModel):
    """One answer to one question of its journey, as it travels on the topic `survey-answers`.

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

    @property
    def key(self) -> tuple[str, str]:
        """What makes this answer itself: (source, answer_id)."""
        return self.source, self.answer_id

    @property
    def case_key(self) -> tuple[str, str]:
        """The case it belongs to: (journey, case_id)."""
        return self.journey, self.case_id

    def content_digest(self) -> bytes:
        """Return 16 bytes that differ when the content differs; the customer is left out, as it is of an event's."""
        return digest(
            self.journey,
            self.case_id,
            self.question,
            self.answered_at,
            self.touchpoint,
            self.invitation_id,
            self.score,
            self.text,
        )
