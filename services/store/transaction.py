"""The transaction that counts one stretch of the log; implements streams.ports.Transaction."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from psycopg.rows import DictRow

from schemas.alert import Alert
from services.store import (
    arrival_rows,
    case_rows,
    flag_rows,
    invitation_rows,
    kpi_rows,
    reject_rows,
    releases,
    window_rows,
)
from services.store.connection import Connection
from services.store.customer_ids import number_customers
from services.store.invitation_rows import Link
from services.store.kpi_reading import StoredKpis
from services.store.memory import Learnt, Memory
from services.store.queries import load
from services.store.scope_ids import number_scopes
from services.store.secrecy import Secrecy
from services.store.tombstones import leave_out, standing
from streams.counting import Arrival, CaseName, Counted, NewAnswer, NewVisit, StoredCase
from streams.flagging import Flag
from streams.invitations import Decided, Invited
from streams.judgement import Held
from streams.kpi_evidence import KpiName
from streams.ports import AlreadyWritten, Claim, Fenced, Judged, RejectedRecord, Stretch
from streams.timeline import History
from streams.windows import RetainedFrom

PATIENCE_SECONDS = 3.0
"""How long the new owner of a partition waits for the old one's transaction before it ends it."""

_POLL_SECONDS = 0.05
_QUERIES = load("counting")
_log = structlog.get_logger()


