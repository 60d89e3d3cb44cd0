"""The read side of the store: what the monitor shows, from windows and cases."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.rows import DictRow, class_row, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from schemas.journey import Catalogue
from services.store.catalogue_cache import CatalogueCache
from services.store.queries import load
from streams.observations import BY_DAY, SCORED, Measure, Scope
from streams.releasing import shown_as
from streams.rolling import Part
from streams.scores import Counts
from streams.timeline import Visit

_QUERIES = load("reading")
_KPIS = load("kpis")
_OPTIONS = (
    "-c default_transaction_read_only=on -c statement_timeout=8000 "
    "-c application_name=klantreis-monitor -c TimeZone=UTC"
)
_PATIENCE_SECONDS = 3.0
_CONNECTIONS = 4

SHOWN: Mapping[str, str] = {shown_as(measure): measure for measure in SCORED}
"""The measures as which scores are shown, and their own names."""

T = TypeVar("T")


class Unreadable(Exception):  # noqa: N818 - an answer, not a mistake
    """The database cannot be read now: it is away, too slow, or not migrated yet."""


class Subject(NamedTuple):
    """What a histogram is of. The empty string is 'not given'; of an outcome, in a rolling window, 'any'."""

    measure: str
    span: str
    touchpoint: str
    department: str
    outcome: str = ""


@dataclass(frozen=True)
class Histogram:
    """Observations: how many, the sum of their values (milliseconds for durations), and how many lie in each bin.

    Bins are those of streams.windows; volume has none.
    """

    n: int
    total: int
    bins: Mapping[int, int]

    def plus(self, more: "Histogram | None") -> "Histogram":
        """Return what this one and another of the same measure are together."""
        if more is None:
            return self
        bins = Counter(self.bins)
        bins.update(more.bins)
        return Histogram(self.n + more.n, self.total + more.total, bins)


Histograms = Mapping[Subject, Histogram]


@dataclass(frozen=True)
class CaseCounts:
    """How many cases are open, how many of those last too long already, and what today brought.

    When a case was opened is known to the hour: it is overdue once the limit has passed since the end of that hour.
    """

    open: int
    overdue: int
    opened_today: int
    closed_today: int


@dataclass(frozen=True)
class CaseRow:
    """A case as stored. `last_at` and `last_touchpoint` are of its latest touchpoint; None if all were taken back."""

    case_key: int
    journey: str
    case_id: str
    opened_at: datetime | None
    closed_at: datetime | None
    last_at: datetime | None
    last_touchpoint: str | None
    last_department: str | None


@dataclass(frozen=True)
class FlagRow:
    """What a case is flagged for, and still is (streams.waiting.Expected says what the columns mean)."""

    flag_id: int
    case_key: int
    journey: str
    case_id: str
    kind: str
    touchpoint: str
    after: str
    since: datetime
    due_at: datetime
    flagged_at: datetime


class Place(NamedTuple):
    """A place in a list: the moment the list is ordered by, and the key of the case, or of what else is listed."""

    moment: datetime
    case_key: int


BEFORE_ALL = Place(datetime(1, 1, 2, tzinfo=UTC), 0)
AFTER_ALL = Place(datetime(9999, 12, 30, tzinfo=UTC), 0)


@dataclass(frozen=True)
class Responses:
    """Passages of a touchpoint that asks, all of whose customers were asked, or all left out for one reason."""

    touchpoint: str
    suppressed: str | None
    n: int
    answered: int
    expired: int


@dataclass(frozen=True)
class Remark:
    """What a customer wrote, and what about."""

    answered_at: datetime
    touchpoint: str | None
    text: str


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that waits for its answer."""

    invitation_id: str
    touchpoint: str
    decided_at: datetime


