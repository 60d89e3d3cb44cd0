"""Journeys and cases drawn by chance, observed whole and visit by visit, against the oracle's one pass."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from schemas.journey import Catalogue
from schemas.survey_answer import SurveyAnswer
from tests.books import Books
from tests.chance import Arrival, draw
from tests.oracle import Drawing, Sums, Tables, differences, tables

UNTIL = datetime(2026, 5, 6, 12, tzinfo=UTC)
"""Good Friday, Easter, Koningsdag and 5 May lie in the weeks before it."""


@pytest.mark.parametrize("follows", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_drawn_cases_are_observed_as_the_oracle_says(seed: int, follows: bool) -> None:
    drawn = draw("proef", seed, 300, UNTIL)
    books = Books(Catalogue(drawn.versions), follows=follows)
    for arrival in sorted(drawn.arrivals, key=_at):
        books.count([arrival])
    found = _windows(books)
    expected = tables(Drawing(drawn.versions), drawn.events, drawn.answers)
    assert differences({table: expected[table] for table in found}, found) == []
    assert any(key[1] == "within" for key in found["windows_day"])


def _windows(books: Books) -> Tables:
    """What was counted, in the form of the oracle."""
    found: dict[str, dict[object, Sums]] = {
        f"{detail}_{width}": {} for detail in ("windows", "rollups") for width in ("minute", "hour", "day")
    }
    for cell, held in books.cells.items():
        bins = Counter({bin_: n for bin_, n in held.items() if isinstance(bin_, int) and n})
        sums = Sums(held["n"], held["total"], held["squares"], bins)
        if sums != Sums():
            found[f"{cell.detail}_{cell.resolution}"][cell.bucket, *cell.scope[1:]] = sums
    return found


def _at(arrival: Arrival) -> datetime:
    return arrival.answered_at if isinstance(arrival, SurveyAnswer) else arrival.occurred_at
