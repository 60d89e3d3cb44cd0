"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a thing is. Only what is `wrong` keeps the service from doing what it should."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, what was seen, and what to do about it (empty: nothing)."""

    what: str
    health: Health
    seen: str
    advice: str = ""


def well(what: str, seen: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(what, Health.WELL, seen)


def note(what: str, seen: str, advice: str) -> Finding:
    """Return that a thing is worth a look."""
    return Finding(what, Health.NOTE, seen, advice)


def wrong(what: str, seen: str, advice: str) -> Finding:
    """Return that a thing is wrong."""
    return Finding(what, Health.WRONG, seen, advice)
