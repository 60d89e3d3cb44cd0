"""The JSON API for who came: visits by persona and, with the works council's consent, by who handled them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter

from schemas.journey import Journey
from services.monitor.employees.consent import expect_consent
from services.monitor.employees.visit_table import Visited, VisitRow, visit_table
from services.monitor.figures.asked import Window
from services.monitor.figures.rolling_windows import read_passages
from services.monitor.figures.snapshot import Clock
from services.monitor.http import api_models as models
from services.monitor.http.problems import documented
from services.monitor.journey.journeys_api import journey_versions
from services.store.reading import Reading
from streams.rolling import ROLLING, parts, rolling


def router(reading: Reading, clock: Clock, least: int, consent: str) -> APIRouter:
    """Return the part of the API that is about groups of people; those of fewer than `least` visits are left out.

    `consent` says where the works council's consent to figures by employee is found; without one there are none.
    """
    routes = APIRouter(prefix="/api/journeys/{journey}", tags=["figures"])

    @routes.get("/visits", summary="Visits by persona", responses=documented(404, 422, 503))
    async def visits(journey: str, window: Window = "28d") -> models.Visits:
        """Return the visits to each touchpoint by persona; small groups, and what would tell them, are left out."""
        drawn, now = (await journey_versions(reading, journey))[-1].journey, clock()
        async with reading.moment() as moment:
            found = await read_passages(moment, journey, parts(ROLLING[window], now, drawn.zone))
        visited: Counter[tuple[str, str]] = Counter()
        for scope, n in found.items():
            visited[scope.touchpoint, scope.persona] += n
        rows = visit_table(visited, drawn, [persona.id for persona in drawn.personas], least)
        return models.Visits.model_validate({**_over(drawn, window, now, least), "items": _items(rows)})

    @routes.get("/employees", summary="Visits by who handled them", responses=documented(403, 404, 422, 503))
    async def employees(journey: str, window: Window = "28d") -> models.EmployeeVisits:
        """Return the visits to each touchpoint by employee, if the works council has agreed to that."""
        expect_consent(consent)
        drawn, now = (await journey_versions(reading, journey))[-1].journey, clock()
        _, start, end = rolling(ROLLING[window], now)
        async with reading.moment() as moment:
            visited: Visited = await moment.employee_visits(journey, start, end)
        rows = visit_table(visited, drawn, (), least)
        told = {**_over(drawn, window, now, least), "consent": consent, "items": _items(rows)}
        return models.EmployeeVisits.model_validate(told)

    return routes


def _over(drawn: Journey, window: str, now: datetime, least: int) -> dict[str, object]:
    _, start, end = rolling(ROLLING[window], now)
    over = {"start": start.astimezone(drawn.zone), "end": end.astimezone(drawn.zone)}
    return {"journey": drawn.id, "window": window, **over, "least": least}


def _items(rows: Sequence[VisitRow]) -> list[dict[str, object]]:
    return [
        {
            "touchpoint": row.touchpoint,
            "visits": row.visits,
            "groups": [{"id": group or None, "visits": n} for group, n in row.groups.items()],
        }
        for row in rows
    ]
