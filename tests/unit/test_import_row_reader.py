from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from schemas.import_mapping import parse_mapping
from schemas.journey import Catalogue, JourneyVersion, parse_journey
from services.importer.csv_rows import Row, RowFault
from services.importer.row_reader import ReadRow, RowReader

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JOURNEY = """\
id: order
name: Order
time_zone: Europe/Amsterdam
phases:
  - id: all
    name: All
    touchpoints: [{id: besteld, name: Besteld}, {id: betaald, name: Betaald}, {id: geleverd, name: Geleverd}]
end_touchpoints: [geleverd]
"""
CATALOGUE = Catalogue(
    [JourneyVersion(version=1, valid_from=datetime(2000, 1, 1, tzinfo=UTC), journey=parse_journey(JOURNEY))]
)
TALL = """\
source: shop
case: order
time_zone: Europe/Amsterdam
touchpoint: {column: step, values: {Ordered: besteld, Paid: betaald, Lost: kwijt}}
occurred_at: at
department: team
attributes: {opmerking: remark}
"""
WIDE = """\
source: shop
case: order
time_zone: Europe/Amsterdam
touchpoints: {besteld: ordered, betaald: paid, geleverd: delivered}
"""


def read(mapping: str, content: dict[str, str], shift: timedelta = timedelta(0)) -> ReadRow:
    reader = RowReader(parse_mapping(mapping), "order", CATALOGUE, shift)
    return reader.read(Row(2, "raw", content), NOW)


def events(mapping: str, content: dict[str, str], shift: timedelta = timedelta(0)) -> list[dict[str, Any]]:
    found = read(mapping, content, shift)
    assert found.faults == ()
    return [orjson.loads(event.value) for event in found.records]


def faults(mapping: str, content: dict[str, str]) -> list[tuple[str | None, str]]:
    return [(fault.field, fault.detail) for fault in read(mapping, content).faults]


def tall(**changes: str) -> dict[str, str]:
    return {"order": "A1", "step": "Ordered", "at": "2026-06-01T10:00:00+02:00", "team": "", "remark": ""} | changes


def wide(**changes: str) -> dict[str, str]:
    return {"order": "A1", "ordered": "2026-06-01 10:00:00", "paid": "", "delivered": ""} | changes


def test_a_row_becomes_an_event() -> None:
    (event,) = events(TALL, tall(team="Noord", remark="met spoed"))
    assert {name: value for name, value in event.items() if name != "event_id"} == {
        "source": "shop",
        "journey": "order",
        "case_id": "A1",
        "touchpoint": "besteld",
        "occurred_at": "2026-06-01T08:00:00+00:00",
        "department": "Noord",
        "attributes": {"opmerking": "met spoed"},
    }


def test_the_record_is_keyed_by_case() -> None:
    (event,) = read(TALL, tall()).records
    assert event.key == b"order|A1"
    assert event.at == datetime(2026, 6, 1, 8, tzinfo=UTC)


def test_a_row_with_a_column_a_touchpoint_becomes_an_event_for_each_that_is_filled() -> None:
    found = events(WIDE, wide(delivered="2026-06-03 09:30:00"))
    assert [(event["touchpoint"], event["occurred_at"]) for event in found] == [
        ("besteld", "2026-06-01T08:00:00+00:00"),
        ("geleverd", "2026-06-03T07:30:00+00:00"),
    ]


def test_na_is_a_value_unless_the_mapping_says_otherwise() -> None:
    assert events(TALL, tall(team="NA"))[0]["department"] == "NA"
    assert events(TALL + "empty_values: ['', NA]\n", tall(team="NA"))[0]["department"] is None


def test_a_constant_holds_for_every_event_and_a_table_translates() -> None:
    mapping = WIDE + "channel: {constant: web}\npersona: {column: kind, values: {p: particulier}}\n"
    (event,) = events(mapping, wide(kind="p"))
    assert (event["channel"], event["persona"]) == ("web", "particulier")
    assert faults(mapping, wide(kind="z")) == [("kind", "'z' is not in the mapping's table of values")]


