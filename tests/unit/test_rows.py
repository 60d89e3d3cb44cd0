"""Rows on their way to the database, as another reader of CSV has them."""

import csv
from datetime import UTC, datetime
from io import StringIO

from hypothesis import example, given
from hypothesis import strategies as st

from services.store.rows import copy_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")) | st.text("\"\\\n\r\t,nu0'. ")


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
@example([("\\.", "\\n"), ('\\"', "\\\\"), ("null", ""), ('","', "],[")])
def test_texts_come_out_as_they_went_in(rows: list[tuple[str, str]]) -> None:
    read = csv.reader(StringIO(copy_text(rows), newline=""), doublequote=False, escapechar="\\", strict=True)
    assert [tuple(row) for row in read] == rows


def test_a_value_is_written_bare_and_a_text_in_quotes() -> None:
    row = (7, None, "null", "", True, datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
    assert copy_text([row, (None,)]) == '7,null,"null","",true,"2026-11-23T09:30:00+00:00"\nnull'


def test_no_rows_are_no_text() -> None:
    assert copy_text([]) == ""
