"""What customers answer about the touchpoints of their case: scores around the means, now and then a remark. Pure."""

import math
from collections.abc import Iterator
from datetime import datetime
from random import Random

from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.simulator.hours import DAY, ZONE, next_waking
from services.simulator.remarks import remarks
from services.simulator.story import CONTACTS, REFUSED, SOURCE, SURVEY, Contact, Milestones, mean_score

SATISFIED_FROM = 0.65
"""The part of its scale from which on a customer who writes writes something kind."""


def answers(rng: Random, events: tuple[TouchpointEvent, ...], milestones: Milestones) -> Iterator[SurveyAnswer]:
    """Yield the answers that the customer of these events, all of one case, gives about them."""
    for event in events:
        contact = CONTACTS[event.touchpoint]
        if rng.random() < contact.asked * SURVEY.response:
            yield _answer(rng, event, contact, milestones)


def _answer(rng: Random, event: TouchpointEvent, contact: Contact, milestones: Milestones) -> SurveyAnswer:
    met_at = event.occurred_at.astimezone(ZONE)
    refused = event.attributes.get("uitkomst") == REFUSED
    assert event.persona is not None  # noqa: S101 - the simulator's own events all have one
    mean = mean_score(event.touchpoint, event.persona, met_at, refused=refused, milestones=milestones)
    assert mean is not None  # noqa: S101 - whoever is asked has something to score
    spread = SURVEY.spread if contact.question == "satisfaction" else SURVEY.effort_spread
    score = skewed_score(rng, mean + _weekday_effect(met_at), spread, contact.scale)
    return SurveyAnswer(
        source=SOURCE,
        answer_id=f"{event.event_id}-{contact.question}",
        journey=event.journey,
        case_id=event.case_id,
        customer=event.customer,
        touchpoint=event.touchpoint,
        question=contact.question,
        score=score,
        text=_remark(rng, event.touchpoint, satisfied=score > SATISFIED_FROM * contact.scale),
        answered_at=_answered_at(rng, met_at),
    )


def skewed_score(rng: Random, mean: float, spread: float, scale: int) -> int:
    """Draw a whole score from 1 to `scale` around a mean, with its long tail towards the low scores.

    `spread` is its standard deviation, about. The mean comes out true to 0.06, also where the scale cuts the tail off.
    """
    below = scale + 0.45 - mean
    drawn = scale + 0.45 - rng.gammavariate((below / spread) ** 2, spread**2 / below)
    return max(1, min(scale, round(drawn)))


def _weekday_effect(at: datetime) -> float:
    """Return what Monday takes from a score, or what the four other working days give back."""
    return -0.8 * SURVEY.monday_dip if at.weekday() == 0 else 0.2 * SURVEY.monday_dip


def _answered_at(rng: Random, met_at: datetime) -> datetime:
    days = SURVEY.hours / 24 * math.exp(rng.gauss(0, SURVEY.hours_sigma))
    return next_waking(rng, (met_at + DAY * min(days, SURVEY.longest_days)).replace(microsecond=0))


def _remark(rng: Random, touchpoint: str, *, satisfied: bool) -> str | None:
    return rng.choice(remarks(touchpoint, satisfied=satisfied)) if rng.random() < SURVEY.with_text else None
