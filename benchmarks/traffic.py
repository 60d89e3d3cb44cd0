"""The records that every case of the benchmark is given."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from schemas.journey import Catalogue, Journey, JourneyVersion, parse_journey
from schemas.touchpoint_event import TouchpointEvent

NOW = datetime(2026, 11, 2, tzinfo=UTC)

_JOURNEY = """
id: bench
name: Benchmark
time_zone: Europe/Amsterdam
phases:
  - id: alles
    name: Alles
    touchpoints:
      - {id: begin, name: Begin}
      - {id: midden, name: Midden}
      - {id: slot, name: Slot}
      - {id: einde, name: Einde}
end_touchpoints: [einde]
spans: [{id: kern, name: Kern, start: begin, end: slot}]
"""
_TOUCHPOINTS = ("begin", "midden", "slot", "einde")
_DIMENSIONS = [("VG", "web"), ("VG", "post"), ("KCC", "telefoon"), ("KCC", "web"), ("JZ", "post")]
_PERSONAS = ("bewoner", "aannemer", "architect")


def journey() -> Journey:
    """Return the benchmark's journey: four touchpoints, one span."""
    return parse_journey(_JOURNEY)


def catalogue() -> Catalogue:
    """Return a catalogue with that journey."""
    return Catalogue([JourneyVersion(version=1, valid_from=NOW - timedelta(days=999), journey=journey())])


def records(n: int) -> Sequence[bytes]:
    """Return n records of about 300 bytes: cases of four touchpoints over two weeks, in order of time."""
    chance = Random(1)
    moments = sorted(NOW - timedelta(seconds=chance.uniform(0, 14 * 86_400)) for _ in range(n))
    return [_record(place, moment, chance) for place, moment in enumerate(moments)]


def _record(place: int, moment: datetime, chance: Random) -> bytes:
    case, step = divmod(place, 4000)[0] * 1000 + place % 1000, place // 1000 % 4
    department, channel = _DIMENSIONS[case % len(_DIMENSIONS)]
    event = TouchpointEvent(
        source="bench",
        event_id=f"{place:010d}",
        journey="bench",
        case_id=f"B-{case:08d}",
        customer=f"klant-{chance.randrange(5000)}",
        touchpoint=_TOUCHPOINTS[step],
        occurred_at=moment,
        channel=channel,
        department=department,
        persona=_PERSONAS[case % len(_PERSONAS)],
    )
    return event.model_dump_json(exclude_none=True, exclude_defaults=True).encode()
