"""Who has a case in hand: a table of timelines, and that what came less what left is what is there."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.timeline import in_order, visit_of
from streams.workload import Level, all_moves
from tests.drawn import event, loket

VERSIONS = {1: loket()}


def moves_of(*visits: tuple[str, str | None]) -> list[str]:
    """All moves of a case, one visit a minute, such as '2 +X': with the visit in minute 2 it came to department X."""
    found = [visit_of(event(touchpoint, minute, department=of), 1) for minute, (touchpoint, of) in enumerate(visits)]
    minutes = {visit: minute for minute, visit in enumerate(found)}
    return [
        f"{minutes[visit]} {'+' if move.arrives else '-'}{move.department if move.level is Level.DEPARTMENT else 'all'}"
        for visit, move in all_moves(in_order(found, VERSIONS), VERSIONS)
    ]


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([("vraag", "X")], ["0 +all", "0 +X"]),
        ([("vraag", "X"), ("aanvraag", "X")], ["0 +all", "0 +X"]),
        ([("vraag", "X"), ("aanvraag", "Y")], ["0 +all", "0 +X", "1 -X", "1 +Y"]),
        ([("vraag", None), ("aanvraag", "Y")], ["0 +all", "0 +", "1 -", "1 +Y"]),
        # Whoever closes a case had it; aftercare brings it to nobody.
        ([("vraag", "X"), ("besluit", "Y"), ("factuur", "Z")], ["0 +all", "0 +X", "1 -X", "1 +Y", "1 -Y", "1 -all"]),
        ([("besluit", "X"), ("besluit", "Y")], ["0 +all", "0 +X", "0 -X", "0 -all"]),
        ([("besluit", "X"), ("vraag", "X")], ["0 +all", "0 +X", "0 -X", "0 -all", "1 +all", "1 +X"]),
    ],
)
def test_each_visit_brings_and_takes(visits: list[tuple[str, str | None]], expected: list[str]) -> None:
    assert moves_of(*visits) == expected


touchpoints = st.sampled_from(["vraag", "aanvraag", "aanvulling", "besluit", "factuur"])


@given(st.lists(st.tuples(touchpoints, st.sampled_from(["X", "Y", None])), min_size=1, max_size=12))
def test_what_came_less_what_left_is_what_is_there(visits: list[tuple[str, str | None]]) -> None:
    left: Counter[str] = Counter()
    for move in moves_of(*visits):
        _, what = move.split(" ")
        left[what[1:]] += 1 if what[0] == "+" else -1
    last = next((touchpoint for touchpoint, _ in reversed(visits) if touchpoint != "factuur"), "")
    is_open = last != "besluit"
    assert +left == ({"all": 1, visits[-1][1] or "": 1} if is_open else {})
    assert not -left
