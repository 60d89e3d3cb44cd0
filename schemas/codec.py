"""Bytes -> event or fault, for every way in: Kafka, HTTP and files.

A record is a JSON object, either plain (the model's own fields) or a CloudEvents 1.0 structured event whose `type`
is `klantreis.touchpoint` or `klantreis.answer`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from schemas.journey import Catalogue
from schemas.reject import Fault, Reason
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent

MAX_RECORD_BYTES = 1_000_000
CLOCK_TOLERANCE = timedelta(hours=1)
"""How far ahead of our clock an event may be dated: clocks differ, and a far future would never be shown."""

_CLOUD_TYPES: dict[type[BaseModel], str] = {
    TouchpointEvent: "klantreis.touchpoint",
    SurveyAnswer: "klantreis.answer",
}
_CLOUD_FIELDS: dict[type[BaseModel], dict[str, str]] = {
    TouchpointEvent: {"source": "source", "id": "event_id", "time": "occurred_at", "subject": "case_id"},
    SurveyAnswer: {"source": "source", "id": "answer_id", "time": "answered_at", "subject": "case_id"},
}

_HINTS = {
    "timezone_aware": ": an offset such as +01:00 or Z",
    "extra_forbidden": ": there is no such field; what has none of its own goes into `attributes`",
}
"""What is said beside pydantic's own words, by its type of error."""

_FIELD_LENGTH = 200
_DETAIL_LENGTH = 500

M = TypeVar("M", bound=BaseModel)


class _Faulty(Exception):  # noqa: N818 - carries a fault to the end of the function; never leaves this module
    def __init__(self, reason: Reason, field: str | None, detail: str) -> None:
        super().__init__(detail)
        self.fault = Fault(reason=reason, field=field, detail=detail)


def decode_events(records: Iterable[bytes], catalogue: Catalogue, now: datetime) -> list[TouchpointEvent | Fault]:
    """Decode touchpoint events one by one; the result has one entry a record, in order. Never raises."""
    return [_decode_event(raw, catalogue, now) for raw in records]


def decode_answer(raw: bytes) -> SurveyAnswer | Fault:
    """Decode one survey answer. Never raises."""
    try:
        return _parse(raw, SurveyAnswer)
    except _Faulty as faulty:
        return faulty.fault


def _decode_event(raw: bytes, catalogue: Catalogue, now: datetime) -> TouchpointEvent | Fault:
    try:
        event = _parse(raw, TouchpointEvent)
        _check_known(event, catalogue)
        _check_not_ahead(event, now)
    except _Faulty as faulty:
        return faulty.fault
    return event


def _parse(raw: bytes, model: type[M]) -> M:
    if len(raw) > MAX_RECORD_BYTES:
        raise _Faulty(Reason.TOO_LARGE, None, f"{len(raw):,} bytes; at most {MAX_RECORD_BYTES:,} are taken")
    if not raw:
        raise _Faulty(Reason.MALFORMED_JSON, None, "the record is empty")
    try:
        if b'"specversion"' in raw:
            raw = _plain_form(raw, model)
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _first_fault(error) from None


def _first_fault(error: ValidationError) -> _Faulty:
    first = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in first["loc"]) or None
    reason = Reason.MALFORMED_JSON if first["type"] == "json_invalid" else Reason.INVALID_FIELD
    detail = first["msg"].removeprefix("Value error, ") + _HINTS.get(first["type"], "")
    return _Faulty(reason, path and _shown(path, _FIELD_LENGTH), _shown(detail, _DETAIL_LENGTH))


def _shown(text: str, most: int) -> str:
    """Return what a fault may say of a record: bounded, and without what a database cannot store."""
    text = text.replace("\x00", "\N{SYMBOL FOR NULL}")
    return text if len(text) <= most else text[:most] + "…"


def _plain_form(raw: bytes, model: type[BaseModel]) -> bytes:
    """Return the plain form of a CloudEvents 1.0 event; a record that is none comes back as it is."""
    try:
        envelope = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw
    if not isinstance(envelope, dict) or "specversion" not in envelope:
        return raw
    try:
        return orjson.dumps(_unwrapped(envelope, model))
    except orjson.JSONEncodeError:  # it reads deeper nesting than it writes
        raise _Faulty(Reason.MALFORMED_JSON, "data", "nested too deeply") from None


def _unwrapped(envelope: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    if envelope["specversion"] != "1.0":
        raise _Faulty(Reason.INVALID_FIELD, "specversion", "only CloudEvents 1.0 is understood")
    if envelope.get("type") != _CLOUD_TYPES[model]:
        raise _Faulty(Reason.INVALID_FIELD, "type", f"should be {_CLOUD_TYPES[model]}")
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise _Faulty(Reason.INVALID_FIELD, "data", "should be a JSON object")
    attributes = {ours: envelope[theirs] for theirs, ours in _CLOUD_FIELDS[model].items() if theirs in envelope}
    return data | attributes


def _check_known(event: TouchpointEvent, catalogue: Catalogue) -> None:
    versions = catalogue.versions(event.journey)
    if not versions:
        known = ", ".join(catalogue.journeys()) or "none yet; run `klantreis journey apply FILE`"
        raise _Faulty(Reason.UNKNOWN_JOURNEY, "journey", f"{event.journey!r} is not a known journey ({known})")
    journey = catalogue.at(event.journey, event.occurred_at).journey
    if event.touchpoint not in journey.touchpoint_ids:
        meant = get_close_matches(event.touchpoint, journey.touchpoint_ids, n=1)
        detail = f"{event.touchpoint!r} is not a touchpoint of journey {event.journey!r}"
        detail += f"; did you mean {meant[0]!r}?" if meant else ""
        raise _Faulty(Reason.UNKNOWN_TOUCHPOINT, "touchpoint", detail)


def _check_not_ahead(event: TouchpointEvent, now: datetime) -> None:
    if event.occurred_at > now + CLOCK_TOLERANCE:
        detail = f"{event.occurred_at.isoformat()} lies more than an hour ahead of {now.isoformat()}"
        raise _Faulty(Reason.IN_THE_FUTURE, "occurred_at", detail)
