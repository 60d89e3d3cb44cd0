"""Whom a monitor may be open to without being told."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from services.cli import app as command_line
from services.exposure import OpenToStrangers, asks_for_keys, refuse_strangers
from services.settings import Settings

TOKEN = "a token of some length"


@pytest.mark.parametrize(
    ("given", "refused", "keys"),
    [
        ({}, False, False),
        ({"monitor_host": "127.0.0.1"}, False, False),
        ({"monitor_host": "127.3.2.1"}, False, False),
        ({"monitor_host": "::1"}, False, False),
        ({"monitor_host": "localhost"}, False, False),
        ({"require_keys": True}, False, True),
        ({"monitor_host": "0.0.0.0"}, True, True),
        ({"monitor_host": "::"}, True, True),
        ({"monitor_host": ""}, True, True),
        ({"monitor_host": "10.0.0.5"}, True, True),
        ({"monitor_host": "monitor.example"}, True, True),
        ({"monitor_host": "0.0.0.0", "require_keys": True}, True, True),
        ({"monitor_host": "0.0.0.0", "read_token": TOKEN}, False, True),
        ({"monitor_host": "0.0.0.0", "proxy_user_header": "X-User", "trusted_proxies": "10.0.0.1"}, False, True),
        ({"monitor_host": "0.0.0.0", "open": True}, False, False),
        ({"monitor_host": "0.0.0.0", "open": True, "require_keys": True}, False, True),
    ],
)
def test_who_is_reached_from_elsewhere_says_who_may(given: dict[str, object], refused: bool, keys: bool) -> None:
    settings = Settings(**given)  # type: ignore[arg-type]
    assert asks_for_keys(settings) is keys
    if not refused:
        refuse_strangers(settings)
        return
    with pytest.raises(OpenToStrangers, match="KLANTREIS_READ_TOKEN"):
        refuse_strangers(settings)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"read_token": "hond"}, "read_token.*20 characters"),
        ({"trusted_proxies": "10.0.0.1, proxy.example"}, "trusted_proxies.*proxy.example"),
        ({"proxy_user_header": "X-User"}, "KLANTREIS_TRUSTED_PROXIES"),
    ],
)
def test_settings_that_protect_nothing_are_refused(given: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=f"(?s){words}") as refused:
        Settings(**given)  # type: ignore[arg-type]
    assert "hond" not in str(refused.value)


@pytest.mark.parametrize("command", ["monitor", "up"])
def test_a_command_that_would_open_it_to_strangers_says_what_to_set(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KLANTREIS_MONITOR_HOST", "0.0.0.0")
    monkeypatch.setenv("KLANTREIS_DATA_DIR", str(tmp_path / "data"))
    ended = CliRunner().invoke(command_line, [command])
    assert ended.exit_code == 1
    assert "KLANTREIS_READ_TOKEN" in ended.output
    assert "KLANTREIS_OPEN" in ended.output
