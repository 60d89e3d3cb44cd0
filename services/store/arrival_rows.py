"""Events and answers as rows: storing them beside their cases."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from psycopg import AsyncConnection

from services.store.queries import load
from services.store.rows import copy, moment_field, number_field
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
        (
            answer.source,
            answer.answer_id,
            moment_field(answer.answered_at),
            answer.text,
            answer.journey,
            answer.touchpoint or "",
        )
        for _, _, answer in answers
        if answer.text
    )
    await copy(connection, _QUERIES["store_texts"], texts)


def _visit_row(visit: NewVisit, customers: Mapping[str, int]) -> tuple[str, ...]:
    case_key, version, event, outcome = visit
    return (
        str(case_key),
        event.occurred_at.isoformat(),
        moment_field(event.started_at),
        event.source,
        event.event_id,
        str(version),
        event.touchpoint,
        event.channel or "",
        event.department or "",
        event.employee or "",
        event.persona or "",
        str(customers[event.customer]) if event.customer else "",
        number_field(event.cost_cents),
        event.voids or "",
        orjson.dumps(event.attributes).decode() if event.attributes else "",
        moment_field(event.due_at),
        outcome or "",
        event.team or "",
        event.party or "",
    )


def _answer_row(new: NewAnswer, customers: Mapping[str, int]) -> tuple[str, ...]:
    case_key, version, answer = new
    return (
        str(case_key),
        moment_field(answer.answered_at),
        answer.source,
        answer.answer_id,
        str(version),
        answer.touchpoint or "",
        answer.question,
        number_field(answer.score),
        answer.invitation_id or "",
        str(customers[answer.customer]) if answer.customer else "",
    )
