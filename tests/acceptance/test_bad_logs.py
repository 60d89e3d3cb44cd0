"""Logs with mistakes in them: each is told by line and field, and costs nothing else."""

import csv
import gzip
import io
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from services.embedded.child import Child
from services.importer import ImportRefused, ImportReport, import_log
from services.settings import Settings

JOURNEY = """\
id: loket
name: Loket
time_zone: Europe/Amsterdam
phases:
  - id: all
    name: All
    touchpoints: [{id: vraag, name: Vraag}, {id: antwoord, name: Antwoord}]
end_touchpoints: [antwoord]
"""
MAPPING = """\
source: balie
case: zaak
time_zone: Europe/Amsterdam
touchpoint: {column: stap, values: {V: vraag, A: antwoord, K: klacht}}
occurred_at: moment
department: team
"""
LOG = (
    b"zaak,stap,moment,team\r\n"
    b"1,V,2026-01-05 09:00:00,NA\r\n"
    b'1,A,2026-01-05 10:30:00,"Noord,\nplein 1"\r\n'
    b"2,V\r\n"
    b"2,X,2026-01-05 09:00:00,Zuid\r\n"
    b"2,K,2026-01-05 09:00:00,Zuid\r\n"
    b"2,V,5 januari,Zuid\r\n"
    b"2,V,2099-01-05 09:00:00,Zuid\r\n"
    b"2,V,2026-01-05 09:00:00,Z\x00uid\r\n"
    b"2,V,2026-01-05 09:00:00,Z\xfcid\r\n"
    b',V,2026-01-05 09:00:00,"Zuid"\r\n'
    b'2,V,2026-01-05 09:00:00,"Zuid\r\n'
    b"3,V,2026-01-06 09:00:00,Zuid\r\n"
    b"3,V,2026-01-06 09:00:00,Zuid\r\n"
)


@pytest.fixture
def printed() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def importing(
    settings: Settings, apply: Callable[[str], str], tmp_path: Path, printed: io.StringIO
) -> Callable[..., ImportReport]:
    """A function that imports a log given as bytes, with `log.csv` and `rejects.csv` in tmp_path."""

    def run(
        log: bytes = LOG,
        *,
        mapping: str = MAPPING,
        journey: str = "",
        end_at: datetime | None = None,
        patience: float = 120.0,
        name: str = "log.csv",
    ) -> ImportReport:
        (tmp_path / name).write_bytes(log)
        (tmp_path / "mapping.yaml").write_text(mapping)
        return import_log(
            settings,
            tmp_path / name,
            journey or apply(JOURNEY),
            tmp_path / "mapping.yaml",
            speed=None,
            end_at=end_at,
            rejects_file=tmp_path / "rejects.csv",
            console=Console(file=printed, width=200),
            patience_seconds=patience,
        )

    return run


def counted(settings: Settings) -> list[tuple[str, str, str | None]]:
    query = """
        SELECT case_id, touchpoint, department FROM touchpoint_events JOIN cases USING (case_key)
        WHERE journey = 'loket' ORDER BY case_id, occurred_at
    """
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(query).fetchall()


