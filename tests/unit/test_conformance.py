"""Where a case departs from the drawn journey."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.journey import parse_journey
from streams.conformance import departures

DRAWN = parse_journey("""
id: kaart
name: Kaart
time_zone: Europe/Amsterdam
phases:
  - id: aanvraag
    name: Aanvraag
    touchpoints:
      - {id: a, name: A}
      - {id: b, name: B, optional: true, repeatable: true, expects: {touchpoint: c, within: P1D}}
      - {id: c, name: C, optional: true}
      - {id: d, name: D}
      - {id: e, name: E}
  - id: daarna
    name: Daarna
    aftercare: true
    touchpoints:
      - {id: x, name: X}
      - {id: y, name: Y, repeatable: true}
end_touchpoints: [e]
""")
TWO_ENDS = DRAWN.model_copy(update={"end_touchpoints": ("d", "e")})


@pytest.mark.parametrize(
    ("visited", "found"),
    [
        ("", ""),
        ("a", ""),
        ("ade", ""),  # as drawn, without what is optional
        ("abcde", ""),
        ("abbcde", ""),
        ("ad", ""),  # not there yet
        ("de", "skipped a"),
        ("ae", "skipped d"),
        ("e", "skipped a, skipped d"),
        ("aade", "repeated a"),
        ("aaade", "repeated a"),  # told once
        ("dae", "out_of_order a"),
        ("abcdbe", "missing c"),  # b comes again, and wants another c
        ("adbce", "out_of_order c"),  # b may come at any time
        ("bacde", ""),
        ("abde", "missing c"),
        ("abd", ""),  # c may still come
        ("abdec", "unexpected c, missing c"),  # it came once it was too late
        ("adex", ""),
        ("axdye", ""),  # aftercare comes in any order
        ("adeyxyx", "repeated x"),
        ("adexb", "unexpected b"),
        ("adea", "repeated a"),
        ("aqde", "unexpected q"),
        ("y", ""),
    ],
)
def test_where_a_case_departs(visited: str, found: str) -> None:
    assert said(visited) == set(filter(None, found.split(", ")))


@pytest.mark.parametrize(("visited", "found"), [("ad", ""), ("ae", ""), ("abd", "missing c"), ("d", "skipped a")])
def test_of_several_ends_one_will_do(visited: str, found: str) -> None:
    assert {f"{how} {at}" for how, at in departures(visited, TWO_ENDS)} == set(filter(None, [found]))


LATER = {"a": "[cde]", "c": "[de]", "d": "e"}
"""What is drawn after each touchpoint, of those that have a place: b may come at any time."""


def said(visited: Iterable[str]) -> set[str]:
    found = departures(list(visited), DRAWN)
    assert len(found) == len(set(found))
    return {f"{how} {touchpoint}" for how, touchpoint in found}


@given(st.text("abcdexyq", max_size=9))
def test_each_kind_is_what_it_means(visited: str) -> None:
    """Letters of the route are in the order of the alphabet, so that text can tell what is wrong."""
    right = {f"skipped {each}" for each in "ad" if each not in visited and re.search(LATER[each], visited)}
    right |= {"missing c" for _ in re.finditer("b[^ce]*e", visited)}
    for place, touchpoint in enumerate(visited):
        before = visited[:place]
        if touchpoint == "q":
            right.add("unexpected q")
        elif touchpoint in before and touchpoint not in "by":
            right.add(f"repeated {touchpoint}")
        elif touchpoint in "abcd" and re.search("e[xy]*$", before):
            right.add(f"unexpected {touchpoint}")
        elif touchpoint in LATER and touchpoint not in before and re.search(LATER[touchpoint], before):
            right.add(f"out_of_order {touchpoint}")
    assert said(visited) == right
