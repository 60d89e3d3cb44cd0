"""The figures of all runs in one: medians, ratios, and a table of them."""

import os
import platform
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import psutil
from rich.table import Table

from benchmarks.cases import CASES

Runs = Mapping[str, Sequence[Mapping[str, Any]]]


def machine() -> str:
    """Return what was measured on."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{os.cpu_count()} cores, {memory} GiB, {platform.machine()}, Python {platform.python_version()}"


def summary(runs: Runs) -> dict[str, dict[str, Any]]:
    """Return the median of each figure of each case, the rates of all its runs, and its ratio with what it is.

    What is no number is told as the last run has it.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, each in runs.items():
        numbers = [figure for figure, value in each[0].items() if isinstance(value, int | float)]
        medians = {figure: median(run[figure] for run in each) for figure in numbers}
        told = {figure: value for figure, value in each[-1].items() if figure not in numbers}
        found[name] = {"what": CASES[name].what, **medians, **told, "rates": [run["rate"] for run in each]}
    for name in found:
        pair = CASES[name].ratio
        if pair is not None and all(each in found for each in pair):
            above, below = (found[each]["rate"] for each in pair)
            found[name] |= {"ratio": round(above / below, 3), "ratio_of": " / ".join(pair)}
    return found


def table(found: Mapping[str, Mapping[str, Any]], title: str) -> Table:
    """Return the figures as they are printed; processor shares are of one core."""
    shown = Table("case", "what", title=title)
    for heading in ("records/s", "ratio", "peak MB", "worker", "database", "p50 s", "p95 s", "p99 s"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for name, figures in found.items():
        shown.add_row(
            name,
            figures["what"],
            f"{figures['rate']:,.0f}",
            f"{figures['ratio_of']} = {figures['ratio']:.2f}" if "ratio" in figures else "",
            _given(figures, "rss_mb", "{:.0f}"),
            *(_given(figures, f"{part}_cpu", "{:.0%}") for part in ("worker", "database")),
            *(_given(figures, f"{rank}_seconds", "{:.3f}") for rank in ("p50", "p95", "p99")),
        )
    return shown


def _given(figures: Mapping[str, Any], name: str, form: str) -> str:
    return form.format(figures[name]) if name in figures else ""
