"""What `klantreis doctor` says."""

import sys
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
    """Say what is found, each thing as soon as it is, or all as JSON; return whether nothing is wrong."""
    console, found = Console(), []
    for finding in examine(settings, datetime.now(UTC)):
        found.append(finding)
        if not as_json:
            _say(finding, console)
    if as_json:
        sys.stdout.write(orjson.dumps([asdict(each) for each in found], option=orjson.OPT_INDENT_2).decode() + "\n")
    return all(finding.health is not Health.WRONG for finding in found)


def _say(finding: Finding, console: Console) -> None:
    sign, style = _SIGNS[finding.health]
    console.print(Text(f"{sign} {finding.what:<{_WIDTH}}", style=style), Text(finding.seen), soft_wrap=True)
    if finding.advice:
        console.print(Text(f"  {'':<{_WIDTH}} → {finding.advice}", style="bold"), soft_wrap=True)
