"""Events and answers as rows: storing them beside their cases."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from psycopg import AsyncConnection

from services.store.queries import load
from services.store.rows import copy
from streams.counting import NewAnswer, NewVisit

_QUERIES = load("counting")


async def store_visits(
    connection: AsyncConnection[Any], visits: Sequence[NewVisit], customers: Mapping[str, int]
) -> None:
    """Store events; `customers` gives the number of each customer reference in them."""
    await copy(connection, _QUERIES["store_visits"], (_visit_row(visit, customers) for visit in visits))


async def store_answers(
    connection: AsyncConnection[Any], answers: Sequence[NewAnswer], customers: Mapping[str, int]
) -> None:
    """Store answers, and their words apart; `customers` gives the number of each customer reference in them."""
    await copy(connection, _QUERIES["store_answers"], (_answer_row(answer, customers) for answer in answers))
    texts = (
        (answer.source, answer.answer_id, answer.answered_at, answer.text, answer.journey, answer.touchpoint)
        for _, _, answer in answers
        if answer.text
    )
    await copy(connection, _QUERIES["store_texts"], texts)


def _visit_row(visit: NewVisit, customers: Mapping[str, int]) -> tuple[Any, ...]:
    case_key, version, event, outcome = visit
    return (
        case_key,
        event.occurred_at,
        event.started_at,
        event.source,
        event.event_id,
        version,
        event.touchpoint,
        event.channel,
        event.department,
        event.employee,
        event.persona,
        customers[event.customer] if event.customer else None,
        event.cost_cents,
        event.voids,
        orjson.dumps(event.attributes).decode() if event.attributes else None,
        event.due_at,
        outcome,
        event.team,
        event.party,
    )


def _answer_row(new: NewAnswer, customers: Mapping[str, int]) -> tuple[Any, ...]:
    case_key, version, answer = new
    return (
        case_key,
        answer.answered_at,
        answer.source,
        answer.answer_id,
        version,
        answer.touchpoint,
        answer.question,
        answer.score,
        answer.invitation_id,
        customers[answer.customer] if answer.customer else None,
    )