@dataclass(frozen=True)
class KpiRow:
    """Where a KPI stands (streams.judgement), and who has taken notice of the alert that stands."""

    kpi: str
    state: str
    below: bool
    since: datetime | None
    threshold: int
    level: int
    recent: int
    told_at: datetime | None
    judged_at: datetime
    shown_since: datetime | None
    shown_n: int | None
    shown_value: Decimal | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None


@dataclass(frozen=True)
class KpiChange:
    """A change of alarm of a KPI: the hour that brought it, and what has become of it."""

    at: datetime
    below: bool
    climb_from: datetime
    threshold: int
    decided_at: datetime
    told_at: datetime | None
    corrected_at: datetime | None
    withdrawn: bool


@dataclass(frozen=True)
class KpiTransition:
    """A state that was said of a KPI from a moment on."""

    at: datetime
    state: str


@dataclass(frozen=True)
class LogPosition:
    """How far a partition has been counted, where it ends, and when a worker last saw that end."""

    topic: str
    partition: int
    next_offset: int
    end_offset: int
    seen_at: datetime


class Reading:
    """A pool of read-only connections. `open` before use and `close` after, on the loop it is used on."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = AsyncConnectionPool(
            database_url,
            kwargs={"row_factory": dict_row, "options": _OPTIONS, "connect_timeout": 3},
            configure=_look_at_one_moment,
            check=AsyncConnectionPool.check_connection,
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=_PATIENCE_SECONDS,
            reconnect_timeout=_PATIENCE_SECONDS,
            open=False,
        )
        self._catalogue = CatalogueCache()

    async def open(self) -> None:
        """Start to connect; does not wait for the database."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close(timeout=_PATIENCE_SECONDS)

    @asynccontextmanager
    async def moment(self) -> AsyncIterator["Moment"]:
        """Look at the database as it is at one moment. Raises Unreadable, within the block too."""
        try:
            async with self._pool.connection() as connection:
                yield Moment(connection)
        except PoolTimeout as error:
            raise Unreadable(await self._diagnosis()) from error
        except psycopg.Error as error:
            raise Unreadable(_sentence(error)) from error

    async def _diagnosis(self) -> str:
        """Return why there is no connection: the pool does not say, so try once without it."""
        try:
            async with await psycopg.AsyncConnection.connect(self._database_url, connect_timeout=2):
                return "all connections to the database are in use"
        except psycopg.Error as error:
            return _sentence(error)

    async def catalogue(self) -> Catalogue:
        """Return every version of every journey."""
        async with self.moment() as moment:
            return await self._catalogue.read(moment.connection)


