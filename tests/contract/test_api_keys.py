"""Keys from the command line to the monitor: made, used, listed, revoked; of the secret nothing is stored."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from httpx import ASGITransport, AsyncClient, Response
from typer.testing import CliRunner

from services.cli import app as command_line
from services.monitor.app import build_app
from services.monitor.ingest.key_ring import GOOD_SECONDS
from services.settings import Settings
from tests.counted import Counted

PATH = "/api/events/touchpoints"


@pytest.fixture
def run(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("KLANTREIS_DATABASE_URL", counted.database_url)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *command: CliRunner().invoke(command_line, ["key", *command])


async def ready(client: AsyncClient) -> None:
    for _ in range(600):
        if (await client.get("/readyz")).status_code == 200:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the monitor is not ready")


def event(source: str, event_id: str) -> dict[str, str]:
    return {
        "source": source,
        "event_id": event_id,
        "journey": "loket",
        "case_id": "Z-1",
        "touchpoint": "onbekend",  # so that it is refused before a broker is asked for
        "occurred_at": datetime.now(UTC).isoformat(),
    }


def test_a_key_is_shown_once_and_stored_never(run: Any, counted: Counted) -> None:
    made = run("create", "zaaksysteem")
    found = re.fullmatch(r"klr_([0-9a-f]{12})_([0-9a-f]{64})\n", made.stdout)
    assert found, made.stdout
    key_id, secret = found.groups()
    listed = run("list").stdout
    assert key_id in listed
    assert "zaaksysteem" in listed
    assert secret not in listed
    with psycopg.connect(counted.database_url) as connection:
        (row,) = connection.execute("SELECT row_to_json(api_keys)::text FROM api_keys WHERE key_id = %s", (key_id,))
    assert secret not in row[0]
    assert secret.encode().hex() not in row[0]


def test_mistakes_are_told(run: Any) -> None:
    for command in (("create", ""), ("create", "x" * 201), ("revoke", "0123456789ab")):
        refused = run(*command)
        assert refused.exit_code == 1
    assert "SOURCE" in run("create", "").stderr
    assert "0123456789ab" in run("revoke", "0123456789ab").stderr


async def test_from_creation_to_revocation(run: Any, counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.monitor.ingest.key_ring.GOOD_SECONDS", 0.0)
    key = run("create", "zaaksysteem").stdout.strip()
    key_id = key.split("_")[1]
    settings = Settings(database_url=counted.database_url, broker="nowhere.invalid:1", require_keys=True)
    app = build_app(settings)

    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://monitor") as client,
    ):

        async def send(source: str, shown: str | None) -> Response:
            headers = {"Authorization": f"Bearer {shown}"} if shown else {}
            return await client.post(PATH, json=event(source, "1"), headers=headers)

        await ready(client)
        taken = (await send("zaaksysteem", key)).json()
        assert (taken["status"], taken["events"][0]["reason"]) == (422, "unknown_touchpoint")
        assert (await send("zaaksysteem", None)).status_code == 401
        assert (await send("zaaksysteem", key[:-1] + ("0" if key[-1] != "0" else "1"))).status_code == 401
        with psycopg.connect(counted.database_url) as connection:
            (used,) = connection.execute("SELECT last_used_at FROM api_keys WHERE key_id = %s", (key_id,))
        assert used[0] == datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        assert run("revoke", key_id).exit_code == 0
        refused = await send("zaaksysteem", key)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert "revoked" in run("list").stdout
        assert run("revoke", key_id).exit_code == 1


def test_revocation_is_promised_within_seconds(run: Any) -> None:
    key_id = run("create", "website").stdout.split("_")[1]
    assert f"within {GOOD_SECONDS:.0f} seconds" in run("revoke", key_id).stdout
