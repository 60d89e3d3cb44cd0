"""Cursors: opaque words for a place in a list of cases or of their flags. Pure."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.store.reading import CaseRow, FlagRow, Place

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)


class BadCursorError(ValueError):
    """What was given as a cursor is not one that we made."""


def cursor_of(place: Place) -> str:
    """Return the cursor of a place."""
    text = f"{(place.moment - _EPOCH) // _MICROSECOND}.{place.case_key}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    """Return the place that a cursor stands for; raise BadCursorError."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        microseconds, _, case_key = text.partition(".")
        return Place(_EPOCH + int(microseconds) * _MICROSECOND, int(case_key))
    except (ValueError, OverflowError):
        raise BadCursorError(f"{cursor!r} is not a cursor of this list") from None


def next_waiting(rows: Sequence[CaseRow], limit: int) -> str | None:
    """Return the cursor after a page of open cases, None if it was the last."""
    last = rows[-1] if len(rows) == limit else None
    return cursor_of(Place(last.last_at, last.case_key)) if last and last.last_at else None


def next_flags(rows: Sequence[FlagRow], limit: int) -> str | None:
    """Return the cursor after a page of flags, None if it was the last."""
    last = rows[-1] if len(rows) == limit else None
    return cursor_of(Place(last.due_at, last.flag_id)) if last else None


def next_closed(rows: Sequence[CaseRow], limit: int) -> str | None:
    """Return the cursor after a page of closed cases, None if it was the last."""
    last = rows[-1] if len(rows) == limit else None
    return cursor_of(Place(last.closed_at, last.case_key)) if last and last.closed_at else None