def test_bad_rows_are_kept_with_line_and_reason_and_the_rest_goes_on(
    importing: Callable[..., ImportReport], settings: Settings, worker: Child, tmp_path: Path, printed: io.StringIO
) -> None:
    report = importing()
    assert report == ImportReport(rows=13, events=4, answers=0, bad_rows=9, uncounted=0, shift=timedelta(0)), (
        worker.log_tail()
    )
    # The last two rows are one event.
    assert counted(settings) == [("1", "vraag", "NA"), ("1", "antwoord", "Noord,\nplein 1"), ("3", "vraag", "Zuid")]

    rejects = tmp_path / "rejects.csv"
    with rejects.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        header, *kept = csv.reader(file)
    assert header == ["line", "field", "reason", "row"]
    assert [(line, field) for line, field, _, _ in kept] == [
        ("5", ""),
        ("6", "stap"),
        ("7", "stap"),
        ("8", "moment"),
        ("9", "moment"),
        ("10", "team"),
        ("11", "team"),
        ("12", "zaak"),
        ("13", ""),
    ]
    reasons = [reason for _, _, reason, _ in kept]
    assert reasons[0] == "has 2 fields where the header has 4"
    assert reasons[1] == "'X' is not in the mapping's table of values"
    assert reasons[2] == "'klacht' is not a touchpoint of journey 'loket'"
    assert reasons[3] == "'5 januari' is not a moment in the form ISO 8601"
    assert "ahead" in reasons[4]
    assert reasons[5:8] == ["holds a NUL character", "holds bytes that are not UTF-8", "is empty"]
    assert reasons[8].startswith("is not CSV: ")
    # The rows stand there byte for byte, to be mended and imported by themselves.
    lines = LOG.split(b"\r\n")
    assert [row.encode(errors="surrogateescape") for *_, row in kept] == lines[3:12]
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600

    summary = printed.getvalue()
    assert "13 rows, 4 events, 9 bad rows." in summary
    assert "line 6: stap: 'X' is not in the mapping's table of values" in summary
    assert str(rejects) in summary


XES = b"""\
<log>
  <trace>
    <string key="concept:name" value="X-1"/>
    <event><string key="stap" value="V"/><string key="lifecycle:transition" value="start"/>
      <date key="moment" value="2026-01-05T09:00:00+01:00"/></event>
    <event><string key="stap" value="V"/><string key="lifecycle:transition" value="complete"/>
      <date key="moment" value="2026-01-05T10:00:00+01:00"/></event>
    <event><string key="stap" value="A"/><string key="lifecycle:transition" value="complete"/>
      <date key="moment" value="gisteren"/></event>
    <event><string key="stap" value="A"/><string key="lifecycle:transition" value="start"/>
      <date key="moment" value="2026-01-06T09:00:00+01:00"/></event>
  </trace>
</log>
"""
XES_MAPPING = """\
source: balie
case: case:concept:name
touchpoint: {column: stap, values: {V: vraag, A: antwoord}}
occurred_at: moment
lifecycle: lifecycle:transition
"""


def test_xes_is_told_by_line_trace_and_event(
    importing: Callable[..., ImportReport], settings: Settings, worker: Child, tmp_path: Path, printed: io.StringIO
) -> None:
    report = importing(XES, mapping=XES_MAPPING, name="log.xes")
    assert report == ImportReport(4, events=1, answers=0, bad_rows=2, uncounted=0, shift=timedelta(0)), (
        worker.log_tail()
    )
    query = "SELECT occurred_at - started_at FROM touchpoint_events JOIN cases USING (case_key) WHERE case_id = 'X-1'"
    with psycopg.connect(settings.database_url) as connection:
        assert connection.execute(query).fetchall() == [(timedelta(hours=1),)]
    with (tmp_path / "rejects.csv").open(newline="", encoding="utf-8") as file:
        _, *kept = csv.reader(file)
    assert [(line, field, reason) for line, field, reason, _ in kept] == [
        ("8", "moment", "'gisteren' is not a moment in the form ISO 8601"),
        ("10", "lifecycle:transition", "is a start that nothing completes"),
    ]
    row = {"case:concept:name": "X-1", "stap": "A", "lifecycle:transition": "complete", "moment": "gisteren"}
    assert json.loads(kept[0][3]) == {"trace": 1, "event": 3, "values": row}
    assert "line 8 (trace 1, event 3): moment: 'gisteren' is not a moment" in printed.getvalue()


def test_xes_that_breaks_off_is_refused_before_anything_is_sent(
    importing: Callable[..., ImportReport], settings: Settings
) -> None:
    before = counted(settings)
    with pytest.raises(ImportRefused, match=r"log\.xes: line 12 \(trace 1, event 4\): is not XML"):
        importing(XES[:-17], mapping=XES_MAPPING, name="log.xes")
    assert counted(settings) == before


