"""What the API answers about workload."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel, Field

from services.monitor.times.time_models import Time
from services.store.workload_reading import HandlerKind


class Week(BaseModel):
    """A week of the journey's clock, from Monday on; the last one is under way."""

    begins: date
    arrivals: int
    completions: int


class Load(BaseModel):
    """What is in hand, and what came and went by the week. Over all time, what came less what went is what is open."""

    open: int = Field(description="Cases that are open now.")
    weeks: Sequence[Week]


class HandlerLoad(Load):
    """The load of a handler. What it did is told of teams, parties and employees."""

    handler: str | None = Field(description="null: not given, or of parties the organisation itself.")
    visits: int | None
    promised: int | None = Field(description="Visits of which was said by when they would be.")
    late: int | None = Field(description="Those of them that came later.")
    touch: Time | None = Field(description="Of all its steps together.")
    lost: Time | None = Field(description="Waiting and the time between contacts, of all its steps together.")


class TouchpointCost(BaseModel):
    """The visits to a touchpoint, and what they cost, in the organisation's currency."""

    touchpoint: str
    visits: int
    expected_visits: float | None = Field(description="By the journey file's `expected_volume`, in as long a time.")
    fte: float | None
    visits_per_fte_per_week: float | None
    cost: float | None = Field(description="What events said, else what the journey file says; null: neither does.")
    cost_said: int = Field(description="Visits whose event said what it cost.")


class Workload(BaseModel):
    """The workload over whole weeks and the running one."""

    journey: str
    start: datetime
    end: datetime
    by: HandlerKind
    consent: str | None = Field(description="Of employees: where the works council's consent to this is found.")
    least: int = Field(description="Teams, parties and employees with fewer visits are left out.")
    whole: Load
    items: Sequence[HandlerLoad] = Field(description="Those with most in hand first.")
    left_out: int
    touchpoints: Sequence[TouchpointCost]
