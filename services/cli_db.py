"""`klantreis db`: taking a whole database elsewhere."""

from pathlib import Path

import typer

from services.cli_upkeep import Bars
from services.store.dump import dump
from services.store.restore import restore


def run_dump(database_url: str, file: Path) -> None:
    """Dump, and say how much."""
    with Bars() as bars:
        made = dump(database_url, file, bars.tell)
    typer.echo(f"{made.rows} rows of {len(made.tables)} tables are in {file}, which only you may read")
    typer.echo("It holds personal data. Where it is restored, KLANTREIS_SECRET has to be the same as here.")


def run_restore(database_url: str, file: Path) -> None:
    """Restore, and say how much; raises UnusableDumpError."""
    with Bars() as bars:
        made = restore(database_url, file, bars.tell)
    typer.echo(f"{made.rows} rows of {len(made.tables)} tables are restored")