class PostgresTransaction(StoredKpis):
    """Everything that one batch writes, in one transaction on one connection."""

    def __init__(
        self,
        connection: Connection,
        stretch: Stretch,
        *,
        now: datetime,
        group: str,
        secrecy: Secrecy,
        link: Link,
        memory: Memory,
    ) -> None:
        super().__init__(connection)
        self._stretch = stretch
        self._now = now
        self._lock = {"log": "/".join((group, *stretch.partition[:2])), "partition": stretch.partition.partition}
        self._secrecy = secrecy
        self._link = link
        self._memory = memory
        self._learnt = Learnt()
        self._cases: Mapping[CaseName, StoredCase] = {}

    async def begin(self) -> None:
        """Lock the partition and make sure that the stretch begins where the last one ended.

        Raises Fenced or AlreadyWritten. A holder of the lock that has stopped (its session outlives it) is ended.
        """
        await self._take_lock()
        row = await self._one("stored_offset", self._stretch.partition._asdict())
        stored = row and row["next_offset"]
        if stored == self._stretch.begin or (stored is None and self._stretch.first):
            return
        if stored == self._stretch.end:
            raise AlreadyWritten
        raise Fenced(f"{self._stretch} begins elsewhere than the stored offset, {stored}")

    async def claim(self, arrivals: Sequence[Arrival]) -> Claim:
        """Take the arrivals' keys; of a key that comes twice in the sequence the first one counts."""
        claim = await self._memory.claims.claim(self._connection, arrivals)
        if not arrivals:
            return claim
        stands = await standing(self._connection)
        self._memory.heed(stands.last)
        if not stands.any or not claim.fresh:
            return claim
        return await leave_out(self._connection, claim, arrivals, self._secrecy, self._now)

    async def lock_cases(self, names: Collection[CaseName]) -> Mapping[CaseName, StoredCase]:
        """Lock the cases in the order of their names; those that are new are opened when saved."""
        self._cases = await case_rows.lock_cases(self._connection, names)
        return self._cases

    async def histories(self, case_keys: Collection[int]) -> Mapping[int, History]:
        """Read everything that is known of locked cases."""
        return await case_rows.histories(self._connection, case_keys)

    async def retained_from(self) -> RetainedFrom:
        """Return from when on each resolution is kept; it does not move until this transaction has ended."""
        return await window_rows.retained_from(self._connection)

    async def save(self, counted: Counted, rejects: Sequence[RejectedRecord]) -> None:
        """Write everything; the offset moves to the stretch's end with it."""
        if counted.progress:
            await case_rows.save_cases(self._connection, self._cases, counted.progress, self._now)
            await self._save_arrivals(counted.visits, counted.answers)
            await self._save_sums(counted)
        if rejects:
            await reject_rows.store_rejects(self._connection, self._stretch, rejects, self._secrecy, self._now)
        await self._connection.execute(
            _QUERIES["move_offset"], {**self._stretch.partition._asdict(), "next_offset": self._stretch.end}
        )

    async def invited(self, customers: Collection[str], since: datetime) -> Mapping[str, Sequence[Invited]]:
        """Lock customers in the order of their numbers; return the invitations of each after a moment."""
        return await invitation_rows.invited(self._connection, await self._customers(customers), since)

    async def invite(self, decided: Sequence[Decided]) -> None:
        """Write what was decided about asking customers, and post a letter for each invitation."""
        customers = await self._customers({each.event.customer for each in decided if each.event.customer})
        await invitation_rows.store_decided(self._connection, decided, customers, self._now, self._link)

    async def save_kpi(self, held: Held, judged: Judged) -> None:
        """Write what a KPI came to and post its alerts, unless it has changed since `held` was read."""
        await kpi_rows.save(self._connection, held, judged, self._now)

    async def retire_kpi(self, name: KpiName, held: Held, alerts: Sequence[Alert]) -> None:
        """Forget how a KPI stands that is judged no more, and post alerts, unless it has changed since."""
        await kpi_rows.retire(self._connection, name, held, alerts)

    async def flags(self, case_keys: Collection[int]) -> Sequence[Flag]:
        """Return what locked cases have been flagged for."""
        return await flag_rows.flags_of(self._connection, case_keys)

    async def settle(self, flags: Sequence[Flag], alerts: Sequence[Alert]) -> None:
        """Write how flags stand now, and post the alerts that say so."""
        await flag_rows.settle(self._connection, flags, alerts, self._now)

    def keep(self) -> None:
        """Let later transactions know what this one, now committed, has learnt."""
        self._memory.keep(self._learnt)

    async def _save_arrivals(self, visits: Sequence[NewVisit], answers: Sequence[NewAnswer]) -> None:
        named = {visit.event.customer for visit in visits} | {answer.answer.customer for answer in answers}
        customers = await self._customers({each for each in named if each})
        await arrival_rows.store_visits(self._connection, visits, customers)
        await arrival_rows.store_answers(self._connection, answers, customers)
        await invitation_rows.note_answered(self._connection, answers)

    async def _customers(self, references: Collection[str]) -> Mapping[str, int]:
        """Return the number of each customer reference."""
        customers = self._memory.customers.of(references)
        customers |= await number_customers(self._connection, set(references) - customers.keys(), self._secrecy)
        return customers

    async def _save_sums(self, counted: Counted) -> None:
        cells, skipped = counted.increments
        writer = await self._writer()
        scopes = {cell.scope for cell in cells} | {observation.scope for observation, _ in counted.scores}
        scope_ids = self._memory.scopes.of(scopes)
        self._learnt.scopes = await number_scopes(self._connection, scopes - scope_ids.keys())
        scope_ids |= self._learnt.scopes
        await window_rows.raise_case_hours(self._connection, counted.case_hours, writer)
        await window_rows.raise_windows(self._connection, cells, scope_ids, writer)
        await window_rows.count_skipped(self._connection, skipped, writer)
        await releases.note_changes(self._connection, counted.scores, scope_ids)
        await kpi_rows.mark(self._connection, counted.due)

    async def _take_lock(self) -> None:
        waited = 0.0
        while not (await self._one("try_lock", self._lock) or {})["locked"]:
            if waited >= PATIENCE_SECONDS:
                _log.warning("ended the session of the partition's former owner", **self._lock)
                await self._connection.execute(_QUERIES["end_the_holder"], self._lock)
                waited = 0.0
            await asyncio.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS

    async def _writer(self) -> int:
        """Return the partition's number, giving it one if it has none: an insert in vain would use numbers up."""
        partition = self._stretch.partition
        known = self._memory.writers.of([partition])
        if not known:
            names = partition._asdict()
            row = await self._one("writer", names)
            if row is None:
                await self._connection.execute(_QUERIES["new_writer"], names)
                row = await self._one("writer", names) or {}
            self._learnt.writers = known = {partition: int(row["writer"])}
        return known[partition]

    async def _one(self, query: str, parameters: Mapping[str, Any]) -> DictRow | None:
        return await (await self._connection.execute(_QUERIES[query], parameters)).fetchone()
