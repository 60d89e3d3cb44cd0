"""`klantreis monitor`: the app on uvicorn, until it is told to stop."""

import logging
import signal
import sys
from types import FrameType

import uvicorn

from services.monitor.app import build_app
from services.settings import Settings

_GRACE_SECONDS = 3


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then exit the process with 0; open streams hold it up for seconds only."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, _leave)  # uvicorn takes over while it serves, and hands back to us what it was sent
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # the poller says once what the pool says every second
    uvicorn.run(
        build_app(settings),
        host=settings.monitor_host,
        port=settings.monitor_port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom to believe is settled by trusted_proxies, from the address of the connection itself
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)
