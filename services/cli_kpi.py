"""What `klantreis kpi` says: where each KPI stands, and why."""

import asyncio
from datetime import datetime
from decimal import Decimal

import typer
from rich.console import Console
from rich.table import Table

from schemas.question import THOUSANDTHS
from services.store.journeys import read_catalogue
from services.store.kpi_reading import stored_kpis
from streams.judgement import Defined, defined
from streams.judging import Looked, look
from streams.kpi import QUARTER, Step, trace
from streams.kpi_evidence import KpiName
from streams.kpi_sentence import state_name, written

_STOOD = {True: "below norm: looks for recovery", False: "looks for a drop"}


class UnknownKpi(LookupError):  # noqa: N818 - an answer, not a mistake
    """No journey draws a KPI of this name, or several do; the message says which there are."""


def say_kpis(database_url: str, now: datetime, console: Console) -> None:
    """Say where every KPI stands, as it would be judged now."""
    table = Table("KPI", "state", "values in a quarter", "level of threshold", box=None, pad_edge=False)
    for (journey, kpi_id), kpi in _all(database_url).items():
        looked = asyncio.run(_look(database_url, kpi, now))
        verdict = looked.verdict
        state = state_name(kpi.kpi, verdict.state).en
        table.add_row(f"{journey}/{kpi_id}", state, f"{verdict.recent}", f"{verdict.reach:.0%}")
    for column in table.columns[:2]:
        column.no_wrap = True
    console.print(table if table.row_count else "no journey draws a KPI; `kpis:` in a journey file does")


def explain(database_url: str, kpi_id: str, now: datetime) -> None:
    """Say what is seen of a KPI, hour by hour since its last change, and why it stands as it does.

    Raises UnknownKpi.
    """
    kpi = _named(_all(database_url), kpi_id)
    looked = asyncio.run(_look(database_url, kpi, now))
    _say_what_it_is(kpi, looked, now)
    for step in trace(kpi.aim, looked.standing, looked.buckets, looked.threshold.value):
        _say_step(step, looked)
    _say_why(kpi, looked)


async def _look(database_url: str, kpi: Defined, now: datetime) -> Looked:
    async with stored_kpis(database_url) as stored:
        return await look(stored, kpi, now)


def _all(database_url: str) -> dict[KpiName, Defined]:
    catalogue = read_catalogue(database_url)
    found = {}
    for journey in catalogue.journeys():
        for kpi in catalogue.latest(journey).kpis:
            drawn = defined(catalogue.versions(journey), kpi.id)
            if drawn is not None:
                found[journey, kpi.id] = drawn
    return found


def _named(known: dict[KpiName, Defined], kpi_id: str) -> Defined:
    """Return the KPI of an id, or of journey/id where several journeys have one of that id."""
    found = [kpi for (journey, each), kpi in known.items() if kpi_id in (each, f"{journey}/{each}")]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{journey}/{each}" for journey, each in known) or "none"
    raise UnknownKpi(f"{kpi_id!r} is {'no KPI' if not found else 'a KPI of several journeys'}; there are: {names}")


def _say_what_it_is(kpi: Defined, looked: Looked, now: datetime) -> None:
    norm = f"{'at least' if kpi.kpi.at_least else 'at most'} {written(kpi.kpi, kpi.kpi.norm, 'en')}"
    typer.echo(
        f"{kpi.drawn.id}/{kpi.kpi.id}: {kpi.kpi.name.en}, {kpi.kpi.measure}, {norm}; looked at {_clock(now, kpi)}"
    )
    ends = looked.threshold.baseline_end
    made = "a table, for want of answers" if ends is None else f"answers up to {_clock(ends, kpi)}"
    typer.echo(
        f"threshold {_points(looked.threshold.value)}, from {made}; test in points of its own scale of ten, or 1"
    )
    since = looked.standing.since
    typer.echo(f"{_STOOD[looked.standing.below]}, since {_clock(since, kpi) if since else 'the beginning'}")
    typer.echo(f"{'hour':17} {'n':>5} {'mean':>7} {'level':>9}  of threshold")


def _say_step(step: Step, looked: Looked) -> None:
    kpi, bucket = looked.kpi, step.bucket
    mean = _points(bucket.total / bucket.n) if bucket.n else "-"
    said = "  CHANGES: " + ("back on norm" if step.below else "alarm") if step.changed else ""
    share = f"{step.level / looked.threshold.value:7.0%}"
    typer.echo(f"{_clock(bucket.at, kpi):17} {bucket.n:5} {mean:>7} {_points(step.level):>9}  {share}{said}")


def _say_why(kpi: Defined, looked: Looked) -> None:
    verdict = looked.verdict
    typer.echo(f"{state_name(kpi.kpi, verdict.state).en} ({state_name(kpi.kpi, verdict.state).nl})")
    aim = kpi.aim
    typer.echo(f"  values in the last {QUARTER.days // 7} weeks: {verdict.recent}, of at least {aim.least}")
    typer.echo(f"  level {_points(verdict.level)} of {_points(verdict.threshold)}")
    latest = verdict.latest
    typer.echo(f"  last value in the hour of {_clock(latest, kpi)}" if latest else "  no value has come yet")


def _points(thousandths: float) -> str:
    return f"{Decimal(round(thousandths)) / THOUSANDTHS:.2f}"


def _clock(moment: datetime, kpi: Defined) -> str:
    return f"{moment.astimezone(kpi.drawn.zone):%Y-%m-%d %H:%M}"
