"""A span of a journey: what its time runs between, which clock it is told by, and when that clock stands still."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, field_serializer, model_validator

from schemas.duration import LONGEST, Duration
from schemas.journey_part import Part, Text
from schemas.located_yaml import mistake
from schemas.opening_hours import Week, worked_in
from schemas.values import Slug

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Pause(Part):
    """Time that does not count: from a visit to `from` until the next one to `until`, but no longer than `at_most`.

    One that was never ended has not: another visit to `from` begins none before there has been one to `until`.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    from_: Slug = Field(alias="from")
    until: Slug
    at_most: Duration | None = None

    @model_validator(mode="after")
    def _runs_from_one_to_another(self) -> Self:
        if self.from_ == self.until:
            raise mistake(("until",), f"{self.until!r} is where the pause begins; it should end elsewhere")
        return self


class Span(Part):
    """A throughput time: from the first `start` touchpoint to the next `end` touchpoint, held against `limit`.

    On the `calendar` clock all time counts. On the `legal` one it does too, but the limit is in whole days, and a term
    that would end in a weekend or on a holiday ends later (streams.working_time). On the `working` clock only the
    journey's working hours count, and the limit is in hours of work. `pauses` is what does not count on any.
    """

    id: Slug
    name: Text
    start: Slug
    end: Slug
    limit: Duration | None = None
    clock: Literal["calendar", "legal", "working"] = "calendar"
    pauses: tuple[Pause, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _tells_working_time_in_hours(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("clock") == "working":
            limit = value.get("limit")
            if isinstance(limit, str) and limit.startswith("P") and not limit.startswith("PT"):
                raise mistake(("limit",), f"{limit!r} should be in hours of work, such as PT40H")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.clock == "legal" and self.limit is not None and self.limit % _DAY:
            raise mistake(("limit",), "should be in whole days on the legal clock, such as P56D")
        for place, pause in enumerate(self.pauses):
            for field, touchpoint in (("from", pause.from_), ("until", pause.until)):
                if touchpoint in (self.start, self.end):
                    raise mistake(
                        ("pauses", place, field), f"{touchpoint!r} begins or ends the span; a pause lies within it"
                    )
        return self

    @field_serializer("limit", mode="wrap", when_used="json-unless-none")
    def _kept_in_hours(self, limit: timedelta, write: SerializerFunctionWrapHandler) -> Any:
        """Write hours of work as hours of work, so that they can be read again."""
        return f"PT{limit.total_seconds():f}S" if self.clock == "working" else write(limit)

    def misfits(self, week: Week) -> Iterator[tuple[str, str]]:
        """Yield (field, sentence) for what does not fit the journey's working hours or the span's own pauses.

        A pause that may be longer than the limit would leave the customer more time than the organisation has for its
        own part: one of the two is a mistake.
        """
        if self.clock == "working" and not any(week):
            yield "clock", "the working clock needs the journey's working_hours"
        elif self.limit is not None:
            if self.limit > self._counted(LONGEST, week):
                yield "limit", "should be a hundred years at most"
            for pause in self.pauses:
                if pause.at_most is not None and self._counted(pause.at_most, week) > self.limit:
                    yield "limit", f"is shorter than the pause from {pause.from_!r} may last (at_most)"

    def _counted(self, time: timedelta, week: Week) -> timedelta:
        """Return how much of some time the span's clock counts, in ordinary weeks."""
        return time * (worked_in(week) / _WEEK) if self.clock == "working" else time
