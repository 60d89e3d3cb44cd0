import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.importer.csv_rows import Row, RowFault
from services.importer.log_file import LogFile, LogUnreadable, is_xes
from services.importer.log_rows import columns_of, rows_of
from services.importer.xes_rows import NotXes, XesRows

LOG = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <classifier name="Step" keys="concept:name lifecycle:transition"/>
  <classifier name="Place" keys="'the place'" scope="event"/>
  <classifier name="Kind" keys="concept:name" scope="trace"/>
  <string key="concept:name" value="a log"><int key="within" value="3"/></string>
  <trace>
    <string key="concept:name" value="Z-1"/>
    <float key="cost:total" value="41.5"/>
    <event>
      <string key="concept:name" value="Vraag"/>
      <string key="lifecycle:transition" value="complete"/>
      <date key="time:timestamp" value="2026-01-05T09:00:00.000+01:00"/>
      <boolean key="urgent" value="true"/>
      <id key="identity:id" value="f81d4fae-7dec-11d0-a765-00a0c91e6bf6"/>
      <string key="the place" value="Balie &amp; loket"><int key="floor" value="2"/></string>
    </event>
    <event>
      <string key="concept:name" value="Antwoord"/>
      <list key="papers"><values><string key="paper" value="A"/><string key="paper" value="B"/></values></list>
    </event>
  </trace>
  <trace><string key="concept:name" value="Z-2"/></trace>
  <trace><event><int key="n" value="7"/></event><string key="concept:name" value="Z-3"/></trace>
