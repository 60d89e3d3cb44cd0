"""The transaction that counts one stretch of the log; implements streams.ports.Transaction."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg import sql
from psycopg.rows import DictRow

from schemas.reject import Reject
from schemas.topics import REJECTED_EVENTS
from schemas.touchpoint_event import TouchpointEvent
from services.store.queries import load
from services.store.rows import as_json
from services.store.scope_ids import ScopeIds
from services.store.secrecy import Secrecy
from streams.ports import AlreadyWritten, Claim, Fenced, NewVisit, RejectedRecord, StoredCase, Stretch
from streams.timeline import CaseStatus, Visit
from streams.windows import Cell, Detail, Increments, Resolution, RetainedFrom, Scope, Sums

Connection = psycopg.AsyncConnection[DictRow]

PATIENCE_SECONDS = 3.0
"""How long the new owner of a partition waits for the old one's transaction before it ends it."""

_POLL_SECONDS = 0.05
_QUERIES = load("counting")
_log = structlog.get_logger()


class PostgresTransaction:
    """Everything that one batch writes, in one transaction on one connection."""

    def __init__(
        self,
        connection: Connection,
        stretch: Stretch,
        *,
        now: datetime,
        group: str,
        secrecy: Secrecy,
        scope_ids: ScopeIds,
    ) -> None:
        self._connection = connection
        self._stretch = stretch
        self._now = now
        self._lock = {"log": "/".join((group, *stretch.partition[:2])), "partition": stretch.partition.partition}
        self._secrecy = secrecy
        self._scope_ids = scope_ids
        self.scope_ids_used: Mapping[Scope, int] = {}

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

    async def claim(self, events: Sequence[TouchpointEvent]) -> Claim:
        """Take the events' keys; of a key that comes twice in the sequence the first one counts."""
        digests = [event.content_digest() for event in events]
        first: dict[tuple[str, str], int] = {}
        for place, event in enumerate(events):
            first.setdefault(event.key, place)
        keys = sorted(first)
        sent = as_json([{"source": key[0], "event_id": key[1], "digest": digests[first[key]]} for key in keys])
        claimed = await self._all("claim_keys", sent)
        fresh = {(row["source"], row["event_id"]) for row in claimed}
        held = {key: digests[place] for key, place in first.items()}
        if len(fresh) < len(keys):
            rows = await self._all("digests", sent)
            held |= {(row["source"], row["event_id"]): bytes(row["digest"]) for row in rows}
        return Claim(
            fresh=frozenset(first[key] for key in fresh),
            reused=frozenset(place for place, event in enumerate(events) if digests[place] != held[event.key]),
        )

    async def lock_cases(self, keys: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], StoredCase]:
        """Lock the cases in key order, opening those that are new, and read their visits."""
        wanted = as_json([{"journey": journey, "case_id": case_id} for journey, case_id in sorted(keys)])
        await self._connection.execute(_QUERIES["open_cases"], wanted)
        cases = {(row["journey"], row["case_id"]): row["case_key"] for row in await self._all("lock_cases", wanted)}
        visits = await self._visits(cases.values())
        return {key: StoredCase(case_key, tuple(visits[case_key])) for key, case_key in cases.items()}

    async def retained_from(self) -> RetainedFrom:
        """Return from when on each resolution is kept; it does not move until this transaction has ended."""
        return {Resolution(row["resolution"]): row["retained_from"] for row in await self._all("retained_from", {})}

    async def save(
        self,
        visits: Sequence[NewVisit],
        statuses: Mapping[int, CaseStatus],
        increments: Increments,
        rejects: Sequence[RejectedRecord],
    ) -> None:
        """Write everything; the offset moves to the stretch's end with it."""
        if visits:
            await self._store_visits(visits)
            await self._update_cases(statuses)
            await self._raise_windows(increments)
        if rejects:
            await self._store_rejects(rejects)
        await self._connection.execute(
            _QUERIES["move_offset"], {**self._stretch.partition._asdict(), "next_offset": self._stretch.end}
        )

    async def _take_lock(self) -> None:
        waited = 0.0
        while not (await self._one("try_lock", self._lock) or {})["locked"]:
            if waited >= PATIENCE_SECONDS:
                _log.warning("ended the session of the partition's former owner", **self._lock)
                await self._connection.execute(_QUERIES["end_the_holder"], self._lock)
                waited = 0.0
            await asyncio.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS

    async def _visits(self, case_keys: Iterable[int]) -> Mapping[int, list[Visit]]:
        visits: dict[int, list[Visit]] = defaultdict(list)
        for row in await self._all("visits", {"case_keys": list(case_keys)}):
            case_key = row.pop("case_key")
            visits[case_key].append(Visit(**row))
        return visits

    async def _store_visits(self, visits: Sequence[NewVisit]) -> None:
        customers = await self._customers({visit.event.customer for visit in visits if visit.event.customer})
        rows = [_visit_row(visit, customers) for visit in visits]
        await self._connection.execute(_QUERIES["store_visits"], as_json(rows))

    async def _customers(self, references: Collection[str]) -> Mapping[str, int]:
        """Return the customer behind each reference, making those that are new."""
        if not references:
            return {}
        digests = {self._secrecy.digest(reference): reference for reference in references}
        wanted = {"key_id": self._secrecy.key_id, "digests": sorted(digests)}
        known = await self._all("customers", wanted)
        if len(known) < len(digests):
            missing = sorted(digests.keys() - {bytes(row["digest"]) for row in known})
            made = await self._all("new_customers", {**wanted, "digests": missing})
            ids = {"customer_ids": [row["customer_id"] for row in made]}
            await self._connection.execute(_QUERIES["name_customers"], ids)
            known = await self._all("customers", wanted)
        return {digests[bytes(row["digest"])]: row["customer_id"] for row in known}

    async def _update_cases(self, statuses: Mapping[int, CaseStatus]) -> None:
        rows = [{"case_key": case_key, **vars(statuses[case_key])} for case_key in sorted(statuses)]
        await self._connection.execute(_QUERIES["update_cases"], as_json(rows))

    async def _raise_windows(self, increments: Increments) -> None:
        writer = await self._writer()
        self.scope_ids_used = await self._scope_ids.of(self._connection, {cell.scope for cell in increments.cells})
        tables: dict[tuple[Detail, Resolution], list[dict[str, Any]]] = defaultdict(list)
        for cell, sums in increments.cells.items():
            tables[cell.detail, cell.resolution].append(_window_row(cell, sums, self.scope_ids_used))
        for (detail, resolution), rows in sorted(tables.items()):
            rows.sort(key=lambda row: (row["scope_id"], row["bucket"], row["bin"]))
            upsert = sql.SQL(_QUERIES["raise_windows"]).format(table=sql.Identifier(f"{detail}_{resolution}"))
            await self._connection.execute(upsert, {**as_json(rows), "writer": writer})
        if increments.skipped:
            skipped = {"resolution": list(increments.skipped), "n": list(increments.skipped.values())}
            await self._connection.execute(_QUERIES["count_skipped"], {**skipped, "writer": writer})

    async def _writer(self) -> int:
        """Return the partition's number, giving it one if it has none: an insert in vain would use numbers up."""
        names = self._stretch.partition._asdict()
        row = await self._one("writer", names)
        if row is None:
            await self._connection.execute(_QUERIES["new_writer"], names)
            row = await self._one("writer", names) or {}
        return int(row["writer"])

    async def _store_rejects(self, rejects: Sequence[RejectedRecord]) -> None:
        origin = self._stretch.partition
        rows = [
            {**reject.fault.model_dump(), "offset": reject.offset, "raw": self._secrecy.seal(reject.raw)}
            for reject in rejects
        ]
        common = {"rejected_at": self._now, "topic": origin.topic, "partition": origin.partition}
        await self._connection.execute(_QUERIES["store_rejects"], {**as_json(rows), **common})
        await self._connection.execute(
            _QUERIES["count_rejects"], {"reason": [reject.fault.reason for reject in rejects]}
        )
        letters = [
            Reject(**reject.fault.model_dump(), offset=reject.offset, **common).model_dump_json().encode()
            for reject in rejects
        ]
        await self._connection.execute(
            _QUERIES["post_letters"],
            {"topic": [REJECTED_EVENTS.name] * len(letters), "key": [None] * len(letters), "value": letters},
        )

    async def _one(self, query: str, parameters: Mapping[str, Any]) -> DictRow | None:
        return await (await self._connection.execute(_QUERIES[query], parameters)).fetchone()

    async def _all(self, query: str, parameters: Mapping[str, Any]) -> list[DictRow]:
        return await (await self._connection.execute(_QUERIES[query], parameters)).fetchall()


def _visit_row(visit: NewVisit, customers: Mapping[str, int]) -> dict[str, Any]:
    event = visit.event
    return {
        "case_key": visit.case_key,
        "occurred_at": event.occurred_at,
        "started_at": event.started_at,
        "source": event.source,
        "event_id": event.event_id,
        "journey_version": visit.journey_version,
        "touchpoint": event.touchpoint,
        "channel": event.channel,
        "department": event.department,
        "employee": event.employee,
        "persona": event.persona,
        "customer_id": customers.get(event.customer) if event.customer else None,
        "cost_cents": event.cost_cents,
        "voids": event.voids,
        "attributes": event.attributes or None,
    }


def _window_row(cell: Cell, sums: Sums, scope_ids: Mapping[Scope, int]) -> dict[str, Any]:
    """Return a window row; the sum of squares may need more than 64 bits, so it goes as text."""
    return {
        "bucket": cell.bucket,
        "scope_id": scope_ids[cell.scope],
        "bin": cell.bin,
        "n": sums.n,
        "total": sums.total,
        "squares": str(sums.squares),
    }
