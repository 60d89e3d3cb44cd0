"""Journey files: what is refused, on which line, and which version holds when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.journey import Catalogue, Journey, JourneyVersion, parse_journey
from schemas.located_yaml import FileMistakes
from tests.drawn import LOKET, loket


def mistakes(old: str, new: str) -> list[tuple[int, str, str]]:
    """What is said of the desk's journey file with one piece of it replaced."""
    assert LOKET.count(old) == 1, "the piece must be there once"
    with pytest.raises(FileMistakes) as refused:
        parse_journey(LOKET.replace(old, new))
    return [(mistake.line, mistake.field, mistake.detail) for mistake in refused.value.mistakes]


HOURS = "time_zone: Europe/Amsterdam\nworking_hours:\n  monday-thursday: 08:30-17:00\n"


@pytest.mark.parametrize(
    ("more", "line", "field", "words"),
    [
        ("holidays: XX\n", 1, "holidays", "'XX' is no country"),
        ("holidays: 31\n", 1, "holidays", "valid string"),
        ("  friday: [09:00-12:00, 11:00-13:00]\n", 1, "working_hours.friday.1", "overlap on friday"),
        ("  friday:\n    - 09:00-12:00\n    - 13-17\n", 3, "working_hours.friday.1", "08:30-17:00"),
        ("  vrijdag: 09:00-12:00\n", 1, "working_hours.vrijdag", "weekday"),
    ],
)
def test_mistakes_in_working_hours_are_told_by_line_and_field(more: str, line: int, field: str, words: str) -> None:
    with pytest.raises(FileMistakes) as refused:
        parse_journey(LOKET.replace("time_zone: Europe/Amsterdam\n", HOURS + more))
    (found,) = refused.value.mistakes
    assert (found.line, found.field) == (line_of("time_zone") + 2 + line, field)
    assert words in found.detail


def test_working_hours_and_holidays_outlive_being_stored() -> None:
    drawn = parse_journey(LOKET.replace("time_zone: Europe/Amsterdam\n", HOURS + "holidays: NL\n"))
    assert Journey.model_validate(drawn.model_dump(mode="json")) == drawn
    assert drawn.week == (((510, 1020),),) * 4 + ((),) * 3
    assert drawn.holidays == "NL"
    assert not any(loket().week)


