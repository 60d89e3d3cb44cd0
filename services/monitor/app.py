"""The monitor: everything that is looked at or asked over HTTP, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from importlib.resources import files
from time import monotonic

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from services.exposure import asks_for_keys
from services.intake import Intake
from services.monitor.access import sign_in
from services.monitor.access.gate import Access
from services.monitor.access.headers import SecurityHeaders
from services.monitor.access.sessions import Sessions
from services.monitor.access.visitors import Visitors
from services.monitor.cases import cases_page, flags_api
from services.monitor.effects import effect_api, effect_page
from services.monitor.employees import employees_api, visits_api
from services.monitor.employees.by_employee import ByEmployee
from services.monitor.figures.snapshot import Clock, Poller
from services.monitor.http.problems import Problem
from services.monitor.ideals import ideals_api
from services.monitor.improvements import improvements_api, improvements_page
from services.monitor.improvements.improvement_desk import ImprovementDesk
from services.monitor.ingest import events_api
from services.monitor.ingest.admission import Admission
from services.monitor.ingest.key_ring import KeyRing
from services.monitor.ingest.outlet import Outlet
from services.monitor.ingest.token_bucket import Rate
from services.monitor.journey import journey_page, journeys_api
from services.monitor.kpis import alerts_page, kpis_api
from services.monitor.kpis.alert_desk import AlertDesk
from services.monitor.kpis.alertmanager import Alertmanager
from services.monitor.mistakes import Mistakes
from services.monitor.operation import health, metrics
from services.monitor.pages import docs_page, runbook_page
from services.monitor.pages.html import Pages
from services.monitor.paths import paths_api, paths_page
from services.monitor.paths.path_period import Least
from services.monitor.review import charts_api, review_page
from services.monitor.scores import remarks_api, scores_api
from services.monitor.survey import survey_page
from services.monitor.survey.survey_desk import SurveyDesk
from services.monitor.times import time_api, time_page
from services.monitor.wallboard import demo, wallboard_page
from services.monitor.wallboard.wallboard_page import Wall
from services.monitor.workload import workload_api, workload_page
from services.settings import Settings
from services.store.acknowledgements import Acknowledgements
from services.store.api_keys import ApiKeys
from services.store.chart_resets import ChartResets
from services.store.improvements import Improvements
from services.store.reading import Reading
from services.store.surveys import Surveys
from services.store.writing_pool import WritingPool
from services.trusted_proxies import TrustedProxies

_ABOUT = """\
Klantreis counts every touchpoint between customers and an organisation once, and shows how customer journeys go.
Moments are RFC 3339 with an offset. Errors are problem details (RFC 9457, `application/problem+json`). Lists are paged
by cursor: pass the `next` of one page as `cursor` to get the one after it.

