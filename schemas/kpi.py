"""KPIs: what a moment of truth is held against, and whom it concerns when it is not met."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from schemas.journey_part import Part, Text
from schemas.opening_hours import OpeningHours
from schemas.question import SCALES, ScoredMeasure
from schemas.values import Slug, Word

SHARES = frozenset({"expectation_met", "outcome_reached", "missed_message", "throughput", "gap", "complaints"})
"""Measures whose norm is a share: of yes, of what stayed within its limit, of visits that were complained about."""

NPS = "nps"
VOLUME = "volume"

_FEWER_IS_BETTER = frozenset({"missed_message", "complaints"})
_LOWEST_NPS, _HIGHEST_NPS = -100, 100
_FEWEST_A_DAY, _MOST_A_DAY = 3, 1_000_000

KpiMeasure = Literal[ScoredMeasure, "throughput", "gap", "complaints", "volume"]

Severity = Literal["critical", "warning", "info"]

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\"<>]+$", max_length=500)]


class Kpi(Part):
    """A norm for a measure, in a scope: a touchpoint, a phase, a span or the whole journey, and of whom.

    `norm` is a mean in points of the measure's scale; of NPS the score from -100 to 100; of SHARES a share. For
    `throughput` it is the share of what was due that ended within the limit of `span` (none: of the case), for `gap`
    the share of gaps within the touchpoint's `gap_limit`: 0.9 says that the 90th percentile is to be within it. For
    `complaints` it is the share of visits that are complained about, for `volume` how many visits there are on a day on
    which the organisation works. `direction` says which side of the norm is good. Under `minimum_evidence` values, of
    volume days, nothing is concluded. An alert waits for `service_hours`, if there are any.
    """

    id: Slug
    name: Text
    measure: KpiMeasure
    norm: Decimal
    direction: Literal["at_least", "at_most"] | None = None
    touchpoint: Slug | None = None
    phase: Slug | None = None
    span: Slug | None = None
    department: Word | None = None
    channel: Word | None = None
    persona: Word | None = None
    minimum_evidence: Annotated[int, Field(ge=2, le=10_000)] = 20
    severity: Severity = "warning"
    service_hours: OpeningHours | None = None
    owner: Word | None = None
    runbook: Url | None = None

    @field_validator("norm")
    @classmethod
    def _lies_on_its_scale(cls, norm: Decimal, info: ValidationInfo) -> Decimal:
        measure = info.data.get("measure")
        if measure is not None:
            low, high = ends(measure)
            if measure == VOLUME and not _FEWEST_A_DAY <= norm < high:
                raise ValueError(
                    f"should be at least {_FEWEST_A_DAY} a day: of fewer, chance alone makes half as many again"
                )
            if not low < norm < high:
                raise ValueError(f"should lie between {low} and {high}, the ends of the scale of {measure}")
        return norm

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        named = [name for name in ("touchpoint", "phase", "span") if getattr(self, name) is not None]
        if len(named) > 1:
            raise ValueError(f"names a {named[0]} and a {named[1]}; its scope is one of them, or the whole journey")
        if self.span is not None and self.measure != "throughput":
            raise ValueError(f"names a span, which has a throughput time and no {self.measure}")
        if self.measure == "throughput" and named and self.span is None:
            raise ValueError("is about throughput, which is that of a `span`, or without one of the whole case")
        if self.measure == VOLUME and self.direction is None:
            raise ValueError("is about volume, so it needs a `direction`: at_least or at_most")
        if self.measure == "gap" and self.touchpoint is None:
            raise ValueError("is about a gap, so it needs the `touchpoint` that the gap comes before")
        return self

    @property
    def at_least(self) -> bool:
        """Whether more is better."""
        return self.measure not in _FEWER_IS_BETTER if self.direction is None else self.direction == "at_least"


def ends(measure: str) -> tuple[int, int]:
    """Return the ends of the scale that norms of a measure lie on."""
    if measure in SHARES:
        return 0, 1
    if measure == NPS:
        return _LOWEST_NPS, _HIGHEST_NPS
    if measure == VOLUME:
        return 0, _MOST_A_DAY
    lowest, *_, highest = SCALES[measure].scores
    return lowest, highest
