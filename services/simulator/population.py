"""Everybody who ever passes through the demo's journey: a pure function of a seed and an anchor.

Each case draws from a random generator of its own, so a longer look ahead changes nothing of what was seen before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.simulator.answers import answers
from services.simulator.hours import DAY, ZONE, any_waking
from services.simulator.passage import Meeting, Passage
from services.simulator.story import CASES_PER_DAY, CONTACTS, JOURNEY, SEGMENTS, SOURCE, Milestones

LOOK_AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class SimulatedCase:
    """One case from beginning to end, what is still to come included; events in order of time."""

    case_id: str
    customer: str
    persona: str
    events: tuple[TouchpointEvent, ...]
    answers: tuple[SurveyAnswer, ...]


class Population:
    """The cases of a seed and an anchor, day by day."""

    def __init__(self, seed: int, anchor: datetime) -> None:
        """Place the story; the anchor is an aware datetime."""
        self._seed = seed
        self.milestones = Milestones(anchor)
        self.first_day = self.milestones.first_day
        self._first_numbers = [1]

    def size(self, day: date) -> int:
        """Return how many cases begin on a day."""
        mean = CASES_PER_DAY[day.weekday()]
        drawn = Random(f"{self._seed}/{day}").gauss(mean, 0.8 * mean**0.5)
        return max(1, round(drawn))

    def beginning_on(self, day: date) -> list[SimulatedCase]:
        """Return the cases that begin on a day from the first day on, in order of their first event."""
        passages = sorted(
            (self._passage(day, n) for n in range(self.size(day))), key=lambda drawn: drawn[2].meetings[0].occurred_at
        )
        first = self._first_number(day)
        return [
            self._case(f"Z-{day.year}-{first + place:05d}", rng, persona, passage)
            for place, (rng, persona, passage) in enumerate(passages)
        ]

    def _passage(self, day: date, n: int) -> tuple[Random, str, Passage]:
        rng = Random(f"{self._seed}/{day}/{n}")
        persona = rng.choices(tuple(SEGMENTS), tuple(segment.share for segment in SEGMENTS.values()))[0]
        return rng, persona, Passage(rng, persona, any_waking(rng, day), self.milestones)

    def _case(self, case_id: str, rng: Random, persona: str, passage: Passage) -> SimulatedCase:
        customer = f"klant-{rng.choice(SEGMENTS[persona].customers):04d}"
        events = tuple(
            _event(case_id, number, meeting, customer, persona) for number, meeting in enumerate(passage.meetings, 1)
        )
        return SimulatedCase(case_id, customer, persona, events, tuple(answers(rng, events, self.milestones)))

    def _first_number(self, day: date) -> int:
        """Return the number of the first case of a day: cases are numbered from 1 in each calendar year."""
        for known in range(len(self._first_numbers), (day - self.first_day).days + 1):
            previous = self.first_day + DAY * (known - 1)
            new_year = (previous + DAY).year > previous.year
            self._first_numbers.append(1 if new_year else self._first_numbers[-1] + self.size(previous))
        return self._first_numbers[(day - self.first_day).days]


def _event(case_id: str, number: int, meeting: Meeting, customer: str, persona: str) -> TouchpointEvent:
    contact = CONTACTS[meeting.touchpoint]
    return TouchpointEvent(
        source=SOURCE,
        event_id=f"{case_id}-{number:02d}-{meeting.touchpoint}",
        journey=JOURNEY,
        case_id=case_id,
        touchpoint=meeting.touchpoint,
        occurred_at=meeting.occurred_at,
        started_at=meeting.started_at,
        customer=customer,
        channel=meeting.channel,
        department=contact.department,
        employee=meeting.employee,
        persona=persona,
        cost=contact.cost,
        attributes=dict(meeting.attributes),
    )


def cases(seed: int, anchor: datetime, until: datetime | None = None) -> Iterator[SimulatedCase]:
    """Yield every case that begins up to `until` (LOOK_AHEAD past the anchor if None), in order of their first event.

    Each case is whole: its events and answers may lie after `until`. Both moments are aware datetimes.
    """
    population = Population(seed, anchor)
    horizon = (until or anchor + LOOK_AHEAD).astimezone(ZONE)
    for days in range((horizon.date() - population.first_day).days + 1):
        for case in population.beginning_on(population.first_day + DAY * days):
            if case.events[0].occurred_at <= horizon:
                yield case
