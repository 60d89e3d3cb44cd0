"""The codec on 100,000 records, and every operation of the API a thousand times: `make soak`."""

import logging
from collections import Counter
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
"""To each operation; those that take nothing are asked once a round."""
ROUNDS = 20
"""Each begins anew, since what Hypothesis remembers of a round makes it slow in the long run."""

_log = logging.getLogger("fuzz")


def test_records_that_were_made_up() -> None:
    told = sum((fuzz_codec(RECORDS // ROUNDS, number) for number in range(ROUNDS)), Counter())
    _log.info("%d records: %s", told.total(), dict(told))
    assert told.total() >= RECORDS


def test_requests_that_were_made_up(settings: Settings, apply: Callable[[str], str]) -> None:
    apply(BALIE)
    with running_monitor(settings) as monitor:
        fuzz = Fuzz(monitor.address, KNOWN)
        for number in range(ROUNDS):
            fuzz.ask_everything(REQUESTS // ROUNDS, number)
        _log.info("%d requests: %s", fuzz.asked.total(), dict(fuzz.asked))
        assert monitor.get("/readyz").status_code == 200
