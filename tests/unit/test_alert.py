"""Alerts as they travel: each about one thing, each change with an id of its own."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from schemas.alert import Alert, AlertKind, AlertState, alert_id

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def alert(kind: str, **about: Any) -> Alert:
    given = {"alert_id": "a", "journey": "loket", "touchpoint": "besluit", "state": "raised", "at": AT}
    return Alert.model_validate({**given, "kind": kind, "summary_nl": "Zo.", "summary_en": "So.", **about})


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("about", [{}, {"kpi": "k"}, {"case_id": "Z-1"}, {"kpi": "k", "case_id": "Z-1"}])
def test_an_alert_is_about_a_kpi_or_a_case(kind: AlertKind, about: dict[str, str]) -> None:
    if list(about) == (["kpi"] if kind is AlertKind.KPI else ["case_id"]):
        assert alert(kind, **about).kind is kind
    else:
        with pytest.raises(ValidationError, match="names a KPI and no case"):
            alert(kind, **about)


def test_it_travels_as_plain_json_and_comes_back() -> None:
    sent = alert("waiting", case_id="Z-1")
    assert Alert.model_validate_json(sent.model_dump_json()) == sent
    plain = orjson.loads(sent.model_dump_json())
    assert (plain["kind"], plain["state"], plain["kpi"], plain["at"]) == (
        "waiting",
        "raised",
        None,
        "2026-11-23T09:30:00Z",
    )


def test_every_change_has_an_id_of_its_own_and_keeps_it() -> None:
    changes = list(product(AlertKind, ("loket", "balie"), ("a", "b"), AlertState, (AT, AT.replace(minute=31))))
    ids = [alert_id(kind, journey, about, None, state=state, at=at) for kind, journey, about, state, at in changes]
    assert len(set(ids)) == len(changes)
    assert ids[0] == alert_id(*changes[0][:3], None, state=changes[0][3], at=changes[0][4])
