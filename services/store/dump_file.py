"""The file that `klantreis db dump` writes: a zip of tables as COPY tells them, and a manifest of what they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile, ZipFile

from pydantic import BaseModel, ConfigDict, ValidationError

MANIFEST = "manifest.json"


class UnusableDumpError(ValueError):
    """A file cannot be restored, or not here; the message says why."""


class DumpedTable(BaseModel):
    """A table: its name, the columns in the order of the file `NAME.copy`, and how many rows there are."""

    model_config = ConfigDict(frozen=True)

    name: str
    columns: Sequence[str]
    rows: int

    @property
    def entry(self) -> str:
        """The name of its file in the zip."""
        return f"{self.name}.copy"


class Manifest(BaseModel):
    """What a dump holds. `migrations` made its tables; `sequences` says where each stood."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    migrations: Sequence[str]
    tables: Sequence[DumpedTable]
    sequences: Mapping[str, int]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(table.rows for table in self.tables)


def read_manifest(file: Path) -> Manifest:
    """Return what a file holds; raise UnusableDumpError if it is no dump, or not all of one."""
    try:
        with ZipFile(file) as dump:
            manifest = Manifest.model_validate_json(dump.read(MANIFEST))
            missing = {table.entry for table in manifest.tables} - {*dump.namelist()}
    except (BadZipFile, KeyError, ValidationError) as error:
        raise UnusableDumpError(f"{file} is not what `klantreis db dump` writes, or not all of it") from error
    if missing:
        raise UnusableDumpError(f"{file} lacks {', '.join(sorted(missing))}")
    return manifest
