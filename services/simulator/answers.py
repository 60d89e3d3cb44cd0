"""What customers answer about the touchpoints of their case: what their invitation asks, around the means. Pure."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from random import Random

from schemas.journey import Journey, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.simulator.further import further_score
from services.simulator.hours import DAY, ZONE, next_waking
from services.simulator.remarks import remarks
from services.simulator.scores import skewed_score
from services.simulator.story import (
    CONTACTS,
    FURTHER,
    JOURNEY,
    REFUSED,
    SOURCE,
    SURVEY,
    Contact,
    Milestones,
    mean_score,
)
from streams.invitations import invitation_id, questions_after

SATISFIED_FROM = 0.65
"""The part of its scale from which on a customer who writes writes something kind."""

_A_TAP = timedelta(seconds=8)


def answers(rng: Random, events: tuple[TouchpointEvent, ...], milestones: Milestones) -> Iterator[SurveyAnswer]:
    """Yield the answers that the customer of these events, all of one case, gives about them."""
    for event in events:
        contact = CONTACTS[event.touchpoint]
        if rng.random() < contact.asked * SURVEY.response:
            first = _first_answer(rng, event, contact, milestones)
            yield first
            yield from _further_answers(event, contact, first.answered_at, milestones)


@cache
def drawn_journey() -> Journey:
    """Return the demo's journey, which says what is asked."""
    return parse_journey((files("journeys") / f"{JOURNEY}.yaml").read_text(encoding="utf-8"))


def _first_answer(rng: Random, event: TouchpointEvent, contact: Contact, milestones: Milestones) -> SurveyAnswer:
    met_at = event.occurred_at.astimezone(ZONE)
    refused = event.attributes.get("uitkomst") == REFUSED
    assert event.persona is not None  # noqa: S101 - the simulator's own events all have one
    mean = mean_score(event.touchpoint, event.persona, met_at, refused=refused, milestones=milestones)
    assert mean is not None  # noqa: S101 - whoever is asked has something to score
    spread = SURVEY.spread if contact.question == "satisfaction" else SURVEY.effort_spread
    score = skewed_score(rng, mean + _weekday_effect(met_at), spread, contact.scale)
    text = _remark(rng, event.touchpoint, satisfied=score > SATISFIED_FROM * contact.scale)
    return _answer(event, contact.question, score, _answered_at(rng, met_at), text)


def _further_answers(
    event: TouchpointEvent, contact: Contact, answered_at: datetime, milestones: Milestones
) -> Iterator[SurveyAnswer]:
    """Yield answers to the other questions of the invitation, until the customer has had enough of them."""
    rng = Random(f"{event.event_id}/further")
    refused = event.attributes.get("uitkomst") == REFUSED
    met_at = event.occurred_at.astimezone(ZONE)
    for question in questions_after(event, drawn_journey()):
        if question == contact.question:
            continue
        if rng.random() >= FURTHER.goes_on:
            return
        answered_at += _A_TAP
        score = further_score(rng, question, event.touchpoint, met_at, refused=refused, milestones=milestones)
        yield _answer(event, question, score, answered_at)


def _answer(
    event: TouchpointEvent, question: str, score: int, answered_at: datetime, text: str | None = None
) -> SurveyAnswer:
    return SurveyAnswer(
        source=SOURCE,
        answer_id=f"{event.event_id}-{question}",
        invitation_id=invitation_id(event),
        journey=event.journey,
        case_id=event.case_id,
        customer=event.customer,
        touchpoint=event.touchpoint,
        question=question,
        score=score,
        text=text,
        answered_at=answered_at,
    )


def _weekday_effect(at: datetime) -> float:
    """Return what Monday takes from a score, or what the four other working days give back."""
    return -0.8 * SURVEY.monday_dip if at.weekday() == 0 else 0.2 * SURVEY.monday_dip


def _answered_at(rng: Random, met_at: datetime) -> datetime:
    days = SURVEY.hours / 24 * math.exp(rng.gauss(0, SURVEY.hours_sigma))
    return next_waking(rng, (met_at + DAY * min(days, SURVEY.longest_days)).replace(microsecond=0))


def _remark(rng: Random, touchpoint: str, *, satisfied: bool) -> str | None:
    return rng.choice(remarks(touchpoint, satisfied=satisfied)) if rng.random() < SURVEY.with_text else None
