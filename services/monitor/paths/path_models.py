"""What the API answers about paths: the graph of what really happened, its variants, and how they follow the map."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from services.monitor.http.api_models import DepartureAt, Duration, Estimate


class Step(BaseModel):
    """Cases that went from one touchpoint right to the next."""

    after: str = Field(description="The touchpoint from which they went.")
    touchpoint: str = Field(description="The touchpoint that came next.")
    n: int
    share: float = Field(description="Of all that went on from there, 0 to 1.")
    gap: Duration


class Stop(BaseModel):
    """A touchpoint of the graph. What would tell of a small group is null."""

    touchpoint: str
    visits: int | None
    first: int | None = Field(description="Visits that were the first of their case.")
    gap: Duration | None = Field(description="The time since the touchpoint before, whichever that was.")


class Paths(BaseModel):
    """The directly-follows graph of a journey over a time."""

    journey: str
    start: datetime
    end: datetime
    touchpoints: Sequence[Stop]
    steps: Sequence[Step] = Field(description="The commonest first.")
    left_out: int = Field(description="How many steps are not shown since they would tell of a small group.")
    unknown: int = Field(description="Gaps counted by an older version; `klantreis rebuild` finds from where they ran.")


class Variant(BaseModel):
    """Closed cases that went the same path under the same version of the journey."""

    touchpoints: Sequence[str]
    version: int = Field(description="The version of the journey that was valid when they were opened.")
    n: int
    share: float = Field(description="Of all cases that were closed in this time, 0 to 1.")
    mean_seconds: float
    mean_cost: float | None = Field(description="In the organisation's currency; null: neither events nor files say.")
    cost_n: int = Field(description="The cases on which that rests: those whose events are kept.")
    departures: Sequence[DepartureAt] = Field(description="None if they follow the map.")


class Variants(BaseModel):
    """The paths that cases went which were closed in a time."""

    journey: str
    start: datetime
    end: datetime
    cases: int = Field(description="Cases that were closed in this time.")
    variants: int = Field(description="How many different paths they went, by version.")
    items: Sequence[Variant] = Field(description="The commonest first.")


class TimeSample(BaseModel):
    """The throughput times of some cases as a whole."""

    n: int
    mean_seconds: float | None


class ScoreSample(BaseModel):
    """The satisfaction scores of some cases that may be shown, 1 to 10."""

    n: int
    mean: float | None = Field(description="null where there are too few.")


class PlaceOfDeparture(DepartureAt):
    """How many cases departed so, and what that cost."""

    n: int
    share: float = Field(description="Of the cases that were judged, 0 to 1.")
    longer_seconds: Estimate | None = Field(
        description="How much longer they took than cases that followed the map; null where there are too few."
    )


class Conformance(BaseModel):
    """How cases that were closed in a time held to the map. Intervals of differences are Welch's."""

    journey: str
    start: datetime
    end: datetime
    cases: int = Field(description="Cases that were closed in this time.")
    judged: int = Field(description="Those whose path is known; of rare ones beyond the bound it is not looked up.")
    following: int = Field(description="Those of them that followed the map.")
    share: Estimate | None = Field(description="following / judged, 0 to 1, with Wilson's interval.")
    departing_time: TimeSample
    following_time: TimeSample
    longer_seconds: Estimate | None
    departing_score: ScoreSample = Field(
        description="Of whole weeks in this time; a week with too few scores on one side has none of that side."
    )
    following_score: ScoreSample
    higher_score: Estimate | None = Field(description="How much higher those scored whose case departed, in points.")
    items: Sequence[PlaceOfDeparture] = Field(description="Where cases departed; the commonest first.")
