"""How files write durations."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

LONGEST = timedelta(days=36_525)
"""A hundred years: no journey takes longer."""


def _written_as_iso(value: Any) -> Any:
    if not isinstance(value, timedelta) and not (isinstance(value, str) and value.startswith("P")):
        raise ValueError("should be a duration in ISO 8601, such as P56D, P8W or PT3M")
    return value


def _sensible(duration: timedelta) -> timedelta:
    if duration <= timedelta(0):
        raise ValueError("should be longer than nothing")
    if duration > LONGEST:
        raise ValueError("should be a hundred years at most")
    return duration


Duration = Annotated[timedelta, BeforeValidator(_written_as_iso), AfterValidator(_sensible)]
"""A duration in ISO 8601, such as P56D, P8W or PT3M, of at most a hundred years."""
