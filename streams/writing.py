"""One batch, one transaction: decode, claim, lock, count, save. No arithmetic, and no second try."""

from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from schemas.journey import Catalogue
from schemas.reject import Fault, Reason
from schemas.survey_answer import SurveyAnswer
from streams.counting import Arrival, Counted, Counting
from streams.flagging import alert_of, settled
from streams.invitations import FatigueRule, Inviting
from streams.ports import Record, RejectedRecord, Store, Stretch, Transaction

Decode = Callable[[Iterable[bytes], Catalogue, datetime], Sequence[Arrival | Fault]]
"""Decodes the records of one topic; never raises."""

_ERASED = Fault(reason=Reason.ERASED, field="case_id", detail="the customer of this case was erased")

Rejections = Mapping[str, int]
"""How many records of a stretch were set apart, by reason."""


Write = Callable[[Stretch, Sequence[Record], Fault | None, datetime], Coroutine[Any, Any, Rejections]]
"""Writes the records of a stretch in one transaction; with a fault, rejects its one record instead of reading it."""

WriteInto = Callable[[Store, Stretch, Sequence[Record], Fault | None, datetime], Awaitable[Rejections]]
"""Writes like that, into a store."""


def counting(decode: Decode, rule: FatigueRule) -> WriteInto:
    """Return what counts the records of a topic; `rule` says how often a customer may be asked."""

    async def count(
        store: Store, stretch: Stretch, records: Sequence[Record], verdict: Fault | None, now: datetime
    ) -> Rejections:
        return await write(
            store, stretch, records, decode if verdict is None else _condemning(verdict), now=now, rule=rule
        )

    return count


def _condemning(verdict: Fault) -> Decode:
    return lambda records, _catalogue, _now: [verdict for _ in records]


async def write(
    store: Store,
    stretch: Stretch,
    records: Sequence[Record],
    decode: Decode,
    *,
    now: datetime,
    rule: FatigueRule,
) -> Rejections:
    """Count the records of a stretch in one transaction, together with its end as the next offset.

    `rule` says how often a customer may be asked about what is counted. Raises what the store raises (streams.ports),
    and StaleCatalogue; nothing is written then.
    """
    catalogue = await store.catalogue()
    decoded = decode((record.value for record in records), catalogue, now)
    await store.meet([each for each in decoded if not isinstance(each, Fault)])
    async with store.transaction(stretch, now) as transaction:
        counted, rejects = await _count(transaction, records, decoded, catalogue)
        inviting = Inviting(counted.visits, catalogue, rule, now)
        decided = inviting.result(await transaction.invited(inviting.asks_for, inviting.since))
        await transaction.save(counted, rejects)
        await transaction.invite(decided)
        if counted.waited:
            flags = settled(await transaction.flags(counted.waited), counted.waited)
            await transaction.settle(flags, [alert_of(flag, catalogue, now) for flag in flags])
    return Counter(str(each.fault.reason) for each in rejects)


async def _count(
    transaction: Transaction, records: Sequence[Record], decoded: Sequence[Arrival | Fault], catalogue: Catalogue
) -> tuple[Counted, Sequence[RejectedRecord]]:
    faults = {place: each for place, each in enumerate(decoded) if isinstance(each, Fault)}
    places = [place for place in range(len(decoded)) if place not in faults]
    arrivals = [each for each in decoded if not isinstance(each, Fault)]
    claim = await transaction.claim(arrivals)
    faults |= {places[place]: _reused(arrivals[place]) for place in claim.reused}
    faults |= dict.fromkeys((places[place] for place in claim.erased), _ERASED)
    fresh = [(places[place], arrivals[place]) for place in sorted(claim.fresh)]
    cases = await transaction.lock_cases({arrival.case_key for _, arrival in fresh})
    if any(case.history_dropped for case in cases.values()):
        faults |= {place: _without_history(each) for place, each in fresh if cases[each.case_key].history_dropped}
    countable = [arrival for place, arrival in fresh if place not in faults]
    counting = Counting(countable, cases, catalogue)
    histories = await transaction.histories(counting.asks_for)
    counted = counting.result(histories, await transaction.retained_from())
    return counted, [_rejected(records[place], faults[place]) for place in sorted(faults)]


def _rejected(record: Record, fault: Fault) -> RejectedRecord:
    """Return a record that is set apart; of an erased customer nothing is kept."""
    return RejectedRecord(record.offset, fault, b"" if fault is _ERASED else record.value)


def _reused(arrival: Arrival) -> Fault:
    source, number = arrival.key
    field = "answer_id" if isinstance(arrival, SurveyAnswer) else "event_id"
    detail = f"{number!r} of source {source!r} was sent before with other content"
    return Fault(reason=Reason.EVENT_ID_REUSED, field=field, detail=detail)


def _without_history(arrival: Arrival) -> Fault:
    journey, case_id = arrival.case_key
    detail = f"case {case_id!r} of journey {journey!r} was closed long ago, and its events are past their retention"
    return Fault(reason=Reason.CASE_HISTORY_DROPPED, field="case_id", detail=detail)
