"""Scores by group: who is asked for, in what order, over what time, and weighted to all who passed."""

from datetime import UTC, date, datetime

import pytest

from schemas.journey import Journey, JourneyVersion
from services.monitor.figures.asked import Asked
from services.monitor.figures.score_groups import is_long, score_groups
from services.monitor.http.problems import ProblemError
from services.monitor.scores.response_funnel import response_funnels
from services.store.reading import Responses
from streams.observations import Scope
from streams.rolling import Part
from streams.scores import Counts
from streams.windows import Resolution
from tests.snapshots import NOW, balie


@pytest.fixture(scope="module")
def drawn() -> Journey:
    return balie()


def scope(
    touchpoint: str,
    channel: str = "web",
    persona: str = "",
    span: str = "",
    measure: str = "satisfaction",
    *,
    outcome: str = "",
) -> Scope:
    return Scope("balie", measure, span, touchpoint, "KCC", channel, persona, outcome)


def versions(*journeys: Journey) -> list[JourneyVersion]:
    """The first holds from ever on, each other one from a day later in November on, at noon."""
    first = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=journeys[0])
    later = [
        JourneyVersion(version=number, valid_from=datetime(2026, 11, number, 11, tzinfo=UTC), journey=journey)
        for number, journey in enumerate(journeys[1:], 2)
    ]
    return [first, *later]


SAID: dict[Scope, Counts] = {
    scope("antwoord"): {8000: 3},
    scope("antwoord", "post", span="late"): {2000: 2},
    scope("gesteld", persona="bewoner"): {6000: 4},
    scope("gesteld", measure="emotion"): {-1000: 5},
    scope("vroeger"): {5000: 1},
}


def groups(by: str, drawn: Journey, **asked: str) -> dict[str, dict[str, Counts]]:
    found = score_groups(SAID, {}, Asked.model_validate(asked), by, drawn)  # type: ignore[arg-type]
    return {group.id: {measure: group.counts(measure) for measure in group.said} for group in found}


def test_touchpoints_stand_in_the_journeys_order_and_old_ones_at_the_end(drawn: Journey) -> None:
    assert groups("touchpoint", drawn) == {
        "gesteld": {"satisfaction": {6000: 4}, "emotion": {-1000: 5}},
        "antwoord": {"satisfaction": {8000: 3, 2000: 2}},
        "vroeger": {"satisfaction": {5000: 1}},
    }
    assert list(groups("touchpoint", drawn)) == ["gesteld", "antwoord", "vroeger"]


def test_phases_hold_their_touchpoints(drawn: Journey) -> None:
    assert {group: of["satisfaction"] for group, of in groups("phase", drawn).items()} == {
        "vraag": {6000: 4},
        "antwoord": {8000: 3, 2000: 2},
        "": {5000: 1},
    }


@pytest.mark.parametrize(
    ("by", "found"),
    [
        ("journey", {"balie": {8000: 3, 2000: 2, 6000: 4, 5000: 1}}),
        ("channel", {"post": {2000: 2}, "web": {8000: 3, 6000: 4, 5000: 1}}),
        ("persona", {"": {8000: 3, 2000: 2, 5000: 1}, "bewoner": {6000: 4}}),
        ("timeliness", {"": {8000: 3, 6000: 4, 5000: 1}, "late": {2000: 2}}),
        ("department", {"KCC": {8000: 3, 2000: 2, 6000: 4, 5000: 1}}),
    ],
)
def test_what_scores_are_kept_apart_by(drawn: Journey, by: str, found: dict[str, Counts]) -> None:
    assert {group: of["satisfaction"] for group, of in groups(by, drawn).items()} == found


def test_only_who_is_asked_for(drawn: Journey) -> None:
    assert groups("touchpoint", drawn, channel="post") == {"antwoord": {"satisfaction": {2000: 2}}}
    assert groups("touchpoint", drawn, timeliness="late", channel="web") == {}
    assert groups("journey", drawn, persona="bewoner", touchpoint="gesteld") == {"balie": {"satisfaction": {6000: 4}}}


def test_a_mean_is_weighted_to_all_who_passed(drawn: Journey) -> None:
    """300 answered by web and 100 by post, of whom as many passed."""
    said: dict[Scope, Counts] = {scope("antwoord"): {9000: 300}, scope("antwoord", "post"): {5000: 100}}
    said[scope("antwoord", measure="nps")] = {9000: 400}
    passages = {scope("antwoord", measure="volume"): 1000, scope("antwoord", "post", measure="volume"): 1000}
    (group,) = score_groups(said, passages, Asked(), "touchpoint", drawn)
    raw, weighted = group.figure("satisfaction", 20), group.weighted("satisfaction", 20)
    assert raw.estimate is not None
    assert weighted is not None
    assert raw.estimate.value == 8
    assert weighted.estimate.value == pytest.approx(7)
    assert group.weighted("nps", 20) is None, "no mean"
    assert group.weighted("satisfaction", 401) is None, "too few"


BY_OUTCOME: dict[Scope, Counts] = {
    scope("gesteld"): {9000: 6},
    scope("antwoord", outcome="refused"): {3000: 300},
    scope("antwoord", outcome="granted"): {9000: 5, 8000: 1},
    scope("antwoord", "post", outcome="granted"): {9000: 2},
    scope("antwoord", outcome="other"): {5000: 1},
}


