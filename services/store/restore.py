"""Restoring what was dumped, into a database that has nothing in it yet, with TimescaleDB or without."""

from collections.abc import Set
from pathlib import Path
from zipfile import ZipFile

import psycopg
from psycopg.rows import DictRow, dict_row

from services.store.dump import of_table
from services.store.dump_file import DumpedTable, Manifest, UnusableDumpError, read_manifest
from services.store.migrate import migrate, migrations
from services.store.queries import load
from services.store.rebuild import Tell

_FILLED_BY_MIGRATIONS = frozenset({"retention", "writers"})
_BLOCK = 1 << 20
_QUERIES = load("dump")


def restore(database_url: str, file: Path, tell: Tell) -> Manifest:
    """Migrate a database, put everything in that a dump holds, all or nothing, and return what that is.

    Raises UnusableDumpError for a file that is no dump, that another version's migrations made, or if the database
    holds something already; and psycopg.Error.
    """
    manifest = read_manifest(file)
    _check_version(manifest)
    migrate(database_url)
    with (
        psycopg.connect(database_url, row_factory=dict_row, options="-c TimeZone=UTC") as connection,
        ZipFile(file) as dump,
    ):
        _check_empty(connection, {table.name for table in manifest.tables})
        for filled in sorted(_FILLED_BY_MIGRATIONS):
            connection.execute(of_table("clear", filled))
        for place, table in enumerate(manifest.tables, 1):
            _fill(connection, table, dump)
            tell("Restoring tables", place, len(manifest.tables))
        for name, last_value in manifest.sequences.items():
            connection.execute(_QUERIES["set_sequence"], {"name": name, "last_value": last_value})
    return manifest


def _check_version(manifest: Manifest) -> None:
    here = list(migrations())
    if manifest.migrations != here:
        newest = manifest.migrations[-1] if manifest.migrations else "none"
        raise UnusableDumpError(
            f"the dump was made after migration {newest}, and here it is {here[-1]}: use the same version of Klantreis "
            "on both sides (`klantreis migrate` where it was dumped, then dump again)"
        )


def _check_empty(connection: psycopg.Connection[DictRow], tables: Set[str]) -> None:
    for table in sorted(tables - _FILLED_BY_MIGRATIONS):
        (row,) = connection.execute(of_table("holds_rows", table)).fetchall()
        if row["holds_rows"]:
            raise UnusableDumpError(f"the database is not empty: there are rows in {table}")


def _fill(connection: psycopg.Connection[DictRow], table: DumpedTable, dump: ZipFile) -> None:
    cursor = connection.cursor()
    with cursor.copy(of_table("copy_in", table.name, table.columns)) as rows, dump.open(table.entry) as entry:
        while data := entry.read(_BLOCK):
            rows.write(data)
    if cursor.rowcount != table.rows:
        raise UnusableDumpError(f"{table.entry} has {cursor.rowcount} rows; the manifest says {table.rows}")
