"""Every row is that of one pass in order, whatever happens on the way."""

import os

import pytest

from services.embedded.database import EmbeddedDatabase
from services.settings import Settings
from tests.chaos import Plan, run

SEED = int(os.environ.get("KLANTREIS_CHAOS_SEED", "20261122"))


@pytest.mark.timeout(300)
def test_killed_joined_and_without_a_database(settings: Settings, database_server: EmbeddedDatabase) -> None:
    """`make soak` does this with more seeds and more events; KLANTREIS_CHAOS_SEED chooses another seed here."""
    disturbances = ["kill", "join", "kill", "restart_the_database", "kill"]
    run(Plan(SEED, 2000, parts=10, batch_records=20, disturbances=disturbances), settings, database_server)
