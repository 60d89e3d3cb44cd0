"""Light and dark, on a wall, at a desk and on paper; and that the wallboard changes without taking the focus away."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.chromium import Tab
from tests.browser.conftest import worker_is_seen
from tests.filling import Filling
from tests.monitoring import RunningMonitor

pytestmark = pytest.mark.timeout(120)

WALL, DESK = "/wallboard/balie", "/journeys/balie"
GROUND = "getComputedStyle(document.documentElement).backgroundColor"
IS_DARK = f"{GROUND}.match(/\\d+/g).map(Number).reduce((sum, part) => sum + part) < 150"


@pytest.fixture(autouse=True)
def nothing_chosen(tab: Tab, monitor: RunningMonitor) -> None:
    tab.size(1920, 1080)
    tab.prefer()
    tab.open(f"{monitor.address}{DESK}?theme=auto")


@pytest.mark.parametrize(
    ("path", "preferred", "dark"), [(WALL, "light", True), (DESK, "light", False), (DESK, "dark", True)]
)
def test_a_wall_is_dark_and_a_desk_is_what_the_browser_prefers(
    tab: Tab, monitor: RunningMonitor, path: str, preferred: str, *, dark: bool
) -> None:
    tab.prefer(prefers_color_scheme=preferred)
    tab.open(monitor.address + path)
    assert tab.see(IS_DARK) is dark


@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
def test_what_is_chosen_stays(tab: Tab, monitor: RunningMonitor, theme: str, *, dark: bool) -> None:
    tab.open(f"{monitor.address}{DESK}?lang=en&window=7d")
    tab.see(f"document.querySelector('.themes a[href*={theme}]').click()")
    tab.wait_for(f"document.querySelector('.themes [aria-current]')?.href.endsWith('theme={theme}&lang=en')", 10)
    assert tab.see("document.querySelector('select[name=window]').value") == "7d", "what else was asked for stays"
    for path in (DESK, WALL):
        tab.open(monitor.address + path)
        assert tab.see(IS_DARK) is dark
    assert tab.see("document.cookie") == "", "no script reads it"


def test_paper_is_light(tab: Tab, monitor: RunningMonitor) -> None:
    for path in (DESK, WALL):
        tab.open(f"{monitor.address}{path}?theme=dark")
        assert tab.see(IS_DARK) is True
        tab.print_view(on=True)
        assert tab.see(IS_DARK) is False
        assert tab.see("document.querySelector('footer').checkVisibility()") is False
        tab.print_view(on=False)


def test_ten_tiles_are_read_from_five_metres(tab: Tab, monitor: RunningMonitor, filling: Filling) -> None:
    worker_is_seen(filling)
    tab.open(monitor.address + WALL)
    tab.see("""(() => {
      const tiles = document.querySelector('.tiles'), tile = tiles.querySelector('.tile');
      tiles.replaceChildren(...Array.from({length: 10}, () => tile.cloneNode(true)));
      tiles.className = 'tiles of-10';
    })()""")
    sizes = "[...document.querySelectorAll('.tile .figure')].map(it => parseFloat(getComputedStyle(it).fontSize))"
    assert tab.see(f"Math.min(...{sizes})") >= 60
    assert tab.see("document.documentElement.scrollHeight") <= 1080
    hidden = "[...document.querySelectorAll('.tile')].map(it => it.scrollHeight - it.clientHeight)"
    assert tab.see(f"Math.max(...{hidden})") <= 1


def test_what_changes_is_said_and_leaves_the_focus_where_it_is(
    tab: Tab, monitor: RunningMonitor, filling: Filling
) -> None:
    worker_is_seen(filling)
    filling.case("Z-lang", datetime.now(UTC) - timedelta(days=3))
    tab.open(monitor.address + WALL)
    tab.wait_for("document.querySelector('.totals a') !== null", 15)
    tab.see("document.querySelector('.totals a').focus()")
    filling.case("Z-langer", datetime.now(UTC) - timedelta(days=9))
    tab.wait_for("document.querySelector('.totals a').getAttribute('href').endsWith('Z-langer')", 15)
    assert tab.see("document.activeElement.getAttribute('href')") == "/journeys/balie/cases/Z-langer"
    assert tab.see("document.getElementById('headline').getAttribute('aria-live')") == "polite"
    assert tab.see("document.querySelectorAll('main [aria-live], main [role=status], main [role=alert]').length") == 0
