"""What control charts and the trend review rest on: a journey's figures by week or month, and resets of baselines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from services.store.queries import load
from services.store.reading import Histogram, Histograms, Moment, Subject
from streams.observations import SCORED
from streams.periods import Period
from streams.releasing import shown_as

_QUERIES = load("charts")


@dataclass(frozen=True)
class ChartReset:
    """A baseline that begins anew on a day, who said so and why; and who has undone that, if anybody has.

    The empty string is 'of none' for a span, 'any' for a touchpoint, a department and an outcome.
    """

    reset_id: int
    measure: str
    span: str
    touchpoint: str
    department: str
    since: date
    reset_at: datetime
    by: str
    why: str
    undone_at: datetime | None
    undone_by: str | None
    outcome: str = ""


async def read_begin(moment: Moment, journey: str) -> datetime | None:
    """Return when the first day begins of which a journey has visits; None if there are none."""
    rows = await moment.connection.execute(_QUERIES["begins"], {"journey": journey})
    found = await rows.fetchone()
    return found["begins"] if found else None


async def read_periods(
    moment: Moment, journey: str, periods: Sequence[Period], measures: Collection[str]
) -> Sequence[Histograms]:
    """Return what a journey's days hold of some measures, by period; the periods follow each other without a gap.

    Of scores there are those that are shown, as measures of their own (streams.releasing.shown_as).
    """
    given: dict[str, Any] = {
        "journey": journey,
        "measures": [shown_as(measure) if measure in SCORED else measure for measure in measures],
        "starts": [period.start for period in periods],
        "start": periods[0].start,
        "end": periods[-1].end,
    }
    found: list[dict[Subject, Histogram]] = [{} for _ in periods]
    async for row in await moment.connection.execute(_QUERIES["histograms"], given, binary=True):
        subject = Subject(row["measure"], row["span"], row["touchpoint"], row["department"], row["outcome"])
        bins = dict(zip(row["bins"] or (), row["counts"] or (), strict=True))
        found[row["period"] - 1][subject] = Histogram(row["n"], row["total"], bins)
    return found


async def read_resets(moment: Moment, journey: str) -> Sequence[ChartReset]:
    """Return all resets of the charts of a journey, those undone too, by the day from which on they hold."""
    async with moment.connection.cursor(row_factory=class_row(ChartReset)) as cursor:
        return await (await cursor.execute(_QUERIES["resets"], {"journey": journey})).fetchall()
