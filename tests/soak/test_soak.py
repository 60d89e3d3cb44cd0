"""The chaos test, at length: `make soak`, or `pytest tests/soak -k '[7]'` for the seed 7 alone."""

import logging
import time

import pytest

from services.embedded.database import EmbeddedDatabase
from services.settings import Settings
from tests.chaos import Plan, run

SEEDS = range(1, 21)
EVENTS = 10_000
logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it has more to say than all of us together

DISTURBANCES = ("kill", "pause", "join", "kill", "restart_the_database", "kill", "pause", "kill")


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_is_that_of_one_pass_in_order(
    seed: int, settings: Settings, database_server: EmbeddedDatabase
) -> None:
    """One after another in the same log and database, as in an installation that lives on."""
    begun = time.monotonic()
    run(Plan(seed, EVENTS, parts=25, batch_records=40, disturbances=DISTURBANCES), settings, database_server)
    logging.getLogger("chaos").info("seed %d took %.0f s", seed, time.monotonic() - begun)
