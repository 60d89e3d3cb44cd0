"""The JSON API for workload: who has how much in hand, what comes and goes, and what it costs."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.monitor.employees.consent import expect_consent
from services.monitor.figures.asked import Day
from services.monitor.figures.snapshot import Clock
from services.monitor.http.problems import documented
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.paths.path_period import Least
from services.monitor.times.time_api import time_told
from services.monitor.workload import workload_models as models
from services.monitor.workload.workload_figures import Load, TouchpointCost, Week
from services.monitor.workload.workload_period import last_weeks, read_workload
from services.store.reading import Reading
from services.store.workload_reading import HandlerKind

By = Annotated[HandlerKind, Query(description="By whom: employees are told with the works council's consent only.")]
Weeks = Annotated[int, Query(ge=1, le=53, description="How many whole weeks before that of the last day.")]
Until = Annotated[Day | None, Query(description="The last day; left out, today. What is open is always of now.")]


def router(reading: Reading, clock: Clock, least: Least, consent: str) -> APIRouter:
    """Return the part of the API that is about workload; without `consent` there are no figures by employee."""
    routes = APIRouter(prefix="/api/journeys/{journey}", tags=["time"])

    @routes.get("/workload", summary="Who has how much in hand", responses=documented(403, 404, 422, 503))
    async def workload(
        journey: str, by: By = HandlerKind.DEPARTMENT, weeks: Weeks = 13, until: Until = None
    ) -> models.Workload:
        """Return the open cases, arrivals against completions by the week, and visits with what they cost."""
        if by is HandlerKind.EMPLOYEE:
            expect_consent(consent)
        versions = await journey_versions(reading, journey)
        drawn = versions[-1].journey
        days = last_weeks(weeks, drawn, clock(), until)
        async with reading.moment() as moment:
            found = await read_workload(moment, versions, by, days, least.group)
        worked = any(drawn.week)
        return models.Workload(
            journey=journey,
            start=days.start.astimezone(drawn.zone),
            end=days.end.astimezone(drawn.zone),
            by=by,
            consent=consent if by is HandlerKind.EMPLOYEE else None,
            least=least.group,
            whole=models.Load(open=found.whole.open, weeks=[_week(week) for week in found.whole.weeks]),
            items=[_load(load, worked=worked) for load in found.items],
            left_out=found.few,
            touchpoints=[_touchpoint(each) for each in found.touchpoints],
        )

    return routes


def _load(load: Load, *, worked: bool) -> models.HandlerLoad:
    work = load.work
    return models.HandlerLoad(
        handler=load.handler or None,
        open=load.open,
        weeks=[_week(week) for week in load.weeks],
        visits=work and work.visits,
        promised=work and work.promised,
        late=work and work.late,
        touch=work and time_told(work.touch, worked),
        lost=work and time_told(work.lost, worked),
    )


def _week(week: Week) -> models.Week:
    return models.Week(**week._asdict())


def _touchpoint(found: TouchpointCost) -> models.TouchpointCost:
    fte = found.touchpoint.fte
    return models.TouchpointCost(
        touchpoint=found.touchpoint.id,
        visits=found.visits,
        expected_visits=found.expected,
        fte=None if fte is None else float(fte),
        visits_per_fte_per_week=found.per_fte,
        cost=None if found.cents is None else found.cents / 100,
        cost_said=found.said,
    )
