"""Both real logs, through broker, worker and database, against figures computed here from the files alone."""

import csv
import gzip
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
import pytest
from rich.console import Console

from services.embedded.child import Child
from services.embedded.commands import command_child
from services.importer import ImportReport, import_log
from services.importer.drafting import draft_from
from services.importer.inspection import inspect_log
from services.settings import Settings
from tests.conftest import CHECKOUT
from tests.monitoring import running_monitor
from tests.waiting import wait_until

DAY = 86_400_000
MILLISECOND = timedelta(milliseconds=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")

WABO_ENDS = {
    "t10",
    "t05",
    "ontvangst",
    "t15",
    "t06",
    "t20",
    "t02",
    "t11",
    "t03",
    "t04",
    "t07-1",
    "t13",
    "t07-5",
    "t07-2",
}
WABO_SPANS = {
    "ontvangst-tot-bevestiging": ("ontvangst", "t05"),
    "controle-tot-bevestiging": ("t02", "t05"),
    "ontvangst-tot-vergunningvrij": ("ontvangst", "t15"),
    "aanhouding": ("t10", "t20"),
}
OLIST_COLUMNS = {
    "bestelling": "order_purchase_timestamp",
    "betaling": "order_approved_at",
    "verzending": "order_delivered_carrier_date",
    "levering": "order_delivered_customer_date",
}
OLIST_SPANS = {
    "bestelling-tot-levering": ("bestelling", "levering"),
    "betaling-tot-verzending": ("betaling", "verzending"),
    "verzending-tot-levering": ("verzending", "levering"),
}


class Visit(NamedTuple):
    """A line of a log, as this test reads it. `day` is the date on the calendar of the place.

    `kept` says whether it came in time, where the log says when it was promised; `handler` is the team or the seller.
    """

    at: datetime
    touchpoint: str
    day: date
    department: str
    channel: str
    persona: str
    kept: str = ""
    handler: str = ""


Cases = Mapping[str, Sequence[Visit]]
"""Visits by case, in the order of time; those of one moment in the order of the drawn journey."""

Sums = tuple[int, int, int]
"""How many, their sum in milliseconds, the sum of their squares."""


# --- What the files say ----------------------------------------------------------------------------------------------


def rows_of(log: Path) -> Iterator[dict[str, str]]:
    with io.TextIOWrapper(gzip.open(log), encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


@pytest.fixture(scope="module")
def wabo_log(real_data: Path) -> Path:
    return real_data / "wabo_receipt" / "wabo_receipt.csv.gz"


@pytest.fixture(scope="module")
def wabo_xes(real_data: Path) -> Path:
    return real_data / "wabo_receipt" / "08_receipt.xes.gz"


@pytest.fixture(scope="module")
def olist_log(real_data: Path) -> Path:
    return real_data / "olist" / "olist.csv.gz"


@pytest.fixture(scope="module")
def wabo(wabo_log: Path) -> Cases:
    cases = defaultdict(list)
    for row in rows_of(wabo_log):
        at = datetime.fromisoformat(row["time:timestamp"])
        # The log's own offsets are Amsterdam's, so that what is written is the local date.
        day = date.fromisoformat(row["time:timestamp"][:10])
        activity = row["concept:name"]
        code = "ontvangst" if activity == "Confirmation of receipt" else activity.split()[0].lower()
        kept = "late" if at > datetime.fromisoformat(row["case:deadline"]) else "in_time"
        team = row["org:group"].replace("EMPTY", "")
        visit = Visit(at, code, day, row["case:department"], row["case:channel"], "", kept, team)
        cases[row["case:concept:name"]].append(visit)
    return {case: sorted(visits, key=lambda visit: visit.at) for case, visits in cases.items()}


@pytest.fixture(scope="module")
def olist(olist_log: Path) -> Cases:
    orders = {row["order_id"]: row for row in rows_of(olist_log)}
    return {order: olist_visits(row) for order, row in orders.items()}


def olist_visits(row: Mapping[str, str]) -> list[Visit]:
    visits = []
    for touchpoint, column in OLIST_COLUMNS.items():
        if row[column]:
            local = datetime.fromisoformat(row[column])
            at = local.replace(tzinfo=SAO_PAULO).astimezone(UTC)
            persona = row["product_category_name"]
            late = row[column] > row["order_estimated_delivery_date"]
            kept = "" if touchpoint != "levering" else "late" if late else "in_time"
            seller = row["seller_id"]
            visits.append(Visit(at, touchpoint, local.date(), row["seller_state"], "web", persona, kept, seller))
    return sorted(visits, key=lambda visit: visit.at)


def span_of(visits: Sequence[Visit], start: str, end: str) -> tuple[Visit, int] | None:
    """From the first start to the first end after it."""
    begun = next((place for place, visit in enumerate(visits) if visit.touchpoint == start), None)
    if begun is None:
        return None
    ended = next((visit for visit in visits[begun + 1 :] if visit.touchpoint == end), None)
    return None if ended is None else (ended, (ended.at - visits[begun].at) // MILLISECOND)


def moves(visits: Sequence[Visit], ends: Collection[str]) -> Iterator[tuple[str, str, str, Visit]]:
    """What came and went, of whom, with which visit: an open case is with the department of its last visit."""
    had = None
    for earlier, visit in pairwise((None, *visits)):
        assert visit is not None
        is_over, was_over = visit.touchpoint in ends, earlier is not None and earlier.touchpoint in ends
        if is_over and was_over:
            continue
        if had is None:
            yield "arrivals", "case", "", visit
        if had != visit.department:
            yield "arrivals", "department", visit.department, visit
            if had is not None:
                yield "completions", "department", had, visit
        if is_over:
            yield "completions", "department", visit.department, visit
            yield "completions", "case", "", visit
        had = None if is_over else visit.department


def expected_windows(
    cases: Cases, ends: Collection[str], spans: Mapping[str, tuple[str, str]]
) -> dict[tuple[object, ...], Sums]:
    """Every day's window that the log should give, by what it is about."""
    windows: dict[tuple[object, ...], Sums] = {}

    def observe(measure: str, span: str, visit: Visit, value: int) -> None:
        key = (visit.day, measure, span, visit.touchpoint, visit.department, visit.channel, visit.persona)
        n, total, squares = windows.get(key, (0, 0, 0))
        windows[key] = n + 1, total + value, squares + value * value

    for visits in cases.values():
        for visit in visits:
            observe("volume", visit.kept, visit, 1)
        for earlier, later in pairwise(visits):
            observe("gap", earlier.touchpoint, later, (later.at - earlier.at) // MILLISECOND)
        for span, (start, end) in spans.items():
            if found := span_of(visits, start, end):
                observe("throughput", span, *found)
        if visits[-1].touchpoint in ends:
            observe("throughput", "case", visits[-1], (visits[-1].at - visits[0].at) // MILLISECOND)
    came = Counter(
        (visit.day, measure, level, "", department, "", "")
        for visits in cases.values()
        for measure, level, department, visit in moves(visits, ends)
    )
    return windows | {key: (n, n, n) for key, n in came.items()}


# --- What the database says ------------------------------------------------------------------------------------------


def short(touchpoint: str) -> str:
    """The WABO touchpoints by the code that their activity has in the log; all others as they are."""
    found = re.match(r"t\d\d(-\d)?(?=-)", touchpoint)
    return found.group() if found else "ontvangst" if touchpoint == "ontvangstbevestiging" else touchpoint


def stored_windows(settings: Settings, journey: str, zone: ZoneInfo) -> dict[tuple[object, ...], Sums]:
    query = """
        SELECT bucket, measure, span, touchpoint, department, channel, persona, sum(n), sum(total), sum(squares)
        FROM windows_day JOIN scopes USING (scope_id) WHERE journey = %s
        GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0
    """
    windows = {}
    for bucket, measure, span, touchpoint, *scope, n, total, squares in fetch(settings, query, journey):
        midnight = bucket.astimezone(zone)
        assert (midnight.hour, midnight.minute) == (0, 0) or zone is SAO_PAULO
        windows[midnight.date(), measure, short(span), short(touchpoint), *scope] = int(n), int(total), int(squares)
    return windows


def stored_cases(settings: Settings, journey: str) -> dict[str, tuple[datetime, datetime | None]]:
    query = "SELECT case_id, opened_at, closed_at FROM cases WHERE journey = %s"
    return {case: (opened, closed) for case, opened, closed in fetch(settings, query, journey)}


def stored_counts(settings: Settings, journey: str) -> list[tuple[str, int]]:
    query = """
        SELECT touchpoint, count(*) FROM touchpoint_events JOIN cases USING (case_key) WHERE journey = %s GROUP BY 1
    """
    return fetch(settings, query, journey)


def stored_moments(settings: Settings, journey: str) -> dict[str, dict[str, datetime]]:
    query = """
        SELECT case_id, touchpoint, occurred_at FROM touchpoint_events JOIN cases USING (case_key) WHERE journey = %s
    """
    moments: dict[str, dict[str, datetime]] = defaultdict(dict)
    for case, touchpoint, at in fetch(settings, query, journey):
        assert touchpoint not in moments[case]
        moments[case][touchpoint] = at
    return moments


def stored(settings: Settings, journey: str) -> list[Any]:
    """Everything that counting a journey leaves, for telling whether counting again has changed it."""
    parts = [
        "SELECT * FROM cases WHERE journey = %s ORDER BY case_key",
        "SELECT e.* FROM touchpoint_events e JOIN cases USING (case_key) WHERE journey = %s ORDER BY source, event_id",
        "SELECT a.* FROM survey_answers a JOIN cases USING (case_key) WHERE journey = %s ORDER BY source, answer_id",
        *(
            f"SELECT scope_id, bucket, writer, n, total, squares, bins, counts FROM {table} "
            "JOIN scopes USING (scope_id) WHERE journey = %s ORDER BY 1, 2, 3"
            for table in ("windows_day", "windows_hour", "windows_minute", "rollups_day")
        ),
    ]
    return [fetch(settings, part, journey) for part in parts]


def fetch(settings: Settings, query: str, *values: object) -> list[Any]:
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(query.encode(), values).fetchall()


# --- Importing -------------------------------------------------------------------------------------------------------

Importer = Callable[..., tuple[ImportReport, str]]


@pytest.fixture(scope="module")
def worker(settings: Settings) -> Iterator[Child]:
    """A worker that shows every score: the log's orders are spread over too many sellers and products for lots."""
    child = command_child("worker", "worker", settings.model_copy(update={"release_answers": 1}))
    child.start()
    yield child
    child.stop(30)


@pytest.fixture(scope="module")
def imported(settings: Settings, worker: Child, apply: Callable[[str], str]) -> Importer:
    """A function that imports a log with the files of `journeys/` and returns the report and what was printed."""

    def run(
        log: Path, name: str, journey: str | None = None, end_at: datetime | None = None
    ) -> tuple[ImportReport, str]:
        text = (CHECKOUT / "journeys" / f"{name}.yaml").read_text()
        applied = apply(text.replace(f"id: {name}", f"id: {journey}", 1) if journey else text)
        printed = io.StringIO()
        report = import_log(
            settings,
            log,
            applied,
            CHECKOUT / "journeys" / f"{name}.mapping.yaml",
            speed=None,
            end_at=end_at,
            rejects_file=settings.data_dir / f"{applied}.rejects.csv",
            console=Console(file=printed, width=160),
            patience_seconds=120.0,
        )
        assert worker.running, worker.log_tail(40)
        return report, printed.getvalue()

    return run


@pytest.fixture(scope="module")
def wabo_imported(imported: Importer, wabo_log: Path) -> ImportReport:
    return imported(wabo_log, "wabo-receipt")[0]


@pytest.fixture(scope="module")
def olist_imported(imported: Importer, olist_log: Path) -> ImportReport:
    return imported(olist_log, "olist")[0]


WABO_MAP = re.findall(r"      - id: (\S+)", (CHECKOUT / "journeys" / "wabo-receipt.yaml").read_text())
WABO_ORDER = [short(touchpoint) for touchpoint in WABO_MAP]
WABO_ONCE = set(WABO_ORDER) - {
    short(touchpoint)
    for touchpoint in re.findall(
        r"      - id: (\S+)(?:\n        .*)*?\n        repeatable: true",
        (CHECKOUT / "journeys" / "wabo-receipt.yaml").read_text(),
    )
}
"""The touchpoints in the order of the map, and those that come once, as the journey file's text has them."""


def follows_the_map(path: Sequence[str]) -> bool:
    """Whether each that comes once does so, after none that is drawn later, and no end is followed by what is earlier.

    The log has no aftercare, and the only touchpoint that nobody may leave out begins every case.
    """
    once = [WABO_ORDER.index(each) for each in path if each in WABO_ONCE]
    turned_back = any(
        earlier in WABO_ENDS and WABO_ORDER.index(later) < WABO_ORDER.index(earlier)
        for earlier, later in pairwise(path)
    )
    return path[0] == "ontvangst" and once == sorted(set(once)) and not turned_back


# --- The permit log --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("wabo_imported")
class TestWabo:
    def test_every_row_is_an_event_that_was_counted(self, wabo_imported: ImportReport) -> None:
        assert wabo_imported == ImportReport(
            rows=8577, events=8577, answers=0, bad_rows=0, uncounted=0, shift=timedelta(0)
        )

    def test_every_count_a_touchpoint(self, settings: Settings, wabo: Cases) -> None:
        in_file = Counter(visit.touchpoint for visits in wabo.values() for visit in visits)
        counted = {short(touchpoint): n for touchpoint, n in stored_counts(settings, "wabo-receipt")}
        assert counted == in_file
        assert (len(counted), sum(counted.values())) == (27, 8577)
        assert (counted["ontvangst"], counted["t06"], counted["t05"]) == (1434, 1416, 1300)

    def test_each_cases_throughput_to_the_millisecond(self, settings: Settings, wabo: Cases) -> None:
        in_file = {case: (visits[0].at, visits[-1].at) for case, visits in wabo.items()}
        cases = stored_cases(settings, "wabo-receipt")
        assert cases == in_file
        days = [(closed - opened) / MILLISECOND / DAY for opened, closed in cases.values() if closed]
        assert len(days) == 1434
        assert (round(median(days), 2), round(mean(days), 2), round(max(days))) == (0.03, 5.41, 276)

    def test_every_window_of_every_day(self, settings: Settings, wabo: Cases) -> None:
        windows = stored_windows(settings, "wabo-receipt", AMSTERDAM)
        assert windows == expected_windows(wabo, WABO_ENDS, WABO_SPANS)
        # 5,408 days in milliseconds: the mean above, from the windows this time.
        n, total = (sum(sums[i] for key, sums in windows.items() if key[1:3] == ("throughput", "case")) for i in (0, 1))
        assert (n, round(total / n / DAY, 2)) == (1434, 5.41)

    def test_what_followed_what_is_what_the_file_says(self, settings: Settings, wabo: Cases) -> None:
        """Each step from one touchpoint right to another, how often and how long; the variants, and who went along."""
        gaps: dict[tuple[str, str], list[float]] = defaultdict(list)
        for visits in wabo.values():
            for earlier, later in pairwise(visits):
                gaps[earlier.touchpoint, later.touchpoint].append((later.at - earlier.at).total_seconds())
        paths = Counter(tuple(visit.touchpoint for visit in visits) for visits in wabo.values())
        with running_monitor(settings) as monitor:

            def told(what: str, more: str = "") -> Any:
                asked = f"since=2010-01-01&until=2012-12-31{more}"
                return monitor.get(f"/api/journeys/wabo-receipt/{what}?{asked}").json()

            graph, held, variants = told("paths"), told("conformance"), told("variants", "&limit=500")
        steps = {(short(step["after"]), short(step["touchpoint"])): step for step in graph["steps"]}
        assert {edge: step["n"] for edge, step in steps.items()} == {edge: len(some) for edge, some in gaps.items()}
        for edge, some in gaps.items():
            assert steps[edge]["gap"]["mean_seconds"] == pytest.approx(mean(some), abs=0.002), edge
        assert (sum(step["n"] for step in graph["steps"]), graph["unknown"]) == (8577 - 1434, 0)
        first = {short(stop["touchpoint"]): stop["first"] for stop in graph["touchpoints"] if stop["first"]}
        assert first == Counter(path[0] for path in paths.elements())

        found = {tuple(map(short, each["touchpoints"])): each for each in variants["items"]}
        assert {path: each["n"] for path, each in found.items()} == paths
        assert (variants["cases"], variants["variants"], len(paths)) == (1434, 116, 116)
        along = {path for path in paths if follows_the_map(path)}
        assert {path for path, each in found.items() if not each["departures"]} == along
        took: dict[bool, list[float]] = {True: [], False: []}
        for visits in wabo.values():
            follows = tuple(visit.touchpoint for visit in visits) in along
            took[follows].append((visits[-1].at - visits[0].at).total_seconds())
        assert (held["judged"], held["following"]) == (1434, len(took[True]))
        longer = mean(took[False]) - mean(took[True])
        assert held["longer_seconds"]["value"] == pytest.approx(longer, abs=0.01)
        spread = sum(stdev(some) ** 2 / len(some) for some in took.values()) ** 0.5
        assert (held["longer_seconds"]["high"] - longer) / spread == pytest.approx(1.96, abs=0.01)

    def test_where_the_time_went_is_what_the_file_says(self, settings: Settings, wabo: Cases) -> None:
        """Nothing says when work began, so all of it lies between contacts; the advice of others is waited for."""
        gaps: dict[tuple[str, str], list[int]] = defaultdict(list)
        for visits in wabo.values():
            for earlier, later in pairwise(visits):
                gaps[earlier.touchpoint, later.touchpoint].append((later.at - earlier.at) // MILLISECOND)
        with running_monitor(settings) as monitor:
            found = monitor.get("/api/journeys/wabo-receipt/time?since=2010-01-01&until=2012-12-31").json()
        lives = sum((visits[-1].at - visits[0].at) // MILLISECOND for visits in wabo.values())
        assert round(found["whole"]["calendar_seconds"] * 1000) == lives == sum(map(sum, gaps.values()))
        waited = Counter[str]()
        for (_, touchpoint), some in gaps.items():
            customer = "customer" if touchpoint == "ontvangst" else "organisation"
            waited["third_party" if touchpoint.startswith("t09") else customer] += sum(some)
        assert {part["part"] for part in found["parts"]} == {"between"}
        assert {part["awaited"]: round(part["calendar_seconds"] * 1000) for part in found["parts"]} == +waited
        assert found["white_space"] == {"least": 0, "most": 1}
        lost = {(short(step["after"]), short(step["touchpoint"])): step["lost"] for step in found["steps"]}
        assert {edge: round(each["calendar_seconds"] * 1000) for edge, each in lost.items()} == {
            edge: sum(some) for edge, some in gaps.items() if len(some) >= 5
        }
        most = max((edge for edge in gaps if len(gaps[edge]) >= 5), key=lambda edge: sum(gaps[edge]))
        assert next(iter(lost)) == most
        assert found["few"] == sum(len(some) < 5 for some in gaps.values())

    def test_teams_have_what_the_file_says(self, settings: Settings, wabo: Cases) -> None:
        """Over the year before the log's end: passages, those after the deadline, what came to them and what left."""
        with running_monitor(settings) as monitor:
            found = monitor.get("/api/journeys/wabo-receipt/workload?by=team&weeks=53&until=2012-01-23").json()
        start = date.fromisoformat(found["start"][:10])
        visits: dict[str, list[Visit]] = defaultdict(list)
        came: Counter[tuple[str, str]] = Counter()
        for case in wabo.values():
            for visit in case:
                if visit.day >= start:
                    visits[visit.handler].append(visit)
            handed = [each._replace(department=each.handler) for each in case]
            for measure, level, team, visit in moves(handed, WABO_ENDS):
                came[measure, team] += visit.day >= start and level == "department"
        told = {item["handler"] or "": item for item in found["items"]}
        assert told.keys() == {team for team, some in visits.items() if len(some) >= 5}
        assert {"Group 1", "Group 4", ""} <= told.keys()
        for team, item in told.items():
            late = sum(visit.kept == "late" for visit in visits[team])
            assert (item["visits"], item["promised"], item["late"]) == (len(visits[team]), len(visits[team]), late)
            for measure in ("arrivals", "completions"):
                assert sum(week[measure] for week in item["weeks"]) == came[measure, team], team
        assert (found["whole"]["open"], sum(item["late"] for item in told.values()) > 0) == (0, True)

    def test_a_team_that_is_empty_is_not_given(self, settings: Settings, wabo_log: Path) -> None:
        in_file = Counter(row["org:group"] for row in rows_of(wabo_log))
        query = """
            SELECT team, count(*) FROM touchpoint_events JOIN cases USING (case_key)
            WHERE journey = 'wabo-receipt' GROUP BY 1
        """
        groups = dict(fetch(settings, query))
        assert groups.pop(None) == in_file.pop("EMPTY") == 1936
        assert groups == in_file

    def test_importing_again_changes_nothing(
        self, settings: Settings, imported: Importer, wabo_log: Path, wabo_imported: ImportReport
    ) -> None:
        before = stored(settings, "wabo-receipt")
        again, _ = imported(wabo_log, "wabo-receipt")
        assert again == wabo_imported
        assert stored(settings, "wabo-receipt") == before

    def test_moved_to_now_it_is_the_same_again(
        self, settings: Settings, imported: Importer, wabo_log: Path, tmp_path: Path
    ) -> None:
        before = stored(settings, "wabo-receipt")
        plain = tmp_path / "the_same.csv"
        plain.write_bytes(gzip.decompress(wabo_log.read_bytes()))
        again, printed = imported(plain, "wabo-receipt", end_at=datetime.now(UTC))
        assert (again.uncounted, again.shift) == (0, timedelta(0))
        assert "imported before, moved by nothing" in printed
        assert stored(settings, "wabo-receipt") == before


@pytest.fixture(scope="module")
def proposal(wabo_xes: Path, apply: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mapping that is proposed for the log, and the journey `proef` drafted by it and applied."""
    mapping = tmp_path_factory.mktemp("proposal") / "mapping.yaml"
    mapping.write_text(inspect_log(wabo_xes, lambda _: None).mapping)
    draft = draft_from(wabo_xes, mapping, "proef", lambda _: None)
    assert (draft.cases, draft.visits, draft.faults) == (1434, 8577, 0)
    assert apply(draft.text) == "proef"
    return mapping


class TestWaboAsXes:
    def test_after_the_table_of_the_same_events_it_changes_nothing(
        self, settings: Settings, imported: Importer, wabo_xes: Path, wabo_imported: ImportReport
    ) -> None:
        before = stored(settings, "wabo-receipt")
        again, printed = imported(wabo_xes, "wabo-receipt")
        assert again == wabo_imported
        assert "Finding the columns" in printed
        assert stored(settings, "wabo-receipt") == before

    def test_by_what_is_proposed_and_drafted_as_it_stands(
        self, settings: Settings, worker: Child, proposal: Path, wabo_xes: Path, wabo: Cases
    ) -> None:
        report = import_log(
            settings,
            wabo_xes,
            "proef",
            proposal,
            speed=None,
            end_at=None,
            rejects_file=settings.data_dir / "proef.rejects.csv",
            console=Console(file=io.StringIO()),
            patience_seconds=120.0,
        )
        assert (report.events, report.bad_rows, report.uncounted) == (8577, 0, 0), worker.log_tail(40)
        counts = {
            "ontvangst" if touchpoint == "confirmation-of-receipt" else short(touchpoint): n
            for touchpoint, n in stored_counts(settings, "proef")
        }
        assert counts == Counter(visit.touchpoint for visits in wabo.values() for visit in visits)
        # Where a case in a hundred ends, it ends; the others are as open as they were in the file.
        last = Counter(visits[-1].touchpoint for visits in wabo.values())
        closed = sum(at is not None for _, at in stored_cases(settings, "proef").values())
        assert closed == sum(n for n in last.values() if n >= 14.34)


@pytest.fixture(scope="module")
def end() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def moved(imported: Importer, wabo_log: Path, end: datetime) -> ImportReport:
    return imported(wabo_log, "wabo-receipt", TestWaboMovedToNow.journey, end)[0]


class TestWaboMovedToNow:
    journey = "wabo-nu"

    def test_it_ends_now_and_every_duration_stays(
        self, settings: Settings, moved: ImportReport, end: datetime, wabo: Cases
    ) -> None:
        assert (moved.events, moved.bad_rows, moved.uncounted) == (8577, 0, 0)
        cases = stored_cases(settings, self.journey)
        assert max(closed for _, closed in cases.values() if closed) == end
        shift = end - max(visits[-1].at for visits in wabo.values())
        assert cases == {case: (visits[0].at + shift, visits[-1].at + shift) for case, visits in wabo.items()}

    def test_all_its_gaps_and_spans_stay(self, settings: Settings, moved: ImportReport, wabo: Cases) -> None:
        assert moved.uncounted == 0
        without_day = [
            sums_by(windows.items(), lambda key: key[1:])
            for windows in (
                stored_windows(settings, self.journey, AMSTERDAM),
                expected_windows(wabo, WABO_ENDS, WABO_SPANS),
            )
        ]
        assert without_day[0] == without_day[1]

    def test_a_later_import_keeps_the_shift_of_the_first(
        self, settings: Settings, imported: Importer, wabo_log: Path, moved: ImportReport, end: datetime
    ) -> None:
        before = stored(settings, self.journey)
        again, printed = imported(wabo_log, "wabo-receipt", self.journey, end + timedelta(minutes=7))
        assert again == moved
        assert "imported before" in printed
        unmoved, printed = imported(wabo_log, "wabo-receipt", self.journey)
        assert unmoved == moved
        assert "imported before" in printed
        assert stored(settings, self.journey) == before


def sums_by(
    windows: Iterable[tuple[tuple[object, ...], Sums]], key_of: Callable[[tuple[object, ...]], tuple[object, ...]]
) -> dict[tuple[object, ...], Sums]:
    found: dict[tuple[object, ...], Sums] = {}
    for key, sums in windows:
        n, total, squares = found.get(key_of(key), (0, 0, 0))
        found[key_of(key)] = n + sums[0], total + sums[1], squares + sums[2]
    return found


# --- The orders ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("olist_imported")
class TestOlist:
    def test_every_filled_column_is_an_event_that_was_counted(
        self, olist_imported: ImportReport, olist_log: Path
    ) -> None:
        filled = sum(bool(row[column]) for row in rows_of(olist_log) for column in OLIST_COLUMNS.values())
        assert olist_imported == ImportReport(8225, filled, answers=8225, bad_rows=0, uncounted=0, shift=timedelta(0))

    def test_an_order_on_two_rows_counts_once(self, settings: Settings, olist: Cases) -> None:
        in_file = Counter(visit.touchpoint for visits in olist.values() for visit in visits)
        assert dict(stored_counts(settings, "olist")) == in_file
        assert in_file["bestelling"] == 8135
        assert in_file["levering"] == 8135 - 2965

    def test_every_moment_of_every_order(self, settings: Settings, olist: Cases) -> None:
        in_file = {order: {visit.touchpoint: visit.at for visit in visits} for order, visits in olist.items()}
        assert stored_moments(settings, "olist") == in_file

    def test_order_to_delivery_as_the_clock_on_the_wall_had_it(self, settings: Settings, olist_log: Path) -> None:
        in_file = {
            row["order_id"]: datetime.fromisoformat(row[OLIST_COLUMNS["levering"]])
            - datetime.fromisoformat(row[OLIST_COLUMNS["bestelling"]])
            for row in rows_of(olist_log)
            if row[OLIST_COLUMNS["levering"]]
        }
        moments = stored_moments(settings, "olist")
        by_the_clock = {
            order: on_the_wall(at["levering"]) - on_the_wall(at["bestelling"])
            for order, at in moments.items()
            if "levering" in at
        }
        assert by_the_clock == in_file
        days = [time / MILLISECOND / DAY for time in by_the_clock.values()]
        assert (round(median(days), 2), round(mean(days), 2), round(max(days), 1)) == (10.34, 12.53, 135.3)

    def test_order_to_delivery_as_it_truly_lasted(self, settings: Settings) -> None:
        moments = [at for at in stored_moments(settings, "olist").values() if "levering" in at]
        days = [(at["levering"] - at["bestelling"]) / MILLISECOND / DAY for at in moments]
        assert (round(median(days), 2), round(mean(days), 2)) == (10.34, 12.53)

    def test_what_came_out_of_order_stays_out_of_order(self, settings: Settings) -> None:
        moments = list(stored_moments(settings, "olist").values())
        never = datetime.max.replace(tzinfo=UTC)
        assert sum(at.get("verzending", never) < at["betaling"] for at in moments if "betaling" in at) == 77
        assert sum(at.get("levering", never) < at["verzending"] for at in moments if "verzending" in at) == 3

    def test_every_window_of_every_day(self, settings: Settings, olist: Cases) -> None:
        windows = stored_windows(settings, "olist", SAO_PAULO)
        windows = {key: sums for key, sums in windows.items() if not str(key[1]).endswith("satisfaction")}
        assert windows == expected_windows(olist, {"levering"}, OLIST_SPANS)
        spans = sums_by(windows.items(), lambda key: key[1:3])
        n, total, _ = spans["throughput", "bestelling-tot-levering"]
        assert (n, round(total / n / DAY, 2)) == (5170, 12.53)
        # The 77 that went to the carrier before their payment have no time from the one to the other.
        paid_and_sent = sum(
            {"betaling", "verzending"} <= {visit.touchpoint for visit in order} for order in olist.values()
        )
        assert spans["throughput", "betaling-tot-verzending"][0] == paid_and_sent - 77

    def test_every_review_is_an_answer_on_the_scale_of_ten(self, settings: Settings, olist_log: Path) -> None:
        """A star more is 2.25 more. A review id may stand on several orders, and an order on several rows."""
        in_file: Counter[date] = Counter()
        for row in rows_of(olist_log):
            answered = datetime.fromisoformat(row["review_answer_timestamp"])
            in_file[answered.date()] += 1000 + (int(row["review_score"]) - 1) * 2250
        windows = stored_windows(settings, "olist", SAO_PAULO)
        scored = {key: sums for key, sums in windows.items() if key[1] == "satisfaction"}
        assert {key[3] for key in scored} == {"levering"}
        by_day: Counter[date] = Counter()
        for (day, *_), (_, total, _) in scored.items():
            assert isinstance(day, date)
            by_day[day] += total
        assert by_day == in_file
        stars = Counter(int(row["review_score"]) for row in rows_of(olist_log))
        given = fetch(settings, "SELECT score, count(*) FROM survey_answers WHERE question = 'review' GROUP BY score")
        assert dict(given) == stars

    def test_late_orders_score_as_the_file_has_it(self, settings: Settings, olist_log: Path) -> None:
        """The monitor's own figures, on the scale of ten, against the stars of the file: a star more is 2.25 more."""
        in_file: dict[str, list[int]] = {"late": [], "in_time": [], "": []}
        for row in rows_of(olist_log):
            delivered, due = row["order_delivered_customer_date"], row["order_estimated_delivery_date"]
            kept = "" if not delivered else "late" if delivered > due else "in_time"
            in_file[kept].append(int(row["review_score"]))
        assert (round(mean(in_file["late"]), 2), round(mean(in_file["in_time"]), 2)) == (2.50, 4.28)
        with running_monitor(settings) as monitor:

            def measured(query: str) -> dict[str, dict[str, Any]]:
                answer = monitor.get(f"/api/journeys/olist/scores?since=2016-01-01&until=2019-12-31&{query}")
                return {group["id"]: group["measures"]["satisfaction"] for group in answer.json()["items"]}

            wait_until(lambda: measured("by=touchpoint")["levering"]["n"] == 8225, 60, "all scores are released")
            found = measured("by=timeliness")
        assert {kept: each["n"] for kept, each in found.items()} == {kept: len(of) for kept, of in in_file.items()}
        for kept, stars in in_file.items():
            shown = found[kept]["estimate"]
            assert (shown["value"] - 1) / 2.25 + 1 == pytest.approx(mean(stars), abs=1e-9)
            reach = 1.96 * stdev(stars) / len(stars) ** 0.5
            assert (shown["high"] - shown["low"]) / 2 / 2.25 == pytest.approx(reach, rel=0.01)
            assert found[kept]["distribution"] == {
                str(1 + 2.25 * (star - 1)): n for star, n in sorted(Counter(stars).items())
            }

    def test_sellers_are_waited_for_and_late_delivery_costs_score(
        self, settings: Settings, olist: Cases, olist_log: Path
    ) -> None:
        """2.50 against 4.28 stars: a star more is 2.25 more on the scale of ten."""
        with running_monitor(settings) as monitor:
            found = monitor.get("/api/journeys/olist/time?since=2016-01-01&until=2019-12-31").json()
            asked = "by=party&weeks=53&until=2018-12-31"
            sellers = monitor.get(f"/api/journeys/olist/workload?{asked}").json()
        lives = sum((visits[-1].at - visits[0].at) // MILLISECOND for visits in olist.values())
        assert round(found["whole"]["calendar_seconds"] * 1000) == lives
        outside = ("verzending", "levering")
        waited = sum(
            (later.at - earlier.at) // MILLISECOND
            for visits in olist.values()
            for earlier, later in pairwise(visits)
            if later.touchpoint in outside
        )
        told = {part["awaited"]: part["calendar_seconds"] for part in found["parts"]}
        assert round(told["third_party"] * 1000) == waited
        (cost,) = found["late_scores"]
        stars: dict[bool, list[int]] = {True: [], False: []}
        for row in rows_of(olist_log):
            if row["order_delivered_customer_date"]:
                late = row["order_delivered_customer_date"] > row["order_estimated_delivery_date"]
                stars[late].append(int(row["review_score"]))
        assert (cost["touchpoint"], cost["late_n"], cost["in_time_n"]) == ("levering", *map(len, stars.values()))
        assert (cost["late"]["value"] - 1) / 2.25 + 1 == pytest.approx(mean(stars[True]), abs=1e-9)
        assert (cost["in_time"]["value"] - 1) / 2.25 + 1 == pytest.approx(mean(stars[False]), abs=1e-9)
        assert cost["lower"]["value"] / 2.25 == pytest.approx(mean(stars[False]) - mean(stars[True]), abs=1e-9)
        assert cost["lower"]["low"] > 0

        start = date.fromisoformat(sellers["start"][:10])
        handled = [
            visit
            for visits in olist.values()
            for visit in visits
            if visit.touchpoint in outside and start <= visit.day <= date(2018, 12, 31)
        ]
        number = Counter(visit.handler for visit in handled)
        late_ones = Counter(visit.handler for visit in handled if visit.kept == "late")
        items = {item["handler"]: item for item in sellers["items"] if item["handler"]}
        assert {seller: item["visits"] for seller, item in items.items()} == {
            seller: n for seller, n in number.items() if n >= 5
        }
        assert {seller: item["late"] for seller, item in items.items()} == {
            seller: late_ones[seller] for seller in items
        }

    def test_an_order_is_closed_while_delivery_is_its_last(self, settings: Settings, olist: Cases) -> None:
        assert stored_cases(settings, "olist") == {
            order: (visits[0].at, visits[-1].at if visits[-1].touchpoint == "levering" else None)
            for order, visits in olist.items()
        }

    def test_importing_again_changes_nothing(
        self, settings: Settings, imported: Importer, olist_log: Path, olist_imported: ImportReport
    ) -> None:
        before = stored(settings, "olist")
        again, _ = imported(olist_log, "olist")
        assert again == olist_imported
        assert stored(settings, "olist") == before


def on_the_wall(at: datetime) -> datetime:
    return at.astimezone(SAO_PAULO).replace(tzinfo=None)


def test_nothing_was_rejected(settings: Settings, wabo_imported: ImportReport, olist_imported: ImportReport) -> None:
    assert wabo_imported.uncounted == olist_imported.uncounted == 0
    assert fetch(settings, "SELECT reason, detail FROM rejects") == []
