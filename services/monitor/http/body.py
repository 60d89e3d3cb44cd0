"""The body of a request, never more of it than is allowed."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from services.monitor.http.problems import ProblemError

_JSON = ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json")

Body = TypeVar("Body", bound=BaseModel)


async def json_body(request: Request, limit: int) -> bytes:
    """Return the body; raise a problem for another media type (415) or a body over `limit` bytes (413).

    A body whose length is announced is refused before it is read, a chunked one as soon as it grows too long.
    """
    media_type = request.headers.get("content-type", _JSON[0]).partition(";")[0].strip().lower()
    if media_type not in _JSON:
        raise ProblemError(415, f"the Content-Type is {media_type!r}; send one of {', '.join(_JSON)}")
    return await _body(request, limit)


async def json_model(request: Request, model: type[Body], limit: int) -> Body:
    """Return the body as a model. Raises as `json_body` does, and RequestValidationError for what is not the model."""
    body = await json_body(request, limit)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        mistakes = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        raise RequestValidationError(mistakes) from None


def json_request(model: type[BaseModel]) -> dict[str, Any]:
    """Return the part of an OpenAPI operation that says what `json_model` reads."""
    return {"required": True, "content": {_JSON[0]: {"schema": model.model_json_schema()}}}


async def form_fields(request: Request, limit: int) -> Mapping[str, str]:
    """Return the fields of a form, the first of each name.

    Raises a problem for a body over `limit` bytes (413).
    """
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
    detail = f"the body is over {limit:,} bytes"
    return ProblemError(413, detail, headers={"Connection": "close"})
