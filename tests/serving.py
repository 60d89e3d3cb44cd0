"""Small servers of a test's own, in a thread, on a free port of loopback."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve HTTP and give the address."""
    with _served(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        yield f"http://{address}"


@contextmanager
def serving_connections(handler: type[socketserver.StreamRequestHandler]) -> Iterator[str]:
    """Serve connections and give host:port."""
    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as address:
        yield address


@contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield "{}:{}".format(*server.server_address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
