"""What a database tells of its own state, for `klantreis doctor`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row

from services.store.migrate import migrations
from services.store.queries import load

_QUERIES = load("checkup")
_LATELY = timedelta(days=1)
_CONNECT_SECONDS = 5


class DatabaseAway(ConnectionError):  # noqa: N818 - what is the case
    """The database does not answer; the text says why."""


class Position(NamedTuple):
    """How far a partition of a log has been counted, and where a worker last saw it end (None: never)."""

    log_id: str
    topic: str
    partition: int
    next_offset: int
    end_offset: int | None


@dataclass(frozen=True)
class Server:
    """The server: its version, its clock, the size of the database in bytes, and that of TimescaleDB if it is there.

    `temporary` says whether we may make temporary tables, as a worker does.
    """

    version: str
    now: datetime
    bytes: int
    timescaledb: str | None
    temporary: bool


@dataclass(frozen=True)
class Contents:
    """What is in a migrated database. `rejects`: those of the last day, by reason; `key_ids`: of customers' digests."""

    journeys: int
    letters: int
    worker_seen_at: datetime | None
    key_ids: Collection[str]
    rejects: Mapping[str, int]
    positions: Sequence[Position]


@dataclass(frozen=True)
class Checkup:
    """What was found. `missing` migrations were not applied, `unknown` ones not by this version; contents need all."""

    server: Server
    missing: Sequence[str]
    unknown: Sequence[str]
    contents: Contents | None


def check_up(database_url: str) -> Checkup:
    """Look at a database. Raises DatabaseAway."""
    try:
        with psycopg.connect(database_url, connect_timeout=_CONNECT_SECONDS) as connection:
            return _look(connection)
    except psycopg.Error as error:
        raise DatabaseAway(" ".join(str(error).split())) from error


def _look(connection: psycopg.Connection) -> Checkup:
    with connection.cursor(row_factory=class_row(Server)) as cursor:
        (server,) = cursor.execute(_QUERIES["server"])
    ((migrated,),) = connection.execute(_QUERIES["migrated"])
    applied = [name for (name,) in connection.execute(_QUERIES["migrations"])] if migrated else []
    known = migrations()
    missing = [name for name in known if name not in applied]
    unknown = [name for name in applied if name not in known]
    return Checkup(server, missing, unknown, None if missing else _contents(connection, server.now))


def _contents(connection: psycopg.Connection, now: datetime) -> Contents:
    ((journeys, letters, worker_seen_at),) = connection.execute(_QUERIES["counted"])
    return Contents(
        journeys=journeys,
        letters=letters,
        worker_seen_at=worker_seen_at,
        rejects=dict(connection.execute(_QUERIES["rejects_lately"], {"since": now - _LATELY}).fetchall()),
        key_ids=[key_id for (key_id,) in connection.execute(_QUERIES["keys"])],
        positions=[Position(*row) for row in connection.execute(_QUERIES["positions"])],
    )
