"""How the columns of a log become touchpoint events and survey answers, as its mapping file says it.

Events come in one of two shapes. One event a row: `touchpoint` and `occurred_at` name columns. One column a touchpoint:
`touchpoints` names, for each touchpoint, the column that holds when it happened; a row is a case, or a part of one.
Where a row tells of a start or of a completion, `lifecycle` says which.
Beside them, or alone, `answers` names the columns that hold what customers answered to a question.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.journey_part import Part
from schemas.located_yaml import mistake, parse
from schemas.values import Slug, Word

Delimiter = Literal[",", ";", "\t", "|"]

ISO = "iso"
"""The default form of a timestamp: ISO 8601, with or without an offset, a space in place of the T allowed."""

DESCRIPTIVE = ("customer", "channel", "department", "team", "employee", "party", "persona", "cost")
"""The fields of an event that a mapping may fill from a column, through a table of values, or with a constant."""

_HEADER: ContextVar[Sequence[str] | None] = ContextVar("_HEADER", default=None)


def _in_the_header(column: str) -> str:
    header = _HEADER.get()
    if header is None or header.count(column) == 1:
        return column
    number = "more than one" if column in header else "no"
    raise PydanticCustomError(
        "column", "the log has {number} column {column}", {"number": number, "column": repr(column)}
    )


Column = Annotated[str, Field(min_length=1), AfterValidator(_in_the_header)]
"""The name of a column, exactly as the log's header spells it; of XES, the key of an attribute of the event, or `case:`
and the key of one of its trace."""


def _column_alone(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Descriptive(Part):
    """Where a descriptive field comes from: a column, if need be through a table of values, or one constant."""

    column: Column | None = None
    values: Mapping[str, Word] | None = None
    constant: Word | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("should have either a `column` or a `constant`")
        if self.constant is not None and self.values is not None:
            raise ValueError("`values` translates what is in a `column`; a `constant` needs none")
        return self


class Touchpoints(Part):
    """The column that says which touchpoint a row is about, and the touchpoint that each of its values stands for.

    Without `values` the column holds the journey's own touchpoint ids.
    """

    column: Column
    values: Mapping[str, Slug] | None = None


class Timestamp(Part):
    """The column that holds a moment, and its form: `iso`, or a pattern as Python's strptime has it."""

    column: Column
    format: Annotated[str, Field(min_length=1)] = ISO


FromDescriptive = Annotated[Descriptive, BeforeValidator(_column_alone)]
FromTouchpoints = Annotated[Touchpoints, BeforeValidator(_column_alone)]
FromTimestamp = Annotated[Timestamp, BeforeValidator(_column_alone)]


class TouchpointTimes(Part):
    """When a touchpoint that has columns of its own happened. It has not if the column of `occurred_at` is empty."""

    occurred_at: FromTimestamp
    started_at: FromTimestamp | None = None
    due_at: FromTimestamp | None = None

    def optional(self) -> Iterator[tuple[str, Timestamp]]:
        """Yield the other times of an event that this mapping fills, and from where."""
        for field, origin in (("started_at", self.started_at), ("due_at", self.due_at)):
            if origin is not None:
                yield field, origin


def _occurred_at_alone(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, dict) and "column" in value):
        return {"occurred_at": value}
    return value


FromTimes = Annotated[TouchpointTimes, BeforeValidator(_occurred_at_alone)]


STARTED = "started_at, of the row that tells of the start"
"""The column that a completion has once its start has been found: when that was, as the log writes it."""


class Lifecycle(Part):
    """How a log with rows of their own for starts says so: the column, and which of its values mean what.

    A start's moment becomes `started_at` of its completion, which alone is an event: of the same case and touchpoint,
    and of the same `instance` if the log has a column that tells one time from the next. Capitals make no difference.
    A value that is not named here is a mistake in its row; those in `ignored` tell of no event.
    """

    column: Column
    start: tuple[str, ...] = ("start",)
    complete: tuple[str, ...] = ("complete",)
    ignored: tuple[str, ...] = ()
    instance: Column | None = None

    def meaning(self, transition: str) -> str | None:
        """Return what a value of the column means, as the name of a field; None if the mapping does not say."""
        return self._meanings.get(transition.casefold())

    @cached_property
    def _meanings(self) -> Mapping[str, str]:
        named = {"ignored": self.ignored, "start": self.start, "complete": self.complete}
        return {value.casefold(): meaning for meaning, values in named.items() for value in values}


