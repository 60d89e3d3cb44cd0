"""What the API says of the effect of an improvement."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from services.monitor.http.api_models import Estimate


class ComparedTouchpoint(BaseModel):
    """A touchpoint that an improvement may be held against, and whether it was."""

    touchpoint: str
    measure: str
    n_before: int
    n_after: int
    compared: bool
    changed: bool = Field(description="Something of its own changed meanwhile, so that it is not compared.")


class EffectStretch(BaseModel):
    """Weeks in a row, as many as it takes to have a figure."""

    first: date
    last: date
    counts: Literal["before", "after", "left_out", "settling", "later"]
    n: int
    own: Estimate | None = Field(description="The mean, in points, or geometric and in seconds; null: too few.")
    others: float | None = Field(description="The compared touchpoints, laid on the touchpoint's level before.")


class ImprovementEffect(BaseModel):
    """What an improvement did, beside touchpoints without it."""

    improvement: int
    touchpoint: str
    measure: str
    span: str | None
    unit: Literal["points", "ratio"] = Field(description="A ratio of 0.1 is a tenth longer, -0.1 a tenth shorter.")
    effect: Literal["planned", "provisional", "worked", "backfired", "no_difference", "unmeasured"]
    summary_nl: str
    summary_en: str
    estimate: Estimate | None = Field(description="Null until `told_on`, and for what cannot be measured.")
    expected_half_width: float | None = Field(description="How far its interval will reach; null: not known yet.")
    told_on: date | None = Field(description="When all weeks that count have passed; null: it has not been made.")
    weeks_before: int
    weeks_left_out: int = Field(description="Of the thirteen weeks before those that an alarm took away.")
    alarm_stood_since: date | None = Field(description="Since when the alarm stood that stood when it was made.")
    n_before: int | None
    n_after: int | None
    touchpoints_compared: int
    placebos: int | None
    others: Sequence[ComparedTouchpoint]
    stretches: Sequence[EffectStretch]
