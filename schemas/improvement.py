"""An improvement: a change to a touchpoint that somebody plans or has made, and what it is expected to do."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from schemas.journey import Journey
from schemas.journey_part import Label, Part, Text
from schemas.kpi import ends
from schemas.values import Slug, Word

LONGEST_WHAT = 500
MOST_SETTLING_WEEKS = 52
MEASURES = ("satisfaction", "effort", "throughput")

_MOST_DAYS = 3650
_EARLIEST_YEAR, _LATEST_YEAR = 2000, 2199
_MONDAY = 0


def _in_our_times(day: date) -> date:
    if not _EARLIEST_YEAR <= day.year <= _LATEST_YEAR:
        raise ValueError(f"lies outside the years {_EARLIEST_YEAR} to {_LATEST_YEAR}")
    return day


Day = Annotated[date, AfterValidator(_in_our_times)]
"""A day of the years 2000 to 2199."""


class Expected(Part):
    """What an improvement is expected to do: which measure goes which way, and by how much.

    `size` is in points of the measure's scale; of `throughput` it is in days of the duration of `span`, by the span's
    clock. The span is one of the journey's, or `case` for the whole case.
    """

    measure: Literal["satisfaction", "effort", "throughput"]
    span: Slug | None = None
    direction: Literal["up", "down"]
    size: Annotated[Decimal, Field(gt=0, le=_MOST_DAYS, decimal_places=3)]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.measure == "throughput") != (self.span is not None):
            raise ValueError("should name a `span` if it is about throughput, and none if it is not")
        if self.span is None:
            low, high = ends(self.measure)
            if self.size > high - low:
                raise ValueError(f"is larger than the scale of {self.measure}, which goes from {low} to {high}")
        return self


class Proposal(Part):
    """What people write of an improvement.

    `touchpoint` is where customers are to notice it. `planned_week` is the Monday of the week in which it is to be
    made, None while nobody knows; `done_on` is the day on which it was. Customers meet it `settles_weeks` after that:
    until then nothing of its effect can be seen.
    """

    touchpoint: Slug
    what: Text
    owner: Word | None = None
    effect: Expected
    planned_week: Day | None = None
    done_on: Day | None = None
    settles_weeks: Annotated[int, Field(ge=0, le=MOST_SETTLING_WEEKS)] = 0

    @field_validator("what")
    @classmethod
    def _says_something(cls, what: Label) -> Label:
        texts = {"nl": what.nl.strip(), "en": what.en.strip()}
        if not all(texts.values()):
            raise ValueError("should say what changes")
        if max(map(len, texts.values())) > LONGEST_WHAT:
            raise ValueError(f"should have {LONGEST_WHAT} characters at most")
        return Label(**texts)

    @field_validator("planned_week")
    @classmethod
    def _begins_on_a_monday(cls, day: date | None) -> date | None:
        if day is not None and day.weekday() != _MONDAY:
            raise ValueError(f"should be the Monday on which the week begins; {day} is a {day:%A}")
        return day

    def misfits(self, journey: Journey, today: date) -> Iterator[tuple[str, str]]:
        """Yield what does not fit the journey as it is drawn, or the day it is there: the field, and why."""
        if self.touchpoint not in journey.touchpoint_ids:
            yield "touchpoint", f"{self.touchpoint!r} is not a touchpoint of journey {journey.id!r}"
        if self.effect.span is not None and self.effect.span not in journey.span_by_id:
            yield "effect.span", f"{self.effect.span!r} is not a span of journey {journey.id!r}"
        if self.done_on is not None and self.done_on > today:
            yield "done_on", f"{self.done_on} is still to come"


class Improvement(Proposal):
    """An improvement as it is kept: by which number, which revision of it this is, and who wrote and withdrew it.

    Each change makes the next revision, from 1 on. What was withdrawn is kept, and does not change any more.
    """

    id: int
    journey: Slug
    revision: int
    written_at: datetime
    written_by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    @property
    def held_on(self) -> date | None:
        """The day on which it stands in a chart: on which it was made, else the Monday it is planned for."""
        return self.done_on or self.planned_week

    @property
    def proposal(self) -> Proposal:
        """What people wrote of it."""
        return Proposal.model_validate(self.model_dump(include=set(Proposal.model_fields)))


class ImprovementRevision(Part):
    """What an improvement read from a moment on, who wrote that and what they said of it; `withdrawn` ends it.

    `id` is the number of the improvement.
    """

    id: int
    revision: int
    at: datetime
    by: str
    note: str
    withdrawn: bool
    proposal: Proposal
