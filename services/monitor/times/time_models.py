"""What the API answers about where the time went."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from services.monitor.cases.case_timeline import Party
from services.monitor.http.api_models import Estimate
from services.monitor.times.step_parts import Kind


class Time(BaseModel):
    """A time by the calendar, and in hours of work."""

    calendar_seconds: float
    worked_seconds: float | None = Field(description="null where the journey file has no `working_hours`.")


class Part(Time):
    """A part of the whole."""

    part: Kind = Field(
        description="touch: somebody was at work. waiting: nobody was. between: nobody is known to have been. "
        "paused: nobody was, and a term stood still."
    )
    awaited: Party | None = Field(
        description="Of waiting and between: who was waited for. Where it is the customer, the organisation waited, "
        "else the customer did."
    )
    share: float = Field(description="Of the whole by the calendar, 0 to 1.")


class WhiteSpace(BaseModel):
    """The share of the whole in which nobody was at work, 0 to 1."""

    least: float = Field(description="Waiting and paused: it is known that nobody was.")
    most: float = Field(description="With the time between contacts, of which it is not known.")


class Step(BaseModel):
    """All passages of a step. Times are sums over them."""

    after: str
    touchpoint: str
    n: int
    awaited: Party
    started_known: int = Field(description="Of how many it is known when work on the touchpoint began.")
    lost: Time = Field(description="waiting and between: the mean delay times n, by which steps are ranked.")
    mean_lost: Time
    touch: Time
    waiting: Time
    between: Time
    paused: Time
    score: Estimate | None = Field(description="Of the touchpoint that was reached, 1 to 10; null: too few.")


class LateScore(BaseModel):
    """What customers said of a touchpoint by whether it came when it should have, on a scale of 1 to 10."""

    touchpoint: str
    late_n: int
    late: Estimate
    in_time_n: int
    in_time: Estimate
    lower: Estimate = Field(description="How much lower those score who were served late.")


class WhereTimeWent(BaseModel):
    """Where the time of cases went on some days: each step on the day on which it ended."""

    journey: str
    start: datetime
    end: datetime
    whole: Time
    parts: Sequence[Part] = Field(description="They add up to the whole to the millisecond.")
    white_space: WhiteSpace | None = Field(description="null if there is no time at all.")
    steps: Sequence[Step] = Field(description="Those that cost most first.")
    few: int = Field(description="How many other steps the whole holds, of fewer than 5 passages each.")
    left_out: int = Field(description="How many the whole does not hold, since they would tell of a small group.")
    late_scores: Sequence[LateScore]