</log>
"""


def rows(log: str, size: int = 1 << 16) -> list[Row]:
    content = log.encode()
    return list(XesRows(content[at : at + size] for at in range(0, len(content), size)))


def log_of(within: str) -> str:
    return f"<log>\n<trace>\n{within}\n</trace>\n</log>"


def test_an_event_has_what_it_holds_and_what_its_trace_holds() -> None:
    first, second, third = rows(LOG)
    trace = {"case:concept:name": "Z-1", "case:cost:total": "41.5"}
    assert first.content == trace | {
        "concept:name": "Vraag",
        "lifecycle:transition": "complete",
        "time:timestamp": "2026-01-05T09:00:00.000+01:00",
        "urgent": "true",
        "identity:id": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "the place": "Balie & loket",
        "the place/floor": "2",
        "classifier:Step": "Vraag+complete",
        "classifier:Place": "Balie & loket",
    }
    assert second.content == trace | {
        "concept:name": "Antwoord",
        "papers": "",
        "papers/paper": "A",
        "papers/paper#2": "B",
        "classifier:Step": "",
        "classifier:Place": "",
    }
    # What a trace holds may come after its events.
    assert isinstance(third.content, dict)
    assert (third.content["n"], third.content["case:concept:name"], third.content["no such"]) == ("7", "Z-3", "")


def test_its_line_and_its_place_are_told() -> None:
    lines = LOG.splitlines()
    found = rows(LOG)
    assert ["<event>" in lines[row.line - 1] for row in found] == [True] * 3
    assert [row.place for row in found] == ["trace 1, event 1", "trace 1, event 2", "trace 3, event 1"]
    assert found[2].text == (
        '{"trace":3,"event":1,"values":{"case:concept:name":"Z-3","n":"7","classifier:Step":"","classifier:Place":""}}'
    )


def test_a_log_is_the_same_whatever_pieces_it_comes_in() -> None:
    assert rows(LOG, 1) == rows(LOG, 7) == rows(LOG)


def test_rows_come_while_the_log_is_still_being_read() -> None:
    """So that what is held is one trace, however long the log."""
    taken: list[int] = []

    def chunks() -> Iterator[bytes]:
        yield b"<log>"
        for number in range(1000):
            taken.append(number)
            yield b'<trace><event><int key="n" value="%d"/></event></trace>' % number
        yield b"</log>"

    for number, row in enumerate(XesRows(chunks())):
        assert row.content == {"n": str(number)}
        assert taken[-1] - number < 10


WORDS = st.text("abé☃ <&\"'", max_size=4)


@settings(deadline=None)
@given(st.lists(st.lists(st.dictionaries(WORDS, WORDS, max_size=3), max_size=3), max_size=3))
def test_every_event_of_any_log_is_a_row_with_its_values(traces: list[list[dict[str, str]]]) -> None:
    def attributes(values: dict[str, str]) -> str:
        return "".join(f"<string key={quoteattr(key)} value={quoteattr(values[key])}/>" for key in values)

    events = ["".join(f"<event>{attributes(event)}</event>" for event in trace) for trace in traces]
    log = "<log>" + "".join(f"<trace>{each}</trace>" for each in events) + "</log>"
    assert [row.content for row in rows(log)] == [event for trace in traces for event in trace]


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        ('<event><int key="a" value="1"/><int key="a" value="2"/></event>', RowFault("a", "is given twice")),
        ('<event><int value="1"/></event>', RowFault(None, "has an attribute without a key")),
        (
            '<string key="b" value="1"/><string key="b" value="1"/><event/>',
            RowFault("case:b", "is given twice"),
        ),
    ],
)
def test_a_faulty_event_costs_only_itself(event: str, fault: RowFault) -> None:
    whole = '<trace><event><int key="a" value="1"/></event></trace>'
    log = f"<log><trace>{event}</trace>{whole}</log>"
    assert [row.content for row in rows(log)] == [fault, {"a": "1"}]


def test_an_event_outside_any_trace_is_told_and_costs_nothing_else() -> None:
    event = '<event><int key="a" value="1"/></event>'
    assert rows(f"<log>\n{event}\n<trace>{event}</trace></log>") == [
        Row(2, '{"values":{"a":"1"}}', RowFault(None, "stands outside any trace, so that its case is not known")),
        Row(3, '{"trace":1,"event":1,"values":{"a":"1"}}', {"a": "1"}, "trace 1, event 1"),
    ]


ENTITY = '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<log><trace><event>&x;</event></trace></log>'
LAUGHS = '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n<log><string key="k" value="&b;"/></log>'


@pytest.mark.parametrize(
    ("log", "detail"),
    [
        ("", "line 1: is not XML: no element found"),
        ("case,activity\n1,2\n", "line 1: is not XML: syntax error"),
        ("<html></html>", "line 1: begins with <html>, where XES has <log>"),
        (log_of("<event/>\n<event>\n<int key=1/></event>"), "line 5 (trace 1, event 2): is not XML: not well-formed"),
        ("<log><trace/><trace>", "line 1 (trace 2): is not XML: no element found"),
        (ENTITY, "line 1: has a document type"),
        (LAUGHS, "line 1: has a document type"),
        (log_of("<event>" + '<string key="a" value="">' * 30), "line 3 (trace 1, event 1): has elements more than 32"),
    ],
)
def test_what_is_no_xes_is_refused_with_the_place(log: str, detail: str) -> None:
    with pytest.raises(NotXes) as refusal:
        rows(log)
    assert str(refusal.value).startswith(detail)


def test_as_deep_as_is_allowed() -> None:
    nested = '<int key="a" value="1">' * 29 + "</int>" * 29
    (row,) = rows(log_of(f"<event>{nested}</event>"))
    assert isinstance(row.content, dict)
    assert len(row.content) == 29


class TestLogFile:
    def test_its_name_says_that_it_is_xes(self) -> None:
        named = {"a.xes": True, "a.XES.gz": True, "a.xml": True, "a.csv": False, "a.csv.gz": False, "xes": False}
        assert {name: is_xes(Path(name)) for name in named} == named

    def test_its_columns_are_those_that_any_event_has(self) -> None:
        heard: list[int] = []
        content = gzip.compress(LOG.encode())
        log = LogFile(Path("log.xes.gz"), io.BufferedReader(io.BytesIO(content)))
        columns = columns_of(log, ",", heard.append)
        assert columns[:3] == ("case:concept:name", "case:cost:total", "concept:name")
        assert {"n", "papers/paper#2", "classifier:Step"} <= set(columns)
        assert heard[-1] == len(content)

    def test_one_that_breaks_off_is_told_by_its_name(self) -> None:
        log = LogFile(Path("log.xes"), io.BufferedReader(io.BytesIO(LOG.encode()[:-9])))
        with pytest.raises(LogUnreadable, match=r"^log\.xes: line 26 \(trace 3, event 1\): is not XML"):
            list(rows_of(log, ","))
