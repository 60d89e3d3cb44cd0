"""The JSON API for cases that wait too long."""

from fastapi import APIRouter

from services.monitor.http import api_models as models
from services.monitor.http.cursor import next_flags
from services.monitor.http.problems import documented
from services.monitor.journey.journeys_api import Cursor, Limit, flag_of, journey_versions, place
from services.store.reading import BEFORE_ALL, Reading


def router(reading: Reading) -> APIRouter:
    """Return the route of the flags."""
    routes = APIRouter(prefix="/api", tags=["figures"], responses=documented(401, 503))

    @routes.get("/journeys/{journey}/flags", summary="Cases that wait too long", responses=documented(404, 422))
    async def flags(journey: str, cursor: Cursor = None, limit: Limit = 50) -> models.Flags:
        """List what cases are flagged for: a limit passed, or an expected touchpoint missing; longest overdue first."""
        zone = (await journey_versions(reading, journey))[-1].journey.zone
        async with reading.moment() as moment:
            rows = await moment.open_flags(journey, place(cursor) or BEFORE_ALL, limit)
        return models.Flags(items=[flag_of(row, zone) for row in rows], next=next_flags(rows, limit))

    return routes
