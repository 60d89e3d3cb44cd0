"""Erasing a customer: what it was called goes, what was counted stays.

Its cases become nobody's: cases, customers, events and answers are called by chance, words and attributes go, and so do
the digests of the reference. What was measured, and when, stays: the windows, and what the kept events come to, are the
same before and after. A tombstone for each event, answer and case tells what comes again, or too late.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import orjson
from cryptography.fernet import InvalidToken
from psycopg import AsyncConnection
from psycopg.rows import dict_row, tuple_row

from schemas.topics import REJECTED_EVENTS
from services.store.catalogue_cache import CatalogueCache
from services.store.claims import ANSWER_KEYS, EVENT_KEYS, release
from services.store.connection import LATE_DATA, Connection, tuples
from services.store.customer_ids import unreadable
from services.store.queries import load
from services.store.rows import as_json
from services.store.secrecy import Secrecy
from services.store.tombstones import Kind, add
from services.store.traces import Traces
from streams.counting import CaseName

_OPTIONS = f"-c TimeZone=UTC -c application_name=klantreis-erase {LATE_DATA}"
_NUMBERS = 2**62
_QUERIES = load("erasing")
_HOLD_COUNTING = load("rebuild")["hold_counting"]


class Whom(NamedTuple):
    """Who is to be erased: a customer, by any of the references it goes by, and cases that are known to be its."""

    references: Collection[str]
    cases: Collection[CaseName] = ()


@dataclass
class Report:
    """What an erasure found and did, in numbers: nothing in it tells who was erased.

    `customers` are the numbers that the references stood for; `others` are further customers of whom something lay in
    the cases, which are nobody's now. `blanked` and `deleted` count rows by table. Of `sealed` rejects and of
    `unreadable` customers nobody can tell who they are: they were made so with secrets that are not given.
    """

    at: datetime
    asked_by: str
    dry_run: bool
    erasure: int | None = None
    customers: int = 0
    cases: int = 0
    open_cases: int = 0
    others: int = 0
    blanked: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    sealed: int = 0
    unreadable: int = 0

    @property
    def found_nothing(self) -> bool:
        """Whether nothing was kept of the customer."""
        return not (self.customers or self.cases or any(self.deleted.values()))

    def as_json(self) -> bytes:
        """Return the report as it is stored and printed."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)


async def erase(
    database_url: str, secrecy: Secrecy, whom: Whom, *, asked_by: str, now: datetime, dry_run: bool
) -> Report:
    """Erase what is kept of a customer under any key of `secrecy`. Only what has been counted is found.

    It is one transaction: all or nothing; a dry run does everything and takes it back. Workers finish the batch in hand
    and wait, with nothing in hand that we could want, while the events are looked through.
    """
    async with await AsyncConnection.connect(
        database_url, row_factory=dict_row, autocommit=True, options=_OPTIONS
    ) as connection:
        erasing = _Erasing(connection, secrecy, whom, Report(now, asked_by, dry_run))
        await erasing.look_ahead()
        async with connection.transaction(force_rollback=dry_run):
            await connection.execute(_HOLD_COUNTING)
            return await erasing.run()


class _Customer(NamedTuple):
    """What is stored of a customer: its numbers, the keys of its cases, and what it was called."""

    numbers: Sequence[int]
    case_keys: Sequence[int]
    case_names: Collection[CaseName]
    open_cases: int
    events: Collection[tuple[str, str]]
    answers: Collection[tuple[str, str]]
    traces: Traces


