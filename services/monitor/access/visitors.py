"""Who looks at the monitor: anybody, where readers are asked nothing; else whom token, session or proxy let in."""

import hmac
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Request
from pydantic import AfterValidator, StringConstraints

from schemas.values import without_nul
from services.monitor.access.sessions import COOKIE, Sessions
from services.trusted_proxies import TrustedProxies

LONGEST_NAME = 100

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME), AfterValidator(without_nul)
]
"""As whom somebody says that they do something."""

_BEARER = "bearer "


@dataclass(frozen=True)
class Visitor:
    """Somebody who may look. `name` is what a proxy calls them, else empty; `signed_in` is by the page for it."""

    name: str = ""
    signed_in: bool = False


ANYBODY = Visitor()
"""Somebody of whom nothing is known but that they may look."""


@dataclass(frozen=True)
class Visitors:
    """Tells visitors from strangers. Without a token and a header of a proxy there are no strangers."""

    token: str = field(repr=False)
    sessions: Sessions
    user_header: str
    proxies: TrustedProxies

    def of(self, request: Request) -> Visitor | None:
        """Return who sends a request; None for a stranger."""
        if not (self.token or self.user_header):
            return ANYBODY
        return self._named(request) or self._bearer(request) or self._signed_in(request)

    def knows_token(self, shown: str) -> bool:
        """Say whether this is the token, in a time that does not depend on how much of it is right."""
        return bool(self.token) and hmac.compare_digest(shown.encode(), self.token.encode())

    def _named(self, request: Request) -> Visitor | None:
        name = self.proxies.header(request.scope, self.user_header) if self.user_header else ""
        return Visitor(name=name.replace("\x00", "")[:LONGEST_NAME]) if name else None

    def _bearer(self, request: Request) -> Visitor | None:
        shown = request.headers.get("authorization", "")
        is_right = shown[: len(_BEARER)].lower() == _BEARER and self.knows_token(shown[len(_BEARER) :].strip())
        return ANYBODY if is_right else None

    def _signed_in(self, request: Request) -> Visitor | None:
        return Visitor(signed_in=True) if self.token and self.sessions.holds(request.cookies.get(COOKIE, "")) else None


def visitor(request: Request) -> Visitor:
    """Return whom the monitor let in with a request."""
    let_in = getattr(request.state, "visitor", None)
    return let_in if isinstance(let_in, Visitor) else ANYBODY
