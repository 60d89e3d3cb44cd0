"""A part of the demo, counted: a day in every four weeks of 14 months, and a whole fortnight."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from zlib import crc32

import psycopg

from schemas.journey import Journey, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.embedded.commands import command_child
from services.embedded.ports import free_port
from services.settings import Settings
from services.simulator.improving import write_improvements
from services.simulator.population import Population, SimulatedCase
from services.simulator.story import Milestones
from services.store.journeys import apply_journey
from tests.conftest import CHECKOUT
from tests.improving import improvements, proposal
from tests.monitoring import RunningMonitor, running_monitor
from tests.sending import Parcel, Sender
from tests.waiting import wait_until

_READER = """
DO $$ BEGIN
    IF to_regrole('dashboards_reader') IS NULL THEN CREATE ROLE dashboards_reader ROLE klantreis; END IF;
END $$;
GRANT USAGE ON SCHEMA reporting TO dashboards_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO dashboards_reader;
"""


@dataclass(frozen=True)
class Demo:
    """A monitor and a worker that have counted the demo, and where the worker shows its metrics."""

    database_url: str
    monitor: RunningMonitor
    worker: str
    sender: Sender


def demo_journey() -> Journey:
    return parse_journey((CHECKOUT / "journeys" / "omgevingsvergunning.yaml").read_text())


@contextmanager
def running_demo(settings: Settings, now: datetime) -> Iterator[Demo]:
    """Count the demo as it is now; a record that cannot be counted is among what is sent."""
    apply_journey(settings.database_url, demo_journey())
    asyncio.run(_improve(settings.database_url, now))
    port = free_port()
    shown = settings.model_copy(update={"worker_metrics_port": port, "release_answers": 1})
    worker = command_child("worker", "worker", shown)
    worker.start()
    try:
        with Sender(settings) as sender, running_monitor(shown) as monitor:
            sender.send(_parcels(Population(1, now), now))
            sender.wait_until_counted(120)
            superuser = settings.database_url.replace("//klantreis@", "//postgres@")
            with psycopg.connect(superuser, autocommit=True) as connection:
                connection.execute(_READER)
                wait_until(lambda: _judged(connection), 60, "KPIs are judged, and all scores are shown")
            yield Demo(settings.database_url, monitor, f"127.0.0.1:{port}", sender)
    finally:
        worker.stop(20)


async def _improve(database_url: str, now: datetime) -> None:
    """Write the demo's improvements, and one of last week at each touchpoint, which any choice of a dashboard shows."""
    await write_improvements(database_url, Milestones(now))
    last_week = (now - timedelta(days=7)).date()
    async with improvements(database_url) as written:
        for touchpoint in demo_journey().touchpoint_ids:
            made = proposal(touchpoint=touchpoint, done_on=last_week, settles_weeks=2)
            await written.add("omgevingsvergunning", made, by="Proef", now=now)


def _judged(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        """SELECT (SELECT count(*) FROM reporting.fact_kpi_standing) >= 6
               AND NOT EXISTS (SELECT FROM score_changes)"""
    ).fetchone()
    assert row
    return bool(row[0])


def arrivals(case: SimulatedCase, now: datetime) -> Iterator[TouchpointEvent | SurveyAnswer]:
    """Yield what has been told of a case by now."""
    yield from (event for event in case.events if event.occurred_at <= now)
    yield from (answer for answer in case.answers if answer.answered_at <= now)


def _parcels(population: Population, now: datetime) -> Iterator[Parcel]:
    yield Parcel(TOUCHPOINT_EVENTS.name, 0, b'{"journey": "omgevingsvergunning"}')
    today = now.date()
    fortnight = _days(today - timedelta(days=60), today - timedelta(days=46), 1)
    days = {*_days(today - timedelta(days=420), today, 28), *fortnight, *_days(today - timedelta(days=45), today, 9)}
    for case in chain.from_iterable(map(population.beginning_on, sorted(days))):
        yield from _of_case(case, now)


def _of_case(case: SimulatedCase, now: datetime) -> Iterator[Parcel]:
    place = crc32(case.case_id.encode())
    for each in arrivals(case, now):
        topic = TOUCHPOINT_EVENTS if isinstance(each, TouchpointEvent) else SURVEY_ANSWERS
        value = each.model_dump_json(exclude_defaults=True).encode()
        yield Parcel(topic.name, place % topic.partitions, value)


def _days(first: date, last: date, apart: int) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range(0, (last - first).days + 1, apart))
