"""What improvements of a journey did, or from which difference on they would be seen, in one sentence each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.improvement import Improvement
from schemas.journey import JourneyVersion
from services.monitor.effects.effect_sentence import effect_sentences
from services.monitor.effects.improvement_effects import Effect, read_effect
from services.monitor.pages.words import Language
from services.store.reading import Moment

AT_MOST = 6
"""Of how many it is said: each takes reading more than a year of weeks."""


class Verdict(NamedTuple):
    """What can be said of an improvement, and the sentence that says it."""

    effect: Effect
    verdict: str


async def read_verdicts(
    moment: Moment,
    versions: Sequence[JourneyVersion],
    improvements: Iterable[Improvement],
    *,
    now: datetime,
    enough: int,
    language: Language,
) -> Mapping[int, Verdict]:
    """Return what can be said of the first few of some improvements, by number."""
    say = effect_sentences(language, versions[-1].journey.time_zone)
    found: dict[int, Verdict] = {}
    for improvement in list(improvements)[:AT_MOST]:
        report = await read_effect(moment, versions, improvement.id, now, enough)
        if report is not None:
            found[improvement.id] = Verdict(report.effect, say.in_short(report))
    return found
