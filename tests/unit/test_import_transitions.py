import pytest

from schemas.import_mapping import STARTED, parse_mapping
from schemas.located_yaml import FileMistakes
from services.importer.csv_rows import Row, RowFault
from services.importer.transitions import joined

MAPPING = """\
source: desk
case: case
touchpoint: step
occurred_at: at
lifecycle: {column: what, ignored: [suspend], instance: task}
"""


def row(line: int, step: str, what: str, task: str = "", case: str = "1") -> Row:
    return Row(line, "", {"case": case, "step": step, "what": what, "task": task, "at": f"moment {line}"})


def begun(rows: list[Row], mapping: str = MAPPING) -> list[tuple[int, object]]:
    """The rows that come, by line, each with the moment of its start."""
    found = joined(rows, parse_mapping(mapping))
    return [(each.line, each.content[STARTED] if isinstance(each.content, dict) else each.content) for each in found]


def test_a_completion_takes_the_moment_of_its_start() -> None:
    rows = [row(1, "a", "start"), row(2, "b", "start"), row(3, "a", "complete"), row(4, "b", "COMPLETE")]
    assert begun(rows) == [(1, None), (3, "moment 1"), (2, None), (4, "moment 2")]


def test_of_two_starts_the_first_is_completed_first() -> None:
    rows = [row(1, "a", "start"), row(2, "a", "start"), row(3, "a", "complete"), row(4, "a", "complete")]
    assert begun(rows) == [(1, None), (3, "moment 1"), (2, None), (4, "moment 2")]


def test_an_instance_tells_two_times_apart() -> None:
    rows = [row(1, "a", "start", "x"), row(2, "a", "start", "y"), row(3, "a", "complete", "y")]
    assert begun(rows) == [(2, None), (3, "moment 2"), (1, RowFault("what", "is a start that nothing completes"))]


def test_cases_are_told_apart() -> None:
    rows = [row(1, "a", "start", case="1"), row(2, "a", "complete", case="2"), row(3, "a", "complete", case="1")]
    assert begun(rows) == [(2, ""), (1, None), (3, "moment 1")]


def test_what_is_ignored_and_what_is_not_known() -> None:
    faulty = Row(3, "", RowFault(None, "is not CSV"))
    assert begun([row(1, "a", "suspend"), row(2, "a", "ate_abort"), faulty]) == [
        (1, None),
        (2, RowFault("what", "'ate_abort' is none of the transitions of the mapping")),
        (3, RowFault(None, "is not CSV")),
    ]


def test_a_log_without_transitions_stays_as_it_is() -> None:
    rows = [row(1, "a", "start")]
    assert list(joined(rows, parse_mapping(MAPPING.rsplit("\n", 2)[0]))) == rows


def test_the_start_stands_in_the_row_or_in_another() -> None:
    with pytest.raises(FileMistakes) as refusal:
        parse_mapping(MAPPING + "started_at: begin\n")
    assert str(refusal.value) == (
        "line 6: started_at: stands in the row itself, or in one of its own by `lifecycle`; not in both"
    )
    wide = MAPPING.replace("touchpoint: step\noccurred_at: at", "touchpoints: {a: at}")
    with pytest.raises(FileMistakes, match="line 4: lifecycle: belongs to a log with one event a row"):
        parse_mapping(wide)
