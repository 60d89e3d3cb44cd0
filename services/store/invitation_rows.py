"""Invitations as rows: reading those of customers, storing what was decided, noting that one was answered."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from schemas.invitation import Invitation
from schemas.topics import SURVEY_INVITATIONS, case_key
from services.store.connection import Connection, tuples
from services.store.letters import post
from services.store.queries import load
from services.store.rows import as_json
from streams.counting import NewAnswer
from streams.invitations import Decided, Invited
from streams.ports import Letter

_QUERIES = load("counting")

Link = Callable[[str, datetime], str]
"""Makes the link to the page of an invitation (by its id), at the time of decision."""


async def invited(
    connection: Connection, customers: Mapping[str, int], since: datetime
) -> Mapping[str, Sequence[Invited]]:
    """Lock customers (reference and number) in the order of their numbers; return whom was invited after a moment."""
    if not customers:
        return {}
    wanted = {"customer_ids": sorted(customers.values()), "since": since}
    await connection.execute(_QUERIES["lock_customers"], wanted)
    found: dict[int, list[Invited]] = defaultdict(list)
    for customer_id, decided_at in await tuples(connection, _QUERIES["invited"], wanted):
        found[customer_id].append(Invited(decided_at))
    return {reference: found[number] for reference, number in customers.items()}


async def store_decided(
    connection: Connection, decided: Sequence[Decided], customers: Mapping[str, int], now: datetime, link: Link
) -> None:
    """Store decisions, and post a letter for each invitation; `customers` numbers every reference in them."""
    if not decided:
        return
    rows = [
        {
            "invitation_id": each.invitation_id,
            "case_key": each.case_key,
            "source": each.event.source,
            "event_id": each.event.event_id,
            "journey_version": each.journey_version,
            "touchpoint": each.event.touchpoint,
            "customer_id": customers[each.event.customer] if each.event.customer else None,
            "suppressed": each.decision.suppressed,
            "questions": each.decision.questions,
        }
        for each in decided
    ]
    await connection.execute(_QUERIES["store_invitations"], {**as_json(rows), "decided_at": now})
    sent = [each for each in decided if each.decision.suppressed is None]
    topic = SURVEY_INVITATIONS.name
    await post(connection, (Letter(topic, case_key(*each.event.case_key), _letter(each, now, link)) for each in sent))


async def note_answered(connection: Connection, answers: Sequence[NewAnswer]) -> None:
    """Note when invitations were answered; one that several answers came for was answered with the first."""
    rows = [
        {"invitation_id": answer.invitation_id, "answered_at": answer.answered_at}
        for _, _, answer in answers
        if answer.invitation_id
    ]
    if rows:
        await connection.execute(_QUERIES["note_answered"], as_json(rows))


def _letter(decided: Decided, now: datetime, link: Link) -> bytes:
    event = decided.event
    return (
        Invitation(
            invitation_id=decided.invitation_id,
            journey=event.journey,
            case_id=event.case_id,
            touchpoint=event.touchpoint,
            source=event.source,
            event_id=event.event_id,
            questions=tuple(decided.decision.questions),
            invited_at=now,
            link=link(decided.invitation_id, now),
        )
        .model_dump_json()
        .encode()
    )
