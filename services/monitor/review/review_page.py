"""The review page: what changed, whether it is real and since when, for who looks at a journey once a month."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from schemas.journey import Journey, JourneyVersion
from schemas.outcome import OTHER
from services.monitor.access.visitors import LONGEST_NAME
from services.monitor.employees.by_employee import ByEmployee
from services.monitor.employees.employee_scores import EmployeeRow
from services.monitor.figures.snapshot import Clock
from services.monitor.http.body import form_fields
from services.monitor.http.problems import ProblemError
from services.monitor.improvements.improvement_marks import concerning
from services.monitor.kpis.alerts_page import LONGEST_NOTE, name_in, note_in
from services.monitor.pages.html import Missing, Pages, Reader, reader
from services.monitor.review.charted import MONTHS, ChartAsked, Charted, Periods
from services.monitor.review.charts_api import ResetNumber, begin_anew, check_since
from services.monitor.review.review import REVIEWED, Review, compared, norm_of, own_chart, review
from services.monitor.review.review_drawing import bars_drawing, chart_drawing
from services.store.chart_reading import read_begin, read_periods, read_resets
from services.store.chart_resets import ChartResets
from services.store.improvements import read_improvements
from services.store.reading import Reading
from streams.observations import OF_SPANS, SCORED, Measure
from streams.periods import By, periods

_MAX_BYTES = 16 * 1024


def router(reading: Reading, resets: ChartResets, pages: Pages, clock: Clock, by_employee: ByEmployee) -> APIRouter:
    """Return the routes of the page, with the least numbers that figures by employee have, too."""
    enough = by_employee.least.enough
    routes = APIRouter(prefix="/journeys/{journey}/review", include_in_schema=False)

    @routes.get("")
    async def page(request: Request, journey: str) -> HTMLResponse:
        """Show the review of the last finished month, and one chart: the one asked for, else what changed most."""
        asking = reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        drawn, now = versions[-1].journey, clock()
        asked = _asked(request, versions)
        measures = REVIEWED | ({asked.measure} if asked else set())
        async with reading.moment() as moment:
            begins = await read_begin(moment, journey)
            over = {
                by: Periods(each, await read_periods(moment, journey, each, measures), begins, now)
                for by in By
                for each in (periods(by, MONTHS, now, drawn.zone),)
            }
            found = await read_resets(moment, journey)
            improvements = await read_improvements(moment, journey)
        # Half a second of arithmetic, during which nobody else should have to wait.
        reviewed = await to_thread(review, drawn, over[By.MONTH], over[By.WEEK], found, enough)
        if reviewed is None:
            return pages.respond("review_empty.html", asking, drawn.zone, drawn=drawn)
        chosen = asked or _first(reviewed, drawn)
        employees: Sequence[EmployeeRow] = ()
        if by_employee.consent and chosen.department is not None and chosen.measure in SCORED:
            month = next(each for each in over[By.MONTH].periods if each.day == reviewed.month)
            employees = await by_employee.table(versions, chosen.measure, chosen.department, month)
        norm, improved = norm_of(drawn, chosen), concerning(chosen, improvements, drawn)
        months = over[By.MONTH].figures(chosen, enough)
        series = over[chosen.by].series(chosen, found, enough)
        return pages.respond(
            "review.html",
            asking,
            drawn.zone,
            drawn=drawn,
            review=reviewed,
            chosen=chosen,
            norm=norm,
            compared=compared(chosen, over[By.MONTH], reviewed.month, enough),
            bars=bars_drawing(chosen, months, norm, improved),
            series=series,
            chart=chart_drawing(series, improved),
            improved=improved,
            measures=_measures(drawn, chosen),
            departments=drawn.departments,
            employees=employees,
            consent=by_employee.consent,
            smallest=by_employee.least.group,
            outcomes=[*drawn.outcome_by_id, OTHER] if drawn.outcomes and chosen.measure in SCORED else [],
            running=months[-1] if months else None,
            longest_name=LONGEST_NAME,
            longest_note=LONGEST_NOTE,
            today=now.astimezone(drawn.zone).date(),
            least=enough,
        )

    @routes.post("/resets")
    async def reset(request: Request, journey: str) -> Response:
        """Let the baseline of the chart begin anew."""
        fields, asking = await form_fields(request, _MAX_BYTES), reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        chosen = _asked(request, versions)
        if chosen is None:
            raise ProblemError(422, "measure: is not given, so it is not known which chart is meant")
        since = _day(fields)
        check_since(since, clock().astimezone(versions[-1].journey.zone).date())
        await begin_anew(resets, journey, chosen, since, by=name_in(request, fields), why=_why(fields), clock=clock)
        return _back(asking, journey, chosen)

    @routes.post("/resets/{number}/undo")
    async def undo(request: Request, journey: str, number: ResetNumber) -> Response:
        """Let the chart have its baseline of before again."""
        fields, asking = await form_fields(request, _MAX_BYTES), reader(request)
        versions = asking.versions(await reading.catalogue(), journey)
        if not await resets.undo(journey, number, by=name_in(request, fields), now=clock()):
            raise ProblemError(409, asking.words.reset_is_undone)
        return _back(asking, journey, _asked(request, versions))

    return routes


def _asked(request: Request, versions: Sequence[JourneyVersion]) -> ChartAsked | None:
    """Return the chart that is asked for, None if none is; what was left open in the form is not asked."""
    given = {name: value for name, value in request.query_params.items() if value and name in ChartAsked.model_fields}
    if "measure" not in given:
        return None
    if given["measure"] not in SCORED:
        given.pop("outcome", None)  # the form still holds it when another measure is chosen
    try:
        asked = ChartAsked.model_validate(given)
        asked.check(versions)
    except ValidationError as error:
        raise Missing(error.errors(include_url=False, include_input=False)[0]["msg"]) from None
    except ProblemError as problem:
        raise Missing(problem.detail) from None
    return asked


def _first(reviewed: Review, drawn: Journey) -> ChartAsked:
    """Return what changed most; if nothing did, the score of the first moment of truth, else all visits."""
    truths = [touchpoint for touchpoint in drawn.touchpoints if touchpoint.moment_of_truth and touchpoint.asks]
    by = By.WEEK
    if reviewed.news:
        of, by = reviewed.news[0].of, reviewed.news[0].by
    else:
        of = own_chart(truths[0], drawn) if truths else Charted(measure=Measure.VOLUME)
    return ChartAsked.model_validate({**of.named, "by": by})


def _measures(drawn: Journey, chosen: Charted) -> Sequence[Measure]:
    """Return what else can be charted of the same touchpoint, span or journey."""
    if chosen.measure in OF_SPANS:
        return sorted(OF_SPANS)
    asked = {
        drawn.question_by_id[question].measure
        for touchpoint in drawn.touchpoints
        for question in touchpoint.asks
        if chosen.touchpoint in (None, touchpoint.id)
    }
    counted = {Measure.VOLUME, Measure.COMPLAINTS} | ({Measure.GAP} if chosen.touchpoint else set())
    return [each for each in Measure if each in asked | counted | {chosen.measure}]


def _day(fields: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(fields.get("since", ""))
    except ValueError:
        raise ProblemError(422, "since: should be a day, such as 2026-03-31") from None


def _why(fields: Mapping[str, str]) -> str:
    why = note_in(fields)
    if not why:
        raise ProblemError(422, "note: should say why the baseline begins anew")
    return why


def _back(asking: Reader, journey: str, chosen: ChartAsked | None) -> Response:
    query = {**chosen.named, "by": chosen.by.value} if chosen else {}
    return RedirectResponse(asking.link(f"/journeys/{journey}/review", **query) + "#chart", status_code=303)
