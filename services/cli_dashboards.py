"""What `klantreis dashboards` does and says."""

import typer
from rich.console import Console

from services.grafana import Grafana
from services.publishing import committed, missing_data_sources, planned, publish

_TITLE = "Klantreis"


def publish_dashboards(
    url: str, token: str, language: str, folder_uid: str, *, dry_run: bool, with_diff: bool, console: Console
) -> None:
    """Publish the dashboards of a language, and say of each whether it is new, changed or the same.

    With `dry_run` nothing is done; with `with_diff` the lines are said by which each differs. Raises GrafanaRefused.
    """
    grafana = Grafana(url, token)
    steps = planned(grafana, committed(language), folder_uid)
    for step in steps:
        console.print(f"{step.name}: {step.verdict}", markup=False, highlight=False)
        if with_diff and step.verdict != "same":
            typer.echo("\n".join(step.diff()))
    for uid in missing_data_sources(grafana):
        console.print(
            f"Grafana has no data source with the uid {uid}: panels that ask it stay empty (docs/dashboards.md)"
        )
    if not dry_run:
        publish(grafana, steps, folder_uid, _TITLE, "klantreis dashboards publish")
