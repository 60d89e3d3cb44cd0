"""The monitor on a database of counted events, asked without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from httpx import ASGITransport, AsyncClient

from services.monitor.app import build_app
from services.settings import Settings
from tests.counted import Counted


@asynccontextmanager
async def asking(counted: Counted, **settings: Any) -> AsyncIterator[AsyncClient]:
    app = build_app(Settings(database_url=counted.database_url, broker="nowhere.invalid:1", **settings))
    transport = ASGITransport(app)
    async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url="http://monitor") as client:
        yield client
