"""Every statement of the store is one that TimescaleDB takes: its names, its types, and a plan for it."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.statements import Statement, statements
from tests.timescale.conftest import Chunks

PLANNED = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}
"""What a plan is made for, whatever its parameters are. All else is run, with nothing to take in."""


@pytest.fixture(scope="module")
def connection(timescale: Chunks) -> Iterator[psycopg.Connection]:
    """In one transaction, which comes to nothing: what a rebuild makes for itself is there for what follows."""
    with psycopg.connect(timescale.url) as connection, connection.transaction(force_rollback=True):
        yield connection


def test_every_statement_is_taken(connection: psycopg.Connection) -> None:
    found = list(statements(connection))
    refused = {f"{each.file}.{each.name}": why for each in found if (why := _why_not(connection, each))}
    assert refused == {}
    assert len(found) > 150


def _why_not(connection: psycopg.Connection, statement: Statement) -> str:
    try:
        with connection.transaction():
            if statement.verb == "COPY":
                _copy(connection, statement)
            elif statement.verb in PLANNED:
                connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement.numbered}".encode())
            else:
                connection.execute(statement.text)
    except psycopg.Error as error:
        return str(error)
    return ""


def _copy(connection: psycopg.Connection, statement: Statement) -> None:
    with connection.cursor().copy(statement.text) as copy:
        if "FROM STDIN" not in statement.numbered:
            for _ in copy:
                pass
