"""What the forms of the page of improvements say, as proposals."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from schemas.improvement import Expected, Proposal
from schemas.journey_part import Label
from services.monitor.http.problems import ProblemError
from services.monitor.pages.words import Language

_OF_A_SPAN = "throughput:"
_FORM_FIELDS = {"effect.measure": "effect", "effect.size": "size", "effect.direction": "direction"}


def effect_name(effect: Expected) -> str:
    """Return what the form calls the measure of an effect: a score, or the throughput of a span."""
    return effect.measure if effect.span is None else _OF_A_SPAN + effect.span


def proposal_in(fields: Mapping[str, str], language: Language, before: Proposal | None = None) -> Proposal:
    """Return the proposal that a form makes; any day of a week stands for its Monday.

    A text that was the same in both languages `before` stays so; else only that of the reader's language is written.
    Raises ProblemError, with the fields.
    """
    given: dict[str, Any] = {
        "touchpoint": fields.get("touchpoint", ""),
        "what": _both(fields.get("what", ""), language, before),
        "owner": fields.get("owner", "").strip() or None,
        "effect": _effect(fields),
        "planned_week": _monday(fields.get("planned_week", "")),
        "done_on": fields.get("done_on") or None,
        "settles_weeks": fields.get("settles_weeks") or 0,
    }
    try:
        return Proposal.model_validate(given)
    except ValidationError as error:
        found = [(_field(each["loc"]), each["msg"].removeprefix("Value error, ")) for each in error.errors()]
        raise _refused(found) from None


def revision_in(fields: Mapping[str, str]) -> int:
    """Return the revision that a form changes."""
    revision = fields.get("revision", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        raise _refused([("revision", "should be the number of the revision that is changed")])
    return int(revision)


def day_in(fields: Mapping[str, str], field: str) -> date:
    """Return the day that a field of a form names."""
    try:
        return date.fromisoformat(fields.get(field, ""))
    except ValueError:
        raise _refused([(field, "should be a day, such as 2026-03-31")]) from None


def _both(text: str, language: Language, before: Proposal | None) -> Label:
    text = text.replace("\x00", "")
    if before is None or before.what.nl == before.what.en:
        return Label(nl=text, en=text)
    return before.what.model_copy(update={language.value: text})


def _effect(fields: Mapping[str, str]) -> dict[str, Any]:
    measure, _, span = fields.get("effect", "").partition(":")
    size = fields.get("size", "").replace(",", ".")
    return {"measure": measure, "span": span or None, "direction": fields.get("direction"), "size": size}


def _monday(day: str) -> date | None:
    if not day:
        return None
    chosen = day_in({"planned_week": day}, "planned_week")
    return chosen - timedelta(days=min(chosen.weekday(), chosen.toordinal() - 1))


def _field(location: tuple[int | str, ...]) -> str:
    name = ".".join(map(str, location))
    return _FORM_FIELDS.get(name, name)


def _refused(found: list[tuple[str, str]]) -> ProblemError:
    errors = [{"field": field, "detail": detail} for field, detail in found]
    return ProblemError(422, "; ".join(f"{field}: {detail}" for field, detail in found), errors=errors)
