"""Bytes -> event or fault, for every way in: Kafka, HTTP and files.

A record is a JSON object, either plain (the model's own fields) or a CloudEvents 1.0 structured event whose `type`
is `klantreis.touchpoint` or `klantreis.answer`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from schemas.journey import Catalogue, Journey
from schemas.kpi_check import KpiCheck
from schemas.question import Question
from schemas.reject import Fault, Reason
from schemas.survey_answer import SurveyAnswer
from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS
from schemas.touchpoint_event import ABOUT, TouchpointEvent

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
    latest = now + CLOCK_TOLERANCE
    return [_decode_event(raw, catalogue, latest) for raw in records]


def decode_answers(records: Iterable[bytes], catalogue: Catalogue, now: datetime) -> list[SurveyAnswer | Fault]:
    """Decode survey answers one by one; the result has one entry a record, in order. Never raises."""
    latest = now + CLOCK_TOLERANCE
    return [_decode_answer(raw, catalogue, latest) for raw in records]


def decode_checks(records: Iterable[bytes]) -> list[KpiCheck | Fault]:
    """Decode words that a KPI is due; the result has one entry a record, in order. Never raises."""
    return [_decode_check(raw) for raw in records]


_Decode = Callable[[Iterable[bytes], Catalogue, datetime], Sequence[TouchpointEvent | SurveyAnswer | Fault]]
DECODERS: Mapping[str, _Decode] = {TOUCHPOINT_EVENTS.name: decode_events, SURVEY_ANSWERS.name: decode_answers}
"""What decodes the records of each topic that is counted."""


def _decode_event(raw: bytes, catalogue: Catalogue, latest: datetime) -> TouchpointEvent | Fault:
    try:
        event = _parse(raw, TouchpointEvent)
        drawn = _journey(event.journey, event.occurred_at, catalogue)
        if event.touchpoint not in drawn.touchpoint_ids:
            raise _unknown_touchpoint(event.journey, event.touchpoint, event.occurred_at, catalogue)
        if event.touchpoint in drawn.complaint_ids and ABOUT in event.attributes:
            _check_complaint(event, drawn)
        if event.occurred_at > latest:
            raise _ahead("occurred_at", event.occurred_at, latest)
    except _Faulty as faulty:
        return faulty.fault
    return event


def _decode_answer(raw: bytes, catalogue: Catalogue, latest: datetime) -> SurveyAnswer | Fault:
    try:
        answer = _parse(raw, SurveyAnswer)
        drawn = _journey(answer.journey, answer.answered_at, catalogue)
        if answer.touchpoint is not None and answer.touchpoint not in drawn.touchpoint_ids:
            raise _unknown_touchpoint(answer.journey, answer.touchpoint, answer.answered_at, catalogue)
        _check_question(answer, drawn.question_by_id)
        if answer.answered_at > latest:
            raise _ahead("answered_at", answer.answered_at, latest)
    except _Faulty as faulty:
        return faulty.fault
    return answer


def _decode_check(raw: bytes) -> KpiCheck | Fault:
    try:
        return _parse(raw, KpiCheck)
    except _Faulty as faulty:
        return faulty.fault


def _parse(raw: bytes, model: type[M]) -> M:
    if len(raw) > MAX_RECORD_BYTES:
        raise _Faulty(Reason.TOO_LARGE, None, f"{len(raw):,} bytes; at most {MAX_RECORD_BYTES:,} are taken")
    if not raw:
        raise _Faulty(Reason.MALFORMED_JSON, None, "the record is empty")
    try:
        if b'"specversion"' in raw:
            raw = _plain_form(raw, model)
        found: M = model.__pydantic_validator__.validate_json(raw)  # model_validate_json looks at its options first
    except ValidationError as error:
        raise _first_fault(error) from None
    return found


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


def _journey(journey: str, moment: datetime, catalogue: Catalogue) -> Journey:
    try:
        return catalogue.at(journey, moment).journey
    except KeyError:
        known = ", ".join(catalogue.journeys()) or "none yet; run `klantreis journey apply FILE`"
        raise _Faulty(Reason.UNKNOWN_JOURNEY, "journey", f"{journey!r} is not a known journey ({known})") from None


def _unknown_touchpoint(journey: str, touchpoint: str, moment: datetime, catalogue: Catalogue) -> _Faulty:
    detail = f"{touchpoint!r} is not a touchpoint of journey {journey!r}"
    detail += _meant(touchpoint, catalogue.at(journey, moment).journey.touchpoint_ids)
    return _Faulty(Reason.UNKNOWN_TOUCHPOINT, "touchpoint", detail)


def _check_question(answer: SurveyAnswer, known: Mapping[str, Question]) -> None:
    question = known.get(answer.question)
    if question is None:
        detail = f"{answer.question!r} is not one of {', '.join(known)}" + _meant(answer.question, known)
        raise _Faulty(Reason.INVALID_FIELD, "question", detail)
    if answer.score is not None and answer.score not in question.values:
        raise _Faulty(Reason.INVALID_FIELD, "score", _no_score_of(question, answer.score))


def _no_score_of(question: Question, score: int) -> str:
    if not question.values:
        return f"{question.id!r} is answered in words, not with a score"
    if question.mapping is not None:
        return f"{score} is not one of the scores of {question.id!r}: {', '.join(map(str, question.values))}"
    return f"{score} lies outside the scale of {question.id!r}, {min(question.values)} to {max(question.values)}"


def _check_complaint(event: TouchpointEvent, drawn: Journey) -> None:
    if event.about not in drawn.touchpoint_ids:
        named = event.attributes[ABOUT]
        detail = f"{named!r} is not a touchpoint of journey {drawn.id!r} that a complaint could be about"
        raise _Faulty(
            Reason.UNKNOWN_TOUCHPOINT, f"attributes.{ABOUT}", detail + _meant(str(named), drawn.touchpoint_ids)
        )


def _meant(word: str, known: Iterable[str]) -> str:
    meant = get_close_matches(word, known, n=1)
    return f"; did you mean {meant[0]!r}?" if meant else ""


def _ahead(field: str, moment: datetime, latest: datetime) -> _Faulty:
    now = (latest - CLOCK_TOLERANCE).isoformat()
    return _Faulty(Reason.IN_THE_FUTURE, field, f"{moment.isoformat()} lies more than an hour ahead of {now}")
