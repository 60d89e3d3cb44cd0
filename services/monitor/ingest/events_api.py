"""POST /api/events/touchpoints: from HTTP into the log, with a word about every event."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeGuard

import orjson
from fastapi import APIRouter, Request

from schemas.codec import decode_events
from schemas.reject import Fault
from schemas.topics import TOUCHPOINT_EVENTS, case_key
from schemas.touchpoint_event import TouchpointEvent
from services.monitor.figures.snapshot import Poller
from services.monitor.http.api_models import EventOutcome, Ingested
from services.monitor.http.body import json_body
from services.monitor.http.problems import ProblemError, documented, unavailable
from services.monitor.ingest.admission import Admission, Sender, ShownKey
from services.monitor.ingest.ingest_docs import DESCRIPTION, REQUEST_BODY
from services.monitor.ingest.outlet import Outlet

MAX_BYTES = 1024 * 1024
MAX_EVENTS = 5_000
NOT_ACKNOWLEDGED = "not_acknowledged"
"""The reason of an event that was fine but that the broker did not confirm. Sent again it counts once."""

NOT_OF_THIS_KEY = "source_not_of_this_key"
"""The reason of an event of another source than that of the key it was sent with."""

Decoded = TouchpointEvent | Fault


def router(poller: Poller, outlet: Outlet, admission: Admission, *, stored: bool) -> APIRouter:
    """Return the route that takes events; `stored` says whether the broker keeps them on disk."""
    routes = APIRouter(prefix="/api/events", tags=["events"])

    @routes.post(
        "/touchpoints",
        status_code=202,
        summary="Send touchpoint events",
        description=DESCRIPTION,
        responses=documented(400, 401, 403, 413, 415, 422, 429, 503),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def touchpoints(request: Request, shown: ShownKey) -> Ingested:
        sender = await admission.admit(shown)
        elements = _elements(await json_body(request, MAX_BYTES))
        sender.spend(len(elements) - 1)
        if poller.snapshot is None:
            raise unavailable("the journeys are not known yet, so no event can be checked; try again")
        catalogue, now = poller.snapshot.catalogue, poller.clock()
        records = [orjson.dumps(element) for element in elements]
        decoded = await asyncio.to_thread(decode_events, records, catalogue, now)
        taken = {place: each for place, each in enumerate(decoded) if _is_taken(each, sender)}
        letters = [(case_key(each.journey, each.case_id), records[place]) for place, each in taken.items()]
        faults = await asyncio.to_thread(outlet.deliver, TOUCHPOINT_EVENTS, letters) if letters else []
        unsent = {place: fault for place, fault in zip(taken, faults, strict=True) if fault is not None}
        outcomes = [_outcome(place, elements[place], each, sender, unsent) for place, each in enumerate(decoded)]
        return _answer(outcomes, unsent, stored)

    return routes


def _elements(body: bytes) -> Sequence[Any]:
    """Return the events of a body, one or an array; raise a problem for what is neither."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProblemError(
            400,
            f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}",
            errors=[{"line": error.lineno, "column": error.colno, "position": error.pos, "detail": error.msg}],
        ) from None
    if not isinstance(document, dict | list):
        raise ProblemError(422, "the body should be an event (a JSON object) or an array of events")
    elements = document if isinstance(document, list) else [document]
    if not elements:
        raise ProblemError(422, "the array is empty; send at least one event")
    if len(elements) > MAX_EVENTS:
        raise ProblemError(422, f"{len(elements):,} events in one request; send at most {MAX_EVENTS:,}")
    return elements


def _is_taken(decoded: Decoded, sender: Sender) -> TypeGuard[TouchpointEvent]:
    return isinstance(decoded, TouchpointEvent) and sender.may_send(decoded.source)


def _outcome(index: int, element: Any, decoded: Decoded, sender: Sender, unsent: dict[int, str]) -> EventOutcome:
    if isinstance(decoded, Fault):
        named = element.get("event_id", element.get("id")) if isinstance(element, dict) else None
        event_id = named if isinstance(named, str) else None
        return EventOutcome(index=index, event_id=event_id, status="rejected", **decoded.model_dump(mode="json"))
    if not sender.may_send(decoded.source):
        why = {"reason": NOT_OF_THIS_KEY, "field": "source", "detail": f"this key sends events of {sender.source!r}"}
        return EventOutcome(index=index, event_id=decoded.event_id, status="rejected", **why)
    if index in unsent:
        why = {"reason": NOT_ACKNOWLEDGED, "detail": f"{unsent[index]}; send it again, it will count once"}
        return EventOutcome(index=index, event_id=decoded.event_id, status="rejected", **why)
    return EventOutcome(index=index, event_id=decoded.event_id, status="accepted")


def _answer(events: Sequence[EventOutcome], unsent: dict[int, str], stored: bool) -> Ingested:
    """Return what was taken; raise a problem that carries the same list if nothing was."""
    accepted = sum(event.status == "accepted" for event in events)
    if accepted:
        return Ingested(accepted=accepted, rejected=len(events) - accepted, stored=stored, events=events)
    if unsent:
        raise unavailable(f"no event was taken: {next(iter(unsent.values()))}", events=events)
    raise ProblemError(422, "no event was taken; `events` says why of each", events=events)
