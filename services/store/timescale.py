"""TimescaleDB, where the server has it: the tables of the migrations in chunks, old ones compressed.

Without it the same tables are plain ones. `timescale.sql` says what lies how, and why.
"""

from importlib.resources import files

import psycopg
import structlog

from services.store.queries import load

_QUERIES = load("upkeep")
_log = structlog.get_logger()


def use_chunks(connection: psycopg.Connection) -> bool:
    """Lay what holds time in chunks if the extension is there or may be made; say whether it is there.

    May run again at any time. Raises psycopg.Error.
    """
    with connection.transaction():
        if not _has_extension(connection):
            return False
        connection.execute((files("services.store") / "timescale.sql").read_bytes())
    return True


def _has_extension(connection: psycopg.Connection) -> bool:
    ((made, may_be_made),) = connection.execute(_QUERIES["timescale"])
    return made or (may_be_made and _make_extension(connection))


def _make_extension(connection: psycopg.Connection) -> bool:
    try:
        with connection.transaction():
            connection.execute("CREATE EXTENSION timescaledb")
    except psycopg.errors.InsufficientPrivilege:
        _log.warning(
            "the server has TimescaleDB, but this role may not use it: tables stay plain ones until somebody who may "
            "has run CREATE EXTENSION timescaledb in this database, and `klantreis migrate` has run again"
        )
        return False
    return True
