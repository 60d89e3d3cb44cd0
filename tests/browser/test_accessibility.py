"""Every page held against axe-core's rules, at a desk or on a phone, dark or light; what keyboards and thumbs reach."""

import asyncio
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest

from services.simulator.improving import write_improvements
from services.simulator.story import Milestones
from services.store.journeys import apply_journey
from streams.windows import Resolution, bucket_of
from tests.browser.chromium import Tab
from tests.browser.conftest import worker_is_seen
from tests.dashboards.demo import demo_journey
from tests.filling import Filling
from tests.monitoring import RunningMonitor
from tests.snapshots import DAY

pytestmark = pytest.mark.timeout(180)

JOURNEY = "omgevingsvergunning"
PAGES = (
    f"/wallboard/{JOURNEY}",
    f"/journeys/{JOURNEY}",
    f"/journeys/{JOURNEY}/paths",
    f"/journeys/{JOURNEY}/review",
    f"/journeys/{JOURNEY}/time",
    f"/journeys/{JOURNEY}/workload",
    f"/journeys/{JOURNEY}/improvements",
    f"/journeys/{JOURNEY}/improvements/1/effect",
    f"/journeys/{JOURNEY}/cases",
    f"/journeys/{JOURNEY}/cases/Z-1",
    "/alerts",
    "/",
    "/journeys/nergens",
    "/sign-in",
)
DESK, PHONE = (1440, 900), (390, 844)
_AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_BROKEN = """axe.run(document, {resultTypes: ["violations"]}).then(found => JSON.stringify(
  found.violations.map(rule => [rule.id, rule.nodes.map(node => node.target.join(" "))])))"""
_ALONE = ".top a:not(.skip), footer a, summary, .onward, form :is(button, select, input:not([type=hidden]))"
_TAB = 9


@pytest.fixture(scope="module")
def axe() -> str:
    """The script; skip aloud without it, fail with CI=true."""
    if _AXE.exists():
        return _AXE.read_text()
    absent = "axe-core is not here: npm could not install it (.ci/npm)"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(absent)
    pytest.skip(absent)


@pytest.fixture(scope="module")
def looked_at(tab: Tab, monitor: RunningMonitor, filling: Filling, database_url: str) -> Callable[..., None]:
    """Open a page of a monitor with something on all of them, in a window of a size."""
    apply_journey(database_url, demo_journey())
    asyncio.run(write_improvements(database_url, Milestones(datetime.now(UTC))))
    with filling.connection.transaction():
        _fill(filling)
    worker_is_seen(filling, timedelta(minutes=3))
    ready = f"fetch('/wallboard/{JOURNEY}').then(answer => answer.text()).then(page => page.includes('ONDER NORM'))"
    tab.open(f"{monitor.address}/healthz")
    tab.wait_for(f"(window.found = window.found || false, {ready}.then(it => window.found = it), window.found)", 20)

    def look(path: str, size: tuple[int, int]) -> None:
        tab.size(*size)
        tab.open(monitor.address + path)

    return look


