"""Journeys in the database: applying a new version, reading them all."""

from datetime import UTC, datetime

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from schemas.journey import Catalogue, Journey, JourneyVersion
from services.store.queries import load

_FOR_ALL_TIME = datetime(1, 1, 2, tzinfo=UTC)


def apply_journey(database_url: str, journey: Journey) -> int | None:
    """Make this the newest version, valid from now on, and return its number; None if nothing in it is new.

    The first version of a journey holds for all time before it, too. Raises ValueError if the time zone changes:
    the days already counted began elsewhere.
    """
    queries = load("upkeep")
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE journey_versions IN EXCLUSIVE MODE")
        known = _read(connection).versions(journey.id)
        if known and known[-1].journey == journey:
            return None
        if known and known[-1].journey.time_zone != journey.time_zone:
            held = known[-1].journey.time_zone
            raise ValueError(f"time_zone: was {held} and cannot change: days that were counted begin at its midnight")
        version = JourneyVersion(
            version=len(known) + 1,
            valid_from=datetime.now(UTC) if known else _FOR_ALL_TIME,
            journey=journey,
        )
        connection.execute(queries["add_version"], version_row(version))
        return version.version


def read_catalogue(database_url: str) -> Catalogue:
    """Return every version of every journey. Raises psycopg.Error."""
    with psycopg.connect(database_url) as connection:
        return _read(connection)


def version_row(version: JourneyVersion) -> dict[str, object]:
    """Return a version as the row that is stored."""
    definition = Jsonb(version.journey.model_dump(mode="json"))
    return {"journey": version.journey.id, **version.model_dump(exclude={"journey"}), "definition": definition}


def version_of(row: dict[str, object]) -> JourneyVersion:
    """Return the version that a stored row holds."""
    return JourneyVersion.model_validate(
        {"version": row["version"], "valid_from": row["valid_from"], "journey": row["definition"]}
    )


def _read(connection: psycopg.Connection) -> Catalogue:
    with connection.cursor(row_factory=dict_row) as cursor:
        return Catalogue(version_of(row) for row in cursor.execute(load("upkeep")["versions"]))
