"""How cases come out for the customer, such as granted or refused, and which attribute of an event says so."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.journey_part import Part, Text
from schemas.located_yaml import mistake
from schemas.values import Slug, Word

OTHER = "other"
"""The outcome of a value that the journey file does not name."""

MOST_OUTCOMES = 5
"""How many outcomes a journey may have. Each keeps its scores apart, and waits for its own lots."""

_MOST_VALUES = 50


class Outcome(Part):
    """A way in which cases of a journey come out."""

    id: Slug
    name: Text

    @model_validator(mode="after")
    def _is_not_the_other(self) -> Self:
        if self.id == OTHER:
            raise mistake(("id",), f"{OTHER!r} is what values come to that no outcome is named for; choose another id")
        return self


class OutcomeSaid(Part):
    """Which attribute of a touchpoint's events says the outcome, and which outcome each of its values means.

    Values are compared without regard to capitals; a number, true and false as they are written.
    """

    attribute: Word
    values: Annotated[dict[Word, Slug], Field(min_length=1, max_length=_MOST_VALUES)]

    @model_validator(mode="after")
    def _values_differ(self) -> Self:
        seen: set[str] = set()
        for value in self.values:
            if value.casefold() in seen:
                raise mistake(("values", value), f"{value!r} is there twice, for capitals make no difference")
            seen.add(value.casefold())
        return self

    def of(self, attributes: Mapping[str, object]) -> str | None:
        """Return the outcome that an event's attributes say: OTHER if it is not named, None if they say none."""
        said = attributes.get(self.attribute)
        return None if said is None else self._by_value.get(str(said).casefold(), OTHER)

    @cached_property
    def _by_value(self) -> Mapping[str, str]:
        return {value.casefold(): outcome for value, outcome in self.values.items()}
