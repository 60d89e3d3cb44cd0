"""The JSON API for control charts: figures by week or month, what signals a change, and baselines that begin anew."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator, StringConstraints

from schemas.improvement import Improvement
from schemas.journey import Journey
from schemas.values import without_nul
from services.monitor.access.visitors import Name, visitor
from services.monitor.figures.snapshot import Clock
from services.monitor.http import api_models as models
from services.monitor.http.body import json_model, json_request
from services.monitor.http.problems import ProblemError, documented
from services.monitor.improvements.improvement_marks import concerning
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.kpis.alerts_page import LONGEST_NOTE
from services.monitor.review.charted import MONTHS, ChartAsked, Charted, Kind, Periods, Series
from services.store.chart_reading import ChartReset, read_begin, read_periods, read_resets
from services.store.chart_resets import ChartResets
from services.store.improvements import read_improvements
from services.store.reading import Reading
from streams.control_chart import Section
from streams.periods import By, periods
from streams.scores import Estimate

_MAX_BYTES = 16 * 1024
_Why = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NOTE), AfterValidator(without_nul)
]

ResetNumber = Annotated[int, Path(ge=1, lt=2**63)]
"""By what number a new baseline is known."""


class NewBaseline(Charted):
    """From which day on a chart has a baseline of its own, who says so and why."""

    since: date
    by: Name
    why: _Why


def router(reading: Reading, resets: ChartResets, clock: Clock, enough: int) -> APIRouter:
    """Return the part of the API that is about control charts; under `enough` scores a period has no figure."""
    routes = APIRouter(prefix="/api/journeys/{journey}/charts", tags=["charts"], responses=documented(404, 422, 503))

    @routes.get("", summary="A control chart")
    async def chart(journey: str, asked: Annotated[ChartAsked, Query()]) -> models.ControlChart:
        """Return the weeks or months of 26 months back, their limits, and what signals a change.

        Signals are a value beyond the limits and eight in a row on one side of the mean, from 24 baseline values on.
        """
        versions, now = await journey_versions(reading, journey), clock()
        asked.check(versions)
        drawn = versions[-1].journey
        over = periods(asked.by, MONTHS, now, drawn.zone)
        async with reading.moment() as moment:
            begins = await read_begin(moment, journey)
            histograms = await read_periods(moment, journey, over, [asked.measure])
            found = await read_resets(moment, journey)
            improvements = await read_improvements(moment, journey)
        series = Periods(over, histograms, begins, now).series(asked, found, enough)
        return _chart(drawn, asked.by, series, concerning(asked, improvements, drawn))

    @routes.post(
        "/resets",
        status_code=201,
        summary="Begin a baseline anew",
        openapi_extra={"requestBody": json_request(NewBaseline)},
    )
    async def reset(request: Request, journey: str) -> models.ChartResetNumber:
        """Let the baseline of one chart begin anew, by week and by month, and keep who said so and why.

        Of somebody whom a proxy names it is noted under that name, whatever `by` says.
        """
        asked = await json_model(request, NewBaseline, _MAX_BYTES)
        versions, now = await journey_versions(reading, journey), clock()
        asked.check(versions)
        check_since(asked.since, now.astimezone(versions[-1].journey.zone).date())
        by = visitor(request).name or asked.by
        number = await begin_anew(resets, journey, asked, asked.since, by=by, why=asked.why, clock=clock)
        return models.ChartResetNumber(id=number)

    @routes.get("/resets", summary="Baselines that began anew")
    async def list_resets(journey: str) -> models.ChartResets:
        """List them all, those that were undone too."""
        zone = (await journey_versions(reading, journey))[-1].journey.zone
        async with reading.moment() as moment:
            found = await read_resets(moment, journey)
        return models.ChartResets(items=[_reset(each, zone) for each in found])

    @routes.delete("/resets/{number}", status_code=204, summary="Undo a new baseline", responses=documented(409))
    async def undo(request: Request, journey: str, number: ResetNumber, by: Annotated[Name, Query()]) -> None:
        """Let the chart have its baseline of before again; that this was undone, and by whom, is kept."""
        await journey_versions(reading, journey)
        if not await resets.undo(journey, number, by=visitor(request).name or by, now=clock()):
            raise ProblemError(409, f"journey {journey!r} has no new baseline {number} that holds")

    return routes


def check_since(since: date, today: date) -> None:
    """Raise ProblemError for a baseline that would begin in the future."""
    if since > today:
        raise ProblemError(422, f"since: {since} is still to come")


async def begin_anew(
    resets: ChartResets, journey: str, of: Charted, since: date, *, by: str, why: str, clock: Clock
) -> int:
    """Let the baseline of a chart begin anew, and return the number of that. Raises Unreadable."""
    return await resets.reset(
        journey,
        measure=of.measure,
        span=of.span or "",
        touchpoint=of.touchpoint or "",
        department=of.department or "",
        outcome=of.outcome or "",
        since=since,
        by=by,
        why=why,
        now=clock(),
    )


def _chart(drawn: Journey, by: By, series: Series, improvements: Sequence[Improvement]) -> models.ControlChart:
    scale = 1 / 1000 if series.of.kind is Kind.DURATION else 1.0
    return models.ControlChart(
        journey=drawn.id,
        measure=series.of.measure,
        touchpoint=series.of.touchpoint,
        span=series.of.span,
        department=series.of.department,
        outcome=series.of.outcome,
        by=by.value,
        unit="seconds" if series.of.kind is Kind.DURATION else series.of.kind.value,
        points=[
            models.ChartPoint(
                period=each.period.day,
                n=each.n,
                value=None if each.value is None else each.value * scale,
                interval=_estimate(each.interval, scale),
                finished=each.finished,
            )
            for each in series.figures
        ],
        sections=[_section(section, series, scale) for section in series.sections],
        expected_false_signals=round(series.false_signals, 2),
        resets=[_reset(each, drawn.zone) for each in series.resets],
        improvements=[
            models.ChartImprovement(
                id=each.id,
                touchpoint=each.touchpoint,
                what=each.what.model_dump(),
                planned_week=each.planned_week,
                done_on=each.done_on,
            )
            for each in improvements
        ],
    )


def _section(section: Section, series: Series, scale: float) -> models.ChartSection:
    days = [figure.period.day for figure in series.figures]
    limits = section.limits
    return models.ChartSection(
        first=days[section.first] if section.first < len(days) else None,
        points=section.known,
        missing=section.missing,
        limits=limits
        and models.ChartLimits(
            mean=limits.mean * scale, low=limits.low * scale, high=limits.high * scale, sigma=limits.sigma * scale
        ),
        signals=[
            models.ChartSignal(
                rule=each.rule.value,
                side="above" if each.above else "below",
                first=days[each.first],
                last=days[each.last],
            )
            for each in section.signals
        ],
        changes=[
            models.ChartChange(
                side="above" if each.above else "below",
                first=days[each.first],
                last=days[each.last],
                shift=models.Estimate(**{name: value * scale for name, value in each.shift._asdict().items()}),
            )
            for each in section.changes
        ],
    )


def _estimate(found: Estimate | None, scale: float) -> models.Estimate | None:
    if found is None:
        return None
    return models.Estimate(value=found.value * scale, low=found.low * scale, high=found.high * scale)


def _reset(reset: ChartReset, zone: ZoneInfo) -> models.ChartReset:
    return models.ChartReset(
        id=reset.reset_id,
        measure=reset.measure,
        touchpoint=reset.touchpoint or None,
        span=reset.span or None,
        department=reset.department or None,
        outcome=reset.outcome or None,
        since=reset.since,
        reset_at=reset.reset_at.astimezone(zone),
        by=reset.by,
        why=reset.why,
        undone_at=reset.undone_at and reset.undone_at.astimezone(zone),
        undone_by=reset.undone_by,
    )
