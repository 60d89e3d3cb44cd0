"""The kinds of value that every model shares: names, free words, moments in time."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("contains a NUL character (U+0000)")
    return value


Word = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_without_nul)]
"""A reference given by another system: 1 to 200 characters, no NUL."""

Prose = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_without_nul)]
"""Free text of at most 10,000 characters, no NUL."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
"""An id of our own making, as it appears in journey files, addresses and metric labels."""

Moment = Annotated[AwareDatetime, Field(strict=True)]
"""A moment in time: RFC 3339 text with an offset."""


def milliseconds(later: datetime, earlier: datetime) -> int:
    """Return later - earlier in whole milliseconds, rounded down; both aware."""
    delta = later - earlier
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
