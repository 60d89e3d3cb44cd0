"""Reading what a journey's ideals and the importance of its touchpoints are held against."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.journey import Journey, JourneyVersion
from services.monitor.figures.asked import Asked
from services.monitor.figures.curve import Point, Said
from services.monitor.figures.score_groups import said_of, score_groups
from services.monitor.ideals.ideal_gaps import EVERYBODY, IdealGaps, ideal_gaps
from services.monitor.ideals.importance import Importance, importance, score_pairs
from services.monitor.paths.conformance_figures import whole_weeks
from services.monitor.paths.path_period import Least
from services.store.ideal_reading import read_gaps, read_given_scores
from services.store.reading import Moment
from streams.observations import Scope
from streams.rolling import Part
from streams.scores import Counts


class Seen(NamedTuple):
    """What was read of a time: scores that are shown and visits, by the finest scope."""

    said: Mapping[Scope, Counts]
    passages: Mapping[Scope, int]


async def read_ideal_gaps(
    moment: Moment, drawn: Journey, over: Sequence[Part], seen: Seen, least: Least
) -> Sequence[IdealGaps]:
    """Return how far touchpoints are from their ideals over a time, for everybody and each persona, of any channel."""
    visits: Counter[tuple[str, str]] = Counter()
    for scope, n in seen.passages.items():
        visits[scope.touchpoint, scope.persona] += n
    gaps = await read_gaps(moment, drawn.id, over)
    by_persona = {persona: _said_by(persona, seen.said, drawn) for persona in _personas(drawn)}
    return ideal_gaps(drawn, by_persona, gaps, visits, enough=least.enough, group=least.group)


async def read_importance(
    moment: Moment, versions: Sequence[JourneyVersion], over: Sequence[Part], points: Sequence[Point], now: datetime
) -> Sequence[Importance]:
    """Return how important touchpoints are; pairs of scores are those of the whole weeks of a time that are over.

    Nobody can read a customer's answer off how a figure changes from one moment to the next: it does so once a week.
    """
    drawn = versions[-1].journey
    weeks = whole_weeks(over[0].start, over[-1].end, now, drawn)
    given = await read_given_scores(moment, drawn.id, weeks)
    return importance(points, score_pairs(given, {each.version: each.journey for each in versions}, drawn))


def _personas(drawn: Journey) -> Sequence[str]:
    return [EVERYBODY, *(persona.id for persona in drawn.personas)]


def _said_by(persona: str, said: Mapping[Scope, Counts], drawn: Journey) -> Said:
    asked = Asked(persona=persona or None)
    return said_of(score_groups(said, {}, asked, "touchpoint", drawn))
