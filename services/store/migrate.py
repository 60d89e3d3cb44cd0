"""Forward-only migrations: each file of migrations/, in the order of its number, once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files

import psycopg

from services.store.retention import prune
from services.store.timescale import use_chunks

_LOCK = "SELECT pg_advisory_lock(hashtext('klantreis migrations'))"
_LEDGER = "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL)"


def migrate(database_url: str) -> list[str]:
    """Bring the schema up to date and return the names of what was applied; safe to run at the same time twice.

    Each migration is one transaction. After them, at every call, come the chunks of TimescaleDB and the rights of
    roles, where there are such. Raises psycopg.Error; what was applied before it stays.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_LOCK)
        connection.execute(_LEDGER)
        done = {name for (name,) in connection.execute("SELECT name FROM schema_migrations")}
        applied = [_apply(connection, name) for name in migrations() if name not in done]
        use_chunks(connection)
        connection.execute((files("services.store") / "grants.sql").read_bytes())
    prune(database_url, datetime.now(UTC))
    return applied


def migrations() -> Sequence[str]:
    """Return the names of all migrations, in order."""
    folder = files("services.store") / "migrations"
    return sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))


def _apply(connection: psycopg.Connection, name: str) -> str:
    sql = (files("services.store") / "migrations" / f"{name}.sql").read_text()
    with connection.transaction():
        connection.execute(sql.encode())
        connection.execute("INSERT INTO schema_migrations VALUES (%s, %s)", (name, datetime.now(UTC)))
    return name
