"""Keys of sources for tests without a database, and a clock that only a test moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services.api_key import ApiKey
from services.monitor.ingest.admission import Admission
from services.monitor.ingest.key_ring import KeyRing
from services.monitor.ingest.token_bucket import Rate
from services.store.api_keys import ApiKeys, GoodKey
from services.store.reading import Unreadable

NOON = datetime(2026, 11, 22, 12, 20, tzinfo=UTC)


@dataclass
class Seconds:
    """A clock that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class HeldKeys(ApiKeys):
    """The table of keys as a dict; `away` is a database that does not answer."""

    def __init__(self, *held: tuple[ApiKey, str]) -> None:
        self.held = {key.key_id: GoodKey(source, key.digest) for key, source in held}
        self.away = False
        self.asked = 0
        self.noted: list[tuple[str, datetime]] = []

    async def good(self) -> Mapping[str, GoodKey]:
        self.asked += 1
        self._answer()
        return dict(self.held)

    async def note_use(self, key_id: str, hour: datetime) -> None:
        self._answer()
        self.noted.append((key_id, hour))

    def _answer(self) -> None:
        if self.away:
            raise Unreadable("the database is away")


def admission(
    keys: HeldKeys | None = None, seconds: Seconds | None = None, rate: Rate | None = None, *, required: bool = False
) -> Admission:
    clock = seconds or Seconds()
    ring = KeyRing(keys or HeldKeys(), clock, lambda: NOON)
    return Admission(ring, rate or Rate(100.0, 5_000.0), clock, required=required)
