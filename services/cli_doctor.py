"""What `klantreis doctor` says."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import orjson
from rich.console import Console
from rich.text import Text

from services.doctor.examination import examine
from services.doctor.finding import Finding, Health
from services.settings import Settings

_SIGNS = {Health.WELL: ("✓", "green"), Health.NOTE: ("!", "yellow"), Health.WRONG: ("✗", "red")}
_WIDTH = 10


def run_doctor(settings: Settings, *, as_json: bool) -> bool:
    """Say what is found, each thing as soon as it is; return whether nothing is wrong."""
    found = examine(settings, datetime.now(UTC))
    said = list(_said_as_json(found) if as_json else _said(found, Console()))
    return all(finding.health is not Health.WRONG for finding in said)


def _said(found: Iterator[Finding], console: Console) -> Iterator[Finding]:
    for finding in found:
        sign, style = _SIGNS[finding.health]
        console.print(Text(f"{sign} {finding.what:<{_WIDTH}}", style=style), Text(finding.seen), soft_wrap=True)
        if finding.advice:
            console.print(Text(f"  {'':<{_WIDTH}} → {finding.advice}", style="bold"), soft_wrap=True)
        yield finding


def _said_as_json(found: Iterator[Finding]) -> Iterator[Finding]:
    all_ = list(found)
    sys.stdout.write(orjson.dumps([asdict(each) for each in all_], option=orjson.OPT_INDENT_2).decode() + "\n")
    yield from all_
