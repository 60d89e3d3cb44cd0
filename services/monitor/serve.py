"""`klantreis monitor`: the app on uvicorn, until it is told to stop."""

import uvicorn

from services.monitor.app import build_app
from services.settings import Settings

_GRACE_SECONDS = 3


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; open streams do not hold it up for longer than a few seconds."""
    uvicorn.run(
        build_app(settings),
        host=settings.monitor_host,
        port=settings.monitor_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
