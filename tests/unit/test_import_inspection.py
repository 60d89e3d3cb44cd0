import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.import_mapping import ImportMapping, parse_mapping
from schemas.journey import parse_journey
from services.importer.column_profile import profile
from services.importer.column_roles import Roles, Times
from services.importer.column_words import slugs, words
from services.importer.csv_rows import Row
from services.importer.inspection import Inspection, inspect_log
from services.importer.mapping_proposal import PLACEHOLDERS, propose
from services.importer.plan import ImportRefused
from tests.logs_read import events_of

Read = Callable[[str, str], tuple[ImportMapping, list[dict[str, object]]]]

START_AND_END = """\
Case ID;Activity;Start Timestamp;Complete Timestamp;Resource;Kosten;Opmerking
Z-1;Vraag gesteld;2026/01/05 09:00:00;2026/01/05 09:10:00;Anna;1.50;met spoed
Z-1;Vraag beantwoord;2026/01/06 10:00:00;2026/01/06 10:30:00;Bas;20;
Z-2;Vraag gesteld;2026/07/05 09:00:00;2026/07/05 09:00:00;NULL;1.50;
Z-2;Vraag gesteld;2026/07/05 11:00:00;2026/07/05 11:05:00;Anna;1.50;
"""
DUTCH = """\
zaaknummer,stap,tijdstip,afdeling,kanaal
1,Aanvraag (web),31-12-2025 23:59,Noord,web
1,Aanvraag – web,01-01-2026 00:01,Zuid,post
2,Aanvraag (web),02-01-2026 08:00,Noord,web
2,Besluit,03-02-2026 08:00,Noord,web
"""
WIDE = """\
order_id,klantnummer,ordered_at,picking_start,picking_end,delivered_at,delivery_due_date,score
A,k1,2026-01-05T09:00:00+01:00,2026-01-06T09:00:00+01:00,2026-01-06T10:00:00+01:00,,2026-01-09T00:00:00+01:00,8
B,k2,2026-01-05T10:00:00+01:00,,,2026-01-08T10:00:00+01:00,2026-01-08T00:00:00+01:00,
"""
TRANSITIONS = """\
<log>
  <trace>
    <string key="concept:name" value="Z-1"/>
    <event><string key="concept:name" value="Intake"/><string key="lifecycle:transition" value="schedule"/>
      <date key="time:timestamp" value="2026-01-05T08:00:00+01:00"/></event>
    <event><string key="concept:name" value="Intake"/><string key="lifecycle:transition" value="start"/>
      <date key="time:timestamp" value="2026-01-05T09:00:00+01:00"/></event>
    <event><string key="concept:name" value="Intake"/><string key="lifecycle:transition" value="complete"/>
      <date key="time:timestamp" value="2026-01-05T10:00:00+01:00"/></event>
    <event><string key="concept:name" value="Besluit"/><string key="lifecycle:transition" value="complete"/>
      <date key="time:timestamp" value="2026-01-06T10:00:00+01:00"/></event>
  </trace>
  <trace>
    <string key="concept:name" value="Z-2"/>
    <event><string key="concept:name" value="Besluit"/><string key="lifecycle:transition" value="complete"/>
      <date key="time:timestamp" value="2026-01-07T10:00:00+01:00"/></event>
  </trace>
</log>
"""


@pytest.fixture
def inspected(tmp_path: Path) -> Callable[[str, str], Inspection]:
    def inspect(name: str, log: str) -> Inspection:
        (tmp_path / name).write_text(log)
        return inspect_log(tmp_path / name, lambda _: None)

    return inspect


@pytest.fixture
def read(tmp_path: Path, inspected: Callable[[str, str], Inspection]) -> Read:
    """A function that reads a log by the mapping proposed for it, as it stands, and returns what differs from None."""

    def read(name: str, log: str) -> tuple[ImportMapping, list[dict[str, object]]]:
        mapping = parse_mapping(inspected(name, log).mapping)
        events = events_of(tmp_path / name, mapping)
        return mapping, [
            {field: value for field, value in event.items() if value not in (None, {}) and field != "event_id"}
            for event in events
        ]

    return read


def test_a_log_with_start_and_end_columns(read: Read) -> None:
    """The moments are local: an hour before those of UTC in winter, two in summer."""
    mapping, events = read("Vragen 2026.csv", START_AND_END)
    assert (mapping.source, mapping.delimiter, str(mapping.time_zone)) == ("vragen-2026", ";", "Europe/Amsterdam")
    assert events == [
        {
            "case_id": "Z-1",
            "touchpoint": "vraag-gesteld",
            "started_at": "2026-01-05T08:00:00+00:00",
            "occurred_at": "2026-01-05T08:10:00+00:00",
            "employee": "Anna",
            "cost": "1.50",
        },
        {
            "case_id": "Z-1",
            "touchpoint": "vraag-beantwoord",
            "started_at": "2026-01-06T09:00:00+00:00",
            "occurred_at": "2026-01-06T09:30:00+00:00",
            "employee": "Bas",
            "cost": "20",
        },
        {
            "case_id": "Z-2",
            "touchpoint": "vraag-gesteld",
            "started_at": "2026-07-05T07:00:00+00:00",
            "occurred_at": "2026-07-05T07:00:00+00:00",
            "cost": "1.50",
        },
        {
            "case_id": "Z-2",
            "touchpoint": "vraag-gesteld",
            "started_at": "2026-07-05T09:00:00+00:00",
            "occurred_at": "2026-07-05T09:05:00+00:00",
            "employee": "Anna",
            "cost": "1.50",
        },
    ]


