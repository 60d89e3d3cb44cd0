"""A database to count into and to look at, one test after another, without a broker."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import psycopg
from psycopg.rows import dict_row

from schemas.codec import decode_answers, decode_events
from schemas.journey import JourneyVersion
from schemas.survey_answer import SurveyAnswer
from schemas.topics import KPI_CHECKS, SURVEY_ANSWERS, TOUCHPOINT_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.store.journeys import version_row
from services.store.postgres import PostgresStore
from services.store.queries import load
from services.store.secrecy import Secrecy
from services.survey_links import SurveyLinks
from streams.invitations import FatigueRule
from streams.judging import judge_due
from streams.ports import Partition, Record, Stretch
from streams.writing import write

SECRET = "a secret for tests only"
LINKS = SurveyLinks(SECRET, "https://klant.example", timedelta(days=14))
RULE = FatigueRule(at_most=2, within=timedelta(days=30))
_EMPTIED = (
    "journey_versions, stream_offsets, stream_ends, event_keys, answer_keys, customers, customer_digests, cases, "
    "touchpoint_events, "
    "survey_answers, answer_texts, invitations, survey_responses, scopes, windows_minute, windows_hour, windows_day, "
    "rollups_minute, rollups_hour, rollups_day, case_hours, score_changes, scores, skipped_observations, rejects, "
    "reject_counts, outbox, case_flags, kpi_marks, kpi_states, kpi_changes, kpi_transitions, kpi_acknowledgements, "
    "tombstones, erasures, chart_resets, improvements, improvement_revisions"
)


def store_on(database_url: str) -> PostgresStore:
    """Return a worker's store, not opened yet."""
    return PostgresStore(database_url, Secrecy(SECRET), LINKS.link, "klantreis")


@dataclass
class Counted:
    """A migrated database, and a store on it that counts as if it were `now`."""

    database_url: str
    store: PostgresStore
    now: datetime
    _numbers: Iterable[int] = field(default_factory=lambda: count(1))

    def empty(self, *versions: JourneyVersion) -> None:
        """Take everything out but these versions of journeys; keep everything for as long as at first, from ever on."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(f"TRUNCATE {_EMPTIED} RESTART IDENTITY".encode())
            connection.execute("UPDATE retention SET retained_from = DEFAULT")
            for version in versions:
                connection.execute(load("upkeep")["add_version"], version_row(version))

    def empty_journeys(self, *versions: JourneyVersion) -> None:
        """Put these versions of journeys in the place of those there are."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute("TRUNCATE journey_versions")
            for version in versions:
                connection.execute(load("upkeep")["add_version"], version_row(version))

    async def count(self, *arrivals: TouchpointEvent | SurveyAnswer) -> None:
        """Count events and answers, the events first, each kind as one batch in a log of its own."""
        kinds = (
            (TOUCHPOINT_EVENTS, decode_events, [each for each in arrivals if isinstance(each, TouchpointEvent)]),
            (SURVEY_ANSWERS, decode_answers, [each for each in arrivals if isinstance(each, SurveyAnswer)]),
        )
        for topic, decode, some in kinds:
            if some:
                records = _records(some)
                partition = Partition(f"log-{next(iter(self._numbers))}", topic.name, len(records) % 4)
                stretch = Stretch(partition, 0, len(records), first=True)
                await write(self.store, stretch, records, decode, now=self.now, rule=RULE)

    async def judge(self) -> int:
        """Judge the KPIs that are due, as their word would have it; return how many."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute("DELETE FROM outbox WHERE topic = %s", (KPI_CHECKS.name,))
        await self._note_ends()
        called = await self.store.call_kpis(self.now)
        words = [row["value"] for row in self.rows("SELECT value FROM outbox WHERE topic = %s", KPI_CHECKS.name)]
        assert len(words) == called
        records = [Record(offset, word) for offset, word in enumerate(words)]
        if records:
            partition = Partition(f"log-{next(iter(self._numbers))}", KPI_CHECKS.name, 0)
            await judge_due(self.store, Stretch(partition, 0, len(records), first=True), records, None, self.now)
        return called

    async def _note_ends(self) -> None:
        """Note that nothing is left to be counted, unless a test has just noted something else."""
        if not self.rows("SELECT FROM stream_ends WHERE seen_at >= %s", self.now):
            await self.store.note_ends({Partition("log", TOUCHPOINT_EVENTS.name, 0): 0}, self.now)

    def rows(self, query: str, *given: Any) -> list[dict[str, Any]]:
        """Return what a query finds."""
        with psycopg.connect(self.database_url, row_factory=dict_row, options="-c TimeZone=UTC") as connection:
            return connection.execute(query.encode(), given).fetchall()

    def change(self, *statements: str) -> None:
        """Change something behind the store's back."""
        with psycopg.connect(self.database_url) as connection:
            for statement in statements:
                assert connection.execute(statement.encode()).rowcount > 0, statement


@asynccontextmanager
async def counting(database_url: str, now: datetime, *versions: JourneyVersion) -> AsyncIterator[Counted]:
    """Empty a database but for these versions of journeys; keep a store open that counts as if it were `now`."""
    counted = Counted(database_url, store_on(database_url), now)
    counted.empty(*versions)
    await counted.store.open()
    try:
        yield counted
    finally:
        await counted.store.close()


def _records(arrivals: Sequence[TouchpointEvent | SurveyAnswer]) -> list[Record]:
    return [Record(offset, arrival.model_dump_json().encode()) for offset, arrival in enumerate(arrivals)]
