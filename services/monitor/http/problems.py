"""Errors of the API as RFC 9457 problem details."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it. Some problems carry more members, such as `errors` or `events`."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str


class ProblemError(Exception):
    """Raised where a request cannot be answered as asked; becomes a problem+json response."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.members = members


def problem_response(error: ProblemError) -> JSONResponse:
    """Return the response that a problem makes."""
    problem = Problem(title=HTTPStatus(error.status).phrase, status=error.status, detail=error.detail, **error.members)
    content = problem.model_dump(mode="json")
    return JSONResponse(content, error.status, dict(error.headers or {}), MEDIA_TYPE)


def unavailable(detail: str, **members: Any) -> ProblemError:
    """Return the problem of something that is away for now: 503 with Retry-After."""
    return ProblemError(503, detail, headers={"Retry-After": str(RETRY_SECONDS)}, **members)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the part of an OpenAPI operation that says which problems it may answer."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}
