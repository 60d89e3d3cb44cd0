"""/healthz: the process lives. /readyz: it has figures, and can read them."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.monitor.figures.freshness import STALE_AFTER
from services.monitor.figures.snapshot import Poller
from services.monitor.http.problems import documented, unavailable


def router(poller: Poller) -> APIRouter:
    """Return the routes that an orchestrator asks."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", summary="Whether the process lives")
    async def healthz() -> JSONResponse:
        """Answer 200 as long as the process answers at all."""
        return JSONResponse({"status": "ok"})

    @routes.get("/readyz", summary="Whether there are figures and the database can be read", responses=documented(503))
    async def readyz() -> JSONResponse:
        """Answer 200 once a first snapshot was taken and while the database is read, else 503 with the reason."""
        snapshot = poller.snapshot
        if poller.failing is not None or snapshot is None:
            raise unavailable(poller.failing or "nothing has been read yet")
        age = snapshot.age(poller.clock())
        if age > STALE_AFTER:
            raise unavailable(f"the figures are {age.total_seconds():.0f} seconds old")
        return JSONResponse({"status": "ready", "snapshot_age_seconds": age.total_seconds()})

    return routes
