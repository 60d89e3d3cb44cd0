"""What several contract tests count into."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.store.keeping import set_keep
from tests.counted import Counted, counting
from tests.drawn import MIDNIGHT, catalogue


@pytest.fixture
def lasting_url(database_url: str) -> str:
    """The address of the module's database, in which everything is kept."""
    for name in ("minute", "hour", "day", "events", "tombstones"):
        set_keep(database_url, name, None)
    return database_url


@pytest.fixture
async def counted(lasting_url: str) -> AsyncIterator[Counted]:
    """An empty database, 60 days after midnight, in which everything is kept."""
    async with counting(lasting_url, MIDNIGHT + timedelta(days=60), *catalogue().versions("loket")) as counted:
        yield counted
