"""The demo's panel on the wallboard: be a customer oneself, be invited, and answer. Nothing but a demo has it."""

import asyncio
import uuid
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from schemas.journey import Journey
from schemas.topics import TOUCHPOINT_EVENTS, case_key
from schemas.touchpoint_event import TouchpointEvent
from services.monitor.figures.snapshot import Poller
from services.monitor.http.problems import ProblemError, unavailable
from services.monitor.ingest.outlet import Outlet
from services.monitor.pages.html import reader
from services.survey_links import SurveyLinks

SOURCE = "demo"


def router(poller: Poller, outlet: Outlet, links: SurveyLinks) -> APIRouter:
    """Return the routes of the panel."""
    routes = APIRouter(prefix="/demo", include_in_schema=False)

    @routes.post("/{journey}/contact")
    async def contact(request: Request, journey: str) -> Response:
        """Let a new customer have contact with the organisation just now, and go back to the wallboard."""
        asking = reader(request)
        snapshot = poller.snapshot
        if snapshot is None or journey not in snapshot.journeys:
            raise asking.no_such_journey(journey)
        event = contact_event(snapshot.journeys[journey].drawn, poller.clock())
        if event is None:
            raise ProblemError(409, f"no touchpoint of journey {journey!r} asks its customers anything")
        record = case_key(*event.case_key), event.model_dump_json(exclude_none=True).encode()
        (fault,) = await asyncio.to_thread(outlet.deliver, TOUCHPOINT_EVENTS, [record])
        if fault is not None:
            raise unavailable(fault)
        return RedirectResponse(asking.link(f"/wallboard/{journey}"), status_code=303)

    @routes.get("/surveys/{invitation_id}")
    async def survey(request: Request, invitation_id: str) -> Response:
        """Lead to the page of an invitation, as the link in the customer's letter does."""
        token = links.token(invitation_id, poller.clock())
        asking = replace(reader(request), names_language=True)
        return RedirectResponse(asking.link(f"/survey/{token}"), status_code=303)

    return routes


def contact_event(drawn: Journey, now: datetime) -> TouchpointEvent | None:
    """Return an event of a new case at a touchpoint that asks each customer, a moment of truth if there is one."""
    asking = [each for each in drawn.touchpoints if each.asks and each.sampling == 1]
    if not asking:
        return None
    touchpoint = next((each for each in asking if each.moment_of_truth), asking[0])
    number = uuid.uuid4().hex
    return TouchpointEvent(
        source=SOURCE,
        event_id=number,
        journey=drawn.id,
        case_id=f"DEMO-{number[:8]}",
        customer=f"demo-{number}",
        touchpoint=touchpoint.id,
        occurred_at=now,
        channel=next(iter(touchpoint.channels), None),
        department=touchpoint.department,
        persona=next((persona.id for persona in drawn.personas), None),
    )
