"""The commands that `klantreis up` runs as processes of their own, with the settings they need."""

import sys
from collections.abc import Mapping

from pydantic import SecretStr

from services.embedded.child import Child
from services.settings import Settings


def command_child(name: str, command: str, settings: Settings) -> Child:
    """Return the process for `klantreis COMMAND` with these settings, logging to logs/NAME.log; not started yet."""
    log = settings.data_dir / "logs" / f"{name}.log"
    return Child(name, [sys.executable, "-m", "services.cli", command], log, _environment(settings))


def _environment(settings: Settings) -> Mapping[str, str]:
    return {f"KLANTREIS_{name.upper()}": _plain(getattr(settings, name)) for name in Settings.model_fields}


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
