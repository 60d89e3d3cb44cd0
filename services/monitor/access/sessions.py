"""The cookie of somebody who has signed in: sealed with the secret and the token, and good for some weeks.

It holds nothing. With another token, or another secret, all sessions are over.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken

from services.derived_key import derived_key

COOKIE = "klantreis_session"
GOOD_FOR = timedelta(days=30)
"""How long somebody stays signed in: long, since wallboards hang on walls."""


class Sessions:
    """Makes and checks cookies; any number of monitors with the same settings do so alike."""

    def __init__(self, secret: str, token: str, clock: Callable[[], datetime]) -> None:
        key = derived_key(f"{secret}\n{token}", b"klantreis session")
        self._seal = Fernet(urlsafe_b64encode(key))
        self._clock = clock

    def begin(self) -> str:
        """Return the content of the cookie of a session that begins now."""
        return self._seal.encrypt_at_time(b"", self._now()).decode()

    def holds(self, cookie: str) -> bool:
        """Say whether a cookie is of a session that has begun and is not over."""
        try:
            self._seal.decrypt_at_time(cookie.encode(), int(GOOD_FOR.total_seconds()), self._now())
        except InvalidToken:
            return False
        return True

    def _now(self) -> int:
        return int(self._clock().timestamp())