def test_an_attribute_that_no_event_has_is_refused(importing: Callable[..., ImportReport]) -> None:
    with pytest.raises(ImportRefused, match=r"occurred_at\.column: the log has no column 'tijd'"):
        importing(XES, mapping=XES_MAPPING.replace(": moment", ": tijd"), name="log.xes")


def test_a_log_without_mistakes_leaves_no_rejects_file(
    importing: Callable[..., ImportReport], worker: Child, tmp_path: Path
) -> None:
    (tmp_path / "rejects.csv").write_text("of an earlier import")
    assert worker.running
    assert importing(LOG.split(b"2,V\r\n")[0]).bad_rows == 0
    assert not (tmp_path / "rejects.csv").exists()


def test_a_column_that_the_log_lacks_is_refused_at_once(importing: Callable[..., ImportReport], tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refusal:
        importing(mapping=MAPPING.replace("department: team", "department: afdeling"))
    assert str(refusal.value) == (
        f"{tmp_path}/mapping.yaml: line 6: department.column: the log has no column 'afdeling'\n"
        f"{tmp_path}/log.csv has the columns: zaak, stap, moment, team"
    )


def test_a_journey_that_is_not_applied_is_refused_with_what_to_do(importing: Callable[..., ImportReport]) -> None:
    with pytest.raises(ImportRefused, match=r"no journey 'lokket'.*`klantreis journey apply FILE`"):
        importing(journey="lokket")


@pytest.mark.parametrize(("log", "detail"), [(b"", "is empty"), (b'"zaak,stap\n', "line 1")])
def test_a_log_without_a_header_is_refused(importing: Callable[..., ImportReport], log: bytes, detail: str) -> None:
    with pytest.raises(ImportRefused, match=rf"log\.csv: .*{detail}"):
        importing(log)


def test_a_compressed_log_that_breaks_off_is_refused_before_anything_is_sent(
    importing: Callable[..., ImportReport], settings: Settings
) -> None:
    before = counted(settings)
    rows = b"".join(b"%d,V,2026-01-05 09:00:00,Zuid\n" % case for case in range(100_000))
    whole = gzip.compress(b"zaak,stap,moment,team\n" + rows)
    with pytest.raises(ImportRefused, match=r"log\.csv\.gz: .*end-of-stream"):
        importing(whole[:-1000], name="log.csv.gz")
    assert counted(settings) == before


def test_a_log_without_events_cannot_be_moved(importing: Callable[..., ImportReport]) -> None:
    with pytest.raises(ImportRefused, match="no row of it can be read"):
        importing(b"zaak,stap,moment,team\n1,X,x,y\n", end_at=datetime.now(UTC))


def test_a_log_cannot_be_moved_into_the_future(importing: Callable[..., ImportReport]) -> None:
    with pytest.raises(ImportRefused, match="lies in the future"):
        importing(end_at=datetime.now(UTC) + timedelta(days=1))


def test_what_is_to_be_imported_is_never_overwritten(importing: Callable[..., ImportReport], tmp_path: Path) -> None:
    (tmp_path / "rejects.csv").symlink_to(tmp_path / "log.csv")
    with pytest.raises(ImportRefused, match="would overwrite"):
        importing()
    assert (tmp_path / "log.csv").read_bytes() == LOG


def test_without_a_worker_the_events_wait_and_that_is_said(
    importing: Callable[..., ImportReport], worker: Child, printed: io.StringIO
) -> None:
    worker.stop(20)
    report = importing(b"zaak,stap,moment,team\n9,V,2026-02-01 09:00:00,\n9,A,2026-02-01 09:05:00,\n", patience=1.0)
    assert (report.events, report.uncounted) == (2, 2)
    assert "2 records wait in the broker. Start `klantreis worker`" in printed.getvalue()
    worker.start()
