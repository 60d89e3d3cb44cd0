"""GET /api/journeys/ID/remarks: what customers wrote, for those who have the right to read it."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.monitor.figures.asked import Asked
from services.monitor.figures.snapshot import Poller
from services.monitor.http import api_models as models
from services.monitor.http.problems import ProblemError, documented
from services.monitor.journey.journeys_api import journey_versions
from services.store.reading import Reading

_bearer = HTTPBearer(auto_error=False, description="KLANTREIS_REMARKS_TOKEN of the monitor's configuration.")

Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
Of = Annotated[Asked, Query()]
Limit = Annotated[int, Query(ge=1, le=500, description="How many remarks to return.")]


def router(reading: Reading, poller: Poller, token: str) -> APIRouter:
    """Return the route; without a token in the configuration nobody has the right."""
    routes = APIRouter(prefix="/api/journeys/{journey}", tags=["scores"])

    @routes.get(
        "/remarks",
        summary="What customers wrote, for those who may read it",
        responses=documented(401, 403, 404, 422, 503),
    )
    async def remarks(journey: str, asked: Of, shown: Shown, limit: Limit = 100) -> models.Remarks:
        """Return the newest remarks of a time, of one touchpoint or of all. No case and no customer is with them."""
        _refuse_strangers(token, shown)
        versions = await journey_versions(reading, journey)
        over, zone = asked.parts(versions, poller.clock()), versions[-1].journey.zone
        async with reading.moment() as moment:
            found = await moment.remarks(journey, over[0].start, over[-1].end, asked.touchpoint, limit)
        return models.Remarks(
            items=[
                models.Remark(day=each.answered_at.astimezone(zone).date(), touchpoint=each.touchpoint, text=each.text)
                for each in found
            ]
        )

    return routes


def _refuse_strangers(token: str, shown: HTTPAuthorizationCredentials | None) -> None:
    if not token:
        raise ProblemError(403, "remarks are shown to nobody: KLANTREIS_REMARKS_TOKEN is not set")
    if shown is None:
        headers = {"WWW-Authenticate": "Bearer"}
        raise ProblemError(401, "who reads remarks shows the token as Authorization: Bearer TOKEN", headers=headers)
    if not secrets.compare_digest(shown.credentials.encode(), token.encode()):
        raise ProblemError(403, "this is not the token that remarks are shown for")
