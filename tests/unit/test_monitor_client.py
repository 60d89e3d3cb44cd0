"""What `klantreis up` asks of a monitor that shows its figures only to those with a token."""

from http.server import BaseHTTPRequestHandler

from pydantic import SecretStr

from services.embedded.monitor_client import MonitorClient
from tests.serving import serving

TOKEN = "een-token-van-twintig-tekens"


class Closed(BaseHTTPRequestHandler):
    """Answers 401 to whoever does not show the token."""

    def do_GET(self) -> None:
        known = self.headers.get_all("Authorization") == [f"Bearer {TOKEN}"]
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(b'{"records": 3, "worker_seen_at": null}' if known else b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def test_it_shows_the_token_that_is_set() -> None:
    with serving(Closed) as address:
        lag = MonitorClient(address, SecretStr(TOKEN)).lag()
        assert lag is not None
        assert lag.records == 3
        for unset in (None, SecretStr("")):
            assert MonitorClient(address, unset).lag() is None
