"""docker-compose.yml as data, with the values of .env.example."""

import re
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import CHECKOUT

FILE = CHECKOUT / "docker-compose.yml"
OURS = ("migrate", "worker", "monitor")


def compose() -> dict[str, Any]:
    """Return the file, its anchors resolved and its variables filled in."""
    filled = re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda found: example().get(found[1], found[2]), FILE.read_text())
    return dict(YAML(typ="safe", pure=True).load(filled))


def services() -> dict[str, dict[str, Any]]:
    return dict(compose()["services"])


def example() -> dict[str, str]:
    """Return what .env.example sets."""
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
