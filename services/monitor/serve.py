"""`klantreis monitor`: the app on uvicorn, until it is told to stop."""

import logging

import uvicorn

from services.monitor.app import build_app
from services.settings import Settings

_GRACE_SECONDS = 3


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; open streams do not hold it up for longer than a few seconds."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # the poller says once what the pool says every second
    uvicorn.run(
        build_app(settings),
        host=settings.monitor_host,
        port=settings.monitor_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
