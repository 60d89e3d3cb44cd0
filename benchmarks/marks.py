"""How a peer says how far it is: lines of JSON in a file. It imports nothing of ours, for every peer's environment."""

import json
import os
import time
from pathlib import Path

FIRST, LAST = "first", "last"


def mark(name: str, n: int) -> None:
    """Say that n records are done now."""
    line = json.dumps({"name": name, "n": n, "at": time.monotonic()})
    with Path(os.environ["BENCHMARK_MARKS"]).open("a") as file:
        file.write(line + "\n")