class _Erasing:
    """One erasure. What takes long and holds nobody up, opening the rejects, is done ahead as far as that goes."""

    def __init__(self, connection: Connection, secrecy: Secrecy, whom: Whom, report: Report) -> None:
        self._connection = connection
        self._secrecy = secrecy
        self._whom = whom
        self._report = report
        self._ahead: tuple[Traces, _Rejects] | None = None

    async def look_ahead(self) -> None:
        """Look through the rejects that there are now, and for customers whom no key tells."""
        self._report.unreadable = await unreadable(self._connection, self._secrecy)
        async with self._connection.transaction(force_rollback=True):
            traces = (await self._find()).traces
        async with self._connection.transaction():
            self._ahead = traces, await _rejects(self._connection, self._secrecy, traces, _Rejects())

    async def run(self) -> Report:
        """Erase, in the transaction that the connection is in, in which nothing is counted."""
        found = await self._find()
        report = self._report
        report.customers, report.cases, report.open_cases = len(found.numbers), len(found.case_keys), found.open_cases
        await self._bury(found)
        await self._blank(found)
        await self._forget(found)
        await self._drop_copies(found.traces)
        if not report.found_nothing:
            await self._note()
        return report

    async def _find(self) -> _Customer:
        numbers = await _numbers(self._connection, self._secrecy, self._whom.references)
        named = [{"journey": journey, "case_id": case_id} for journey, case_id in self._whom.cases]
        keys = {
            key
            for query, given in (("cases_of", {"customer_ids": numbers}), ("cases_named", as_json(named)))
            for (key,) in await tuples(self._connection, _QUERIES[query], given)
        }
        locked = await tuples(self._connection, _QUERIES["lock_cases"], {"case_keys": sorted(keys)})
        wanted = {"case_keys": [case_key for case_key, *_ in locked]}
        events = await tuples(self._connection, _QUERIES["keys_of_events"], wanted)
        answers = await tuples(self._connection, _QUERIES["keys_of_answers"], wanted)
        names = frozenset((journey, case_id) for _, journey, case_id, _ in locked)
        return _Customer(
            numbers=numbers,
            case_keys=wanted["case_keys"],
            case_names=names,
            open_cases=sum(closed_at is None for *_, closed_at in locked),
            events=[(source, id_) for source, id_ in events],
            answers=[(source, id_) for source, id_ in answers],
            traces=Traces(
                frozenset(self._whom.references),
                names.union(self._whom.cases),
                frozenset((source, id_) for source, id_ in (*events, *answers)),
            ),
        )

    async def _bury(self, found: _Customer) -> None:
        """Put tombstones in the place of keys."""
        names = {Kind.EVENT: found.events, Kind.ANSWER: found.answers, Kind.CASE: found.case_names}
        await add(self._connection, names, self._secrecy, self._report.at)
        for table, keys in ((EVENT_KEYS, found.events), (ANSWER_KEYS, found.answers)):
            self._report.deleted[table.name] = await release(self._connection, table, keys)

    async def _blank(self, found: _Customer) -> None:
        """Call by chance what the customer's cases hold; what lies beside it goes first, as long as it is found."""
        of_cases = {"case_keys": found.case_keys, "customer_ids": found.numbers}
        ((self._report.others,),) = await tuples(self._connection, _QUERIES["others"], of_cases)
        await self._delete("answer_texts", "drop_words", of_cases)
        await self._delete("survey_responses", "drop_responses", of_cases)
        rows = [_by_chance(case_key) for case_key in found.case_keys]
        given = {**as_json(rows), "touchpoints": await self._touchpoints()}
        for table, query in (
            ("touchpoint_events", "blank_visits"),
            ("survey_answers", "blank_answers"),
            ("invitations", "blank_invitations"),
            ("cases", "blank_cases"),
        ):
            self._report.blanked[table] = await self._rows(query, given)
        cleared = await self._rows("clear_flags", {**of_cases, "now": self._report.at})
        self._report.blanked["case_flags"] = cleared

    async def _forget(self, found: _Customer) -> None:
        """Forget whom the numbers stood for."""
        numbers = {"customer_ids": found.numbers}
        await self._connection.execute(_QUERIES["lock_customers"], numbers)
        await self._delete("customer_digests", "drop_digests", numbers)
        await self._delete("customers", "drop_customers", numbers)

    async def _drop_copies(self, traces: Traces) -> None:
        """Delete rejects that name the customer, and letters that do and have not been sent."""
        before = self._ahead[1] if self._ahead and self._ahead[0] == traces else _Rejects()
        rejects = await _rejects(self._connection, self._secrecy, traces, before)
        self._report.sealed = rejects.sealed
        await self._delete("rejects", "drop_rejects", {"reject_ids": [*rejects.origins]})
        origins = frozenset(rejects.origins.values())
        letters = await tuples(self._connection, _QUERIES["letters"])
        named = [number for number, topic, value in letters if _tells(topic, bytes(value), traces.cases, origins)]
        await self._delete("outbox", "drop_letters", {"outbox_ids": named})

    async def _note(self) -> None:
        ((self._report.erasure,),) = await tuples(self._connection, _QUERIES["next_erasure"])
        noted = {"erasure_id": self._report.erasure, "at": self._report.at, "asked_by": self._report.asked_by}
        report = self._report.as_json().decode()
        await self._connection.execute(_QUERIES["note_erasure"], {**noted, "report": report})
        if self._report.dry_run:
            self._report.erasure = None

    async def _touchpoints(self) -> list[str]:
        """Return the ids of all touchpoints that any version of a journey has drawn."""
        catalogue = await CatalogueCache().read(self._connection)
        versions = (version for journey in catalogue.journeys() for version in catalogue.versions(journey))
        return sorted({touchpoint for version in versions for touchpoint in version.journey.touchpoint_ids})

    async def _delete(self, table: str, query: LiteralString, given: Mapping[str, Any]) -> None:
        self._report.deleted[table] = await self._rows(query, given)

    async def _rows(self, query: LiteralString, given: Mapping[str, Any]) -> int:
        return (await self._connection.execute(_QUERIES[query], given)).rowcount


