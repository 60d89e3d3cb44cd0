"""A headless Chromium, driven over the DevTools protocol by pipe: no other program, no port, no network."""

import base64
import fcntl
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def chromium_path() -> str:
    """Return where Chromium is; skip aloud without it, fail with CI=true."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    absent = "Chromium is not installed, so no page is looked at (Debian's package: chromium)"
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(absent)
    pytest.skip(absent)


class Tab:
    """A tab of a browser. Everything waits for its answer."""

    def __init__(self, read: int, write: int) -> None:
        self._read = os.fdopen(read, "rb", buffering=0)
        self._write = os.fdopen(write, "wb", buffering=0)
        self._pending = b""
        self._number = 0
        self._session: str | None = None
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write.close()
        self._read.close()

    def size(self, width: int, height: int) -> None:
        """Look through a window of this many CSS pixels, on a phone if it is that narrow."""
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        self._ask("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'", 20)

    def see(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def come_to(self, expression: str) -> Any:
        """Return what the promise comes to that a JavaScript expression in the page gives."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def prefer(self, **features: str) -> None:
        """Let the reader prefer something, such as `prefers_color_scheme="dark"`; without any, nothing."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self._ask("Emulation.setEmulatedMedia", features=named)

    def print_view(self, *, on: bool) -> None:
        """Look at what would be printed, or at the screen again."""
        self._ask("Emulation.setEmulatedMedia", media="print" if on else "")

    def press(self, key: str, code: int) -> None:
        """Press a key of the keyboard and let it go."""
        for kind in ("keyDown", "keyUp"):
            self._ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def wait_for(self, expression: str, seconds: float) -> None:
        """Wait until a JavaScript expression holds in the page."""
        deadline = time.monotonic() + seconds
        while not self.see(expression):
            assert time.monotonic() < deadline, (
                f"not within {seconds:g} s: {expression}\n{self.see('document.body.innerText')}"
            )
            time.sleep(0.1)

    def screenshot(self, file: Path) -> None:
        """Save what the window shows as a PNG."""
        file.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"]))

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        session = {} if self._session is None else {"sessionId": self._session}
        message = {"id": self._number, "method": method, "params": parameters, **session}
        self._write.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, f"{method}: {answer['error']}"
        return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            chunk = self._read.read(1 << 16)
            assert chunk, "Chromium has ended"
            self._pending += chunk
        message, _, self._pending = self._pending.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def browser() -> Iterator[Tab]:
    """Run a Chromium with a profile of its own and give a tab of it."""
    path = chromium_path()
    (its_ear, our_mouth), (our_ear, its_mouth) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="klantreis-chromium-", ignore_cleanup_errors=True) as profile:
        pid = _spawn([path, *_FLAGS, f"--user-data-dir={profile}", "about:blank"], its_ear, its_mouth)
        try:
            with Tab(our_ear, our_mouth) as tab:
                yield tab
        finally:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


def _spawn(command: list[str], ear: int, mouth: int) -> int:
    """Start Chromium with the pipes where it looks for them: it reads descriptor 3 and writes 4."""
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (ear, mouth)]
    pid = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[
            *((os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)),
            (os.POSIX_SPAWN_DUP2, high[0], 3),
            (os.POSIX_SPAWN_DUP2, high[1], 4),
        ],
    )
    for end in (ear, mouth, *high):
        os.close(end)
    return pid