def _fill(filling: Filling) -> None:
    """Scores, visits and times of ten weeks, a KPI below its norm, a case that waits and one that is closed."""
    now, zone = datetime.now(UTC), demo_journey().zone
    days = [bucket_of(now - timedelta(days=7 * weeks), Resolution.DAY, zone) for weeks in range(10)]
    asked = {"aanvullingsverzoek": 5, "besluit": 8, "legesfactuur": 6, "vraag-gesteld": 8}
    for touchpoint, score in asked.items():
        shown = filling.scope("released satisfaction", journey=JOURNEY, touchpoint=touchpoint, department="VG")
        visits = filling.scope("volume", journey=JOURNEY, touchpoint=touchpoint, department="VG")
        gaps = filling.scope("gap", journey=JOURNEY, span="aanvraag-ingediend", touchpoint=touchpoint)
        for day, detail in chain.from_iterable(((day, "rollups"), (day, "windows")) for day in days):
            filling.window("day", day, shown, "released satisfaction", [1000 * score] * 8 + [9000] * 2, detail=detail)
            filling.window("day", day, visits, "volume", [1] * 12, detail=detail)
        for day in days:
            filling.window("day", day, gaps, "gap", [9 * DAY] * 12)
    taken = filling.scope("throughput", journey=JOURNEY, span="beslistermijn", touchpoint="besluit")
    for day in days:
        filling.window("day", day, taken, "throughput", [40 * DAY] * 9 + [70 * DAY] * 3)
    filling.connection.execute(
        """INSERT INTO kpi_states (journey, kpi, below, threshold, level, told_at, state, judged_at,
                shown_since, shown_n, shown_value)
           SELECT %(journey)s, kpi, below, 5000, 3000, CASE WHEN below THEN now() END,
                CASE WHEN below THEN 'below_norm' ELSE 'on_norm' END, now(), now() - interval '3 weeks', 48, 6.9
           FROM (VALUES ('aanvullingsverzoek', true), ('besluit', false)) AS kpis (kpi, below)""",
        {"journey": JOURNEY},
    )
    filling.connection.execute(
        """INSERT INTO improvements (journey, touchpoint, what_nl, what_en, measure, direction, size, done_on,
                written_at, written_by)
           VALUES (%s, 'besluit', 'Gewone taal', 'Plain words', 'satisfaction', 'up', 1, %s, now(), 'Anna')""",
        (JOURNEY, days[3].astimezone(zone).date()),
    )
    case = filling.case("Z-1", now - timedelta(days=30), journey=JOURNEY, last_touchpoint="aanvraag-ingediend")
    filling.event(case, now - timedelta(days=32), "vraag-gesteld", channel="telefoon", department="KCC")
    filling.event(case, now - timedelta(days=30), "aanvraag-ingediend", channel="web")
    filling.case("Z-2", now - timedelta(days=9), journey=JOURNEY, closed_at=now, last_touchpoint="besluit")


@pytest.mark.parametrize(
    ("path", "size"), [*((path, DESK) for path in PAGES), *((path, PHONE) for path in (PAGES[0], PAGES[1], "/alerts"))]
)
def test_no_rule_of_axe_is_broken(
    tab: Tab, looked_at: Callable[..., None], axe: str, path: str, size: tuple[int, int]
) -> None:
    looked_at(f"{path}?theme={'dark' if size == DESK else 'light'}", size)
    assert tab.see("document.querySelector('h1') !== null")
    tab.see(f"{axe};1")
    assert json.loads(tab.come_to(_BROKEN)) == []


@pytest.mark.parametrize("path", PAGES)
def test_on_a_phone_nothing_is_too_wide_or_too_small_to_hit(
    tab: Tab, looked_at: Callable[..., None], path: str
) -> None:
    """What stands by itself is 44 px high; a link within a sentence need not be."""
    looked_at(f"{path}?lang=en", PHONE)
    assert tab.see("document.documentElement.scrollWidth") <= PHONE[0]
    small = f"""[...document.querySelectorAll({_ALONE!r})].filter(it => it.checkVisibility())
      .filter(it => it.getBoundingClientRect().height < 43.5).map(it => it.outerHTML)"""
    assert tab.see(f"JSON.stringify({small})") == "[]"


@pytest.mark.parametrize("path", [PAGES[0], PAGES[1], "/alerts"])
def test_the_first_key_offers_to_skip_and_what_is_reached_shows(
    tab: Tab, looked_at: Callable[..., None], path: str
) -> None:
    looked_at(path, DESK)
    tab.press("Tab", _TAB)
    assert tab.see("document.activeElement.getAttribute('href')") == "#main"
    assert tab.see("document.activeElement.getBoundingClientRect().top") >= 0
    reached = []
    for _ in range(5):
        tab.press("Tab", _TAB)
        reached.append(tab.see("document.activeElement.outerHTML"))
        assert tab.see("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2, reached[-1]
    assert len(set(reached)) == 5