class _Rejects(NamedTuple):
    """Of the rejects up to a number, those that name a customer, each with its origin, and how many stay sealed."""

    last: int = 0
    origins: Mapping[int, tuple[str, int, int]] = {}
    sealed: int = 0


async def _rejects(connection: Connection, secrecy: Secrecy, traces: Traces, before: _Rejects) -> _Rejects:
    """Return what `before` says, and what the rejects after it add."""
    last, origins, sealed = before.last, dict(before.origins), before.sealed
    async with connection.cursor("rejects", row_factory=tuple_row) as rows:  # in parts: there may be many
        await rows.execute(_QUERIES["rejects_after"], {"after": last})
        async for last, topic, partition, offset, raw in rows:
            try:
                if traces.are_in(secrecy.unseal(bytes(raw))):
                    origins[last] = topic, partition, offset
            except InvalidToken:
                sealed += 1
    return _Rejects(last, origins, sealed)


async def _numbers(connection: Connection, secrecy: Secrecy, references: Collection[str]) -> list[int]:
    """Return the numbers that references stand for, under every key."""
    digests = [
        {"key_id": key_id, "digest": digest.hex()}
        for reference in references
        for key_id, digest in {secrecy.key_id: secrecy.digest(reference), **secrecy.former_digests(reference)}.items()
    ]
    return sorted(number for (number,) in await tuples(connection, _QUERIES["customers_of"], as_json(digests)))


def _by_chance(case_key: int) -> dict[str, int | str]:
    """Return what a case and its customer are called from now on; a customer's own number is above zero."""
    return {
        "case_key": case_key,
        "case_id": f"erased-{secrets.token_hex(8)}",
        "customer_id": -1 - secrets.randbelow(_NUMBERS),
    }


def _tells(topic: str, letter: bytes, cases: Collection[CaseName], origins: Collection[tuple[str, int, int]]) -> bool:
    """Say whether a letter is about one of the cases, or about a record of these origins that was rejected."""
    told = orjson.loads(letter)
    if topic == REJECTED_EVENTS.name:
        return (told["topic"], told["partition"], told["offset"]) in origins
    return (told.get("journey"), told.get("case_id")) in cases
