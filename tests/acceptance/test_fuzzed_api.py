"""The monitor under requests that a program made up from its own OpenAPI document: no fault, no undocumented answer."""

import logging
from collections.abc import Callable, Iterator

import pytest

from services.settings import Settings
from tests.fuzzing import KNOWN, Fuzz
from tests.monitoring import RunningMonitor, running_monitor
from tests.snapshots import BALIE

pytestmark = pytest.mark.timeout(180)

INPUTS = 20
"""Of each operation; `make soak` tries more."""


@pytest.fixture(scope="module")
def monitor(settings: Settings, apply: Callable[[str], str]) -> Iterator[RunningMonitor]:
    apply(BALIE)
    with running_monitor(settings) as monitor:
        yield monitor


def test_requests_made_up_from_the_document(monitor: RunningMonitor) -> None:
    fuzz = Fuzz(monitor.address, KNOWN)
    fuzz.ask_everything(INPUTS, number=1)
    operations = sum(len(methods) for methods in monitor.get("/openapi.json").json()["paths"].values())
    assert len(fuzz.asked) == operations
    assert {200, 202, 404, 422} <= set(fuzz.answered)  # some got all the way
    assert monitor.get("/readyz").status_code == 200
    told = fuzz.asked.total(), len(fuzz.asked), dict(fuzz.answered)
    logging.getLogger("fuzz").info("%d requests to %d operations: %s", *told)
