"""A small drawn journey and events in it, for tests that need some."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.journey import Catalogue, Journey, JourneyVersion, parse_journey
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent

LOKET = """
id: loket
name: {nl: Loket, en: Desk}
time_zone: Europe/Amsterdam
phases:
  - id: aanvraag
    name: {nl: Aanvraag, en: Request}
    touchpoints:
      - {id: vraag, name: Vraag}
      - {id: aanvraag, name: Aanvraag}
      - {id: aanvulling, name: Aanvulling, repeatable: true}
  - id: besluit
    name: {nl: Besluit, en: Decision}
    touchpoints:
      - {id: besluit, name: Besluit, moment_of_truth: true}
  - id: daarna
    name: {nl: Daarna, en: Afterwards}
    aftercare: true
    touchpoints:
      - {id: factuur, name: Factuur}
end_touchpoints: [besluit]
spans:
  - {id: beslistermijn, name: Beslistermijn, start: aanvraag, end: besluit, limit: P8W}
"""

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
"""Minute 0 of every timeline in the tests."""


def loket() -> Journey:
    return parse_journey(LOKET)


def catalogue(*more: JourneyVersion) -> Catalogue:
    first = JourneyVersion(version=1, valid_from=datetime(1, 1, 2, tzinfo=UTC), journey=loket())
    return Catalogue([first, *more])


def event(touchpoint: str, minute: float, **given: Any) -> TouchpointEvent:
    """An event of case Z-1 at a minute after MIDNIGHT; its id tells what it is unless one is given."""
    return TouchpointEvent(
        **{
            "source": "proef",
            "event_id": f"{given.get('case_id', 'Z-1')}-{touchpoint}-{minute:g}",
            "journey": "loket",
            "case_id": "Z-1",
            "touchpoint": touchpoint,
            "occurred_at": MIDNIGHT + timedelta(minutes=minute),
            **given,
        }
    )


def answer(touchpoint: str | None, minute: float, **given: Any) -> SurveyAnswer:
    """An 8 for satisfaction in case Z-1, given at a minute after MIDNIGHT, unless `given` says otherwise."""
    return SurveyAnswer(
        **{
            "source": "proef",
            "answer_id": f"{given.get('case_id', 'Z-1')}-{touchpoint}-{minute:g}",
            "journey": "loket",
            "case_id": "Z-1",
            "touchpoint": touchpoint,
            "question": "satisfaction",
            "score": 8,
            "answered_at": MIDNIGHT + timedelta(minutes=minute),
            **given,
        }
    )
