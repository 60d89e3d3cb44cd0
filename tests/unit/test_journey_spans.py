"""What a journey file says of its spans' clocks and pauses: what is refused, on which line, and what it comes to."""

import pytest

from schemas.journey import Journey, parse_journey
from schemas.located_yaml import FileMistakes
from tests.drawn import LOKET

SPAN = "{id: beslistermijn, name: Beslistermijn, start: aanvraag, end: besluit, limit: P8W}"
HOURS = "time_zone: Europe/Amsterdam\nworking_hours: {monday-thursday: 08:30-17:00}\n"


def spanning(more: str, limit: str = "P8W", hours: str = HOURS) -> str:
    """The desk's journey file, with more said of its span."""
    span = SPAN.replace("limit: P8W}", f"limit: {limit}, {more}}}")
    return LOKET.replace(SPAN, span).replace("time_zone: Europe/Amsterdam\n", hours)


@pytest.mark.parametrize(
    ("limit", "more", "field", "words"),
    [
        ("P8W", "clock: wettelijk", "clock", "'calendar', 'legal' or 'working'"),
        ("PT36H", "clock: legal", "limit", "whole days"),
        ("P5D", "clock: working", "limit", "hours of work, such as PT40H"),
        ("P36526D", "clock: calendar", "limit", "a hundred years"),
        ("PT180000H", "clock: working", "limit", "a hundred years"),  # 34 hours a week
        ("P8W", "pauses: [{from: aanvulling, until: vrag}]", "pauses.0.until", "'vrag' is not a touchpoint"),
        ("P8W", "pauses: [{from: anvulling, until: vraag}]", "pauses.0.from", "'anvulling' is not a touchpoint"),
        ("P8W", "pauses: [{from: vraag, until: vraag}]", "pauses.0.until", "it should end elsewhere"),
        ("P8W", "pauses: [{from: aanvraag, until: vraag}]", "pauses.0.from", "a pause lies within it"),
        ("P8W", "pauses: [{from: vraag, until: besluit}]", "pauses.0.until", "a pause lies within it"),
        ("P8W", "pauses: [{from: vraag}]", "pauses.0.until", "required"),
        ("P8W", "pauses: [{from: vraag, until: aanvulling, at_most: lang}]", "pauses.0.at_most", "duration"),
        ("P2W", "pauses: [{from: aanvulling, until: vraag, at_most: P15D}]", "limit", "from 'aanvulling' may last"),
        # three weeks are 102 hours of work
        (
            "PT100H",
            "clock: working, pauses: [{from: aanvulling, until: vraag, at_most: P3W}]",
            "limit",
            "from 'aanvulling' may last",
        ),
    ],
)
def test_mistakes_in_clocks_and_pauses_are_told_by_line_and_field(
    limit: str, more: str, field: str, words: str
) -> None:
    text = spanning(more, limit)
    with pytest.raises(FileMistakes) as refused:
        parse_journey(text)
    (found,) = refused.value.mistakes
    assert (found.line, found.field) == (text[: text.index("{id: beslistermijn")].count("\n") + 1, f"spans.0.{field}")
    assert words in found.detail


def test_working_time_wants_working_hours() -> None:
    with pytest.raises(FileMistakes) as refused:
        parse_journey(spanning("clock: working", "PT40H", hours="time_zone: Europe/Amsterdam\n"))
    (found,) = refused.value.mistakes
    assert found.field == "spans.0.clock"
    assert "working_hours" in found.detail


@pytest.mark.parametrize(
    ("limit", "more"),
    [
        ("PT120H", "clock: working"),  # not to be written as P5D
        (
            "P15D",
            "clock: legal, pauses: [{from: aanvulling, until: vraag, at_most: P15D}, {from: vraag, until: factuur}]",
        ),
        ("PT102H", "clock: working, pauses: [{from: aanvulling, until: vraag, at_most: P3W}]"),
    ],
)
def test_clocks_and_pauses_outlive_being_stored(limit: str, more: str) -> None:
    drawn = parse_journey(spanning(more, limit))
    assert Journey.model_validate(drawn.model_dump(mode="json")) == drawn


def test_what_a_touchpoint_means_to_spans() -> None:
    """An optional end is passed by at what is drawn after it; one that is owed, or in aftercare, is not."""
    optional = LOKET.replace("name: Aanvulling,", "name: Aanvulling, optional: true,").replace(
        "name: Factuur}", "name: Factuur, optional: true}"
    )
    spans = (
        "spans:\n"
        "  - {id: aanvullen, name: A, start: vraag, end: aanvulling}\n"
        "  - {id: rekening, name: R, start: vraag, end: factuur}\n"
        "  - {id: termijn, name: T, start: aanvraag, end: besluit, pauses: [{from: vraag, until: aanvulling}]}\n"
    )
    drawn = parse_journey(optional[: optional.index("spans:")] + spans)
    assert drawn.passing == {"besluit": ["aanvullen"], "factuur": ["aanvullen"]}
    assert drawn.turning == {
        "vraag": ["termijn"],
        "aanvulling": ["termijn"],
        "besluit": ["aanvullen"],
        "factuur": ["aanvullen"],
    }
    assert drawn.ends == {"aanvulling": ["aanvullen"], "factuur": ["rekening"], "besluit": ["termijn", "case"]}
