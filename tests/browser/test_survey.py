"""The demo as its viewer lives it: be a customer, be invited, answer on a phone, see the wallboard's number change."""

from collections.abc import Callable, Iterator

import pytest

from services.embedded.commands import command_child
from services.settings import Settings
from tests.browser.chromium import Tab
from tests.drawn import LOKET
from tests.monitoring import RunningMonitor, running_monitor

pytestmark = pytest.mark.timeout(180)

ASKING = LOKET.replace("moment_of_truth: true}", "moment_of_truth: true, asks: [satisfaction, overall, emotion]}")
A_DEMO = {"demo": True, "release_answers": 1, "enough_answers": 2}
SCORES = """
JSON.stringify([...document.querySelectorAll('.stop')].map(
  stop => [...stop.querySelectorAll('dd')].slice(0, 2).map(each => each.innerText).join(' of ')))
"""
"""The score of each touchpoint and the number of its answers."""


@pytest.fixture(scope="module")
def monitor(tab: Tab, settings: Settings, apply: Callable[[str], str]) -> Iterator[RunningMonitor]:
    """A demo of one small journey, once there is a browser to look at it with."""
    apply(ASKING)
    demo = settings.model_copy(update=A_DEMO)
    worker = command_child("worker", "worker", demo)
    worker.start()
    try:
        with running_monitor(demo) as monitor:
            yield monitor
    finally:
        worker.stop(30)


def press(tab: Tab, selector: str) -> None:
    tab.wait_for(f"document.querySelector({selector!r}) !== null", 10)
    tab.see(f"document.querySelector({selector!r}).click()")


def be_a_customer_and_answer(tab: Tab, monitor: RunningMonitor, score: int) -> None:
    """From the wallboard's panel to the last page, in taps only."""
    tab.size(1920, 1080)
    tab.open(f"{monitor.address}/wallboard/loket")
    press(tab, "#demo button")
    press(tab, "#demo a")
    tab.size(390, 844)
    tab.wait_for("document.querySelector('h1')?.innerText.startsWith('Hoe tevreden')", 10)
    press(tab, f"button[value='{score}']")
    for path in ("overall", "emotion"):
        tab.wait_for(f"location.pathname.endsWith('/{path}')", 10)
        press(tab, ".skip")
    tab.wait_for("location.pathname.endsWith('/remark')", 10)
    press(tab, "button.ready")
    tab.wait_for("document.querySelector('h1')?.innerText === 'Dank u wel'", 10)


def test_an_answer_changes_the_number_on_the_wall(tab: Tab, monitor: RunningMonitor) -> None:
    be_a_customer_and_answer(tab, monitor, 6)
    be_a_customer_and_answer(tab, monitor, 9)
    tab.size(1920, 1080)
    tab.open(f"{monitor.address}/wallboard/loket")
    tab.wait_for(f"""{SCORES.strip()} === '["– of 0","– of 0","– of 0","7,5 of 2","– of 0"]'""", 10)
    assert tab.see("document.querySelectorAll('.curve .score').length") == 1
    be_a_customer_and_answer(tab, monitor, 10)
    tab.size(1920, 1080)
    tab.open(f"{monitor.address}/wallboard/loket")
    tab.wait_for(f"""{SCORES.strip()} === '["– of 0","– of 0","– of 0","8,3 of 3","– of 0"]'""", 10)


def test_the_page_is_one_thumbs_work(tab: Tab, monitor: RunningMonitor) -> None:
    """No score to scroll to, none too small to hit, each reached by keyboard, no script, nothing from elsewhere."""
    tab.size(1920, 1080)
    tab.open(f"{monitor.address}/wallboard/loket")
    press(tab, "#demo button")
    press(tab, "#demo a")
    for width, height in ((390, 844), (320, 568), (1366, 768)):
        tab.size(width, height)
        tab.wait_for("document.querySelectorAll('.scores button').length === 10", 10)
        assert tab.see("document.documentElement.scrollWidth") <= width
        boxes = "[...document.querySelectorAll('.scores button')].map(b => b.getBoundingClientRect())"
        assert tab.see(f"Math.min(...{boxes}.map(box => Math.min(box.width, box.height)))") >= 48
        assert tab.see(f"Math.max(...{boxes}.map(box => box.bottom))") <= height
    assert tab.see("document.scripts.length") == 0
    assert tab.see("document.querySelector('legend h1').innerText") == "Hoe tevreden bent u over dit contact?"
    assert tab.see("document.querySelector('button').getAttribute('aria-label')") == "1, van 1 tot 10"
    assert tab.see("[...document.querySelectorAll('button, a')].every(each => each.tabIndex === 0)")
    loaded = tab.see("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert all(address.startswith(monitor.address) for address in loaded)
    assert contrast(tab, "button") >= 4.5
    assert contrast(tab, ".ends") >= 4.5
    assert contrast(tab, ".about") >= 4.5


def contrast(tab: Tab, selector: str) -> float:
    """The contrast of an element's text with the white that it stands on (WCAG 2)."""
    colour = tab.see(f"getComputedStyle(document.querySelector({selector!r})).color")
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
