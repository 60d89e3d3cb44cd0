"""What customers say when they are asked more than how satisfied they are. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random

from services.simulator.scores import feeling, skewed_score, yes_or_no
from services.simulator.story import (
    BAD_WEEKS_FEELING,
    FEELINGS,
    FURTHER,
    REFUSED_FEELING,
    SURVEY,
    WEIGHTS,
    Milestones,
)


def further_score(
    rng: Random, question: str, touchpoint: str, at: datetime, *, refused: bool, milestones: Milestones
) -> int:
    """Draw the score that a touchpoint met at a moment gets on one of the standard questions; KeyError for others."""
    bad = milestones.are_bad(at) and touchpoint == "aanvullingsverzoek"
    told = at >= milestones.status_introduced
    draw: Mapping[str, Callable[[], int]] = {
        "overall": lambda: skewed_score(rng, FURTHER.overall[bad or refused], FURTHER.overall_spread, 10),
        "effort": lambda: skewed_score(rng, FURTHER.completion_effort[bad], SURVEY.effort_spread, 7),
        "importance": lambda: skewed_score(rng, WEIGHTS[touchpoint], FURTHER.weight_spread, 10),
        "emotion": lambda: feeling(rng, _feeling(touchpoint, bad=bad, refused=refused), FURTHER.feeling_spread),
        "expectation_met": lambda: yes_or_no(rng, FURTHER.expectation_met[bad]),
        "outcome_reached": lambda: yes_or_no(rng, FURTHER.outcome_reached[refused]),
        "missed_message": lambda: yes_or_no(rng, FURTHER.missed_message[not told]),
    }
    return draw[question]()


def _feeling(touchpoint: str, *, bad: bool, refused: bool) -> float:
    if refused:
        return REFUSED_FEELING
    return BAD_WEEKS_FEELING if bad else FEELINGS[touchpoint]
