"""A case's visits to touchpoints in event-time order: gaps, whether the case is open, whom an answer is about.

Pure. Whatever order the events came in, the same set of visits gives the same timeline. Each visit is judged by the
version of the journey that held when it happened, so that a new version rewrites no history.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from schemas.journey import Journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from schemas.values import milliseconds

Versions = Mapping[int, Journey]
"""The drawn journey of each version number."""


class Visit(NamedTuple):
    """What a timeline needs to know of one touchpoint event, and the journey version that holds for it.

    `outcome` is how the case came out by it (schemas.outcome); None if it does not say.
    """

    occurred_at: datetime
    started_at: datetime | None
    source: str
    event_id: str
    journey_version: int
    touchpoint: str
    department: str | None
    channel: str | None
    persona: str | None
    voids: str | None
    due_at: datetime | None = None
    about: str | None = None
    outcome: str | None = None
    cost_cents: int | None = None


def visit_of(event: TouchpointEvent, journey_version: int, outcome: str | None = None) -> Visit:
    """Return the visit that an event reports, and the outcome that it says by its version of the journey."""
    return Visit(
        event.occurred_at,
        event.started_at,
        event.source,
        event.event_id,
        journey_version,
        event.touchpoint,
        event.department,
        event.channel,
        event.persona,
        event.voids,
        event.due_at,
        event.about,
        outcome,
        event.cost_cents,
    )


class Answer(NamedTuple):
    """What a timeline needs to know of one survey answer, and the journey version that holds for it.

    `score` is as given, on the scale of its question.
    """

    answered_at: datetime
    journey_version: int
    touchpoint: str | None
    question: str
    score: int | None


def answer_of(answer: SurveyAnswer, journey_version: int) -> Answer:
    """Return what a timeline needs to know of a survey answer."""
    return Answer(answer.answered_at, journey_version, answer.touchpoint, answer.question, answer.score)


class History(NamedTuple):
    """Everything that is known of a case, in any order: its visits, those taken back too, and its answers."""

    visits: Sequence[Visit]
    answers: Sequence[Answer]


class CaseStatus(NamedTuple):
    """Where a case stands. All None for a case whose every visit was taken back."""

    opened_at: datetime | None = None
    closed_at: datetime | None = None
    last_at: datetime | None = None
    last_touchpoint: str | None = None
    last_department: str | None = None


def in_order(visits: Collection[Visit], versions: Versions) -> tuple[Visit, ...]:
    """Return the visits that stand, in event-time order.

    Visits of one moment follow the drawn journey. A visit that another of the same source voids is left out, and so
    is the one that carries `voids`.
    """
    voided = {(visit.source, visit.voids) for visit in visits if visit.voids is not None}
    standing = [visit for visit in visits if visit.voids is None and (visit.source, visit.event_id) not in voided]
    return tuple(
        sorted(standing, key=lambda visit: (visit.occurred_at, _place(visit, versions), visit.source, visit.event_id))
    )


class Gap(NamedTuple):
    """The time between two visits ('tussentijd'), one right after the other, in milliseconds."""

    after: Visit
    before: Visit
    milliseconds: int


def gaps(visits: Sequence[Visit]) -> Iterator[Gap]:
    """Yield the gap before each of ordered visits but the first."""
    for earlier, later in pairwise(visits):
        yield Gap(earlier, later, milliseconds(later.occurred_at, earlier.occurred_at))


def status(visits: Sequence[Visit], versions: Versions) -> CaseStatus:
    """Return where a case with these ordered visits stands."""
    if not visits:
        return CaseStatus()
    closing = closing_visit(visits, versions)
    return CaseStatus(
        opened_at=begun(visits[0]),
        closed_at=closing.occurred_at if closing else None,
        last_at=visits[-1].occurred_at,
        last_touchpoint=visits[-1].touchpoint,
        last_department=visits[-1].department,
    )


def closing_visit(visits: Sequence[Visit], versions: Versions) -> Visit | None:
    """Return the last visit outside aftercare if it is to an end touchpoint: then the case is closed by it."""
    for visit in reversed(visits):
        drawn = versions[visit.journey_version]
        if visit.touchpoint not in drawn.aftercare_ids:
            return visit if visit.touchpoint in drawn.end_touchpoints else None
    return None


def visit_meant(answer: Answer, visits: Sequence[Visit]) -> Visit | None:
    """Return the visit that an answer is about: the last of the ordered visits to its touchpoint before it was given.

    If there was none yet, it is the first one that comes. None if there is none at all, and for an answer that is about
    no touchpoint.
    """
    there = [visit for visit in visits if visit.touchpoint == answer.touchpoint]
    earlier = (visit for visit in reversed(there) if visit.occurred_at <= answer.answered_at)
    return next(earlier, there[0] if there else None)


def begun(visit: Visit) -> datetime:
    """Return when work on a visit began, if that is known; else when it ended."""
    return visit.started_at or visit.occurred_at


def _place(visit: Visit, versions: Versions) -> int:
    return versions[visit.journey_version].touchpoint_ids[visit.touchpoint]