FromLifecycle = Annotated[Lifecycle, BeforeValidator(_column_alone)]


class Scores(Part):
    """The column that holds a score, and the score that each of its values stands for; without them, whole numbers."""

    column: Column
    values: Mapping[str, int] | None = None


FromScores = Annotated[Scores, BeforeValidator(_column_alone)]


class Answers(Part):
    """Where the answers to a question come from.

    `question` and `touchpoint` are ids of the journey, in a column or as one constant. A row without a score and
    without words holds no answer. `answer_id` names the columns that tell one answer from another, by default all
    that it is read from.
    """

    question: FromDescriptive
    answered_at: FromTimestamp
    touchpoint: FromDescriptive | None = None
    score: FromScores | None = None
    text: Column | None = None
    answer_id: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.score is None and self.text is None:
            raise ValueError("should say where the answer stands: `score`, `text` or both")
        return self


class ImportMapping(Part):
    """One log's mapping.

    `time_zone` holds for timestamps without an offset. A local time that the clock shows twice is the first of the
    two; one that it skips is read with the offset before the change, and so comes out an hour later.

    `event_id` names the columns that tell one event from another within a journey and, in a log with a column for
    each touchpoint, within a touchpoint; by default all columns that the event is read from. An id derives from what
    stands in the file, so that importing the same log again gives the same events.

    A value in `empty_values` counts as not given.
    """

    source: Word
    case: Column
    time_zone: ZoneInfo | None = None
    delimiter: Delimiter = ","
    empty_values: tuple[str, ...] = ("",)

    touchpoint: FromTouchpoints | None = None
    occurred_at: FromTimestamp | None = None
    started_at: FromTimestamp | None = None
    due_at: FromTimestamp | None = None
    lifecycle: FromLifecycle | None = None
    touchpoints: Annotated[Mapping[Slug, FromTimes], Field(min_length=1)] | None = None

    customer: FromDescriptive | None = None
    channel: FromDescriptive | None = None
    department: FromDescriptive | None = None
    team: FromDescriptive | None = None
    employee: FromDescriptive | None = None
    party: FromDescriptive | None = None
    persona: FromDescriptive | None = None
    cost: FromDescriptive | None = None
    attributes: Mapping[Word, Column] = Field(default_factory=dict)

    event_id: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None

    answers: tuple[Answers, ...] = ()

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        row_of_its_own = self.touchpoint, self.occurred_at
        answers_alone = bool(self.answers) and not any(row_of_its_own)
        if self.touchpoints is None and not all(row_of_its_own) and not answers_alone:
            raise ValueError(
                "should say where touchpoints and times come from: `touchpoint` and `occurred_at` for a log with one "
                "event a row, `touchpoints` for a log with one column a touchpoint; or have `answers` alone"
            )
        if self.touchpoints is not None:
            for field in ("touchpoint", "occurred_at", "started_at", "due_at", "lifecycle"):
                if getattr(self, field) is not None:
                    detail = "belongs to a log with one event a row; `touchpoints` to one with a column a touchpoint"
                    raise mistake((field,), detail)
        if self.lifecycle is not None and self.started_at is not None:
            raise mistake(("started_at",), "stands in the row itself, or in one of its own by `lifecycle`; not in both")
        return self

    def descriptive(self) -> Iterator[tuple[str, Descriptive]]:
        """Yield the descriptive fields of an event that this mapping fills, and from where."""
        for field in DESCRIPTIVE:
            origin = getattr(self, field)
            if origin is not None:
                yield field, origin

    def times(self) -> Iterator[tuple[Slug | Touchpoints, TouchpointTimes]]:
        """Yield what to read from each row: a touchpoint, or the column that tells which, and when it happened."""
        if self.touchpoints is not None:
            yield from self.touchpoints.items()
        elif self.touchpoint is not None and self.occurred_at is not None:
            begun = (
                self.started_at if self.lifecycle is None else self.occurred_at.model_copy(update={"column": STARTED})
            )
            times = {"occurred_at": self.occurred_at, "started_at": begun, "due_at": self.due_at}
            yield self.touchpoint, TouchpointTimes.model_validate(times)


def parse_mapping(text: str, header: Sequence[str] | None = None) -> ImportMapping:
    """Read a mapping file; raise FileMistakes, which names line and field of each mistake.

    With the header of a log, a column that the log does not have exactly once is a mistake too.
    """
    token = _HEADER.set(header)
    try:
        return parse(text, ImportMapping)
    finally:
        _HEADER.reset(token)
