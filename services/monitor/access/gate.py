"""Who gets through: readers who may look, at an address that can be, and no form from a page of somebody else's.

Everything passes here first.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.monitor.access.visitors import Visitors
from services.monitor.http.problems import ProblemError, problem_response

_FOR_ALL = re.compile(
    r"/healthz|/readyz"  # an orchestrator has no token, and is told nothing but whether it works
    r"|/survey/.+"  # customers have their link
    r"|/static/.+|/sign-in"
    r"|/api/events/touchpoints"  # sources have their key
    r"|/api/journeys/[^/]+/remarks"  # has a token of its own, and is shown to nobody without
)
_LOOKING = ("GET", "HEAD", "OPTIONS")
_OURS = ("same-origin", "none")
_CUSTOMERS_PATH = "/survey/"


class Access:
    """ASGI middleware: what is not open to all is answered to those alone whom `visitors` knows.

    `refuse` makes the answer to a stranger. Whom it lets in is in the request's state, as `visitor`.
    """

    def __init__(self, app: ASGIApp, visitors: Visitors, refuse: Callable[[Request], Response]) -> None:
        self._app = app
        self._visitors = visitors
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        answer = self._refusal(Request(scope)) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if is_foreign(request):
            return problem_response(ProblemError(403, "this was sent by a page from elsewhere"))
        if has_nul(request):
            return problem_response(ProblemError(422, "the address holds a NUL character (U+0000), as no name does"))
        request.state.visitor = self._visitors.of(request)
        if request.state.visitor is None and not _FOR_ALL.fullmatch(request.scope["path"]):
            return self._refuse(request)
        return None


def has_nul(request: Request) -> bool:
    """Say whether an address holds a NUL, which no name has, and which PostgreSQL cannot even look for."""
    return "\x00" in request.scope["path"] or b"%00" in request.scope["query_string"]


def is_foreign(request: Request) -> bool:
    """Say whether a browser sends this for a page of somebody else's, in order to change something here.

    Browsers name the page's relation to us where the connection is safe, and elsewhere its origin. A survey's address
    is known to its customer alone: there, a browser that keeps its origin to itself is no reason to lose an answer.
    """
    if request.method in _LOOKING:
        return False
    if site := request.headers.get("sec-fetch-site"):
        return site not in _OURS
    origin = request.headers.get("origin")
    if origin is None or request.scope["path"].startswith(_CUSTOMERS_PATH):
        return False
    return urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
