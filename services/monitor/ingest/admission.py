"""Who may send events over HTTP, whose, and how fast."""

from collections.abc import Callable
from math import ceil
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.api_key import ApiKey
from services.monitor.http.problems import ProblemError
from services.monitor.ingest.key_ring import KeyRing
from services.monitor.ingest.token_bucket import Bucket, Rate

_bearer = HTTPBearer(auto_error=False, scheme_name="source-key", description="A key of `klantreis key create SOURCE`.")

ShownKey = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
"""What a request shows as `Authorization: Bearer ...`; None if it shows nothing of the kind."""


class Sender:
    """Who sends a request: a source with a key, or (source None) somebody of whom no key is asked."""

    def __init__(self, source: str | None, spend: Callable[[int], None] = lambda _: None) -> None:
        self.source = source
        self.spend = spend
        """Count so many events against the key's rate; raises a problem (429) if that is too fast."""

    def may_send(self, source: str) -> bool:
        """Say whether events of a source are its to send."""
        return self.source in (None, source)


class Admission:
    """Decides who may send. A key that is shown has to be good, whether or not one is asked for."""

    def __init__(self, ring: KeyRing, rate: Rate, seconds: Callable[[], float], *, required: bool) -> None:
        """Take a clock in seconds that does not go back; `rate` is of each key, in events."""
        self._ring = ring
        self._rate = rate
        self._seconds = seconds
        self._required = required
        self._buckets: dict[str, Bucket] = {}

    async def admit(self, shown: HTTPAuthorizationCredentials | None) -> Sender:
        """Return who sends a request, which counts as one event at least.

        Raises a problem for a key that is missing or not good (401) or too fast (429), and Unreadable.
        """
        if shown is None:
            if self._required:
                raise _stranger("a source shows its key as Authorization: Bearer KEY")
            return Sender(None)
        key = ApiKey.parse(shown.credentials)
        source = await self._ring.source(key) if key else None
        if key is None or source is None:
            raise _stranger("this is not a key of a source, or it has been revoked")
        self._spend(key.key_id, 1)
        return Sender(source, lambda events: self._spend(key.key_id, events))

    def _spend(self, key_id: str, events: int) -> None:
        now = self._seconds()
        bucket = self._buckets.get(key_id) or self._rate.full(now)
        wait = self._rate.wait(bucket, events, now)
        if wait > 0:
            raise _too_fast(self._rate, wait)
        self._buckets[key_id] = self._rate.take(bucket, events, now)


def _stranger(detail: str) -> ProblemError:
    return ProblemError(401, detail, headers={"WWW-Authenticate": "Bearer"})


def _too_fast(rate: Rate, wait: float) -> ProblemError:
    detail = f"this key may send {rate.per_second:,.0f} events a second in the long run, {rate.burst:,.0f} at once"
    return ProblemError(429, detail, headers={"Retry-After": str(ceil(wait))})
