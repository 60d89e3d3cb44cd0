"""What `klantreis up` asks its monitor: whether it is ready, how far counting lies behind, the first figures."""

import json
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException

from pydantic import SecretStr

_PATIENCE_SECONDS = 3.0
_NO_ANSWER = (OSError, HTTPException, ValueError)


@dataclass(frozen=True)
class Lag:
    """Records that the worker has not counted, as of when it last looked; None: no worker has looked yet."""

    records: int
    seen_at: datetime | None


class MonitorClient:
    """Asks over HTTP, never through a proxy. Nothing it returns is older than the call."""

    def __init__(self, address: str, read_token: SecretStr | None = None) -> None:
        """Take the monitor's address, as in http://127.0.0.1:8080, and the token that it asks readers for, if any."""
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        if read_token:
            self._opener.addheaders.append(("Authorization", f"Bearer {read_token.get_secret_value()}"))

    def ready(self) -> bool:
        """Say whether it answers that it is ready."""
        try:
            self._get("/readyz")
        except _NO_ANSWER:
            return False
        return True

    def lag(self) -> Lag | None:
        """Return the lag; None if the monitor does not say."""
        try:
            answer = json.loads(self._get("/api/lag"))
        except _NO_ANSWER:
            return None
        seen_at = answer["worker_seen_at"]
        return Lag(answer["records"], datetime.fromisoformat(seen_at) if seen_at else None)

    def volume(self) -> int:
        """Return the visits of the last 28 days, of all journeys; 0 if the monitor does not say."""
        try:
            answer = json.loads(self._get("/api/journeys"))
        except _NO_ANSWER:
            return 0
        return sum(journey["volume_28d"] for journey in answer["items"])

    def _get(self, path: str) -> bytes:
        with self._opener.open(f"{self._address}{path}", timeout=_PATIENCE_SECONDS) as answer:
            return bytes(answer.read())
