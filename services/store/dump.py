"""Dumping a whole database into one file, as it is at one moment, while everything goes on."""

import os
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.rows import DictRow, dict_row

from services.store.dump_file import MANIFEST, DumpedTable, Manifest
from services.store.queries import load
from services.store.rebuild import Tell

_QUERIES = load("dump")


def dump(database_url: str, file: Path, tell: Tell) -> Manifest:
    """Write everything that is stored into `file`, which only its owner may read, and return what that is.

    The next offsets are those of the same moment, so what is restored goes on where this left off. Raises
    FileExistsError if there is such a file, and psycopg.Error; a file that is not complete does not stay.
    """
    with (
        os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out,
        ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as made,
    ):
        try:
            with psycopg.connect(database_url, row_factory=dict_row, options="-c TimeZone=UTC") as connection:
                connection.isolation_level = IsolationLevel.REPEATABLE_READ
                connection.read_only = True
                return _write(connection, made, tell)
        except BaseException:
            file.unlink()
            raise


def _write(connection: psycopg.Connection[DictRow], made: ZipFile, tell: Tell) -> Manifest:
    manifest = _manifest(connection)
    for place, table in enumerate(manifest.tables, 1):
        query = of_table("copy_out", table.name, table.columns)
        with connection.cursor().copy(query) as rows, made.open(table.entry, "w", force_zip64=True) as entry:
            for data in rows:
                entry.write(data)
        tell("Dumping tables", place, len(manifest.tables))
    made.writestr(MANIFEST, manifest.model_dump_json(indent=2))  # last: without it, a dump is not complete
    return manifest


def _manifest(connection: psycopg.Connection[DictRow]) -> Manifest:
    return Manifest(
        migrations=[row["name"] for row in connection.execute(_QUERIES["migrations"])],
        tables=[
            DumpedTable(**row, rows=_number(connection, row["name"]))
            for row in connection.execute(_QUERIES["tables"]).fetchall()
        ],
        sequences={row["name"]: row["last_value"] for row in connection.execute(_QUERIES["sequences"])},
    )


def _number(connection: psycopg.Connection[DictRow], table: str) -> int:
    (row,) = connection.execute(of_table("number_of_rows", table)).fetchall()
    return int(row["n"])


def of_table(query: str, table: str, columns: Any = ()) -> sql.Composed:
    """Return a query of queries/dump.sql about a table and columns of it."""
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(_QUERIES[query]).format(table=sql.Identifier(table), columns=named)
