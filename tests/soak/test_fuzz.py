"""The codec on 100,000 records, and every operation of the API a thousand times: `make soak`."""

import logging
from collections.abc import Callable

import pytest

from services.settings import Settings
from tests.codec_fuzz import fuzz_codec
from tests.fuzzing import KNOWN, Fuzz
from tests.monitoring import running_monitor
from tests.snapshots import BALIE

pytestmark = pytest.mark.timeout(3600)

RECORDS = 100_000
REQUESTS = 1_000
"""To each operation; those that take nothing are asked once."""

_log = logging.getLogger("fuzz")


def test_records_that_were_made_up() -> None:
    told = fuzz_codec(RECORDS, number=2)
    _log.info("%d records: %s", told.total(), dict(told))
    assert told.total() >= RECORDS


def test_requests_that_were_made_up(settings: Settings, apply: Callable[[str], str]) -> None:
    apply(BALIE)
    with running_monitor(settings) as monitor:
        fuzz = Fuzz(monitor.address, KNOWN)
        fuzz.ask_everything(REQUESTS, number=2)
        _log.info("%d requests: %s", fuzz.asked.total(), dict(fuzz.asked))
        assert monitor.get("/readyz").status_code == 200
