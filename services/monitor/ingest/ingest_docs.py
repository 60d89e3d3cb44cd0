"""What the OpenAPI document says about sending events."""

from typing import Any

from schemas.touchpoint_event import TouchpointEvent

DESCRIPTION = """\
Send one event or an array of events, each plain or as a CloudEvents 1.0 structured event (`type`
`klantreis.touchpoint`). The answer says of every event, by its `index`, whether it was accepted.

`accepted` means: the event is in the log (Kafka) and every in-sync replica has it. `stored` says whether these keep it
on disk, as Kafka does, or in memory only, as the embedded broker does. It has not been counted yet; that follows within
seconds, and is seen on the wallboard and in `/api/journeys/{journey}/cases/{case_id}`. Should it turn
out then that its id was used before with other content, it is rejected there.

An event counts once by (`source`, `event_id`): after a time-out, a 503 or the reason `not_acknowledged`, send it again.
If no event could be accepted the answer is a problem (422, or 503 if the broker is away) that carries the same list.
At most 1 MiB and 5,000 events a request.

Where the monitor asks for keys, a source shows its own as `Authorization: Bearer KEY`. It sends events of that source
only: others are rejected with the reason `source_not_of_this_key`. Who sends too fast gets a 429 that says when to go
on."""

_PLAIN = {
    "source": "zaaksysteem",
    "event_id": "9f1c-0001",
    "journey": "omgevingsvergunning",
    "case_id": "Z-2026-0415",
    "touchpoint": "aanvraag-ingediend",
    "occurred_at": "2026-11-20T10:15:00+01:00",
    "channel": "web",
    "department": "KCC",
    "customer": "klant-8812",
}
_CLOUD = {
    "specversion": "1.0",
    "type": "klantreis.touchpoint",
    "source": "zaaksysteem",
    "id": "9f1c-0002",
    "subject": "Z-2026-0415",
    "time": "2026-11-21T09:00:00+01:00",
    "data": {"journey": "omgevingsvergunning", "touchpoint": "ontvangstbevestiging", "channel": "e-mail"},
}
_EVENT = TouchpointEvent.model_json_schema()

REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"oneOf": [_EVENT, {"type": "array", "items": _EVENT, "minItems": 1}]},
            "examples": {
                "one": {"summary": "One event", "value": _PLAIN},
                "batch": {"summary": "A batch, plain and CloudEvents mixed", "value": [_PLAIN, _CLOUD]},
            },
        },
        "application/cloudevents+json": {
            "schema": {
                "type": "object",
                "required": ["specversion", "type", "source", "id", "time", "subject", "data"],
            },
            "examples": {"one": {"summary": "One CloudEvents 1.0 event", "value": _CLOUD}},
        },
    },
}
