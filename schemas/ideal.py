"""What a touchpoint would be like for customers if all went as the organisation wants it."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.duration import Duration
from schemas.journey_part import Part
from schemas.question import SCALES

_EFFORT = SCALES["effort"]

Score = Annotated[Decimal, Field(ge=1, le=10, decimal_places=1)]
"""A score on the scale of 1 to 10."""

Ease = Annotated[Decimal, Field(ge=_EFFORT.low, le=_EFFORT.high, decimal_places=1)]
"""How easy it is, on the scale of effort; high is easy."""


class Ideal(Part):
    """What the organisation aims at: a score, how easy it is, and how long the gap before the touchpoint may be."""

    score: Score | None = None
    effort: Ease | None = None
    duration: Duration | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self == NONE:
            raise ValueError("should say what is ideal: a `score`, an `effort` or a `duration`")
        return self

    def over(self, general: "Ideal") -> "Ideal":
        """Return this ideal, and the general one where it says nothing."""
        given = {name: value for name, value in self if value is not None}
        return general.model_copy(update=given)


NONE = Ideal.model_construct()
"""No ideal at all."""
