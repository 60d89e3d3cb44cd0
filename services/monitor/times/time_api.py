"""The JSON API for where the time went."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.monitor.figures.asked import Asked
from services.monitor.figures.snapshot import Clock
from services.monitor.http.api_models import Estimate
from services.monitor.http.problems import documented
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.paths.path_period import Least
from services.monitor.times import time_models as models
from services.monitor.times.late_scores import LateScore
from services.monitor.times.step_parts import Kind, StepParts, TimeParts
from services.monitor.times.time_period import read_time
from services.store.reading import Reading
from streams import scores
from streams.time_shares import Time


def router(reading: Reading, clock: Clock, least: Least) -> APIRouter:
    """Return the part of the API that is about time."""
    routes = APIRouter(prefix="/api/journeys/{journey}", tags=["time"], responses=documented(404, 422, 503))

    @routes.get("/time", summary="Where the time went")
    async def time(journey: str, asked: Annotated[Asked, Query()]) -> models.WhereTimeWent:
        """Return the parts of all time, and the steps by what they cost: the mean delay times how often it was had.

        A rolling window is as many whole days as it is long, the last of which is today.
        """
        versions = await journey_versions(reading, journey)
        async with reading.moment() as moment:
            found = await read_time(moment, versions, asked, clock(), least)
        zone, parts = versions[-1].journey.zone, found.parts
        return models.WhereTimeWent(
            journey=journey,
            start=found.days.start.astimezone(zone),
            end=found.days.end.astimezone(zone),
            whole=time_told(parts.whole, parts.worked),
            parts=_parts(parts),
            white_space=parts.white and models.WhiteSpace(least=parts.white[0], most=parts.white[1]),
            steps=[_step(step, parts.worked) for step in parts.steps],
            few=len(parts.rest),
            left_out=parts.left_out,
            late_scores=[_late(each) for each in found.late],
        )

    return routes


def _parts(found: TimeParts) -> list[models.Part]:
    whole = found.whole.calendar
    return [
        models.Part(
            part=name.kind,
            awaited=name.awaited,
            share=time.calendar / whole if whole else 0,
            **time_told(time, found.worked).model_dump(),
        )
        for name, time in found.parts.items()
    ]


def _step(step: StepParts, worked: bool) -> models.Step:
    return models.Step(
        after=step.edge.after,
        touchpoint=step.edge.touchpoint,
        n=step.n,
        awaited=step.awaited,
        started_known=step.known,
        lost=time_told(step.lost, worked),
        mean_lost=time_told(step.lost, worked, step.n),
        score=_estimate(step.level),
        **{kind.value: time_told(step.parts[kind], worked) for kind in Kind},
    )


def _late(found: LateScore) -> models.LateScore:
    late, in_time = (Estimate(**level._asdict()) for level in found.levels)
    return models.LateScore(
        touchpoint=found.touchpoint,
        late_n=found.late.n,
        late=late,
        in_time_n=found.in_time.n,
        in_time=in_time,
        lower=Estimate(**found.lower._asdict()),
    )


def time_told(time: Time, worked: bool, divided_by: int = 1) -> models.Time:
    """Return a time in milliseconds as the API tells it; `worked` says whether the journey tells when it works."""
    by_calendar, in_work = (each / 1000 / divided_by for each in time)
    return models.Time(calendar_seconds=by_calendar, worked_seconds=in_work if worked else None)


def _estimate(estimate: scores.Estimate | None) -> Estimate | None:
    return None if estimate is None else Estimate(**estimate._asdict())