def line_of(piece: str) -> int:
    """The line of the journey file (from 1) that a piece stands on."""
    return LOKET[: LOKET.index(piece)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("Europe/Amsterdam", "Europe/Amsterdan", "time_zone", "not a time zone"),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, outcome: {attribute: u, values: {ja: granted}}}",
            "phases.0.touchpoints.0.outcome.values.ja",
            "not an outcome of this journey (it has none)",
        ),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, outcome: {attribute: u, values: {}}}",
            "phases.0.touchpoints.0.outcome.values",
            "at least 1 item",
        ),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, outcome: {attribute: u, values: {Ja: granted, ja: granted}}}",
            "phases.0.touchpoints.0.outcome.values.ja",
            "capitals make no difference",
        ),
        (
            "end_touchpoints: [besluit]",
            "outcomes: [{id: other, name: O}]\nend_touchpoints: [besluit]",
            "outcomes.0.id",
            "choose another id",
        ),
        (
            "end_touchpoints: [besluit]",
            "outcomes: [{id: a, name: A}, {id: a, name: B}]\nend_touchpoints: [besluit]",
            "outcomes.1.id",
            "used twice",
        ),
        (
            "end_touchpoints: [besluit]",
            "outcomes: [" + ", ".join(f"{{id: o{n}, name: O}}" for n in range(6)) + "]\nend_touchpoints: [besluit]",
            "outcomes",
            "at most 5 items",
        ),
        (
            "{id: besluit, name: Besluit, moment",
            "{id: besluit, naam: x, name: Besluit, moment",
            "phases.1.touchpoints.0.naam",
            "not permitted",
        ),
        (
            "{id: factuur, name: Factuur}",
            "{id: besluit, name: Factuur}",
            "phases.2.touchpoints.0.id",
            "'besluit' is used twice",
        ),
        ("{id: factuur, name: Factuur}", "{id: De Factuur, name: F}", "phases.2.touchpoints.0.id", "pattern"),
        ("id: daarna", "id: besluit", "phases.2.id", "'besluit' is used twice"),
        (
            "end_touchpoints: [besluit]",
            "end_touchpoints: [besluit, beslut]",
            "end_touchpoints.1",
            "'beslut' is not a touchpoint",
        ),
        ("end_touchpoints: [besluit]", "end_touchpoints: []", "end_touchpoints", "at least 1"),
        ("start: aanvraag, ", "start: aanvrag, ", "spans.0.start", "'aanvrag' is not a touchpoint"),
        ("id: beslistermijn", "id: case", "spans.0.id", "whole case"),
        ("limit: P8W", "limit: 8 weken", "spans.0.limit", "duration"),
        ("limit: P8W", "limit: 56", "spans.0.limit", "duration"),
        ("limit: P8W", "limit: PT0S", "spans.0.limit", "longer than nothing"),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, waiting_limit: 3 dagen}",
            "phases.0.touchpoints.0.waiting_limit",
            "duration",
        ),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, waiting_limit: P101Y}",
            "phases.0.touchpoints.0.waiting_limit",
            "hundred years",
        ),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, expects: {touchpoint: anvraag, within: P1D}}",
            "phases.0.touchpoints.0.expects.touchpoint",
            "'anvraag' is not a touchpoint",
        ),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, expects: {touchpoint: vraag, within: P1D}}",
            "phases.0.touchpoints.0.expects.touchpoint",
            "not repeatable",
        ),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, expects: {within: P1D}}",
            "phases.0.touchpoints.0.expects.touchpoint",
            "required",
        ),
        (
            "{id: vraag, name: Vraag}",
            "{id: vraag, name: Vraag, expects: {touchpoint: aanvraag}}",
            "phases.0.touchpoints.0.expects.within",
            "required",
        ),
    ],
)
def test_a_mistake_is_told_by_line_and_field(old: str, new: str, field: str, words: str) -> None:
    (found,) = mistakes(old, new)
    assert found[:2] == (line_of(old), field)
    assert words in found[2]


def test_several_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    with pytest.raises(FileMistakes) as refused:
        parse_journey(LOKET.replace("Europe/Amsterdam", "Mars").replace("limit: P8W", "limit: lang"))
    assert [mistake.field for mistake in refused.value.mistakes] == ["time_zone", "spans.0.limit"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("id: a\nid: b\n", 2, "duplicate key"),
        ("id: [a\nname: b\n", 2, "expected"),
        ("", 1, "valid dictionary"),
        ("- a\n", 1, "valid dictionary"),
    ],
)
def test_a_file_that_is_no_journey_at_all(text: str, line: int, words: str) -> None:
    with pytest.raises(FileMistakes) as refused:
        parse_journey(text)
    assert refused.value.mistakes[0].line == line
    assert words in str(refused.value)


@given(st.text(max_size=200))
def test_arbitrary_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(FileMistakes):
        parse_journey(text)


def test_one_text_stands_for_both_languages() -> None:
    journey = loket()
    assert (journey.name.nl, journey.name.en) == ("Loket", "Desk")
    assert (journey.touchpoints[0].name.nl, journey.touchpoints[0].name.en) == ("Vraag", "Vraag")


def test_the_version_that_held_at_a_moment() -> None:
    began = datetime(2026, 6, 1, tzinfo=UTC)
    catalogue = Catalogue(
        JourneyVersion(version=number, valid_from=began + timedelta(days=number), journey=loket())
        for number in (2, 1, 3)
    )

    def version(days: float) -> int:
        return catalogue.at("loket", began + timedelta(days=days)).version

    assert [version(days) for days in (-99, 1, 1.5, 2, 3, 99)] == [1, 1, 1, 2, 3, 3]
    assert catalogue.journeys() == ["loket"]
    assert catalogue.versions("onbekend") == ()
    with pytest.raises(KeyError):
        catalogue.at("onbekend", began)
