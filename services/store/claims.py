"""Claiming the keys of arrivals: what was never seen is fresh, and is remembered for ever."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from psycopg import errors, sql

from schemas.survey_answer import SurveyAnswer
from services.store.connection import Connection, tuples
from services.store.queries import load
from services.store.rows import as_json, copy
from streams.counting import Arrival
from streams.ports import Claim

_QUERIES = load("counting")
_FEW = 100

Key = tuple[str, str]
"""What makes an event or an answer itself: its source, and its id there."""


class KeyTable(NamedTuple):
    """Where keys are kept, and the column that tells them apart within a source."""

    name: str
    id: str

    def query(self, name: str) -> sql.Composed:
        """Return a query on keys, on this table."""
        return sql.SQL(_QUERIES[name]).format(table=sql.Identifier(self.name), id=sql.Identifier(self.id))


EVENT_KEYS = KeyTable("event_keys", "event_id")
ANSWER_KEYS = KeyTable("answer_keys", "answer_id")


def keys_of(arrival: Arrival) -> KeyTable:
    """Return where the key of an arrival is kept."""
    return ANSWER_KEYS if isinstance(arrival, SurveyAnswer) else EVENT_KEYS


async def release(connection: Connection, table: KeyTable, keys: Collection[Key]) -> int:
    """Forget keys, as if they had never been seen; return how many were known."""
    rows = as_json([{"source": source, "id": id_} for source, id_ in sorted(keys)])
    return (await connection.execute(table.query("release_keys"), rows)).rowcount


class Claims:
    """Claims keys in the quickest way that the last batch makes likely to do."""

    def __init__(self) -> None:
        self._repeats_lately = False

    async def claim(self, connection: Connection, arrivals: Sequence[Arrival]) -> Claim:
        """Take the keys of arrivals of one kind; of a key that comes twice in the sequence the first one counts."""
        if not arrivals:
            return Claim(frozenset(), frozenset())
        table = keys_of(arrivals[0])
        digests = [arrival.content_digest() for arrival in arrivals]
        first: dict[Key, int] = {}
        for place, arrival in enumerate(arrivals):
            first.setdefault(arrival.key, place)
        sent = {key: digests[place] for key, place in sorted(first.items())}
        held = await self._claim(connection, table, sent)
        self._repeats_lately = bool(held)
        if not held and len(first) == len(arrivals):
            return Claim(frozenset(range(len(arrivals))), frozenset())
        known: dict[Key, bytes | None] = {**sent, **held}
        return Claim(
            fresh=frozenset(first[key] for key in sent.keys() - held.keys()),
            reused=frozenset(
                place for place, arrival in enumerate(arrivals) if known[arrival.key] not in (None, digests[place])
            ),
        )

    async def _claim(
        self, connection: Connection, table: KeyTable, sent: Mapping[Key, bytes]
    ) -> Mapping[Key, bytes | None]:
        """Claim keys; return the digests of those that were claimed before, None where the content is not known."""
        if len(sent) > _FEW and not self._repeats_lately and await _claim_all(connection, table, sent):
            return {}
        rows = [{"source": source, "id": id_, "digest": digest.hex()} for (source, id_), digest in sent.items()]
        fresh = set(await tuples(connection, table.query("claim_keys"), as_json(rows)))
        if len(fresh) == len(sent):
            return {}
        repeats = as_json([{"source": source, "id": id_} for source, id_ in sent if (source, id_) not in fresh])
        found = await tuples(connection, table.query("digests"), repeats)
        return {(source, id_): digest.bytes if digest else None for source, id_, digest in found}


async def _claim_all(connection: Connection, table: KeyTable, sent: Mapping[Key, bytes]) -> bool:
    """Claim keys, all or none, and say which: the quickest way, if none of them was claimed before."""
    rows = ((source, id_, digest.hex()) for (source, id_), digest in sent.items())
    try:
        async with connection.transaction():
            await copy(connection, table.query("copy_keys"), rows)
    except errors.UniqueViolation:
        return False
    return True