A monitor that has a token for readers (KLANTREIS_READ_TOKEN) wants it as `Authorization: Bearer TOKEN` with everything
but health, sending events, for which sources have keys of their own, and remarks, which have a token of their own."""

_ASK_AGAIN_SECONDS = 1
_BURST_SECONDS = 10
"""What a key may send at once is what it may send in so many seconds, and a full request at least."""


def build_app(settings: Settings) -> FastAPI:
    """Build the monitor; it reads the database and the broker once its lifespan has begun, and not before."""
    pages = Pages()
    reading = Reading(settings.database_url)
    outlet = Outlet(settings.kafka, Intake(settings.data_dir))
    writing = WritingPool(settings.database_url)
    surveys = Surveys(writing)
    resets = ChartResets(writing)
    alertmanager = Alertmanager(settings.alertmanager_url)
    poller = Poller(reading, lambda: datetime.now(UTC), settings.snapshot_seconds, settings.demo)

    least = Least(settings.enough_answers, settings.release_answers, settings.smallest_group)
    improvements = ImprovementDesk(reading, Improvements(writing), poller.clock)
    by_employee = ByEmployee(reading, least, settings.employee_consent)
    desk = AlertDesk(reading, Acknowledgements(writing), alertmanager, poller.clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await reading.open()
        await writing.open()
        polling = asyncio.create_task(poller.run())
        yield
        await finish(polling)
        await reading.close()
        await writing.close()
        await alertmanager.close()
        await asyncio.to_thread(outlet.close)

    app = FastAPI(
        title="Klantreis",
        version=version("klantreis"),
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    visitors = _visitors(settings, poller.clock)
    mistakes = Mistakes(pages, can_sign_in=bool(settings.read_token))
    mistakes.answer_for(app)
    app.add_middleware(Access, visitors=visitors, refuse=mistakes.stranger)
    app.add_middleware(SecurityHeaders, proxies=visitors.proxies)
    for router in (
        events_api.router(
            poller,
            outlet,
            _admission(settings, writing, poller.clock),
            stored=not settings.broker_in_memory,
        ),
        journeys_api.router(reading, poller),
        flags_api.router(reading),
        scores_api.router(reading, poller, settings.enough_answers, timedelta(days=settings.survey_days)),
        visits_api.router(reading, poller.clock, settings.smallest_group, settings.employee_consent),
        employees_api.router(reading, poller.clock, by_employee),
        paths_api.router(reading, poller.clock, least),
        time_api.router(reading, poller.clock, least),
        workload_api.router(reading, poller.clock, least, settings.employee_consent),
        remarks_api.router(reading, poller, settings.remarks_token.get_secret_value()),
        health.router(poller),
        metrics.router(poller, settings.enough_answers),
        wallboard_page.router(Wall(poller, pages, settings.enough_answers)),
        journey_page.router(reading, pages, poller.clock, least),
        ideals_api.router(reading, poller.clock, least),
        paths_page.router(reading, pages, poller.clock, least),
        time_page.router(reading, pages, poller.clock, least),
        workload_page.router(reading, pages, poller.clock, least, settings.employee_consent),
        cases_page.router(reading, pages, poller.clock),
        review_page.router(reading, resets, pages, poller.clock, by_employee),
        improvements_page.router(reading, improvements, pages, poller.clock, settings.enough_answers),
        alerts_page.router(desk, pages),
        kpis_api.router(reading, desk),
        charts_api.router(reading, resets, poller.clock, settings.enough_answers),
        improvements_api.router(reading, improvements, poller.clock, settings.enough_answers),
        effect_api.router(reading, poller.clock, settings.enough_answers),
        effect_page.router(reading, pages, poller.clock, settings.enough_answers),
        survey_page.router(SurveyDesk(surveys, reading, outlet, settings.survey_links, poller.clock), pages),
        sign_in.router(visitors, pages),
        docs_page.router(app, pages),
        runbook_page.router(pages),
    ):
        app.include_router(router)
    if settings.demo:
        app.include_router(demo.router(poller, outlet, settings.survey_links))
    app.mount("/static", StaticFiles(directory=str(files("services.monitor") / "static")), name="static")
    docs_page.describe_problems(app, Problem)
    return app


async def finish(task: asyncio.Task[None]) -> None:
    """End a task; ask again if need be: before Python 3.12, one that was just handed a connection may miss it."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_ASK_AGAIN_SECONDS)


def _visitors(settings: Settings, clock: Clock) -> Visitors:
    token = settings.read_token.get_secret_value()
    sessions = Sessions(settings.secret.get_secret_value(), token, clock)
    return Visitors(token, sessions, settings.proxy_user_header, TrustedProxies(settings.trusted_proxies))


def _admission(settings: Settings, writing: WritingPool, clock: Clock) -> Admission:
    rate = Rate(settings.key_rate, max(_BURST_SECONDS * settings.key_rate, events_api.MAX_EVENTS))
    ring = KeyRing(ApiKeys(writing), monotonic, clock)
    return Admission(ring, rate, monotonic, required=asks_for_keys(settings))
