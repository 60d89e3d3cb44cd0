"""What `klantreis erase` says."""

from typing import Final

import typer

from services.store.erasing import Report

_DONE: Final = {True: "would be", False: "was"}


def say_report(report: Report) -> None:
    """Say what an erasure did, or would do, in numbers by table."""
    if report.found_nothing:
        typer.echo("nothing is kept of this customer, under any key that is given")
    else:
        _say_found(report)
    if report.unreadable:
        typer.echo(
            f"{report.unreadable} customers are known by former keys only, and KLANTREIS_FORMER_SECRETS lacks them"
        )
    if report.sealed:
        typer.echo(
            f"{report.sealed} rejected records were sealed with a secret that is not given: nobody knows whom they name"
        )


def cases_named(names: list[str]) -> list[tuple[str, str]]:
    """Return cases by journey and id, from JOURNEY/ID. Raises ValueError."""
    found = [(journey, case_id) for journey, _, case_id in (name.partition("/") for name in names)]
    wrong = [name for name, both in zip(names, found, strict=True) if not all(both)]
    if wrong:
        raise ValueError(f"--case: {wrong[0]!r} is not of the form JOURNEY/CASE_ID")
    return found


def _say_found(report: Report) -> None:
    done = _DONE[report.dry_run]
    head = "nothing was changed" if report.dry_run else f"erasure {report.erasure}, {report.at:%Y-%m-%d %H:%MZ}"
    typer.echo(f"{head}; asked for by: {report.asked_by or 'nobody was named'}")
    typer.echo(f"cases: {report.cases}, {report.open_cases} of them open; known by {report.customers} numbers")
    if report.others:
        typer.echo(f"    {report.others} other customers had a part in these cases, which are nobody's now")
    for verb, counts in (("made anonymous", report.blanked), ("deleted", report.deleted)):
        for table, rows in counts.items():
            if rows:
                typer.echo(f"    {table}: {rows} {done} {verb}")
