"""The wallboard in a real browser: it changes by itself, says when its figures stand still, and fits every screen."""

import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from streams.windows import Resolution, bucket_of
from tests.browser.chromium import Tab
from tests.browser.conftest import worker_is_seen
from tests.filling import Filling
from tests.monitoring import RunningMonitor
from tests.snapshots import DAY, balie

pytestmark = pytest.mark.timeout(120)

SIZES = ((1920, 1080), (1366, 768), (1024, 768), (390, 844))
ONE_SCREEN = SIZES[:2]


def answers_took(filling: Filling, days: float, count: int) -> None:
    """Add gaps before the answer in this hour, and the visits that ended them today."""
    now, zone = datetime.now(UTC), balie().zone
    gaps = filling.scope("gap", touchpoint="antwoord", department="KCC")
    filling.window("hour", bucket_of(now, Resolution.HOUR, zone), gaps, "gap", [round(days * DAY)] * count)
    volumes = filling.scope("volume", touchpoint="antwoord", department="KCC")
    filling.window("day", bucket_of(now, Resolution.DAY, zone), volumes, "volume", [1] * count)


def saw(words: str) -> str:
    """An expression that holds once the page shows some words."""
    return f"document.body.innerText.replaceAll('\\u202f', ' ').includes({words!r})"


def test_it_follows_what_is_counted(tab: Tab, monitor: RunningMonitor, filling: Filling) -> None:
    tab.size(1920, 1080)
    tab.open(f"{monitor.address}/wallboard/balie")
    tab.wait_for(saw("METING STIL"), 10)
    worker_is_seen(filling)
    tab.wait_for(f"!{saw('METING STIL')} && {saw('vers:')}", 10)
    tab.wait_for(saw("Nog te weinig om over te oordelen"), 10)

    answers_took(filling, 5, 9)  # within a week
    tab.wait_for(saw("Alles op tijd"), 15)
    answers_took(filling, 20, 12)  # most are late now
    tab.wait_for(saw("1 te laat"), 15)
    tab.wait_for(saw("43 % binnen 1 week"), 15)
    filling.case("Z-wacht", datetime.now(UTC) - timedelta(days=3))
    tab.wait_for("document.querySelector('.totals a')?.getAttribute('href') === '/journeys/balie/cases/Z-wacht'", 10)
    assert tab.see("document.querySelector('.tile').className") == "tile over"


def test_it_says_when_counting_stops(tab: Tab, monitor: RunningMonitor, filling: Filling) -> None:
    filling.log(10, 10, datetime.now(UTC) - timedelta(seconds=20))
    tab.wait_for(saw("METING STIL"), 10)
    assert tab.see("getComputedStyle(document.querySelector('main')).opacity") < "1"
    worker_is_seen(filling)
    tab.wait_for(f"!{saw('METING STIL')}", 10)
    assert tab.see("getComputedStyle(document.querySelector('main')).opacity") == "1"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_fits_the_screen(
    tab: Tab, monitor: RunningMonitor, filling: Filling, size: tuple[int, int], language: str
) -> None:
    worker_is_seen(filling)
    tab.size(*size)
    tab.open(f"{monitor.address}/wallboard/balie?lang={language}")
    tab.wait_for("document.body.dataset.state === 'fresh'", 10)
    assert tab.see("document.documentElement.scrollWidth") <= size[0]
    if size in ONE_SCREEN:
        assert tab.see("document.documentElement.scrollHeight") <= size[1]
        assert (
            tab.see("Math.max(...[...document.querySelectorAll('.tile')].map(t => t.scrollHeight - t.clientHeight))")
            <= 1
        )
        smallest = 20 * min(size[0] / 1920, size[1] / 1080)
        sizes = "[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize))"
        assert tab.see(f"Math.min(...{sizes})") == pytest.approx(smallest, rel=0.02)


@pytest.mark.parametrize(
    "path",
    [
        "/wallboard/balie",
        "/journeys/balie",
        "/journeys/balie/review",
        "/journeys/balie/improvements",
        "/journeys/balie/paths",
        "/journeys/balie/cases",
        "/journeys/balie/cases/Z-wacht",
        "/docs",
    ],
)
def test_pages_keep_to_themselves_and_fit_a_phone(tab: Tab, monitor: RunningMonitor, path: str) -> None:
    tab.size(390, 844)
    tab.open(monitor.address + path)
    loaded = tab.see("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert loaded
    assert all(address.startswith(monitor.address) for address in loaded)
    assert tab.see("document.documentElement.scrollWidth") <= 390


def test_the_slider_hides_rare_paths(tab: Tab, monitor: RunningMonitor, filling: Filling) -> None:
    """At half its way it asks for a quarter of what the busiest step has."""
    bucket = bucket_of(datetime.now(UTC) - timedelta(days=9), Resolution.DAY, balie().zone)
    for after, touchpoint, times in (
        ("gesteld", "bericht", 40),
        ("bericht", "antwoord", 11),
        ("antwoord", "nazorg", 9),
    ):
        scope = filling.scope("gap", span=after, touchpoint=touchpoint)
        filling.window("day", bucket, scope, "gap", [DAY] * times)
    tab.size(1280, 800)
    tab.open(f"{monitor.address}/journeys/balie/paths?lang=en")
    seen = (
        "[...document.querySelectorAll('tr[data-times]')].filter(row => row.offsetHeight).map(row => row.dataset.times)"
    )
    assert tab.see(f"{seen}.join()") == "40,11,9"
    moved = "slider.value = 50; slider.dispatchEvent(new Event('input'));"
    tab.see(f"(() => {{ const slider = document.querySelector('#rare input'); {moved} }})()")
    assert tab.see(f"{seen}.join()") == "40,11"
    arcs = "[...document.querySelectorAll('g[data-times]')].filter(arc => getComputedStyle(arc).display !== 'none')"
    assert tab.see(f"{arcs}.map(arc => arc.dataset.times).join()") == "11,40"
    assert tab.see(saw("from 10 times on"))


def test_it_says_when_the_connection_is_lost_and_goes_on_when_it_is_back(
    tab: Tab, monitor: RunningMonitor, filling: Filling
) -> None:
    worker_is_seen(filling)
    tab.size(1920, 1080)
    tab.open(f"{monitor.address}/wallboard/balie")
    tab.wait_for("document.body.dataset.state === 'fresh'", 10)
    assert monitor.child.pid is not None
    os.kill(monitor.child.pid, signal.SIGSTOP)  # the connection stays, and nothing comes
    try:
        tab.wait_for(saw("VERBINDING WEG"), 15)
        assert not tab.see(saw("vers:"))
    finally:
        os.kill(monitor.child.pid, signal.SIGCONT)
    tab.wait_for(f"!{saw('VERBINDING WEG')} && document.body.dataset.state === 'fresh'", 20)
    monitor.child.stop(10)
    tab.wait_for(saw("VERBINDING WEG"), 15)
    monitor.child.start()
    worker_is_seen(filling)
    tab.wait_for(f"!{saw('VERBINDING WEG')} && document.body.dataset.state === 'fresh'", 40)
