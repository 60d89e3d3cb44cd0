"""What the API says of ideals and importance."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from services.monitor.http.api_models import Estimate, Score


class IdealGap(BaseModel):
    """How something is and how it should be: points, or seconds of a duration."""

    ideal: float
    actual: float | None = Field(description="Null: too few say it, or it would tell of a small group.")
    short: float | None = Field(description="How much is lacking to the ideal; negative: it is better.")
    certain: bool = Field(description="Chance does not explain the difference.")


class TouchpointIdeal(BaseModel):
    """A touchpoint held against its ideal; null where the journey names none."""

    touchpoint: str
    persona: str | None = Field(description="Whose; null: everybody's.")
    score: IdealGap | None
    effort: IdealGap | None
    duration: IdealGap | None


class TouchpointImportance(BaseModel):
    """How important a touchpoint is, as the organisation, customers and their scores say."""

    touchpoint: str
    stated: int | None
    asked: Score
    difference: float | None = Field(description="How much more important customers say it is.")
    pairs: int = Field(description="Cases that gave the touchpoint a score, and an overall one then or later.")
    correlation: Estimate | None = Field(description="Spearman's, of those pairs; null under 100 of them.")
    driver: bool = Field(description="The interval of the correlation lies above zero.")


class Ideals(BaseModel):
    """A journey held against its ideals, over a time."""

    journey: str
    start: datetime
    end: datetime
    items: Sequence[TouchpointIdeal]


class Importances(BaseModel):
    """How important the touchpoints of a journey are; pairs are those of whole weeks in that time."""

    journey: str
    start: datetime
    end: datetime
    items: Sequence[TouchpointImportance]
