"""Where Alertmanager's notifications arrive in a test: a webhook and a mail server."""

import base64
import email
import email.policy
import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import serving, serving_connections


class Notifications:
    """A webhook, and what it was told, in order. Without the token it refuses."""

    TOKEN = "a webhook token for tests only"

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def statuses(self, name: str, **labels: str) -> list[str]:
        """Return what was told of the alert of this name with these labels: firing, resolved, in order."""
        wanted = {"alertname": name, **labels}.items()
        alerts = (alert for message in self.told for alert in message["alerts"])
        return [alert["status"] for alert in alerts if wanted <= alert["labels"].items()]

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Listen, and give the webhook's address."""
        with serving(type("Handler", (_Hook,), {"notifications": self})) as address:
            yield address


class Mailbox:
    """A mail server that takes everything, after any name and password, which it remembers."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.passwords: set[str] = set()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Listen, and give host:port."""
        with serving_connections(type("Handler", (_Mail,), {"mailbox": self})) as address:
            yield address


class _Hook(BaseHTTPRequestHandler):
    notifications: Notifications

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.headers["Authorization"] == f"Bearer {Notifications.TOKEN}"
        if known:
            self.notifications.told.append(json.loads(body))
        self.send_response(200 if known else 401)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        pass


class _Mail(socketserver.StreamRequestHandler):
    mailbox: Mailbox

    def handle(self) -> None:
        self._say("220 mailbox")
        while line := self.rfile.readline().decode().strip():
            command, *words = line.split()
            getattr(self, f"_{command.lower()}", self._fine)(*words)

    def _ehlo(self, *_: str) -> None:
        self._say("250-mailbox\r\n250 AUTH PLAIN")

    def _auth(self, _plain: str, secret: str) -> None:
        self.mailbox.passwords.add(base64.b64decode(secret).decode().split("\0")[2])
        self._say("235 known")

    def _data(self) -> None:
        self._say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        self.mailbox.mails.append(email.message_from_bytes(b"".join(lines), EmailMessage, policy=email.policy.default))
        self._say("250 taken")

    def _fine(self, *_: str) -> None:
        self._say("250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
