"""The JSON API for scores by who handled it, of one department in one month, with the works council's consent."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from schemas.journey import Journey
from schemas.question import ScoredMeasure
from schemas.values import Term
from services.monitor.employees.by_employee import ByEmployee
from services.monitor.employees.consent import expect_consent
from services.monitor.employees.employee_scores import EmployeeRow
from services.monitor.figures.score_figures import ScoreFigure
from services.monitor.figures.snapshot import Clock
from services.monitor.http import api_models as models
from services.monitor.http.problems import ProblemError, documented
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.review.charted import MONTHS
from services.store.reading import Reading
from streams.periods import By, Period, periods

Month = Annotated[date | None, Query(description="Any day of a month that is over; left out, the last one.")]


def router(reading: Reading, clock: Clock, by_employee: ByEmployee) -> APIRouter:
    """Return the part of the API that is about scores by employee; groups under the least number are left out."""
    least = by_employee.least
    routes = APIRouter(prefix="/api/journeys/{journey}/employees", tags=["scores"])

    @routes.get("/scores", summary="What customers say, by who handled it", responses=documented(403, 404, 422, 503))
    async def scores(
        journey: str, department: Term, measure: ScoredMeasure = "satisfaction", month: Month = None
    ) -> models.EmployeeScores:
        """Return the scores of a department by touchpoint and employee, if the works council has agreed to that.

        They are those that are shown of the department, in lots. Small groups, and what would tell them, are left out.
        """
        expect_consent(by_employee.consent)
        versions = await journey_versions(reading, journey)
        drawn = versions[-1].journey
        over = _month(drawn, clock(), month)
        rows = await by_employee.table(versions, measure, department, over)
        return models.EmployeeScores(
            journey=journey,
            department=department,
            measure=measure,
            start=over.start.astimezone(drawn.zone),
            end=over.end.astimezone(drawn.zone),
            least=least.group,
            enough=least.enough,
            consent=by_employee.consent,
            items=[_row(row) for row in rows],
        )

    return routes


def _month(drawn: Journey, now: datetime, asked: date | None) -> Period:
    *finished, running = periods(By.MONTH, MONTHS, now, drawn.zone)
    if asked is None:
        return finished[-1]
    found = next((each for each in finished if (each.day.year, each.day.month) == (asked.year, asked.month)), None)
    if found is None:
        first = finished[0].day
        raise ProblemError(422, f"month: should be over, so before {running.day}, and not before {first}")
    return found


def _row(row: EmployeeRow) -> models.TouchpointScores:
    return models.TouchpointScores(
        touchpoint=row.touchpoint,
        n=row.together.n,
        estimate=_estimate(row.together),
        employees=[
            models.EmployeeScore(id=who or None, n=figure and figure.n, estimate=figure and _estimate(figure))
            for who, figure in row.employees.items()
        ],
    )


def _estimate(figure: ScoreFigure) -> models.Estimate | None:
    return None if figure.estimate is None else models.Estimate(**figure.estimate._asdict())