class TestIds:
    def test_they_do_not_depend_on_the_shift(self) -> None:
        (then,) = events(TALL, tall())
        (moved,) = events(TALL, tall(), timedelta(days=100, milliseconds=7))
        assert moved["event_id"] == then["event_id"]
        assert moved["occurred_at"] == "2026-09-09T08:00:00.007000+00:00"

    def test_they_do_not_depend_on_the_line(self) -> None:
        reader = RowReader(parse_mapping(TALL), "order", CATALOGUE, timedelta(0))
        ids = {orjson.loads(reader.read(Row(line, "", tall()), NOW).records[0].value)["event_id"] for line in (2, 99)}
        assert len(ids) == 1

    @pytest.mark.parametrize("change", ["order", "step", "at", "team", "remark"])
    def test_by_default_every_mapped_column_tells_events_apart(self, change: str) -> None:
        other = {"order": "A2", "step": "Paid", "at": "2026-06-01T10:00:01+02:00", "team": "x", "remark": "x"}[change]
        assert events(TALL, tall())[0]["event_id"] != events(TALL, tall(**{change: other}))[0]["event_id"]

    def test_columns_that_are_not_mapped_make_no_difference(self) -> None:
        assert events(WIDE, wide(review="a")) == events(WIDE, wide(review="b"))

    def test_touchpoints_of_one_row_differ_even_at_one_moment(self) -> None:
        mapping = WIDE + "event_id: [order]\n"
        found = events(mapping, wide(paid="2026-06-01 10:00:00", delivered="2026-06-01 10:00:00"))
        assert len({event["event_id"] for event in found}) == 3

    def test_values_do_not_run_into_each_other(self) -> None:
        mapping = TALL + "event_id: [team, remark]\n"
        first, second = (events(mapping, tall(team=team, remark=remark)) for team, remark in (("ab", "c"), ("a", "bc")))
        assert first[0]["event_id"] != second[0]["event_id"]

    def test_a_row_without_any_of_its_id_is_refused(self) -> None:
        assert faults(TALL + "event_id: [task]\n", tall(task="")) == [
            ("task", "is empty, so that it cannot be told from others")
        ]

    def test_one_log_may_go_into_two_journeys(self) -> None:
        twin = parse_journey(JOURNEY.replace("id: order", "id: twin"))
        catalogue = Catalogue([JourneyVersion(version=1, valid_from=NOW, journey=twin)])
        other = RowReader(parse_mapping(TALL), "twin", catalogue, timedelta(0)).read(Row(2, "", tall()), NOW)
        assert orjson.loads(other.records[0].value)["event_id"] != events(TALL, tall())[0]["event_id"]


class TestMoments:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("2026-01-15 10:00:00", "2026-01-15T09:00:00+00:00"),  # winter time
            ("2026-07-15 10:00:00.250", "2026-07-15T08:00:00.250000+00:00"),  # summer time
            ("2026-07-15T10:00:00Z", "2026-07-15T10:00:00+00:00"),  # an offset of its own wins
            ("2026-07-15T10:00:00-03:00", "2026-07-15T13:00:00+00:00"),
            ("2026-07-15", "2026-07-14T22:00:00+00:00"),  # a date alone is its midnight
            ("2026-10-25 02:30:00", "2026-10-25T00:30:00+00:00"),  # shown twice: the first of the two
            ("2026-03-29 02:30:00", "2026-03-29T01:30:00+00:00"),  # skipped: 03:30 by the new clock
        ],
    )
    def test_a_local_time_is_read_in_the_mappings_zone(self, written: str, meant: str) -> None:
        assert events(TALL, tall(at=written))[0]["occurred_at"] == meant

    def test_another_form_is_read_by_its_pattern(self) -> None:
        mapping = TALL.replace("occurred_at: at", "occurred_at: {column: at, format: '%d-%m-%Y %H:%M'}")
        assert events(mapping, tall(at="01-06-2026 10:00"))[0]["occurred_at"] == "2026-06-01T08:00:00+00:00"
        assert faults(mapping, tall(at="06/01/2026")) == [
            ("at", "'06/01/2026' is not a moment in the form '%d-%m-%Y %H:%M'")
        ]

    def test_durations_survive_a_shift_over_a_clock_change(self) -> None:
        content = wide(ordered="2026-03-28 12:00:00", delivered="2026-03-29 12:00:00")
        for shift in (timedelta(0), timedelta(days=211, hours=3)):
            first, last = (datetime.fromisoformat(event["occurred_at"]) for event in events(WIDE, content, shift))
            assert last - first == timedelta(hours=23)

    def test_without_zone_or_offset_a_time_says_nothing(self) -> None:
        assert faults(TALL.replace("time_zone: Europe/Amsterdam\n", ""), tall(at="2026-06-01 10:00:00")) == [
            ("at", "'2026-06-01 10:00:00' has no offset, and the mapping names no `time_zone`")
        ]

    def test_a_shift_out_of_the_calendar_is_a_fault(self) -> None:
        found = read(TALL, tall(), timedelta(days=-800_000)).faults
        assert found == (RowFault("at", "'2026-06-01T10:00:00+02:00' falls outside the calendar"),)