class Moment:
    """Everything there is to read, as it is at one moment."""

    def __init__(self, connection: psycopg.AsyncConnection[DictRow]) -> None:
        self.connection = connection

    async def histograms(self, journey: str, part: Part) -> Histograms:
        """Return the observations of a journey in a part of a rolling window, by subject.

        Of scores there are those that are shown, as measures of their own (streams.releasing.shown_as). Gaps are from
        any touchpoint, and scores of any outcome. What is kept by the day only is not among them.
        """
        query = sql.SQL(_QUERIES["histograms"]).format(rollups=sql.Identifier(f"rollups_{part.resolution}"))
        given = {"journey": journey, "start": part.start, "end": part.end, "hidden": sorted(SCORED | BY_DAY)}
        found: dict[Subject, Histogram] = {}
        async for row in await self.connection.execute(query, given, binary=True):
            span = "" if row["measure"] == Measure.GAP else row["span"]
            subject = Subject(row["measure"], span, row["touchpoint"], row["department"])
            found[subject] = _histogram(row).plus(found.get(subject))
        return found

    async def scores(self, journey: str, part: Part) -> Mapping[Scope, Counts]:
        """Return the scores that are shown of a journey in a part of a rolling window, by value."""
        query = sql.SQL(_QUERIES["scores"]).format(windows=sql.Identifier(f"windows_{part.resolution}"))
        given = {"journey": journey, "start": part.start, "end": part.end, "shown": sorted(SHOWN)}
        found: dict[Scope, dict[int, int]] = defaultdict(dict)
        async for row in await self.connection.execute(query, given):
            place = (row[name] for name in Scope._fields[2:])
            found[Scope(journey, SHOWN[row["measure"]], *place)][row["value"]] = row["n"]
        return found

    async def passages(self, journey: str, part: Part) -> Mapping[Scope, int]:
        """Return the visits of a journey in a part of a rolling window, by the finest scope."""
        query = sql.SQL(_QUERIES["passages"]).format(windows=sql.Identifier(f"windows_{part.resolution}"))
        given = {"journey": journey, "start": part.start, "end": part.end}
        rows = await self.connection.execute(query, given)
        return {Scope(journey, Measure.VOLUME, **row): n async for row in rows if (n := row.pop("n"))}

    async def employee_visits(self, journey: str, start: datetime, end: datetime) -> Mapping[tuple[str, str], int]:
        """Return the visits of a journey in a stretch of time that stand, by touchpoint and employee ('' for none).

        From the events, for as long as they are kept: windows know no employees.
        """
        rows = await self._all("employee_visits", {"journey": journey, "start": start, "end": end})
        return {(row["touchpoint"], row["employee"]): row["n"] for row in rows}

    async def responses(
        self, journey: str, start: datetime, end: datetime, expired_before: datetime
    ) -> Sequence[Responses]:
        """Count what was decided about asking in a stretch of time; who was asked earlier than so cannot answer now."""
        given = {"journey": journey, "start": start, "end": end, "expired_before": expired_before}
        return await self._typed(Responses, "responses", given)

    async def volumes_of_day(self, journey: str, midnight: datetime) -> Mapping[str, int]:
        """Return the visits to each touchpoint on the day that began at a local midnight."""
        rows = await self._all("volumes_of_day", {"journey": journey, "midnight": midnight})
        return {row["touchpoint"]: row["n"] for row in rows}

    async def case_counts(self, journey: str, midnight: datetime, overdue_before: datetime | None) -> CaseCounts:
        """Count cases: today begins at `midnight`; one opened before `overdue_before` lasts too long (None: none).

        `overdue_before` is the beginning of an hour of the journey's clock.
        """
        parameters = {"journey": journey, "midnight": midnight, "overdue_before": overdue_before}
        return (await self._typed(CaseCounts, "case_counts", parameters))[0]

    async def waiting_cases(self, journey: str, after: Place, limit: int) -> Sequence[CaseRow]:
        """Return open cases after a place in the list (BEFORE_ALL to begin), longest without a touchpoint first."""
        return await self._typed(CaseRow, "waiting_cases", _page(journey, after, limit))

    async def closed_cases(self, journey: str, after: Place, limit: int) -> Sequence[CaseRow]:
        """Return closed cases after a place in the list (AFTER_ALL to begin), last closed first."""
        return await self._typed(CaseRow, "closed_cases", _page(journey, after, limit))

    async def flag_counts(self, journey: str) -> Mapping[tuple[str, str], int]:
        """Return how many flags of cases stand, by (kind, touchpoint); only those of which there is one."""
        rows = await self._all("flag_counts", {"journey": journey})
        return {(row["kind"], row["touchpoint"]): row["n"] for row in rows}

    async def open_flags(self, journey: str, after: Place, limit: int) -> Sequence[FlagRow]:
        """Return the flags that stand after a place in the list (BEFORE_ALL to begin), longest overdue first."""
        return await self._typed(FlagRow, "open_flags", _page(journey, after, limit))

    async def open_flags_of(self, case_keys: Collection[int]) -> Sequence[FlagRow]:
        """Return the flags of some cases that stand, longest overdue first."""
        return await self._typed(FlagRow, "open_flags_of_cases", {"case_keys": list(case_keys)})

    async def one_case(self, journey: str, case_id: str) -> CaseRow | None:
        """Return a case, None if there is none."""
        rows = await self._typed(CaseRow, "one_case", {"journey": journey, "case_id": case_id})
        return rows[0] if rows else None

    async def visits_of_case(self, case_key: int) -> Sequence[Visit]:
        """Return all visits of a case, those taken back too, in no order."""
        return [Visit(**row) for row in await self._all("visits_of_case", {"case_key": case_key})]

    async def remarks(
        self, journey: str, start: datetime, end: datetime, touchpoint: str | None, limit: int
    ) -> Sequence[Remark]:
        """Return what customers wrote in a stretch of time about a touchpoint (None: about any), newest first."""
        given = {"journey": journey, "start": start, "end": end, "touchpoint": touchpoint, "limit": limit}
        return await self._typed(Remark, "remarks", given)

    async def open_invitations(self, journey: str, since: datetime, limit: int) -> Sequence[OpenInvitation]:
        """Return the invitations that were sent after a moment and not answered yet, newest first."""
        given = {"journey": journey, "since": since, "limit": limit}
        return await self._typed(OpenInvitation, "open_invitations", given)

    async def kpis(self, journey: str) -> Sequence[KpiRow]:
        """Return where the KPIs of a journey stand that have been judged, those among them that it draws no more."""
        async with self.connection.cursor(row_factory=class_row(KpiRow)) as cursor:
            return await (await cursor.execute(_KPIS["states"], {"journey": journey})).fetchall()

    async def kpi_changes(self, journey: str, kpi: str, limit: int) -> Sequence[KpiChange]:
        """Return the changes of alarm of a KPI, newest first."""
        given = {"journey": journey, "kpi": kpi, "limit": limit}
        async with self.connection.cursor(row_factory=class_row(KpiChange)) as cursor:
            return await (await cursor.execute(_KPIS["history"], given)).fetchall()

    async def kpi_transitions(self, journey: str, kpi: str, limit: int) -> Sequence[KpiTransition]:
        """Return the states that were said of a KPI, newest first."""
        given = {"journey": journey, "kpi": kpi, "limit": limit}
        async with self.connection.cursor(row_factory=class_row(KpiTransition)) as cursor:
            return await (await cursor.execute(_KPIS["transitions"], given)).fetchall()

    async def log_positions(self) -> Sequence[LogPosition]:
        """Return how far each partition has been counted; of a topic that was made anew only the newest log."""
        return await self._typed(LogPosition, "log_positions", {})

    async def reject_counts(self) -> Mapping[str, int]:
        """Return how many records were rejected, by reason."""
        return {row["reason"]: row["n"] for row in await self._all("reject_counts", {})}

    async def interruption_counts(self) -> Mapping[str, int]:
        """Return how often batches were not counted at the first go, by cause."""
        return {row["cause"]: row["n"] for row in await self._all("interruption_counts", {})}

    async def _all(self, query: str, parameters: Mapping[str, Any]) -> list[DictRow]:
        return await (await self.connection.execute(_QUERIES[query], parameters)).fetchall()

    async def _typed(self, row_type: type[T], query: str, parameters: Mapping[str, Any]) -> list[T]:
        async with self.connection.cursor(row_factory=class_row(row_type)) as cursor:
            return await (await cursor.execute(_QUERIES[query], parameters)).fetchall()


def _histogram(row: DictRow) -> Histogram:
    return Histogram(row["n"], row["total"], dict(zip(row["bins"] or (), row["counts"] or (), strict=True)))


async def _look_at_one_moment(connection: psycopg.AsyncConnection[DictRow]) -> None:
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)


def _page(journey: str, after: Place, limit: int) -> dict[str, Any]:
    return {"journey": journey, "after_moment": after.moment, "after_key": after.case_key, "limit": limit}


def _sentence(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.UndefinedTable):
        return "the database has not been migrated yet; run `klantreis migrate`"
    first_line, *_ = str(error).strip().splitlines() or [type(error).__name__]
    return first_line
