"""What people write of an improvement: what makes no sense is refused by its field."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tests.drawn import loket
from tests.improving import proposal

MONDAY = date(2026, 3, 2)
THROUGHPUT = {"measure": "throughput", "span": "beslistermijn", "direction": "down", "size": "4.5"}


def test_one_text_stands_for_both_languages() -> None:
    written = proposal(what="  Brief in gewone taal ")
    assert (written.what.nl, written.what.en) == ("Brief in gewone taal", "Brief in gewone taal")
    assert proposal(what={"nl": "Brief", "en": "Letter"}).what.en == "Letter"


def test_what_is_not_known_yet_is_left_out() -> None:
    written = proposal(owner=None)
    assert (written.owner, written.planned_week, written.done_on, written.settles_weeks) == (None, None, None, 0)


def test_a_duration_is_that_of_a_span_in_days() -> None:
    assert proposal(effect=THROUGHPUT).effect.size == Decimal("4.5")


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"what": "  "}, "what", "should say what changes"),
        ({"what": "x" * 501}, "what", "500 characters at most"),
        ({"what": {"nl": "a\x00b", "en": "b"}}, "what.nl", "NUL"),
        ({"planned_week": date(2026, 3, 3)}, "planned_week", "2026-03-03 is a Tuesday"),
        ({"planned_week": "1899-12-25"}, "planned_week", "outside the years"),
        ({"done_on": "9999-12-31"}, "done_on", "outside the years"),
        ({"settles_weeks": 53}, "settles_weeks", "less than or equal to 52"),
        ({"settles_weeks": -1}, "settles_weeks", "greater than or equal to 0"),
        ({"effect": {**THROUGHPUT, "span": None}}, "effect", "should name a `span`"),
        ({"effect": {**THROUGHPUT, "measure": "effort"}}, "effect", "none if it is not"),
        ({"effect": {"measure": "satisfaction", "direction": "up", "size": "9.5"}}, "effect", "from 1 to 10"),
        ({"effect": {"measure": "satisfaction", "direction": "up", "size": 0}}, "effect.size", "greater than 0"),
        ({"effect": {"measure": "nps", "direction": "up", "size": 1}}, "effect.measure", "'satisfaction', 'effort'"),
        ({"owned_by": "x"}, "owned_by", "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        proposal(**given)
    (mistake,) = refused.value.errors()
    assert ".".join(map(str, mistake["loc"])) == field
    assert words in mistake["msg"]


@pytest.mark.parametrize(
    ("given", "misfits"),
    [
        ({}, []),
        ({"done_on": MONDAY}, []),
        ({"effect": THROUGHPUT}, []),
        ({"effect": {**THROUGHPUT, "span": "case"}}, []),
        ({"touchpoint": "besluyt"}, [("touchpoint", "'besluyt' is not a touchpoint of journey 'loket'")]),
        (
            {"effect": {**THROUGHPUT, "span": "termijn"}},
            [("effect.span", "'termijn' is not a span of journey 'loket'")],
        ),
        ({"done_on": date(2026, 3, 3)}, [("done_on", "2026-03-03 is still to come")]),
    ],
)
def test_what_does_not_fit_the_journey_is_told(given: dict[str, Any], misfits: list[tuple[str, str]]) -> None:
    assert [*proposal(**given).misfits(loket(), MONDAY)] == misfits