def test_a_dutch_log_with_activities_that_look_alike(read: Read) -> None:
    _, events = read("zaken.csv", DUTCH)
    assert [tuple(event.values()) for event in events] == [
        ("1", "web", "Noord", "aanvraag-web", "2025-12-31T22:59:00+00:00"),
        ("1", "post", "Zuid", "aanvraag-web-2", "2025-12-31T23:01:00+00:00"),
        ("2", "web", "Noord", "aanvraag-web", "2026-01-02T07:00:00+00:00"),
        ("2", "web", "Noord", "besluit", "2026-02-03T07:00:00+00:00"),
    ]


def test_a_log_with_a_column_a_touchpoint(read: Read) -> None:
    mapping, events = read("orders.csv", WIDE)
    assert mapping.time_zone is None
    found = [(*event.values(),) for event in events]
    assert found == [
        ("A", "k1", "ordered", "2026-01-05T08:00:00+00:00"),
        ("A", "k1", "picking", "2026-01-06T09:00:00+00:00", "2026-01-06T08:00:00+00:00"),
        ("B", "k2", "ordered", "2026-01-05T09:00:00+00:00"),
        ("B", "k2", "delivered", "2026-01-08T09:00:00+00:00", "2026-01-07T23:00:00+00:00"),
    ]
    assert "started_at" in events[1]
    assert "due_at" in events[3]


def test_xes_with_transitions(read: Read) -> None:
    mapping, events = read("log.xes", TRANSITIONS)
    assert mapping.lifecycle is not None
    assert (mapping.lifecycle.column, mapping.lifecycle.ignored) == ("lifecycle:transition", ("schedule",))
    assert events == [
        {
            "case_id": "Z-1",
            "touchpoint": "intake",
            "started_at": "2026-01-05T08:00:00+00:00",
            "occurred_at": "2026-01-05T09:00:00+00:00",
        },
        {"case_id": "Z-1", "touchpoint": "besluit", "occurred_at": "2026-01-06T09:00:00+00:00"},
        {"case_id": "Z-2", "touchpoint": "besluit", "occurred_at": "2026-01-07T09:00:00+00:00"},
    ]


JOURNEY = """\
id: zaken
name: Zaken
time_zone: Europe/Amsterdam
phases:
  - id: all
    name: All
    touchpoints:
      - {id: melding, name: {nl: Aanvraag (web), en: Application}}
      - {id: besluit, name: Aanvraag}
end_touchpoints: [besluit]
"""


def test_what_customers_answered_is_pointed_out_and_is_no_attribute(
    inspected: Callable[[str, str], Inspection],
) -> None:
    rows = "".join(f"{n},2026-01-05,{n % 10 + 1},{n % 3},{n % 12}\n" for n in range(40))
    found = inspected("log.csv", "zaaknummer,afgehandeld op,cijfer,pogingen,score\n" + rows)
    assert found.roles is not None
    assert found.roles.scores == ["cijfer"]  # twelve is on no scale of ours
    assert found.mapping.startswith("# What customers answered seems to be in cijfer: `answers` can take that.\n")
    assert set(parse_mapping(found.mapping).attributes) == {"pogingen", "score"}


def test_instances_tell_transitions_of_one_activity_apart(inspected: Callable[[str, str], Inspection]) -> None:
    rows = "".join(
        f"{case},bellen,{what},{case}{task},2026-01-05T0{moment}:00Z\n"
        for case in "ab"
        for task, what, moment in (("x", "start", 1), ("y", "start", 2), ("y", "complete", 3), ("x", "complete", 4))
    )
    mapping = parse_mapping(inspected("log.csv", "case,activity,lifecycle:transition,instance,time\n" + rows).mapping)
    assert mapping.lifecycle is not None
    assert mapping.lifecycle.instance == "instance"
    assert mapping.event_id == ("case", "activity", "instance")


def test_a_journey_that_is_there_already_lends_its_touchpoints(tmp_path: Path) -> None:
    """By their names in either language, or by their ids; for what it does not have, it is told."""
    (tmp_path / "zaken.csv").write_text(DUTCH + "2,Application,04-02-2026 08:00,Noord,web\n")
    text = inspect_log(tmp_path / "zaken.csv", lambda _: None, parse_journey(JOURNEY)).mapping
    mapping = parse_mapping(text)
    assert mapping.touchpoint is not None
    assert mapping.touchpoint.values == {
        "Aanvraag (web)": "melding",
        "Aanvraag – web": "aanvraag-web-2",
        "Besluit": "besluit",
        "Application": "melding",
    }
    told = [line.split("#")[1].strip() if "#" in line else "" for line in text.splitlines() if line.startswith("    ")]
    assert told == ["", "the journey has no touchpoint of this name", "", ""]


