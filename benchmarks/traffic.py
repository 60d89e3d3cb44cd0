"""The events that every case of the benchmark is given: one hour of a busy organisation, the same for all.

A case visits the four touchpoints of one journey. It begins at any moment, its gaps are lognormal, and it is drawn anew
until it ends within the hour: every case is whole, and neighbours in the log are of different cases. Department,
channel, persona and customer belong to the case. Times, not counts, change with `span`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import log
from random import Random
from typing import NamedTuple
from uuid import UUID

import orjson

from schemas.journey import Journey, parse_journey
from schemas.topics import case_key

SOURCE = "zaken"
JOURNEY = "bouwplan"
TOUCHPOINTS = ("aanvraag", "ontvangst", "aanvulling", "besluit")
CUSTOMERS = 50_000
GROUPS = (
    ("loket", "balie"),
    ("loket", "telefoon"),
    ("vergunningen", "e-mail"),
    ("vergunningen", "portaal"),
    ("juristen", "brief"),
)
"""Department and channel: who works where, and how."""

PERSONAS = ("bewoner", "aannemer", "architect")
HOUR = timedelta(hours=1)

_JOURNEY = f"""
id: {JOURNEY}
name: Bouwplan
time_zone: Europe/Amsterdam
phases:
  - id: behandeling
    name: Behandeling
    touchpoints:
      - {{id: aanvraag, name: Aanvraag}}
      - {{id: ontvangst, name: Ontvangstbevestiging}}
      - {{id: aanvulling, name: Aanvulling}}
      - {{id: besluit, name: Besluit, moment_of_truth: true}}
end_touchpoints: [besluit]
spans: [{{id: volledig, name: Tot volledig, start: aanvraag, end: aanvulling}}]
"""
_SEED = 20261122
_MEDIAN_GAP = 300.0 / 3600  # of the whole span: five minutes of an hour
_SIGMA = 1.2


class Record(NamedTuple):
    """A Kafka record: its key and its value."""

    key: bytes
    value: bytes


@dataclass(frozen=True)
class Event:
    """One touchpoint event but for its time: `place` is where it lies in the span of time, from 0 to 1."""

    place: float
    event_id: int
    case: int
    touchpoint: str
    customer: int
    department: str
    channel: str
    persona: str
    cost_cents: int

    @property
    def key(self) -> bytes:
        """The record key that producers use."""
        return case_key(JOURNEY, self.case_id)

    @property
    def scope_key(self) -> bytes:
        """A record key that keeps one touchpoint, department, channel and persona in one partition."""
        return "|".join((self.touchpoint, self.department, self.channel, self.persona)).encode()

    @property
    def case_id(self) -> str:
        """The name of the case."""
        return f"Z-{self.case:08d}"

    def value(self, at: datetime, *, random_id: bool = False) -> bytes:
        """Return the event as JSON, about 260 bytes; its id is a UUIDv7 of its time, or a UUIDv4."""
        event_id = _uuid4(self.event_id) if random_id else _uuid7(self.event_id, at)
        return orjson.dumps(
            {
                "source": SOURCE,
                "event_id": event_id.hex,
                "journey": JOURNEY,
                "case_id": self.case_id,
                "customer": customer_name(self.customer),
                "touchpoint": self.touchpoint,
                "occurred_at": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
                "channel": self.channel,
                "department": self.department,
                "persona": self.persona,
                "cost": f"{self.cost_cents / 100:.2f}",
            }
        )


def customer_name(number: int) -> str:
    """Return how the organisation refers to a customer, 0 to CUSTOMERS - 1."""
    return f"klant-{number:05d}"


def journey() -> Journey:
    """Return the journey of the traffic: four touchpoints, one span."""
    return parse_journey(_JOURNEY)


def events(n: int) -> Sequence[Event]:
    """Return n events in the order of their time; always the same ones."""
    chance = Random(_SEED)
    drawn = [event for case in range((n + 3) // 4) for event in _case(case, chance)]
    return sorted(drawn, key=lambda event: event.place)[:n]


def records(n: int, now: datetime, *, span: timedelta = HOUR, random_ids: bool = False) -> list[Record]:
    """Return n events that span the time before `now`, in order, keyed by case as producers do."""
    begin = now - span
    return [Record(event.key, event.value(begin + event.place * span, random_id=random_ids)) for event in events(n)]


def records_by_scope(n: int, now: datetime) -> list[Record]:
    """Return the same events, keyed by what their windows are kept apart by."""
    begin = now - HOUR
    return [Record(event.scope_key, event.value(begin + event.place * HOUR)) for event in events(n)]


def _case(case: int, chance: Random) -> Iterator[Event]:
    department, channel = chance.choice(GROUPS)
    persona = chance.choice(PERSONAS)
    customer = chance.randrange(CUSTOMERS)
    for place, touchpoint in zip(_places(chance), TOUCHPOINTS, strict=True):
        yield Event(
            place=place,
            event_id=chance.getrandbits(128),
            case=case,
            touchpoint=touchpoint,
            customer=customer,
            department=department,
            channel=channel,
            persona=persona,
            cost_cents=chance.randrange(500, 10_000),
        )


def _places(chance: Random) -> Sequence[float]:
    while True:
        gaps = [chance.lognormvariate(log(_MEDIAN_GAP), _SIGMA) for _ in TOUCHPOINTS[1:]]
        places = list(accumulate(gaps, initial=chance.random()))
        if places[-1] < 1:
            return places


def _uuid4(bits: int) -> UUID:
    return UUID(int=bits, version=4)


def _uuid7(bits: int, at: datetime) -> UUID:
    milliseconds = round(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | bits & (0xFFF << 64) | 0x2 << 62 | bits & ((1 << 62) - 1))
