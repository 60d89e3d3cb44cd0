"""The JSON API for ideals and importance."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from schemas.journey import Journey
from services.monitor.figures.asked import Asked, Window
from services.monitor.figures.curve import curve
from services.monitor.figures.rolling_windows import read_passages, read_scores
from services.monitor.figures.score_groups import said_of, score_groups
from services.monitor.figures.snapshot import Clock
from services.monitor.http.problems import documented
from services.monitor.ideals.ideal_gaps import Gap, IdealGaps
from services.monitor.ideals.ideal_models import (
    IdealGap,
    Ideals,
    Importances,
    TouchpointIdeal,
    TouchpointImportance,
)
from services.monitor.ideals.ideals_read import Seen, read_ideal_gaps, read_importance
from services.monitor.ideals.importance import Importance
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.paths.path_period import Least
from services.monitor.scores.scores_api import estimate_model, score_model
from services.store.reading import Reading
from streams.rolling import Part

_SECOND = 1000


class AskedTime(BaseModel):
    """Over what time ideals and importance are asked for."""

    window: Annotated[Window, Field(description="The rolling window.")] = "90d"

    @property
    def asked(self) -> Asked:
        """That time, of anybody."""
        return Asked(window=self.window)


Of = Annotated[AskedTime, Query()]


def router(reading: Reading, clock: Clock, least: Least) -> APIRouter:
    """Return the part of the API that is about ideals and importance."""
    routes = APIRouter(prefix="/api/journeys/{journey}", tags=["scores"], responses=documented(401, 404, 422, 503))

    @routes.get("/ideals", summary="Ideal against actual")
    async def ideals(journey: str, of: Of) -> Ideals:
        """Return how far each touchpoint is from its ideal score, effort and duration, for all and by persona.

        Where there are too few of them, or a small group could be told, there is no figure.
        """
        versions = await journey_versions(reading, journey)
        drawn, over = versions[-1].journey, of.asked.parts(versions, clock())
        async with reading.moment() as moment:
            seen = Seen(await read_scores(moment, journey, over), await read_passages(moment, journey, over))
            found = await read_ideal_gaps(moment, drawn, over, seen, least)
        return Ideals(**_period(drawn, over), items=[_ideal(each) for each in found])

    @routes.get("/importance", summary="How important touchpoints are")
    async def importance(journey: str, of: Of) -> Importances:
        """Return what the organisation states, what customers say, and how scores go together with the overall one."""
        versions, now = await journey_versions(reading, journey), clock()
        drawn, over = versions[-1].journey, of.asked.parts(versions, now)
        async with reading.moment() as moment:
            said = await read_scores(moment, journey, over)
            groups = score_groups(said, {}, of.asked, "touchpoint", drawn)
            points = curve(drawn, said_of(groups), {}, least.enough)
            found = await read_importance(moment, versions, over, points, now)
        return Importances(**_period(drawn, over), items=[_importance(each) for each in found])

    return routes


def _period(drawn: Journey, over: Sequence[Part]) -> dict[str, object]:
    start, end = over[0].start.astimezone(drawn.zone), over[-1].end.astimezone(drawn.zone)
    return {"journey": drawn.id, "start": start, "end": end}


def _ideal(found: IdealGaps) -> TouchpointIdeal:
    return TouchpointIdeal(
        touchpoint=found.touchpoint.id,
        persona=found.persona or None,
        score=_gap(found.score, 1),
        effort=_gap(found.effort, 1),
        duration=_gap(found.duration, _SECOND),
    )


def _gap(found: Gap | None, unit: int) -> IdealGap | None:
    if found is None:
        return None
    actual, short = (None if each is None else each / unit for each in (found.actual, found.short))
    return IdealGap(ideal=found.ideal / unit, actual=actual, short=short, certain=found.certain)


def _importance(found: Importance) -> TouchpointImportance:
    return TouchpointImportance(
        touchpoint=found.touchpoint.id,
        stated=found.stated,
        asked=score_model(found.asked),
        difference=found.difference,
        pairs=found.pairs,
        correlation=estimate_model(found.together),
        driver=found.drives,
    )
