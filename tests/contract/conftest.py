"""What several contract tests count into."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.store.keeping import set_keep
from tests.counted import Counted, store_on
from tests.drawn import MIDNIGHT, catalogue


@pytest.fixture
async def counted(database_url: str) -> AsyncIterator[Counted]:
    """An empty database, 60 days after midnight, in which everything is kept."""
    store = store_on(database_url)
    counted = Counted(database_url, store, MIDNIGHT + timedelta(days=60))
    counted.empty(*catalogue().versions("loket"))
    for name in ("minute", "hour", "day", "events"):
        set_keep(database_url, name, None)
    await store.open()
    yield counted
    await store.close()