class TestFaults:
    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"order": ""}, ("order", "is empty")),
            ({"step": ""}, ("step", "is empty")),
            ({"at": ""}, ("at", "is empty")),
            ({"step": "Sent"}, ("step", "'Sent' is not in the mapping's table of values")),
            ({"step": "Lost"}, ("step", "'kwijt' is not a touchpoint of journey 'order'")),
            ({"at": "gisteren"}, ("at", "'gisteren' is not a moment in the form ISO 8601")),
            ({"order": "A" * 201}, ("order", "String should have at most 200 characters")),
        ],
    )
    def test_each_names_the_column(self, changes: dict[str, str], fault: tuple[str, str]) -> None:
        assert faults(TALL, tall(**changes)) == [fault]

    def test_what_lies_in_the_future_is_refused_after_the_shift(self) -> None:
        ((field, detail),) = faults(TALL, tall(at="2026-11-22T15:00:00+01:00"))
        assert field == "at"
        assert "2026-11-22T14:00:00+00:00" in detail
        assert read(TALL, tall(at="2026-11-22T15:00:00+01:00"), timedelta(days=-1)).faults == ()

    def test_an_attribute_too_long_names_its_column(self) -> None:
        ((field, _),) = faults(TALL, tall(remark="x" * 10_001))
        assert field == "remark"

    def test_costs_are_checked(self) -> None:
        assert events(TALL + "cost: price\n", tall(price="12.50"))[0]["cost"] == "12.50"
        ((field, _),) = faults(TALL + "cost: price\n", tall(price="12,50"))
        assert field == "price"

    def test_one_bad_moment_leaves_the_rows_other_touchpoints(self) -> None:
        found = read(WIDE, wide(paid="31-31", delivered="2026-06-03 09:30:00"))
        assert [orjson.loads(event.value)["touchpoint"] for event in found.records] == ["besteld", "geleverd"]
        assert found.faults == (RowFault("paid", "'31-31' is not a moment in the form ISO 8601"),)

    def test_a_start_after_the_end_is_refused(self) -> None:
        ((field, detail),) = faults(TALL + "started_at: begun\n", tall(begun="2026-06-02T10:00:00+02:00"))
        assert field is None
        assert "started_at lies after occurred_at" in detail

    def test_a_row_that_could_not_be_read_keeps_its_fault(self) -> None:
        reader = RowReader(parse_mapping(TALL), "order", CATALOGUE, timedelta(0))
        fault = RowFault(None, "has 1 fields where the header has 2")
        assert reader.read(Row(7, "x", fault), NOW).faults == (fault,)


# --- Answers ---------------------------------------------------------------------------------------------------------

SURVEY = """\
source: enquete
case: order
time_zone: Europe/Amsterdam
empty_values: ["", n.v.t.]
customer: who
answers:
  - question: {constant: satisfaction}
    touchpoint: {column: about, values: {Bezorging: geleverd}}
    score: {column: stars, values: {"*": 2, "**": 6, "***": 10}}
    text: remark
    answered_at: {column: when, format: "%d-%m-%Y %H:%M"}
  - question: {column: extra}
    score: mark
    answered_at: {column: when, format: "%d-%m-%Y %H:%M"}
    answer_id: [form]
"""


def filled_in(**changes: str) -> dict[str, str]:
    form = {"order": "A1", "form": "7", "who": "klant-1", "about": "Bezorging", "when": "03-06-2026 09:30"}
    return form | {"stars": "**", "remark": "", "extra": "effort", "mark": ""} | changes


def answers(content: dict[str, str]) -> list[dict[str, Any]]:
    found = read(SURVEY, content)
    assert found.faults == ()
    assert {record.topic for record in found.records} <= {"survey-answers"}
    return [orjson.loads(record.value) for record in found.records]


def test_a_row_becomes_an_answer_to_each_question_that_is_filled_in() -> None:
    first, second = answers(filled_in(mark="5", remark="Netjes"))
    assert {name: value for name, value in first.items() if name != "answer_id"} == {
        "source": "enquete",
        "journey": "order",
        "case_id": "A1",
        "question": "satisfaction",
        "touchpoint": "geleverd",
        "customer": "klant-1",
        "score": 6,
        "text": "Netjes",
        "answered_at": "2026-06-03T07:30:00+00:00",
    }
    assert (second["question"], second["score"], second["touchpoint"]) == ("effort", 5, None)


def test_what_was_left_blank_or_does_not_apply_is_no_answer() -> None:
    assert answers(filled_in(stars="n.v.t.")) == []
    (words,) = answers(filled_in(stars="n.v.t.", remark="Te laat"))
    assert (words["score"], words["text"]) == (None, "Te laat")


def test_an_answer_is_told_from_others_by_the_columns_named() -> None:
    one, other = answers(filled_in(stars="", mark="5")), answers(filled_in(stars="", mark="6"))
    assert one[0]["answer_id"] == other[0]["answer_id"]
    assert answers(filled_in(form="8", stars="", mark="5"))[0]["answer_id"] != one[0]["answer_id"]
    assert answers(filled_in(stars="*"))[0]["answer_id"] != answers(filled_in())[0]["answer_id"]


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"stars": "****"}, "stars", "not in the mapping's table"),
        ({"stars": "", "mark": "4,5"}, "mark", "'4,5' is not a whole number"),
        ({"stars": "", "mark": "9"}, "mark", "outside the scale of 'effort'"),
        ({"stars": "", "mark": "5", "extra": "gemak"}, "extra", "'gemak' is not one of"),
        ({"about": "Elders"}, "about", "not in the mapping's table"),
        ({"when": ""}, "when", "is empty"),
        ({"order": ""}, "order", "is empty"),
    ],
)
def test_an_answer_that_cannot_be_read_is_told_by_column(changes: dict[str, str], column: str, words: str) -> None:
    (fault,) = read(SURVEY, filled_in(**changes)).faults
    assert fault.field == column
    assert words in fault.detail


def test_one_answer_that_cannot_be_read_costs_no_other() -> None:
    found = read(SURVEY, filled_in(stars="****", mark="5"))
    assert (len(found.records), len(found.faults)) == (1, 1)
