"""POST /api/events/touchpoints: from HTTP into the log, with a word about every event."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request

from schemas.codec import decode_events
from schemas.reject import Fault
from schemas.topics import TOUCHPOINT_EVENTS, case_key
from schemas.touchpoint_event import TouchpointEvent
from services.monitor.api_models import EventOutcome, Ingested
from services.monitor.body import json_body
from services.monitor.ingest_docs import DESCRIPTION, REQUEST_BODY
from services.monitor.outlet import Outlet
from services.monitor.problems import ProblemError, documented, unavailable
from services.monitor.snapshot import Poller

MAX_BYTES = 1024 * 1024
MAX_EVENTS = 5_000
NOT_ACKNOWLEDGED = "not_acknowledged"
"""The reason of an event that was fine but that the broker did not confirm. Sent again it counts once."""

Decoded = TouchpointEvent | Fault


def router(poller: Poller, outlet: Outlet, *, stored: bool) -> APIRouter:
    """Return the route that takes events; `stored` says whether the broker keeps them on disk."""
    routes = APIRouter(prefix="/api/events", tags=["events"])

    @routes.post(
        "/touchpoints",
        status_code=202,
        summary="Send touchpoint events",
        description=DESCRIPTION,
        responses=documented(400, 413, 415, 422, 503),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def touchpoints(request: Request) -> Ingested:
        elements = _elements(await json_body(request, MAX_BYTES))
        if poller.snapshot is None:
            raise unavailable("the journeys are not known yet, so no event can be checked; try again")
        catalogue, now = poller.snapshot.catalogue, poller.clock()
        records = [orjson.dumps(element) for element in elements]
        decoded = await asyncio.to_thread(decode_events, records, catalogue, now)
        good = [place for place, each in enumerate(decoded) if isinstance(each, TouchpointEvent)]
        letters = list(_letters(decoded, records))
        faults = await asyncio.to_thread(outlet.deliver, TOUCHPOINT_EVENTS, letters) if letters else []
        unsent = {place: fault for place, fault in zip(good, faults, strict=True) if fault is not None}
        return _answer(
            [_outcome(place, elements[place], each, unsent) for place, each in enumerate(decoded)], unsent, stored
        )

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


def _letters(decoded: Sequence[Decoded], records: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for each, record in zip(decoded, records, strict=True):
        if isinstance(each, TouchpointEvent):
            yield case_key(each.journey, each.case_id), record


def _outcome(index: int, element: Any, decoded: Decoded, unsent: dict[int, str]) -> EventOutcome:
    if isinstance(decoded, Fault):
        named = element.get("event_id", element.get("id")) if isinstance(element, dict) else None
        event_id = named if isinstance(named, str) else None
        return EventOutcome(index=index, event_id=event_id, status="rejected", **decoded.model_dump(mode="json"))
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
