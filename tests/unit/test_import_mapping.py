from pathlib import Path

import pytest

from schemas.import_mapping import Timestamp, parse_mapping
from schemas.journey import parse_journey
from schemas.located_yaml import FileMistakes

EVENT_A_ROW = """\
source: permits
case: zaak
touchpoint:
  column: stap
  values: {Besluit genomen: besluit}
occurred_at: {column: moment, format: "%d-%m-%Y %H:%M"}
department: afdeling
channel: {constant: web}
"""
COLUMN_A_TOUCHPOINT = """\
source: orders
case: order
time_zone: America/Sao_Paulo
touchpoints:
  besteld: ordered_at
  betaald: {column: paid_at, format: "%Y"}
  geleverd: {occurred_at: delivered_at, started_at: sent_at}
"""
ANSWERS = """\
source: enquete
case: zaak
answers:
  - {question: {constant: satisfaction}, answered_at: ingevuld, score: cijfer}
"""


def mistakes(text: str, header: list[str] | None = None) -> list[str]:
    with pytest.raises(FileMistakes) as refusal:
        parse_mapping(text, header)
    return [str(mistake) for mistake in refusal.value.mistakes]


def test_a_column_alone_is_short_for_a_part() -> None:
    mapping = parse_mapping(EVENT_A_ROW)
    assert mapping.department is not None
    assert mapping.department.column == "afdeling"
    assert mapping.occurred_at == Timestamp(column="moment", format="%d-%m-%Y %H:%M")


def test_each_touchpoint_may_have_its_own_columns_and_form() -> None:
    times = dict(parse_mapping(COLUMN_A_TOUCHPOINT).touchpoints or {})
    assert times["besteld"].occurred_at == Timestamp(column="ordered_at", format="iso")
    assert times["betaald"].occurred_at == Timestamp(column="paid_at", format="%Y")
    assert times["geleverd"].started_at == Timestamp(column="sent_at")


def test_the_header_decides_which_columns_may_be_named() -> None:
    header = ["zaak", "stap", "moment", "afdeling"]
    assert parse_mapping(EVENT_A_ROW, header) == parse_mapping(EVENT_A_ROW)
    assert mistakes(EVENT_A_ROW, ["zaak", "stap", "tijdstip", "team"]) == [
        "line 6: occurred_at.column: the log has no column 'moment'",
        "line 7: department.column: the log has no column 'afdeling'",
    ]


def test_columns_of_ids_and_attributes_are_held_against_the_header_too() -> None:
    text = COLUMN_A_TOUCHPOINT + "attributes:\n  prijs: price\nevent_id: [order, task]\n"
    header = ["order", "ordered_at", "paid_at", "delivered_at", "sent_at"]
    assert mistakes(text, header) == [
        "line 9: attributes.prijs: the log has no column 'price'",
        "line 10: event_id.1: the log has no column 'task'",
    ]


def test_a_column_that_the_log_has_twice_is_refused() -> None:
    assert mistakes(EVENT_A_ROW, ["zaak", "stap", "moment", "afdeling", "zaak"]) == [
        "line 2: case: the log has more than one column 'zaak'"
    ]


def test_one_header_does_not_linger_for_the_next_mapping() -> None:
    mistakes(EVENT_A_ROW, ["zaak"])
    parse_mapping(COLUMN_A_TOUCHPOINT)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("source: s\ncase: c\n", "line 1: Value error, should say where touchpoints and times come from"),
        ("source: s\ncase: c\ntouchpoint: t\n", "line 1: Value error, should say where touchpoints and times"),
        (COLUMN_A_TOUCHPOINT + "occurred_at: x\n", "line 8: occurred_at: belongs to a log with one event a row"),
        (ANSWERS + "touchpoint: t\n", "line 1: Value error, should say where touchpoints and times come from"),
        ("source: s\ncase: c\nanswers:\n  - {question: q, answered_at: a}\n", "line 4: answers.0: Value error"),
        (EVENT_A_ROW + "time_zone: Europe/Amsterdamm\n", "line 9: time_zone: invalid timezone"),
        (EVENT_A_ROW + "delimiter: '\"'\n", "line 9: delimiter: Input should be ',', ';'"),
        (EVENT_A_ROW + "persona: {column: a, constant: b}\n", "line 9: persona: Value error, should have either"),
        (EVENT_A_ROW + "persona: {}\n", "line 9: persona: Value error, should have either"),
        (EVENT_A_ROW + "persona: {constant: b, values: {a: b}}\n", "line 9: persona: Value error, `values` translates"),
        (EVENT_A_ROW + "event_id: []\n", "line 9: event_id: "),
        (EVENT_A_ROW + "kanaal: c\n", "line 9: kanaal: Extra inputs are not permitted"),
        (COLUMN_A_TOUCHPOINT + "  In Huis: x\n", "line 8: touchpoints.In Huis"),
        ("case: [", "line 1: "),
    ],
)
def test_a_mistake_is_placed_by_line_and_field(text: str, found: str) -> None:
    assert any(mistake.startswith(found) for mistake in mistakes(text)), mistakes(text)


def test_a_survey_has_answers_alone() -> None:
    mapping = parse_mapping(ANSWERS, ["zaak", "ingevuld", "cijfer"])
    assert list(mapping.times()) == []
    (asked,) = mapping.answers
    assert (asked.question.constant, asked.score and asked.score.column) == ("satisfaction", "cijfer")
    assert "no column 'cijfer'" in mistakes(ANSWERS, ["zaak", "ingevuld"])[0]


@pytest.mark.parametrize("name", ["wabo-receipt", "olist"])
def test_the_mappings_that_come_along_lead_to_every_touchpoint_of_their_journey(name: str) -> None:
    journeys = Path(__file__).parents[2] / "journeys"
    journey = parse_journey((journeys / f"{name}.yaml").read_text(encoding="utf-8"))
    mapping = parse_mapping((journeys / f"{name}.mapping.yaml").read_text(encoding="utf-8"))
    told = mapping.touchpoint.values if mapping.touchpoint else None
    assert set(mapping.touchpoints or (told or {}).values()) == set(journey.touchpoint_ids)
