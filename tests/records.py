"""Records as no honest system sends them: bytes at random, JSON at random, and good events with something wrong."""

from typing import Any

import orjson
from hypothesis import strategies as st

GOOD_EVENT: dict[str, Any] = {
    "source": "zaaksysteem",
    "event_id": "9f1c",
    "journey": "loket",
    "case_id": "Z-1",
    "touchpoint": "besluit",
    "occurred_at": "2026-03-02T10:15:00+01:00",
    "started_at": "2026-03-01T10:15:00+01:00",
    "channel": "web",
    "customer": "klant-1",
    "cost": "41.50",
    "voids": None,
    "attributes": {"uitkomst": "verleend"},
}
GOOD_ANSWER: dict[str, Any] = {
    "source": "enquete",
    "answer_id": "a1",
    "journey": "loket",
    "case_id": "Z-1",
    "touchpoint": "besluit",
    "question": "satisfaction",
    "score": 8,
    "answered_at": "2026-03-02T12:15:00+01:00",
}
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(["", "\x00", "2026-03-02T10:15:00Z", "9999-12-31T23:59:59-14:00", "1e400", "loket", "besluit"])
)
JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def _spoilt(good: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Make records of a good one, up to three of whose members say something else."""
    names = st.sampled_from([*good, "specversion", "type", "id", "time", "subject", "data", "text"])
    changes = st.dictionaries(names, JSON, max_size=2)
    return changes.map(lambda changed: _written({**good, **changed}))


def _cloud(good: dict[str, Any], kind: str) -> st.SearchStrategy[bytes]:
    """Make CloudEvents of a good one, with data at random or spoilt."""
    moment = "2026-03-02T10:15:00+01:00"
    shell = {"specversion": "1.0", "type": kind, "source": "a", "id": "1", "time": moment, "subject": "Z"}
    within = {name: value for name, value in good.items() if name in ("journey", "touchpoint", "question", "score")}
    changes = st.dictionaries(st.sampled_from([*good]), JSON, max_size=2)
    data = changes.map(lambda changed: {**within, **changed}) | JSON
    return data.map(lambda made: _written({**shell, "data": made}))


def _written(record: Any) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_NON_STR_KEYS)


def records(good: dict[str, Any], kind: str) -> st.SearchStrategy[bytes]:
    """Make records of every sort, many of which are nearly good."""
    cut = st.tuples(_spoilt(good), st.integers(0, 300)).map(lambda pair: pair[0][: pair[1]])
    random = st.binary(max_size=60) | JSON.map(_written) | cut
    return st.one_of(random, _spoilt(good), _spoilt(good), _cloud(good, kind))


EVENTS = records(GOOD_EVENT, "klantreis.touchpoint")
ANSWERS = records(GOOD_ANSWER, "klantreis.answer")
