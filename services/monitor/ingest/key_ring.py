"""Whose events a request may bring, by the key that it shows."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from services.api_key import ApiKey
from services.store.api_keys import ApiKeys, GoodKey
from services.store.reading import Unreadable

GOOD_SECONDS = 5.0
"""How long what was read of the keys is believed: a key that was revoked, or made, counts as such after this long."""

ALONE_SECONDS = 900.0
"""For how long keys stay good while the database cannot be asked: then nobody can revoke one either."""

_log = structlog.get_logger()


class KeyRing:
    """All keys that are good, read anew when they are needed and what is known of them is old.

    `seconds` is a clock that does not go back, `clock` says what time it is. One query serves any number of requests,
    so keys that are not known cost the database nothing.
    """

    def __init__(self, keys: ApiKeys, seconds: Callable[[], float], clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._seconds = seconds
        self._clock = clock
        self._good: Mapping[str, GoodKey] = {}
        self._read_at = float("-inf")
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()
        self._used: dict[str, datetime] = {}

    async def source(self, key: ApiKey) -> str | None:
        """Return the source whose events the key may send; None if the key is not good. Raises Unreadable."""
        await self._refresh()
        known = self._good.get(key.key_id)
        if known is None or not key.matches(known.digest):
            return None
        await self._note_use(key.key_id)
        return known.source

    async def _refresh(self) -> None:
        async with self._asking:
            now = self._seconds()
            if now - self._asked_at < GOOD_SECONDS:
                return
            try:
                self._good, self._read_at = await self._keys.good(), now
            except Unreadable:  # the poller says so in the log
                if now - self._read_at > ALONE_SECONDS:
                    raise
            self._asked_at = now

    async def _note_use(self, key_id: str) -> None:
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        if self._used.get(key_id) == hour:
            return
        self._used[key_id] = hour
        try:
            await self._keys.note_use(key_id, hour)
        except Unreadable as error:
            _log.warning("the use of a key was not noted", key=key_id, error=str(error))
