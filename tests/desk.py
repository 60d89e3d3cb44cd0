"""A journey of a test's own, so that the test sees what it sent and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.journey import parse_journey
from schemas.touchpoint_event import TouchpointEvent
from services.settings import Settings
from services.store.journeys import apply_journey, read_catalogue
from tests.drawn import LOKET
from tests.oracle import Drawing, differences, tables
from tests.sending import Sender, parcels
from tests.stored import read

_YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@dataclass
class Desk:
    """A journey like LOKET under another name, and the events of it that were sent and must count once each."""

    settings: Settings
    sender: Sender
    name: str
    sent: list[TouchpointEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        apply_journey(self.settings.database_url, parse_journey(LOKET.replace("id: loket", f"id: {self.name}")))

    def event(self, touchpoint: str, minute: float, case: int = 0, **given: Any) -> TouchpointEvent:
        """Return an event of a numbered case, at a minute after this time yesterday."""
        return TouchpointEvent(
            **{
                "source": "proef",
                "event_id": f"{self.name}-{case}-{touchpoint}-{minute:g}",
                "journey": self.name,
                "case_id": f"{self.name}-{case:04d}",
                "touchpoint": touchpoint,
                "occurred_at": _YESTERDAY + timedelta(minutes=minute),
                "department": "balie",
                **given,
            }
        )

    def passages(self, cases: Iterable[int]) -> list[TouchpointEvent]:
        """Return cases of request, completion and decision, each ten minutes after the last."""
        return [
            self.event(touchpoint, case % 60 + 10 * place, case)
            for case in cases
            for place, touchpoint in enumerate(("aanvraag", "aanvulling", "besluit"))
        ]

    def send(self, events: Iterable[TouchpointEvent], partition: int = 0) -> None:
        """Send events, in one go."""
        given = list(events)
        self.sender.send(parcels(given, partition))
        self.sent += given

    def differences(self) -> list[str]:
        """Say in what the tables differ from one pass over what was sent, in order; nothing if they do not."""
        versions = read_catalogue(self.settings.database_url).versions(self.name)
        expected = tables(Drawing(versions), set_of(self.sent), [])
        return differences(expected, read(self.settings.database_url, self.name, {}))


def set_of(events: Iterable[TouchpointEvent]) -> list[TouchpointEvent]:
    """Return each event once."""
    return list({event.key: event for event in events}.values())
