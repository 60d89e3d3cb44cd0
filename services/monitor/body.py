"""The body of a request, never more of it than is allowed."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import Request

from services.monitor.problems import ProblemError

_JSON = ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json")


async def json_body(request: Request, limit: int) -> bytes:
    """Return the body; raise a problem for another media type (415) or a body over `limit` bytes (413).

    A body whose length is announced is refused before it is read, a chunked one as soon as it grows too long.
    """
    media_type = request.headers.get("content-type", _JSON[0]).partition(";")[0].strip().lower()
    if media_type not in _JSON:
        raise ProblemError(415, f"the Content-Type is {media_type!r}; send one of {', '.join(_JSON)}")
    return await _body(request, limit)


async def form_fields(request: Request, limit: int) -> Mapping[str, str]:
    """Return the fields of a form, the first of each name.

    Raises a problem for a body over `limit` bytes (413), and for a form on a page of somebody else's (403).
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ProblemError(403, "this form was sent by a page from elsewhere")
    body = await _body(request, limit)
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


async def _body(request: Request, limit: int) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> ProblemError:
    detail = f"the body is over {limit:,} bytes; send fewer events at a time"
    return ProblemError(413, detail, headers={"Connection": "close"})
