"""`make bench`: how fast each part of the path is, as ratios of one run. Writes build/bench.json."""

import json
import os
import platform
import statistics
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.cases import CASES
from benchmarks.traffic import records

RUNS = 3
RECORDS = 20_000
RESULT = Path("build/bench.json")


def main() -> None:
    """Run every case RUNS times, interleaved, and report medians."""
    traffic = records(RECORDS)
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    for name in track([name for _ in range(RUNS) for name in CASES], description="measuring"):
        seconds[name].append(CASES[name](traffic))
    rates = {name: RECORDS / statistics.median(taken) for name, taken in seconds.items()}
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({"machine": machine, "cases": {n: {"rate": round(r)} for n, r in rates.items()}}))
    _print(machine, rates)


def _print(machine: str, rates: dict[str, float]) -> None:
    table = Table(
        "case", "records/s", "ratio to decode", "what", title=f"{RECORDS:,} records, median of {RUNS}; {machine}"
    )
    for name, rate in rates.items():
        what = (CASES[name].__doc__ or "").rstrip(".")
        table.add_row(name, f"{rate:,.0f}", f"{rate / rates['decode']:.2f}", what)
    Console().print(table)


if __name__ == "__main__":
    main()
