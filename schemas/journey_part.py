"""What the parts of the files that people write have in common: they are frozen, and know all their fields."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from schemas.values import Prose


class Part(BaseModel):
    """A part of a journey file or a mapping; a field that it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Part):
    """A text in Dutch and in English."""

    nl: Prose
    en: Prose


def _both_languages(value: Any) -> Any:
    return {"nl": value, "en": value} if isinstance(value, str) else value


Text = Annotated[Label, BeforeValidator(_both_languages)]
"""A label; one string stands for both languages."""
