"""Who is invited to answer: the rule against asking too often holds in any stretch of time, whatever happens."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.invitation import Suppression
from schemas.journey import Journey, parse_journey
from schemas.question import STANDARD, Question
from schemas.touchpoint_event import TouchpointEvent
from streams.invitations import Decision, FatigueRule, Invited, decide, questions_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = FatigueRule(at_most=2, within=30 * DAY)
JOURNEY = """\
id: loket
name: Loket
time_zone: Europe/Amsterdam
phases:
  - id: alles
    name: Alles
    touchpoints:
      - {id: besluit, name: B, moment_of_truth: true, asks: [satisfaction, overall, emotion]}
      - {id: vraag, name: V, asks: [effort]}
      - {id: half, name: H, asks: [satisfaction], sampling: 0.5}
      - {id: stil, name: S}
end_touchpoints: [besluit]
"""


@pytest.fixture(scope="module")
def drawn() -> Journey:
    return parse_journey(JOURNEY)


def event(touchpoint: str, at: datetime = NOW, **given: Any) -> TouchpointEvent:
    fields = {"source": "s", "event_id": "e", "journey": "loket", "case_id": "Z", "customer": "klant-1"}
    return TouchpointEvent(**{**fields, "touchpoint": touchpoint, "occurred_at": at, **given})


def ago(*days: float) -> list[Invited]:
    return [Invited(NOW - DAY * each) for each in days]


@pytest.mark.parametrize(
    ("passage", "earlier", "suppressed"),
    [
        (event("besluit"), [], None),
        (event("besluit", NOW - timedelta(hours=23, minutes=59)), [], None),
        (event("besluit", NOW - DAY), [], Suppression.LATE),
        (event("besluit", customer=None), [], Suppression.NO_CUSTOMER),
        (event("besluit"), ago(1), None),
        (event("besluit"), ago(1, 29), Suppression.CONTACT_FATIGUE),
        (event("besluit"), ago(1, 30), None),
        (event("vraag"), [], None),
        (event("vraag"), ago(1), Suppression.CONTACT_FATIGUE),
        (event("vraag"), ago(30), None),
        (event("vraag"), ago(-0.001), Suppression.CONTACT_FATIGUE),  # by a clock that is ahead
    ],
)
def test_who_is_asked(
    drawn: Journey, passage: TouchpointEvent, earlier: list[Invited], suppressed: Suppression | None
) -> None:
    decision = decide(passage, drawn, RULE, earlier, NOW)
    assert decision is not None
    assert decision.suppressed == suppressed
    assert bool(decision.questions) == (suppressed is None)


@pytest.mark.parametrize("passage", [event("stil"), event("besluit", voids="e-1")])
def test_nothing_is_decided_where_nothing_is_asked(drawn: Journey, passage: TouchpointEvent) -> None:
    assert decide(passage, drawn, RULE, [], NOW) is None


def test_half_of_the_customers_are_asked_and_the_same_ones_each_time(drawn: Journey) -> None:
    passages = [event("half", event_id=f"e-{number}") for number in range(2000)]
    decisions = [decide(passage, drawn, RULE, [], NOW) for passage in passages]
    assert decisions == [decide(passage, drawn, RULE, [], NOW) for passage in passages]
    asked = sum(decision is not None and decision.suppressed is None for decision in decisions)
    assert abs(asked - 1000) < 112  # five standard deviations
    assert {decision and decision.suppressed for decision in decisions} == {None, Suppression.NOT_SAMPLED}


def test_at_most_three_questions_of_which_the_last_takes_turns() -> None:
    asked = [STANDARD[name] for name in ("emotion", "overall", "effort", "nps", "satisfaction")]
    assert [questions_of(asked, turn) for turn in range(4)] == [
        ("effort", "overall", "emotion"),
        ("effort", "overall", "nps"),
        ("effort", "overall", "satisfaction"),
        ("effort", "overall", "emotion"),
    ]


@given(st.lists(st.sampled_from(sorted(STANDARD)), unique=True), st.integers(0, 2**64 - 1))
def test_no_question_is_asked_twice_or_unasked(names: list[str], turn: int) -> None:
    asked: Sequence[Question] = [STANDARD[name] for name in names]
    chosen = questions_of(asked, turn)
    assert len(chosen) == len(set(chosen)) <= 3
    assert set(chosen) <= set(names)
    assert bool(chosen) == bool(names)


@given(
    st.lists(st.tuples(st.sampled_from(("besluit", "vraag")), st.floats(0, 40), st.floats(-0.01, 0.01)), max_size=40),
    st.integers(1, 4),
    st.integers(1, 60),
)
def test_nobody_is_asked_too_often_in_any_stretch_of_time(
    passages: list[tuple[str, float, float]], at_most: int, days: int
) -> None:
    """Each passage comes some days after the one before it, and is decided by a clock that is off by some minutes."""
    drawn, rule = parse_journey(JOURNEY), FatigueRule(at_most, days * DAY)
    clock, asked = NOW, list[tuple[datetime, str]]()
    for number, (touchpoint, wait, off) in enumerate(passages):
        clock += DAY * wait
        now = clock + DAY * off
        earlier = [Invited(at) for at, _ in asked]
        decision = decide(event(touchpoint, clock, event_id=f"e-{number}"), drawn, rule, earlier, now)
        assert isinstance(decision, Decision)
        if decision.suppressed is None:
            asked.append((now, touchpoint))
    for begin, _ in asked:
        within = [touchpoint for at, touchpoint in asked if begin <= at < begin + rule.within]
        assert len(within) <= at_most
        assert within.count("vraag") <= at_most - 1
