"""What `klantreis import --inspect` and `klantreis journey draft` say."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from schemas.journey import Journey
from services.importer.column_profile import MOST_VALUES, ColumnProfile
from services.importer.drafting import draft_from
from services.importer.inspection import Inspection, inspect_log

_EXAMPLES = 3
_EXAMPLE_WIDTH = 30


def say_inspected(log: Path, journey: Journey | None) -> bool:
    """Say what a log holds, and print the mapping proposed for it, into that journey; return whether there is one.

    The table goes to stderr and the mapping to stdout, to be kept as a file.
    """
    console = Console(stderr=True)
    with _reading(log, console) as position:
        found = inspect_log(log, position, journey)
    console.print(_table(found))
    console.print(f"{found.log.rows:,} rows" + (f", {found.log.faults:,} bad rows" if found.log.faults else ""))
    if found.roles is None:
        console.print(f"No mapping can be proposed: {found.unclear}.", style="red", markup=False)
        return False
    sys.stdout.write(found.mapping)
    return True


def say_draft(log: Path, mapping: Path, journey: str | None) -> None:
    """Print the journey file that a log shows to stdout, to be kept as a file, and say on stderr what it rests on."""
    console = Console(stderr=True)
    with _reading(log, console) as position:
        draft = draft_from(log, mapping, journey, position)
    sys.stdout.write(draft.text)
    console.print(f"{draft.cases:,} cases, {draft.visits:,} visits, {draft.faults:,} faults left out.")
    if draft.faults:
        console.print(f"  {draft.first_fault}", markup=False)


@contextmanager
def _reading(log: Path, console: Console) -> Iterator[Callable[[int], None]]:
    """Show a bar for how many of a log's bytes have been read, as the function that this gives hears it."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Reading", total=log.stat().st_size)
        yield lambda position: progress.update(task, completed=position)


def _table(found: Inspection) -> Table:
    table = Table("column", "filled", "values", "seems to be", "such as", box=None, pad_edge=False)
    roles = found.roles.by_column() if found.roles else {}
    for column in found.log.columns.values():
        seems = roles.get(column.name) or ("a moment" if column.form else "")
        number = f"over {MOST_VALUES:,}" if column.more else f"{len(column.values):,}"
        table.add_row(Text(column.name), f"{column.share:.0%}", number, seems, Text(_examples(column)))
    return table


def _examples(column: ColumnProfile) -> str:
    values = (" ".join(value.split()) for value in islice(column.values, _EXAMPLES))
    return ", ".join(value if len(value) <= _EXAMPLE_WIDTH else f"{value[: _EXAMPLE_WIDTH - 1]}…" for value in values)
