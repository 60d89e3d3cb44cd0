"""What is to be sent and when: the population's records, those already stored left out. No I/O."""

import heapq
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple

from schemas.topics import SURVEY_ANSWERS, TOUCHPOINT_EVENTS, case_key
from services.simulator.hours import DAY
from services.simulator.population import Population, SimulatedCase

RECENT = 60 * DAY
"""Cases that began this long ago or later go first, so that the boards soon have something to show."""


class Record(NamedTuple):
    """One record for the broker, and the moment in Amsterdam time from which on it may be sent."""

    at: datetime
    topic: str
    key: bytes
    record_id: str
    value: bytes


class History(NamedTuple):
    """What is due of each case that began up to now: of the first `recent` of all `total` cases, the young ones."""

    total: int
    recent: int
    cases: Iterator[Sequence[Record]]

    def is_ahead(self, sent: int, share: float) -> bool:
        """Say whether of the older cases more than a share, 0 to 1, have gone once `sent` cases have."""
        return sent - self.recent > share * (self.total - self.recent)


class Feed:
    """Hands out each record once: begin `history`, then ask `due` again and again with a `now` that never goes back.

    `stored` holds the event ids and answer ids that are not to be handed out. All moments are in Amsterdam time.
    """

    def __init__(self, population: Population, stored: Set[str]) -> None:
        """Begin before the first case."""
        self._population = population
        self._stored = stored
        self._waiting: list[Record] = []
        self._next_day = population.first_day

    def history(self, now: datetime) -> History:
        """Return the cases that began up to the day of `now`, recent ones first."""
        first, last = self._next_day, now.date()
        self._next_day = last + DAY
        turn = max(first, (now - RECENT).date())
        recent, older = list(_days(turn, last)), list(_days(first, turn - DAY))
        young, old = (sum(map(self._population.size, days)) for days in (recent, older))
        return History(young + old, young, self._due_of([*recent, *older], now))

    def due(self, now: datetime) -> Sequence[Record]:
        """Return the records that have come due since the last call."""
        due: list[Record] = []
        for day in _days(self._next_day, now.date()):
            due += chain.from_iterable(self._due_of([day], now))
            self._next_day = day + DAY
        while self._waiting and self._waiting[0].at <= now:
            due.append(heapq.heappop(self._waiting))
        return due

    def _due_of(self, days: Iterable[date], now: datetime) -> Iterator[Sequence[Record]]:
        return (self._sorted_out(case, now) for day in days for case in self._population.beginning_on(day))

    def _sorted_out(self, case: SimulatedCase, now: datetime) -> Sequence[Record]:
        """Return the case's records that are due; those whose time has not come are put by."""
        due = []
        for record in _records(case):
            if record.record_id in self._stored:
                continue
            if record.at <= now:
                due.append(record)
            else:
                heapq.heappush(self._waiting, record)
        return due


def _days(first: date, last: date) -> Iterator[date]:
    return (first + DAY * n for n in range((last - first).days + 1))


def _records(case: SimulatedCase) -> Iterator[Record]:
    for event in case.events:
        key, value = case_key(event.journey, event.case_id), event.model_dump_json(exclude_defaults=True).encode()
        yield Record(event.occurred_at, TOUCHPOINT_EVENTS.name, key, event.event_id, value)
    for answer in case.answers:
        key, value = case_key(answer.journey, answer.case_id), answer.model_dump_json(exclude_defaults=True).encode()
        yield Record(answer.answered_at, SURVEY_ANSWERS.name, key, answer.answer_id, value)
