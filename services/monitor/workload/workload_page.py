"""The page about workload: who has how much in hand, what comes and goes by the week, and what visits cost."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.monitor.employees.consent import expect_consent
from services.monitor.figures.snapshot import Clock
from services.monitor.http.problems import ProblemError
from services.monitor.pages.html import Missing, Pages, reader
from services.monitor.paths.path_period import Least
from services.monitor.workload.workload_drawing import week_bars
from services.monitor.workload.workload_period import last_weeks, read_workload
from services.store.reading import Reading
from services.store.workload_reading import HandlerKind

_WEEKS = 13


def router(reading: Reading, pages: Pages, clock: Clock, least: Least, consent: str) -> APIRouter:
    """Return the route of the page; without `consent` there are no figures by employee."""
    routes = APIRouter(include_in_schema=False)
    kinds = [kind for kind in HandlerKind if consent or kind is not HandlerKind.EMPLOYEE]

    @routes.get("/journeys/{journey}/workload")
    async def page(request: Request, journey: str) -> HTMLResponse:
        """Show the workload of the last quarter, by the kind of handler that is asked for."""
        asking = reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        drawn, by = versions[-1].journey, request.query_params.get("by") or HandlerKind.DEPARTMENT
        days = last_weeks(_WEEKS, drawn, clock())
        try:
            if by == HandlerKind.EMPLOYEE:
                expect_consent(consent)
            elif by not in kinds:
                raise ProblemError(404, f"by: {by!r} is no kind of handler")
            async with reading.moment() as moment:
                found = await read_workload(moment, versions, HandlerKind(by), days, least.group)
        except ProblemError as problem:
            raise Missing(problem.detail) from None
        return pages.respond(
            "workload.html",
            asking,
            drawn.zone,
            drawn=drawn,
            by=by,
            kinds=kinds,
            consent=consent,
            found=found,
            bars=week_bars(found.whole.weeks),
            least=least.group,
            weeks=_WEEKS,
        )

    return routes
