"""Cursors carry a place in a list and nothing else will do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitor.http.cursor import BadCursorError, cursor_of, next_closed, next_waiting, place_of
from services.store.reading import CaseRow, Place

FIRST, LAST = (datetime(*day, tzinfo=UTC).replace(tzinfo=None) for day in ((1, 1, 2), (9999, 12, 30)))
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


@given(moments, st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_its_place(moment: datetime, case_key: int) -> None:
    cursor = cursor_of(Place(moment, case_key))
    assert place_of(cursor) == Place(moment, case_key)
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "!!!!", "MTIz", "YS5i", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ", "a" * 500]
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursorError):
        place_of(cursor)


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_refused(cursor: str) -> None:
    try:
        place = place_of(cursor)
    except BadCursorError:
        return
    assert isinstance(place, Place)


def rows(count: int) -> list[CaseRow]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [CaseRow(n, "balie", f"Z-{n}", at, at, at + timedelta(days=n), "gesteld", None) for n in range(count)]


def test_a_full_page_has_a_next_one_and_a_short_one_is_the_last() -> None:
    assert next_waiting(rows(3), 3) == cursor_of(Place(datetime(2026, 1, 3, tzinfo=UTC), 2))
    assert next_closed(rows(3), 3) == cursor_of(Place(datetime(2026, 1, 1, tzinfo=UTC), 2))
    assert next_waiting(rows(2), 3) is None
    assert next_closed([], 3) is None
