"""The words that a column's name is made of, and which of them speak for which role. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable

_DUTCH_CASE = ("zaak", "zaaknummer", "zaakid", "dossier", "dossiernummer", "aanvraag", "melding")
CASE = ("case", "caseid", *_DUTCH_CASE, "trace", "order", "ticket", "incident", "request", "claim", "application")
IDENTITY = ("id", "nr", "no", "number", "nummer", "key", "code", "ref", "concept", "name", "identifier", "kenmerk")
ACTIVITY = ("activity", "activiteit", "touchpoint", "contactmoment", "step", "stap", "task", "taak", "action", "event")
START = ("start", "started", "begin", "begun", "begonnen")
END = ("complete", "completed", "end", "ended", "finish", "finished", "eind", "einde", "gereed")
DUE = ("due", "deadline", "promised", "estimated", "planned", "expected", "limit", "uiterste", "verwacht", "gepland")
MOMENT = ("timestamp", "datetime", "date", "time", "datum", "tijd", "tijdstip", "moment", "at", "op")
INSTANCE = ("instance", "task", "event", "activity", "id", "nr", "number", "nummer", "guid", "uuid")
SCORE = (
    "score",
    "cijfer",
    "rapportcijfer",
    "rating",
    "nps",
    "ces",
    "tevredenheid",
    "satisfaction",
    "waardering",
    "stars",
)
LIFECYCLE = ("lifecycle", "transition")

DESCRIPTIVE = {
    "customer": ("customer", "klant", "klantnummer", "client", "citizen", "patient", "applicant", "aanvrager"),
    "channel": ("channel", "kanaal"),
    "department": ("department", "afdeling", "team", "group", "groep", "unit"),
    "employee": ("resource", "employee", "medewerker", "behandelaar", "agent", "handler", "originator"),
    "persona": ("persona", "segment", "doelgroep"),
    "cost": ("cost", "costs", "kosten"),
}
"""The descriptive fields of an event, and the words that speak for them, the strongest first."""

_LONGEST_SLUG = 64


def words(name: str) -> list[str]:
    """Return the words of a name in small letters, without accents: `case:startDate` has case, start and date."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    plain = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z0-9]+", plain.lower())


def rank(name: str, wanted: Collection[str]) -> int | None:
    """Return the place of the strongest of the wanted words that a name has; None if it has none."""
    own = words(name)
    return next((place for place, word in enumerate(wanted) if word in own), None)


def is_made_of(name: str, *wanted: Collection[str]) -> bool:
    """Return whether a name has no other words than these."""
    return all(any(word in each for each in wanted) for word in words(name))


def slugs(names: Iterable[str], separator: str = "-") -> dict[str, str]:
    """Return an id of our own for each name, no two the same: its words, and a number where that is not enough."""
    taken: dict[str, str] = {}
    for name in names:
        stem = separator.join(words(name))[:_LONGEST_SLUG].rstrip(separator) or "x"
        slug, number = stem, 1
        while slug in taken:
            number += 1
            slug = f"{stem[: _LONGEST_SLUG - 5]}{separator}{number}"
        taken[slug] = name
    return {name: slug for slug, name in taken.items()}


def slug(name: str) -> str:
    """Return an id of our own for one name."""
    return slugs([name])[name]
