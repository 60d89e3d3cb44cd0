"""A touchpoint event: one customer and the organisation met, in one case, at one moment."""

from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from schemas.values import PROSE_LENGTH, Moment, Slug, Term, Word, digest, without_nul

_Scalar = str | int | float | bool | None


def _as_attribute(value: Any) -> _Scalar:
    if isinstance(value, str) and len(without_nul(value)) > PROSE_LENGTH:
        raise ValueError(f"should have at most {PROSE_LENGTH} characters")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("should be a finite number")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("should be a number of at most 64 bits")
    if not isinstance(value, _Scalar):
        raise ValueError("should be a text, a number, true, false or null")
    return value


Attribute = Annotated[_Scalar, PlainValidator(_as_attribute, json_schema_input_type=_Scalar)]
"""A further fact about an event: a text, a finite number of at most 64 bits, true, false or null."""


ABOUT = "about"
"""The attribute by which a complaint names the touchpoint that it is about."""


class TouchpointEvent(BaseModel):
    """What an operational system sends when a touchpoint has happened.

    (source, event_id) identifies it, as CloudEvents has it: sent twice it counts once. `occurred_at` is when the
    touchpoint ended, `started_at` when work on it began, `due_at` the moment by which it was promised. Who handled it
    are a `department`, a `team` and an `employee` of it, or a `party` outside the organisation. `customer` is
    the organisation's own reference; it is replaced by a keyed digest before anything is stored. `voids` names an
    earlier event_id of the same source and case that is taken back; the event that carries it is not itself a
    touchpoint.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Word
    event_id: Word
    journey: Slug
    case_id: Word
    touchpoint: Slug
    occurred_at: Moment
    started_at: Moment | None = None
    due_at: Moment | None = None
    customer: Word | None = None
    channel: Term | None = None
    department: Term | None = None
    team: Term | None = None
    employee: Term | None = None
    party: Term | None = None
    persona: Term | None = None
    cost: Annotated[Decimal, Field(max_digits=14, decimal_places=2)] | None = None
    voids: Word | None = None
    attributes: dict[Word, Attribute] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Self:
        if self.started_at is not None and self.started_at > self.occurred_at:
            raise ValueError("started_at lies after occurred_at")
        return self

    @property
    def about(self) -> str | None:
        """The touchpoint that a complaint is about, by its attribute ABOUT; None if it names none."""
        named = self.attributes.get(ABOUT)
        return named if isinstance(named, str) else None

    @property
    def key(self) -> tuple[str, str]:
        """What makes this event itself: (source, event_id)."""
        return self.source, self.event_id

    @property
    def case_key(self) -> tuple[str, str]:
        """The case it belongs to: (journey, case_id)."""
        return self.journey, self.case_id

    def content_digest(self) -> bytes:
        """Return 16 bytes that differ when the content differs, and not when only its spelling does.

        The customer is left out, so that a stored digest cannot be used to guess at one. A field that is new to this
        model goes to the end, and only when it is given: then no old event's digest changes.
        """
        content: list[object] = [
            self.journey,
            self.case_id,
            self.touchpoint,
            self.occurred_at,
            self.started_at,
            self.channel,
            self.department,
            self.employee,
            self.persona,
            self.cost_cents,
            self.voids,
            sorted(self.attributes.items()) if self.attributes else None,
        ]
        if self.due_at is not None:
            content.append(self.due_at)
        if self.team is not None:
            content.append(["team", self.team])
        if self.party is not None:
            content.append(["party", self.party])
        return digest(*content)

    @property
    def cost_cents(self) -> int | None:
        """The cost in whole cents."""
        return None if self.cost is None else int(self.cost * 100)
