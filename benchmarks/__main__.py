"""`make bench`: what the performance claims rest on. Prints one table and writes it to build/bench.json.

Each run of a case is a process of its own; the cases take turns, round after round, and medians count. All of it takes
an hour and 30 GB below the folder for temporary files, most of that for the databases that are filled beforehand.
"""

import json
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.cases import CASES
from benchmarks.report import machine, summary, table

RESULT = Path("build/bench.json")
_WIDTH = 140  # where there is no terminal to say how wide it is


def main() -> None:
    """Run the cases that are asked for, and report."""
    told = _told()
    chosen = _chosen(told.only)
    if not chosen:
        sys.exit(f"{told.only!r} names none of {', '.join(CASES)}")
    with tempfile.TemporaryDirectory(prefix="klantreis-bench-", ignore_cleanup_errors=True) as scratch:
        runs = _measure(chosen, told, scratch)
    found = summary(runs)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(
        json.dumps({"machine": machine(), "records": told.records, "rounds": told.rounds, "cases": found}, indent=1)
    )
    console = Console() if Console().is_terminal else Console(width=_WIDTH)
    console.print(table(found, f"{told.records:,} records, median of {told.rounds}; {machine()}"))


def _told() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--records", type=int, default=200_000, help="of each run; fewer make the hour sparser")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help=f"letters or names, as in a,c,g_1m; of {', '.join(CASES)}")
    return parser.parse_args()


def _chosen(only: str) -> Sequence[str]:
    """Return the cases that are meant; half of a's rate is not known without a."""
    asked = set(filter(None, only.split(",")))
    chosen = [name for name in CASES if not asked or name in asked or name.partition("_")[0] in asked]
    return ["a", *chosen] if "h_half" in chosen and "a" not in chosen else chosen


def _measure(chosen: Sequence[str], told: Namespace, scratch: str) -> dict[str, list[dict[str, Any]]]:
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
    columns = TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns) as progress:
        task = progress.add_task("", total=told.rounds * len(chosen))
        for number in range(told.rounds):
            for name in chosen:
                progress.update(task, description=f"round {number + 1}: {name}")
                runs[name].append(_run(name, told.records, scratch, runs.get("a", ())))
                progress.advance(task)
    return runs


def _run(name: str, records: int, scratch: str, of_a: Sequence[dict[str, Any]]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.one", name, "--records", str(records), "--scratch", scratch]
    if of_a:
        command += ["--rate", str(median(run["rate"] for run in of_a))]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"case {name} failed")
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    main()
