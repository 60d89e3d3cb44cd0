"""What `klantreis retention` and `klantreis rebuild` say."""

import asyncio
from collections.abc import Sequence
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.store.differences import SHOWN, Difference, Differences
from services.store.keeping import KINDS, LEAST, Kept
from services.store.rebuild import check, rebuild


def say_kept(kept: Sequence[Kept], console: Console) -> None:
    """Say how long everything is kept, and from which day on (by UTC) it is complete."""
    table = Table("name", "kept", "complete from", "what it is", box=None, pad_edge=False)
    for each in kept:
        since = f"{each.retained_from:%Y-%m-%d}" if each.retained_from else "the beginning"
        least = f", at least {LEAST[each.name].days} days" if each.name in LEAST else ""
        table.add_row(each.name, str(each.keep or "for ever"), since, KINDS[each.name] + least)
    console.print(table)


def run_check(database_url: str) -> bool:
    """Say where what is stored differs from what the kept events come to, and return whether it does."""
    with Bars() as bars:
        found = asyncio.run(check(database_url, bars.tell))
    _say(found)
    if not found.total:
        typer.echo("nothing differs from what the kept events come to")
        return False
    typer.echo(f"{_counted(found)} not what the kept events come to; `klantreis rebuild` mends that")
    return True


def run_rebuild(database_url: str) -> None:
    """Rebuild, and say what differed."""
    with Bars() as bars:
        found = asyncio.run(rebuild(database_url, bars.tell))
    _say(found)
    typer.echo(f"{_counted(found)} mended" if found.total else "nothing differed from what the kept events come to")


class Bars:
    """A bar for each thing that is being done, beside the output, for as long as the block lasts."""

    def __init__(self) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, what: str, done: int, number: int) -> None:
        """Move a bar; the Tell of services.store.rebuild."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what)
        self._progress.update(self._tasks[what], completed=done, total=number)


def _say(found: Differences) -> None:
    for difference in found.first:
        _say_one(difference)
    for table, number in found.number.items():
        if number > SHOWN:
            typer.echo(f"{table}: {number - SHOWN} more")


def _say_one(difference: Difference) -> None:
    bucket = f"  {difference.at:%Y-%m-%dT%H:%MZ}" if difference.at else ""
    typer.echo(f"{difference.table}{bucket}  {difference.about}")
    typer.echo(f"    stored: {difference.held}")
    typer.echo(f"    right:  {difference.right}")


def _counted(found: Differences) -> str:
    tables = ", ".join(f"{table} {number}" for table, number in found.number.items())
    return f"1 row ({tables}) is" if found.total == 1 else f"{found.total} rows ({tables}) are"
