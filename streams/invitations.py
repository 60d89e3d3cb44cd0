"""Whether to invite a customer to answer after a touchpoint, and with which questions. Pure.

The same event is always decided alike, whoever decides and however often: what looks like chance derives from its id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.invitation import Suppression
from schemas.journey import Catalogue, Journey, Touchpoint
from schemas.question import Question
from schemas.touchpoint_event import TouchpointEvent
from schemas.values import digest
from streams.counting import NewVisit

LIVE = timedelta(hours=24)
"""How long after a touchpoint its customer may still be asked about it."""

_ABOUT_THE_TOUCHPOINT = ("satisfaction", "effort")
_SO_FAR = "overall"


class FatigueRule(NamedTuple):
    """At most so many invitations to one customer in any rolling stretch of time, over all journeys.

    One of them is kept for moments of truth: other touchpoints may use one less.
    """

    at_most: int
    within: timedelta


class Invited(NamedTuple):
    """An earlier invitation of a customer: when it was decided, whatever touchpoint it was about."""

    decided_at: datetime


class Decision(NamedTuple):
    """Either why nobody is invited, or the questions of the invitation, by id."""

    suppressed: Suppression | None
    questions: Sequence[str] = ()


class Decided(NamedTuple):
    """What was decided on an event that was counted, with its case and the version of its journey that holds for it."""

    case_key: int
    journey_version: int
    event: TouchpointEvent
    decision: Decision

    @property
    def invitation_id(self) -> str:
        """What the invitation is called."""
        return invitation_id(self.event)


def invitation_id(event: TouchpointEvent) -> str:
    """Return what the invitation after an event is called: the same, however often it is decided on."""
    return digest("invitation", event.source, event.event_id).hex()


class Inviting:
    """Deciding on the visits of a batch, in two steps: `asks_for` names the customers whose invitations are needed."""

    def __init__(self, visits: Iterable[NewVisit], catalogue: Catalogue, rule: FatigueRule, now: datetime) -> None:
        """Take the visits that the batch has counted."""
        self._rule = rule
        self._now = now
        self._asking = [
            (visit, drawn)
            for visit in visits
            if visit.event.touchpoint
            in (drawn := catalogue.at(visit.event.journey, visit.event.occurred_at).journey).asking_ids
        ]

    @property
    def asks_for(self) -> Collection[str]:
        """The references of customers who would be invited, had they never been."""
        alone = ((visit.event, decide(visit.event, drawn, self._rule, (), self._now)) for visit, drawn in self._asking)
        return {event.customer for event, decision in alone if event.customer and decision and not decision.suppressed}

    @property
    def since(self) -> datetime:
        """From when on earlier invitations matter."""
        return self._now - self._rule.within

    def result(self, earlier: Mapping[str, Sequence[Invited]]) -> Sequence[Decided]:
        """Return what is decided, visit by visit; `earlier` has the invitations of those asked for."""
        invited = {customer: list(some) for customer, some in earlier.items()}
        decided: list[Decided] = []
        for (case_key, version, event, _), drawn in self._asking:
            known = invited.get(event.customer or "", [])
            decision = decide(event, drawn, self._rule, known, self._now)
            if decision is not None:
                decided.append(Decided(case_key, version, event, decision))
                if decision.suppressed is None:
                    known.append(Invited(self._now))
        return decided


def decide(
    event: TouchpointEvent, drawn: Journey, rule: FatigueRule, earlier: Collection[Invited], now: datetime
) -> Decision | None:
    """Decide on an event; None if its touchpoint asks nothing, or if it takes back another.

    `drawn` is the version of the journey that holds for it, `earlier` the invitations of its customer, `now` the time
    of decision. Times of `earlier` may lie after `now`: other workers have clocks of their own.
    """
    touchpoint = drawn.touchpoint(event.touchpoint)
    if not touchpoint.asks or event.voids is not None:
        return None
    suppressed = _suppressed(event, touchpoint, rule, earlier, now)
    if suppressed is not None:
        return Decision(suppressed)
    return Decision(None, questions_after(event, drawn))


def questions_after(event: TouchpointEvent, drawn: Journey) -> Sequence[str]:
    """Return the questions, by id, of an invitation after an event to a touchpoint that asks."""
    touchpoint = drawn.touchpoint(event.touchpoint)
    asked = [drawn.question_by_id[question] for question in touchpoint.asks]
    return questions_of(asked, turn=_drawn_number(event, "question"))


def questions_of(asked: Sequence[Question], turn: int) -> Sequence[str]:
    """Return at most three: the touchpoint's own score, the score so far, and one of the others, which take turns."""
    own = [question.id for question in asked if question.measure in _ABOUT_THE_TOUCHPOINT][:1]
    so_far = [question.id for question in asked if question.measure == _SO_FAR][:1]
    others = [question.id for question in asked if question.id not in (*own, *so_far)]
    return (*own, *so_far, *([others[turn % len(others)]] if others else []))


def _suppressed(
    event: TouchpointEvent, touchpoint: Touchpoint, rule: FatigueRule, earlier: Collection[Invited], now: datetime
) -> Suppression | None:
    if now - event.occurred_at >= LIVE:
        return Suppression.LATE
    if event.customer is None:
        return Suppression.NO_CUSTOMER
    if _drawn_number(event, "sampling") >= touchpoint.sampling * 2**64:
        return Suppression.NOT_SAMPLED
    lately = sum(invited.decided_at > now - rule.within for invited in earlier)
    if lately >= rule.at_most - (not touchpoint.moment_of_truth):
        return Suppression.CONTACT_FATIGUE
    return None


def _drawn_number(event: TouchpointEvent, what_for: str) -> int:
    """Return a number below 2^64 that is evenly spread over events."""
    return int.from_bytes(digest(what_for, event.source, event.event_id)[:8])
