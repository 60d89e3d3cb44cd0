"""Snapshots made by hand, for tests of what the monitor makes of one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from schemas.journey import Catalogue, Journey, JourneyVersion, parse_journey
from services.lag import Lag
from services.monitor.figures.kpi_standing import standings
from services.monitor.figures.rolling_windows import WINDOWS
from services.monitor.figures.snapshot import JourneySnapshot, Poller, Snapshot
from services.store.reading import CaseCounts, CaseRow, Histogram, Histograms, KpiRow, Reading, Subject
from streams.windows import bin_of

NOW = datetime(2026, 11, 22, 13, 32, 5, tzinfo=UTC)
DAY = 86_400_000

BALIE = """
id: balie
name: {nl: Balie, en: Counter}
time_zone: Europe/Amsterdam
case_limit: P4D
phases:
  - id: vraag
    name: {nl: Vraag, en: Question}
    touchpoints:
      - {id: gesteld, name: {nl: Vraag gesteld, en: Question asked}, initiator: customer}
      - {id: bericht, name: {nl: Bericht, en: Message}, gap_limit: P2D}
  - id: antwoord
    name: {nl: Antwoord, en: Answer}
    touchpoints:
      - {id: antwoord, name: {nl: Antwoord, en: Answer}, moment_of_truth: true, gap_limit: P1W}
  - id: daarna
    name: {nl: Daarna, en: Afterwards}
    aftercare: true
    touchpoints:
      - {id: nazorg, name: {nl: Nazorg, en: Care}}
end_touchpoints: [antwoord]
spans:
  - {id: antwoordtermijn, name: {nl: Antwoordtermijn, en: Time to answer}, start: gesteld, end: antwoord, limit: P8W}
kpis:
  - id: antwoord
    name: {nl: Goed antwoord, en: Good answer}
    measure: satisfaction
    norm: 7.5
    touchpoint: antwoord
    severity: critical
    owner: Jansen
    runbook: https://wiki.example/antwoord
  - {id: bericht, name: {nl: Bericht, en: Message}, measure: effort, norm: 5, touchpoint: bericht}
"""


def balie() -> Journey:
    return parse_journey(BALIE)


def histogram(measure: str, values: Iterable[int]) -> Histogram:
    given = list(values)
    return Histogram(len(given), sum(given), Counter(bin_of(measure, value) for value in given))


def gap(touchpoint: str, values: Iterable[int], department: str = "KCC") -> dict[Subject, Histogram]:
    return {Subject("gap", "", touchpoint, department): histogram("gap", values)}


def scores(touchpoint: str, given: Iterable[int], measure: str = "satisfaction") -> dict[Subject, Histogram]:
    """Scores in points, as they are shown."""
    shown = f"released {measure}"
    return {Subject(shown, "", touchpoint, "KCC"): histogram(shown, (1000 * score for score in given))}


def throughput(span: str, values: Iterable[int], touchpoint: str = "antwoord") -> dict[Subject, Histogram]:
    return {Subject("throughput", span, touchpoint, "KCC"): histogram("throughput", values)}


def within(span: str, kept: int, missed: int, touchpoint: str = "antwoord") -> dict[Subject, Histogram]:
    """Limits that fell, and how many were kept."""
    return {Subject("within", span, touchpoint, "KCC"): histogram("within", [1] * kept + [0] * missed)}


def volume(touchpoint: str, n: int, department: str = "KCC") -> dict[Subject, Histogram]:
    return {Subject("volume", "", touchpoint, department): Histogram(n, n, {})}


def waiting(case_id: str = "Z-1", days: float = 3) -> CaseRow:
    at = NOW - timedelta(days=days)
    return CaseRow(1, "balie", case_id, at, None, at, "gesteld", "KCC")


def kpi_row(kpi: str = "antwoord", **changed: object) -> KpiRow:
    """A KPI that is below norm, told an hour ago; unless `changed` says otherwise."""
    row = KpiRow(
        kpi=kpi,
        state="below_norm",
        below=True,
        since=NOW - timedelta(hours=2),
        threshold=30_000,
        level=6_000,
        recent=130,
        told_at=NOW - timedelta(hours=1),
        judged_at=NOW - timedelta(seconds=20),
        shown_since=datetime(2026, 11, 3, 9, tzinfo=UTC),
        shown_n=48,
        shown_value=Decimal("6.5833"),
        acknowledged_at=None,
        acknowledged_by=None,
        note=None,
    )
    return replace(row, **changed)  # type: ignore[arg-type]


def on_norm(kpi: str) -> KpiRow:
    return kpi_row(kpi, state="on_norm", below=False, told_at=None, level=0)


def journey_snapshot(
    histograms: Histograms | None = None, today: Mapping[str, int] | None = None, *kpis: KpiRow
) -> JourneySnapshot:
    return JourneySnapshot(
        drawn=balie(),
        counts=CaseCounts(open=12, overdue=3, opened_today=4, closed_today=2),
        waiting_longest=waiting(),
        today=today or {},
        windows=dict.fromkeys(WINDOWS, histograms or {}),
        kpis=standings(balie(), kpis),
        flagged={("waiting", "bericht"): 1},
    )


def snapshot(journey: JourneySnapshot | None = None, **changed: object) -> Snapshot:
    """A snapshot of one journey, read at NOW, with a worker seen a second before."""
    shown = journey or journey_snapshot()
    version = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=shown.drawn)
    made = Snapshot(
        taken_at=NOW,
        catalogue=Catalogue([version]),
        journeys={shown.drawn.id: shown},
        lag=Lag((), NOW - timedelta(seconds=1)),
        rejects={},
        interruptions={},
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def poller(holding: Snapshot | None, now: datetime = NOW) -> Poller:
    """A poller that holds a snapshot and is not polling."""
    held = Poller(Reading("postgresql://nowhere.invalid/x"), lambda: now, 0.5, snapshot=holding)
    held.failing = None if holding else "nothing has been read yet"
    return held
