"""The kinds of value that every model shares: names, free words, moments in time."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

PROSE_LENGTH = 10_000
_EARLIEST_YEAR = 1900
_LATEST_YEAR = 2199


def without_nul(value: str) -> str:
    """Return the text; raise ValueError if it contains a NUL, which PostgreSQL cannot store."""
    if "\x00" in value:
        raise ValueError("contains a NUL character (U+0000)")
    return value


def _in_our_times(moment: datetime) -> datetime:
    if not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        raise ValueError(f"lies outside the years {_EARLIEST_YEAR} to {_LATEST_YEAR}")
    return moment.astimezone(UTC)


Word = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(without_nul)]
"""A reference given by another system: 1 to 200 characters, no NUL."""

Term = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(without_nul)]
"""A word that figures are kept apart by, such as a channel or a department: 1 to 100 characters, no NUL."""

Prose = Annotated[str, StringConstraints(max_length=PROSE_LENGTH), AfterValidator(without_nul)]
"""Free text of at most 10,000 characters, no NUL."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
"""An id of our own making, as it appears in journey files, addresses and metric labels."""

Moment = Annotated[AwareDatetime, Field(strict=True), AfterValidator(_in_our_times)]
"""A moment in time: RFC 3339 text with an offset, of the years 1900 to 2199; held in UTC."""


_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(later: datetime, earlier: datetime) -> int:
    """Return later - earlier in milliseconds; both aware. A moment counts as the millisecond in which it lies, so times
    that follow each other add up to the time from the first moment to the last.
    """
    return (later - _EPOCH) // _MILLISECOND - (earlier - _EPOCH) // _MILLISECOND


def digest(*content: Any) -> bytes:
    """Return 16 bytes that stand for values of JSON; moments must be in UTC."""
    return hashlib.blake2b(orjson.dumps(content), digest_size=16).digest()
