"""A proxy before the database that can lose what passes through it: the answer to a COMMIT, the rest of a COPY."""

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

_SOCKET = ".s.PGSQL.5432"
_COPY_IN, _COMPLETE = b"G", b"C"
_CHUNK = 65_536


class DatabaseProxy:
    """Listens on a loopback port and forwards to the Unix socket of `database_url`, until told to lose something."""

    def __init__(self, database_url: str) -> None:
        address = urlsplit(database_url)
        self.socket_path = Path(parse_qs(address.query)["host"][0]) / _SOCKET
        self._listener = socket.create_server(("127.0.0.1", 0))
        host, port = self._listener.getsockname()
        given = address._replace(netloc=f"{address.username}@{host}:{port}", query="sslmode=disable&gssencmode=disable")
        self.url = given.geturl()
        self._lock = Lock()
        self._to_lose: dict[str, Event] = {}
        self._connections: list[_Connection] = []

    def lose_the_next_commit_answer(self) -> Event:
        """Swallow the answer to the next COMMIT of what was copied in, and cut that connection; the event tells."""
        return self._lose("commit answer")

    def lose_the_next_copy(self) -> Event:
        """Cut the next connection that copies in when part of its data has gone through; the event tells."""
        return self._lose("copy")

    def takes(self, what: str) -> bool:
        """Say whether this is to be lost now; only the first to ask is told so."""
        with self._lock:
            lost = self._to_lose.pop(what, None)
        if lost is not None:
            lost.set()
        return lost is not None

    def __enter__(self) -> Self:
        Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        for connection in self._connections:
            connection.cut()

    def _lose(self, what: str) -> Event:
        with self._lock:
            return self._to_lose.setdefault(what, Event())

    def _listen(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or each answer waits 40 ms
                connection = _Connection(self, client)
                self._connections.append(connection)
                connection.begin()


class _Connection:
    """One client's connection, in two threads; only what the server says is understood."""

    def __init__(self, proxy: DatabaseProxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = socket.socket(socket.AF_UNIX)
        self._copying = False
        self._has_copied = False

    def begin(self) -> None:
        try:
            self._server.connect(str(self._proxy.socket_path))
        except OSError:  # the database is away
            self.cut()
            return
        for pump in (self._ask, self._answer):
            Thread(target=pump, daemon=True).start()

    def cut(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _ask(self) -> None:
        with suppress(OSError):
            while asked := self._client.recv(_CHUNK):
                if self._copying and self._proxy.takes("copy"):
                    self._server.sendall(asked[: len(asked) // 2])
                    break
                self._server.sendall(asked)
        self.cut()

    def _answer(self) -> None:
        with suppress(OSError):
            for kind, message in self._messages():
                if kind in (_COPY_IN, _COMPLETE):
                    self._copying = kind == _COPY_IN
                    self._has_copied |= self._copying
                if kind == _COMPLETE and message[5:] == b"COMMIT\x00":
                    if self._has_copied and self._proxy.takes("commit answer"):
                        break
                    self._has_copied = False
                self._client.sendall(message)
        self.cut()

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the server's messages, each with its kind: a letter, a length without the letter, the rest."""
        held = b""
        while answered := self._server.recv(_CHUNK):
            held += answered
            while len(held) >= 5 and len(held) > (length := struct.unpack_from("!i", held, 1)[0]):
                message, held = held[: length + 1], held[length + 1 :]
                yield message[:1], message