def test_scores_are_split_by_outcome_in_the_journeys_order(drawn: Journey) -> None:
    named = [{"id": each, "name": each} for each in ("refused", "granted")]
    saying = Journey.model_validate({**drawn.model_dump(mode="json"), "outcomes": named})
    found = {group.id: group for group in score_groups(BY_OUTCOME, {}, Asked(), "outcome", saying)}
    assert list(found) == ["refused", "granted", "", "other"]
    assert found["granted"].counts("satisfaction") == {9000: 7, 8000: 1}
    (refused,) = score_groups(BY_OUTCOME, {}, Asked(outcome="refused"), "touchpoint", saying)
    assert (refused.id, refused.counts("satisfaction")) == ("antwoord", {3000: 300})


def test_by_outcome_nothing_is_weighted_for_passages_do_not_know_it(drawn: Journey) -> None:
    passages = {scope("antwoord", measure="volume"): 1000}
    for asked, by in ((Asked(outcome="refused"), "touchpoint"), (Asked(), "outcome")):
        found = score_groups(BY_OUTCOME, passages, asked, by, drawn)  # type: ignore[arg-type]
        assert [group.weighted("satisfaction", 20) for group in found] == [None] * len(found)
    (answered,) = score_groups(BY_OUTCOME, passages, Asked(touchpoint="antwoord"), "touchpoint", drawn)
    weighted = answered.weighted("satisfaction", 20)
    assert weighted is not None
    assert weighted.estimate.value == pytest.approx((900 + 45 + 8 + 5) / 307), "those by web, however they came out"


def test_a_period_is_of_whole_days_of_the_journeys_clock(drawn: Journey) -> None:
    asked = Asked(since=date(2026, 3, 28), until=date(2026, 3, 29))  # the clock goes forward
    start, end = datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert asked.parts(versions(drawn), NOW) == [Part(Resolution.DAY, start, end)]
    (today,) = Asked(since=date(2026, 11, 20)).parts(versions(drawn), NOW)
    assert today.end == datetime(2026, 11, 22, 23, tzinfo=UTC)


def test_a_period_does_not_end_before_it_begins(drawn: Journey) -> None:
    with pytest.raises(ProblemError, match="end on 2026-03-01, before it begins on 2026-03-02"):
        Asked(since=date(2026, 3, 2), until=date(2026, 3, 1)).parts(versions(drawn), NOW)


def test_the_mondays_of_a_period_each_by_itself(drawn: Journey) -> None:
    asked = Asked(since=date(2026, 3, 24), until=date(2026, 4, 6), weekday="monday")
    assert [(part.start, part.end) for part in asked.parts(versions(drawn), NOW)] == [
        (datetime(2026, 3, 29, 22, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)),
        (datetime(2026, 4, 5, 22, tzinfo=UTC), datetime(2026, 4, 6, 22, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (Asked(weekday="monday"), "since"),
        (Asked(since=date(2026, 3, 24), until=date(2026, 3, 29), weekday="monday"), "no monday"),
        (Asked(since=date(2025, 3, 1), until=date(2026, 4, 5), weekday="monday"), "400 days"),
    ],
)
def test_a_day_of_the_week_is_asked_for_over_a_period_that_has_it(drawn: Journey, asked: Asked, word: str) -> None:
    with pytest.raises(ProblemError, match=word):
        asked.parts(versions(drawn), NOW)


def test_four_weeks_are_long(drawn: Journey) -> None:
    assert is_long(Asked(window="28d").parts(versions(drawn), NOW))
    assert is_long(Asked(since=date(2026, 3, 20), until=date(2026, 4, 16)).parts(versions(drawn), NOW))
    assert not is_long(Asked(window="7d").parts(versions(drawn), NOW))


def test_who_was_asked_and_who_answered(drawn: Journey) -> None:
    found = [
        Responses("antwoord", None, n=10, answered=4, expired=3),
        Responses("antwoord", "contact_fatigue", n=5, answered=0, expired=0),
        Responses("antwoord", "late", n=2, answered=0, expired=0),
        Responses("gesteld", "no_customer", n=7, answered=0, expired=0),
    ]
    asked_nobody, asked_some = response_funnels(found, drawn)
    assert (asked_nobody.touchpoint, asked_nobody.passages, asked_nobody.response) == ("gesteld", 7, None)
    assert (asked_some.passages, asked_some.invited, asked_some.waiting) == (17, 10, 3)
    assert asked_some.suppressed == {"contact_fatigue": 5, "late": 2}
    assert asked_some.response is not None
    assert asked_some.response.value == 0.4


def test_a_version_is_asked_for_by_the_days_on_which_it_held(drawn: Journey) -> None:
    held = versions(drawn, drawn, drawn)
    first, second, third = (Asked(version=number).parts(held, NOW) for number in (1, 2, 3))
    assert [part.end for part in (*first, *second)] == [part.start for part in (*second, *third)]
    assert second == [
        Part(Resolution.DAY, datetime(2026, 11, 1, 23, tzinfo=UTC), datetime(2026, 11, 2, 23, tzinfo=UTC))
    ]
    assert third[0].end == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert Asked(version=2).drawn(held) is held[1].journey
    with pytest.raises(ProblemError, match="no version 4"):
        Asked(version=4).parts(held, NOW)
