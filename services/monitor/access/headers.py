"""Headers that keep the pages to themselves: no foreign script, style, frame, referrer or cache."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.trusted_proxies import TrustedProxies

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would keep the origin of our own forms from us
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ONLY_HTTPS = "max-age=31536000"
_STATIC_PATH = "/static/"


class SecurityHeaders:
    """ASGI middleware that adds the headers to every response; it does not touch bodies, so streams pass.

    Who came by HTTPS is told to come back by nothing else. No cache keeps what is not a static file.
    """

    def __init__(self, app: ASGIApp, proxies: TrustedProxies | None = None) -> None:
        self._app = app
        self._proxies = proxies or TrustedProxies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if self._proxies.came_by_https(scope):
                    headers["Strict-Transport-Security"] = _ONLY_HTTPS
                if not scope["path"].startswith(_STATIC_PATH):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
