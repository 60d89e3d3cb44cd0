from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.journey import parse_journey
from services.importer.drafting import draft_from
from services.importer.journey_draft import draft_journey
from services.importer.passages import MOST_TOUCHPOINTS, Passages
from services.importer.plan import ImportRefused

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)


def passages(*cases: str, apart: timedelta = timedelta(hours=1)) -> Passages:
    """Cases drawn as letters, each a visit, some time after the one before."""
    found = Passages()
    for number, visits in enumerate(cases):
        # Told backwards: a log need not be in the order of time.
        for place, touchpoint in reversed(list(enumerate(visits))):
            found.add(f"case {number}", touchpoint, BEGIN + place * apart)
    return found


def drafted(found: Passages) -> str:
    return draft_journey(found, {"a": "Aanvraag", "b": "yes: no"}, "proef", "Europe/Amsterdam", "log.csv")


def test_touchpoints_stand_in_the_order_of_their_median_position() -> None:
    """b is mostly the second, c the third; that one case has them the other way round makes no difference."""
    journey = parse_journey(drafted(passages("abc", "abc", "acb", "abc", "abcd")))
    assert [touchpoint.id for touchpoint in journey.touchpoints] == ["a", "b", "c", "d"]
    assert [touchpoint.name.nl for touchpoint in journey.touchpoints] == ["Aanvraag", "yes: no", "c", "d"]
    assert (journey.id, journey.time_zone, len(journey.phases)) == ("proef", "Europe/Amsterdam", 1)


@pytest.mark.parametrize(("twice", "repeatable"), [(1, False), (2, True)])
def test_what_comes_again_in_more_than_one_case_of_twenty_is_repeatable(twice: int, repeatable: bool) -> None:
    journey = parse_journey(drafted(passages(*["ab"] * (20 - twice), *["aba"] * twice)))
    assert (journey.touchpoint("a").repeatable, journey.touchpoint("b").repeatable) == (repeatable, False)


@pytest.mark.parametrize(("without", "optional"), [(1, False), (2, True)])
def test_what_more_than_one_case_of_twenty_lacks_is_optional(without: int, optional: bool) -> None:
    journey = parse_journey(drafted(passages(*["abc"] * (20 - without), *["ac"] * without)))
    assert [touchpoint.optional for touchpoint in journey.touchpoints] == [False, optional, False]


@pytest.mark.parametrize(("elsewhere", "ends"), [(1, ("c",)), (2, ("c", "b"))])
def test_the_ends_are_where_one_case_of_a_hundred_ends(elsewhere: int, ends: tuple[str, ...]) -> None:
    journey = parse_journey(drafted(passages(*["abc"] * (199 - elsewhere), *["ab"] * elsewhere)))
    assert journey.end_touchpoints == ends


def test_how_often_it_is_the_end_stands_beside_each() -> None:
    text = drafted(passages(*["abc"] * 3, "ab"))
    assert text.endswith("end_touchpoints:\n  - c  # the last of 75 %\n  - b  # the last of 25 %\n")


def test_what_cannot_be_read_is_left_out_and_the_first_of_it_told(tmp_path: Path) -> None:
    log, mapping = tmp_path / "log.csv", tmp_path / "mapping.yaml"
    log.write_text("zaak,stap,moment\n1,a,2026-01-05T09:00Z\n1,b,gisteren\n1\n1,c,2026-01-06T09:00Z\n")
    mapping.write_text("source: De balie\ncase: zaak\ntouchpoint: stap\noccurred_at: moment\n")
    draft = draft_from(log, mapping, None, lambda _: None)
    assert (draft.cases, draft.visits, draft.faults) == (1, 2, 2)
    assert draft.first_fault == "line 3: moment: 'gisteren' is not a moment in the form ISO 8601"
    assert [each.id for each in parse_journey(draft.text).touchpoints] == ["a", "c"]
    assert "id: de-balie\n" in draft.text


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("1,a,gisteren\n", "no row of it can be read by"),
        ("1,Vraag gesteld,2026-01-05T09:00Z\n", r"phases\.0\.touchpoints\.0\.id: String should match pattern"),
    ],
)
def test_a_log_that_shows_no_journey_is_refused(tmp_path: Path, rows: str, reason: str) -> None:
    log, mapping = tmp_path / "log.csv", tmp_path / "mapping.yaml"
    log.write_text("zaak,stap,moment\n" + rows)
    mapping.write_text("source: balie\ncase: zaak\ntouchpoint: stap\noccurred_at: moment\n")
    with pytest.raises(ImportRefused, match=reason):
        draft_from(log, mapping, None, lambda _: None)


