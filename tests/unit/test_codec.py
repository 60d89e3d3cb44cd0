"""What each kind of bad record is told, and what good ones become."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import MAX_RECORD_BYTES, decode_answers, decode_events
from schemas.journey import Catalogue, JourneyVersion, parse_journey
from schemas.reject import Fault, Reason
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from tests.drawn import LOKET, catalogue

NOW = datetime(2026, 3, 3, tzinfo=UTC)
GOOD = {
    "source": "zaaksysteem",
    "event_id": "9f1c",
    "journey": "loket",
    "case_id": "Z-1",
    "touchpoint": "besluit",
    "occurred_at": "2026-03-02T10:15:00+01:00",
    "cost": "41.50",
    "attributes": {"uitkomst": "verleend", "pagina's": 3},
}


def decode(raw: bytes) -> TouchpointEvent | Fault:
    (decoded,) = decode_events([raw], catalogue(), NOW)
    return decoded


def changed(**given: object) -> bytes:
    return orjson.dumps({name: value for name, value in {**GOOD, **given}.items() if value is not ...})


def test_a_good_event() -> None:
    decoded = decode(changed())
    assert isinstance(decoded, TouchpointEvent)
    assert decoded.key == ("zaaksysteem", "9f1c")
    assert decoded.occurred_at == datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
    assert decoded.cost_cents == 4150


@pytest.mark.parametrize(
    ("raw", "reason", "field", "words"),
    [
        (b'{"source": "zaak', Reason.MALFORMED_JSON, None, "EOF while parsing a string at line 1 column 16"),
        (b"", Reason.MALFORMED_JSON, None, "the record is empty"),
        (b"[]", Reason.INVALID_FIELD, None, "object"),
        (changed(case_id=...), Reason.INVALID_FIELD, "case_id", "required"),
        (changed(case_id=415), Reason.INVALID_FIELD, "case_id", "valid string"),
        (changed(case_id=""), Reason.INVALID_FIELD, "case_id", "at least 1"),
        (changed(occurred_at="2026-03-02T10:15:00"), Reason.INVALID_FIELD, "occurred_at", "an offset such as +01:00"),
        (changed(occurred_at="2099-03-02T10:15:00"), Reason.INVALID_FIELD, "occurred_at", "timezone"),
        (changed(occurred_at="2099-03-02T10:15:00Z"), Reason.IN_THE_FUTURE, "occurred_at", "more than an hour ahead"),
        (changed(occurred_at=1772442900), Reason.INVALID_FIELD, "occurred_at", "datetime"),
        (changed(occurred_at="gisteren"), Reason.INVALID_FIELD, "occurred_at", "datetime"),
        (changed(started_at="2026-03-02T11:00:00+01:00"), Reason.INVALID_FIELD, None, "started_at lies after"),
        (changed(journey="kapvergunning"), Reason.UNKNOWN_JOURNEY, "journey", "'kapvergunning' is not a known journey"),
        (
            changed(touchpoint="beslut"),
            Reason.UNKNOWN_TOUCHPOINT,
            "touchpoint",
            "'beslut' is not a touchpoint of journey 'loket'; did you mean 'besluit'?",
        ),
        (changed(department="Vergun\x00ningen"), Reason.INVALID_FIELD, "department", "NUL"),
        (changed(attributes={"notitie": "a\x00b"}), Reason.INVALID_FIELD, "attributes.notitie", "NUL"),
        (
            changed(attributes={"getal": 1}).replace(b":1}", b":1e400}"),
            Reason.INVALID_FIELD,
            "attributes.getal",
            "finite",
        ),
        (
            changed(attributes={"getal": 1}).replace(b":1}", b":" + b"9" * 30 + b"}"),
            Reason.INVALID_FIELD,
            "attributes.getal",
            "64 bits",
        ),
        (changed(attributes={"lijst": [1]}), Reason.INVALID_FIELD, "attributes.lijst", "a text, a number"),
        (changed(attributes={"lang": "x" * 10_001}), Reason.INVALID_FIELD, "attributes.lang", "at most 10000"),
        (changed(occurred_at="0001-01-01T00:00:00+14:00"), Reason.INVALID_FIELD, "occurred_at", "years 1900 to 2199"),
        (changed(started_at="0001-01-01T00:00:00+14:00"), Reason.INVALID_FIELD, "started_at", "years 1900 to 2199"),
        (changed(occurred_at="9999-12-31T23:59:59-14:00"), Reason.INVALID_FIELD, "occurred_at", "years 1900 to 2199"),
        (changed(channel="x" * 101), Reason.INVALID_FIELD, "channel", "at most 100"),
        (changed(cost="veel"), Reason.INVALID_FIELD, "cost", "decimal"),
        (changed(kanaal="post"), Reason.INVALID_FIELD, "kanaal", "not permitted"),
        (b'{"x": "' + b"y" * 2_000_000 + b'"}', Reason.TOO_LARGE, None, f"at most {MAX_RECORD_BYTES:,}"),
    ],
)
def test_a_bad_event_names_reason_and_field(raw: bytes, reason: Reason, field: str | None, words: str) -> None:
    fault = decode(raw)
    assert isinstance(fault, Fault)
    assert fault.reason is reason
    assert (fault.field or "").startswith(field or "")
    assert field is not None or fault.field is None
    assert words in fault.detail


def test_a_fault_quotes_little_and_nothing_that_cannot_be_stored() -> None:
    long = decode(changed(**{"x" * 900_000: 1}))
    nul = decode(changed(**{"a\x00b": 1}))
    assert isinstance(long, Fault)
    assert isinstance(nul, Fault)
    assert len(long.field or "") <= 201
    assert nul.field == "a␀b"


@pytest.mark.parametrize("depth", [100, 300, 100_000])
def test_deep_nesting_is_a_fault_in_plain_and_in_cloud_events(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    cloud = b'{"specversion":"1.0","type":"klantreis.touchpoint","data":{"x":' + nested + b"}}"
    assert isinstance(decode(cloud), Fault)
    assert isinstance(decode(changed(attributes={"x": 1}).replace(b":1}", b":" + nested + b"}")), Fault)


OTHERWISE = {
    "journey": "elders",
    "case_id": "Z-2",
    "touchpoint": "aanvraag",
    "occurred_at": "2026-03-02T10:15:01+01:00",
    "started_at": "2026-02-01T09:00:00+01:00",
    "due_at": "2026-03-09T00:00:00+01:00",
    "channel": "post",
    "department": "JZ",
    "team": "noord",
    "employee": "m-18",
    "party": "vervoerder",
    "persona": "architect",
    "cost": "41.51",
    "voids": "an earlier one",
    "attributes": {"uitkomst": "geweigerd"},
}


def test_the_digest_depends_on_all_content_but_the_customer() -> None:
    """A field that is new to the model has to be new here, too."""
    assert OTHERWISE.keys() == TouchpointEvent.model_fields.keys() - {"source", "event_id", "customer"}
    digests = {
        TouchpointEvent.model_validate_json(changed(**{name: to})).content_digest() for name, to in OTHERWISE.items()
    }
    assert len(digests | {TouchpointEvent.model_validate_json(changed()).content_digest()}) == len(OTHERWISE) + 1


def test_one_bad_record_spoils_no_other() -> None:
    decoded = decode_events([b"{", changed(), b"\xff\xfe", changed(event_id="2")], catalogue(), NOW)
    assert [type(each) for each in decoded] == [Fault, TouchpointEvent, Fault, TouchpointEvent]


def test_a_cloud_event_is_the_same_event() -> None:
    data = {name: GOOD[name] for name in ("journey", "touchpoint", "cost", "attributes")}
    envelope = {
        "specversion": "1.0",
        "type": "klantreis.touchpoint",
        "source": "zaaksysteem",
        "id": "9f1c",
        "subject": "Z-1",
        "time": GOOD["occurred_at"],
        "datacontenttype": "application/json",
        "traceparent": "an extension",
        "data": data,
    }
    assert decode(orjson.dumps(envelope)) == decode(changed())
    for broken, field in (({"type": "x"}, "type"), ({"specversion": "0.3"}, "specversion"), ({"data": "x"}, "data")):
        fault = decode(orjson.dumps({**envelope, **broken}))
        assert isinstance(fault, Fault)
        assert fault.field == field


def test_the_digest_tells_content_not_spelling() -> None:
    one, same, other = (
        decode(raw)
        for raw in (changed(), changed(occurred_at="2026-03-02T09:15:00.000Z", cost=41.5), changed(channel="post"))
    )
    assert isinstance(one, TouchpointEvent)
    assert isinstance(same, TouchpointEvent)
    assert isinstance(other, TouchpointEvent)
    assert one.content_digest() == same.content_digest() != other.content_digest()
    assert one.content_digest() == one.model_copy(update={"customer": "klant-1"}).content_digest()


ANSWER = {
    "source": "s",
    "answer_id": "a",
    "journey": "loket",
    "case_id": "Z-1",
    "question": "satisfaction",
    "score": 8,
    "answered_at": (NOW - timedelta(days=1)).isoformat(),
}


def test_a_good_answer() -> None:
    (answer,) = decode_answers([orjson.dumps({**ANSWER, "touchpoint": "besluit"})], catalogue(), NOW)
    assert isinstance(answer, SurveyAnswer)
    assert (answer.touchpoint, answer.score) == ("besluit", 8)


@pytest.mark.parametrize(
    ("given", "field", "detail"),
    [
        ({"score": None}, None, "a score or a text"),
        ({"score": 11}, "score", "11 lies outside the scale of 'satisfaction', 1 to 10"),
        ({"question": "expectation_met", "score": 2}, "score", "0 to 1"),
        ({"question": "satisfacton"}, "question", "did you mean 'satisfaction'"),
        ({"question": "remark"}, "score", "'remark' is answered in words"),
        ({"journey": "elders"}, "journey", "not a known journey"),
        ({"touchpoint": "besluitt"}, "touchpoint", "did you mean 'besluit'"),
        ({"answered_at": (NOW + timedelta(hours=2)).isoformat()}, "answered_at", "ahead of"),
    ],
)
def test_a_bad_answer_is_told_why(given: dict[str, object], field: str | None, detail: str) -> None:
    (fault,) = decode_answers([orjson.dumps({**ANSWER, **given})], catalogue(), NOW)
    assert isinstance(fault, Fault)
    assert fault.field == field
    assert detail in fault.detail


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    assert isinstance(decode(raw), Fault)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_arbitrary_json_never_raises(document: object) -> None:
    raw = orjson.dumps({**GOOD, "attributes": document}, option=orjson.OPT_NON_STR_KEYS)
    assert isinstance(decode(raw), TouchpointEvent | Fault)


def test_a_complaint_names_a_touchpoint_of_the_journey() -> None:
    """Only where customers complain: elsewhere the attribute means what its sender likes."""
    complaining = parse_journey(LOKET.replace("name: Factuur}", "name: Factuur, complaint: true}"))
    drawn = Catalogue([JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=complaining)])

    def decoded(touchpoint: str, about: Any) -> TouchpointEvent | Fault:
        (found,) = decode_events([changed(touchpoint=touchpoint, attributes={"about": about})], drawn, NOW)
        return found

    named = decoded("factuur", "besluit")
    assert isinstance(named, TouchpointEvent)
    assert named.about == "besluit"
    assert decoded("factuur", "beslut") == Fault(
        reason=Reason.UNKNOWN_TOUCHPOINT,
        field="attributes.about",
        detail="'beslut' is not a touchpoint of journey 'loket' that a complaint could be about; "
        "did you mean 'besluit'?",
    )
    assert isinstance(decoded("factuur", 5), Fault)
    assert isinstance(decoded("besluit", "the weather"), TouchpointEvent)