AWKWARD = [
    "<<",
    "=",
    "yes",
    "null",
    "1",
    "~",
    "- a",
    "a: b",
    "# a",
    "'",
    '"',
    "{",
    "\x85",
    "☃",
    "a\nb",
    "!!int 3",
    "*x",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(AWKWARD) | st.text(min_size=1, max_size=8), min_size=2, max_size=12, unique=True))
def test_whatever_activities_are_called_the_mapping_can_be_read(names: list[str]) -> None:
    content = [{"case": str(n), "step": name, "at": "2026-01-05T09:00Z"} for name in names for n in (1, 2)]
    found = profile(Row(2, "", dict(values)) for values in content)
    text = propose(found, Roles("case", [Times("at")], "step"), "log", ",")
    mapping = parse_mapping(text)
    assert mapping.touchpoint is not None
    assert list(mapping.touchpoint.values or {}) == [name for name in names if name not in PLACEHOLDERS]


def test_what_its_columns_hold(inspected: Callable[[str, str], Inspection]) -> None:
    found = inspected("vragen.csv", START_AND_END + "Z-3;broken\n")
    columns = found.log.columns
    assert (found.log.rows, found.log.faults) == (5, 1)
    assert {name: (column.filled, len(column.values)) for name, column in columns.items()} == {
        "Case ID": (4, 2),
        "Activity": (4, 2),
        "Start Timestamp": (4, 4),
        "Complete Timestamp": (4, 4),
        "Resource": (4, 3),
        "Kosten": (4, 2),
        "Opmerking": (1, 1),
    }
    assert (columns["Opmerking"].share, columns["Start Timestamp"].form) == (0.25, "%Y/%m/%d %H:%M:%S")
    assert (columns["Kosten"].form, columns["Case ID"].form) == (None, None)


def test_a_log_whose_first_rows_all_begin_cases_still_has_an_event_a_row(
    inspected: Callable[[str, str], Inspection],
) -> None:
    rows = "".join(f"{n},{'Aanvraag' if n % 3 else 'Melding'},2026-01-05T09:00Z\n" for n in range(30))
    found = inspected("log.csv", "zaak,activiteit,tijdstip\n" + rows)
    assert found.roles is not None
    assert (found.roles.case, found.roles.activity) == ("zaak", "activiteit")


@pytest.mark.parametrize("events", [3, 40])
def test_an_id_of_each_event_is_no_activity(inspected: Callable[[str, str], Inspection], events: int) -> None:
    rows = "".join(f"{n // 3},e{n},{'abc'[n % 3]},2026-01-05T09:00Z\n" for n in range(3 * events))
    found = inspected("log.csv", "case_id,event_id,what,at\n" + rows)
    assert found.roles is not None
    assert (found.roles.activity, found.roles.instance) == ("what", "event_id")


@pytest.mark.parametrize(
    ("log", "unclear"),
    [
        ("naam,datum\nJan,2026-01-05\nPiet,2026-01-06\n", "no column seems to tell cases apart"),
        ("zaak,stap\n1,a\n1,b\n2,a\n", "no column seems to hold moments"),
        ("zaak,datum\n1,2026-01-05\n1,2026-01-06\n2,2026-01-06\n", "have several rows, and no column seems to say"),
    ],
)
def test_what_is_not_clear_is_said_and_nothing_proposed(
    inspected: Callable[[str, str], Inspection], log: str, unclear: str
) -> None:
    found = inspected("log.csv", log)
    assert (found.roles, found.mapping) == (None, "")
    assert unclear in found.unclear


def test_a_log_that_cannot_be_read_is_refused(inspected: Callable[[str, str], Inspection]) -> None:
    with pytest.raises(ImportRefused, match=r"log\.xes: line 1: is not XML"):
        inspected("log.xes", "case,activity\n")
    with pytest.raises(ImportRefused, match=r"log\.csv: its first line should name the columns, but is empty"):
        inspected("log.csv", "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("case:startDate", ["case", "start", "date"]),
        ("Zaak-nummer (oud)", ["zaak", "nummer", "oud"]),
        ("CaseID", ["case", "id"]),
        ("Cliënt", ["client"]),
    ],
)
def test_the_words_of_a_name(name: str, expected: list[str]) -> None:
    assert words(name) == expected


@settings(deadline=None)
@given(st.lists(st.text("aB-é 1_☃" + "x" * 3, max_size=90), unique=True, max_size=30))
def test_every_name_gets_an_id_of_its_own(names: list[str]) -> None:
    found = slugs(names)
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", slug) for slug in found.values())