def test_a_log_of_many_ends_has_the_commonest() -> None:
    letters = [chr(0x61 + n // 10) + chr(0x61 + n % 10) for n in range(150)]
    found = Passages()
    for case, touchpoint in enumerate([*letters, "hh"]):
        found.add(str(case), touchpoint, BEGIN)
    assert parse_journey(drafted(found)).end_touchpoints == ("hh",)


@pytest.mark.parametrize(
    ("apart", "limit"),
    [
        (timedelta(days=9, seconds=1), "P10D"),
        (timedelta(hours=9), "PT9H"),
        (timedelta(minutes=59, seconds=1), "PT60M"),
        (timedelta(milliseconds=1), "PT1M"),
    ],
)
def test_the_waiting_limit_stays_a_comment_until_someone_wants_it(apart: timedelta, limit: str) -> None:
    """18 of 20 cases take this long and two of them a hundred times as long, so nine in ten are within it."""
    found = passages(*["ab"] * 18, apart=apart)
    for case in ("slow", "slower"):
        found.add(case, "a", BEGIN)
        found.add(case, "b", BEGIN + apart * 100 + timedelta(hours=1))
    text = drafted(found)
    commented = f"        # waiting_limit: {limit}  # in 9 of 10 something followed within this (n 20)\n"
    assert text.count(commented) == text.count("waiting_limit") == 1
    assert parse_journey(text).waiting_limits == {}
    wanted = parse_journey(text.replace("# waiting_limit", "waiting_limit"))
    assert list(wanted.waiting_limits) == ["a"]
    assert timedelta(0) <= wanted.waiting_limits["a"] - apart < timedelta(days=1)


def test_too_few_waits_suggest_no_limit() -> None:
    assert "waiting_limit" not in drafted(passages(*["ab"] * 19))


def test_a_time_zone_that_the_log_does_not_name_is_asked_for() -> None:
    text = draft_journey(passages("ab"), {}, "proef", None, "log.csv")
    assert "time_zone: Europe/Amsterdam  # the log does not say" in text
    parse_journey(text)


def test_one_visit_told_twice_is_one() -> None:
    """As where an order with two reviews stands on two rows."""
    found = passages("ab")
    found.add("case 0", "b", BEGIN + timedelta(hours=1))
    assert (found.cases, found.visits) == (1, 2)
    assert [(seen.touchpoint, seen.cases, seen.again) for seen in found.seen()] == [("a", 1, 0), ("b", 1, 0)]


@settings(deadline=None)
@given(st.lists(st.text("abcd", min_size=1, max_size=8), min_size=1, max_size=20))
def test_what_is_seen_is_what_the_cases_have(cases: list[str]) -> None:
    seen = {each.touchpoint: each for each in passages(*cases).seen()}
    assert {name: each.cases for name, each in seen.items()} == Counter(n for case in cases for n in set(case))
    assert {name: each.last for name, each in seen.items() if each.last} == Counter(case[-1] for case in cases)
    for name, each in seen.items():
        assert each.again == sum(case.count(name) > 1 for case in cases)
        assert sorted(each.places) == sorted(case.index(name) for case in cases if name in case)
        assert len(each.waits) == sum(case[:-1].count(name) for case in cases)


def test_moments_before_1970_and_very_many_touchpoints() -> None:
    found = Passages()
    found.add("1", "b", datetime(1960, 1, 1, tzinfo=UTC))
    found.add("1", "a", datetime(1959, 1, 1, tzinfo=UTC))
    assert [seen.touchpoint for seen in found.seen()] == ["a", "b"]
    for number in range(2, MOST_TOUCHPOINTS):
        found.add("1", str(number), BEGIN)
    with pytest.raises(OverflowError, match="more than 4,096 touchpoints"):
        found.add("1", "one more", BEGIN)
