"""A database of an earlier version keeps what it holds."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import psycopg
import pytest

from services.store.journeys import version_row
from services.store.migrate import migrate, migrations
from tests.drawn import MIDNIGHT, catalogue

HOUSE = """
INSERT INTO writers (topic, partition) VALUES ('touchpoint-events', 3);
INSERT INTO scopes (journey, measure, span, touchpoint, department, channel, persona) VALUES
    ('loket', 'volume', '', 'besluit', 'VG', '', ''), ('loket', 'gap', '', 'besluit', 'VG', '', '');
INSERT INTO rollups_day (bucket, scope_id, bin, writer, n, total, squares) VALUES
    ('2026-03-02', 1, 1, 1, 3, 3, 3),
    ('2026-03-02', 2, 688, 1, 2, 1800000, 1620000000000),
    ('2026-03-02', 2, 600, 1, 1, 160000, 25600000000),
    ('2026-03-02', 2, 500, 1, 0, 0, 0),
    ('2026-03-03', 2, 688, 1, 1, 900000, 810000000000);
INSERT INTO event_keys (source, event_id, digest) VALUES ('proef', '1', '\\x00');
INSERT INTO cases (journey, case_id, opened_at, closed_at, last_at, last_touchpoint) VALUES
    ('loket', 'A', '2026-03-02 09:15+00', NULL, '2026-03-04 10:00+00', 'aanvraag'),
    ('loket', 'B', '2026-03-02 09:45+00', '2026-03-05 10:00+00', '2026-03-05 10:00+00', 'besluit'),
    ('loket', 'C', NULL, NULL, NULL, NULL);
"""


@pytest.fixture(params=range(1, len(migrations()) + 1), ids=lambda number: f"from_{migrations()[number - 1]}")
def house(request: pytest.FixtureRequest, empty_database_url: str) -> Iterator[psycopg.Connection]:
    """A database as each version left it, with a little in it that has been there since the first."""
    (version,) = catalogue().versions("loket")
    done = migrations()[: request.param]
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS reporting CASCADE")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("CREATE TABLE schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL)")
        for name in done:
            connection.execute((files("services.store") / "migrations" / f"{name}.sql").read_bytes())
            connection.execute("INSERT INTO schema_migrations VALUES (%s, now())", (name,))
            if name == done[0]:
                connection.execute(
                    """INSERT INTO journey_versions (journey, version, valid_from, definition)
                       VALUES (%(journey)s, %(version)s, %(valid_from)s, %(definition)s)""",
                    version_row(version),
                )
                connection.execute(HOUSE)
        yield connection


def test_what_the_house_held_is_kept(house: psycopg.Connection, empty_database_url: str) -> None:
    (done,) = house.execute("SELECT count(*) FROM schema_migrations").fetchone() or ()
    assert migrate(empty_database_url) == migrations()[done:]

    def rows(query: str) -> list[tuple[Any, ...]]:
        return house.execute(query.encode()).fetchall()

    assert rows(
        """SELECT measure, bucket, n, total, merged, bins, counts FROM rollups_day JOIN scopes USING (scope_id)
           ORDER BY bucket, measure DESC"""
    ) == [
        ("volume", MIDNIGHT, 3, 3, 0, [], []),
        ("gap", MIDNIGHT, 3, 1_960_000, 2, [600, 688], [1, 2]),
        ("gap", MIDNIGHT.replace(day=3), 1, 900_000, 1, [688], [1]),
    ]
    assert rows("SELECT journey, opened_in, opened, closed FROM case_hours") == [
        ("loket", MIDNIGHT.replace(hour=9), 2, 1)
    ]
    assert rows("SELECT case_id, last_day::date::text, journey_version FROM cases ORDER BY case_id") == [
        ("A", "2026-03-04", None),
        ("B", "2026-03-05", None),
        ("C", None, None),
    ]
    assert rows("SELECT source, event_id, digest FROM event_keys") == [("proef", "1", None)]
    assert migrate(empty_database_url) == []
