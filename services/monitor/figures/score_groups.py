"""Scores and passages by group, such as a phase or a channel, and what the scores of each come to. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from schemas.journey import Journey
from schemas.question import SCALES
from services.monitor.figures.asked import TRAITS, Asked, dimension
from services.monitor.figures.curve import Said
from services.monitor.figures.score_figures import ScoreFigure, Unit, score_figure
from streams.observations import Scope
from streams.rolling import Part
from streams.scores import Counts
from streams.weighting import Traits, Weighted, weighted_mean

By = Literal["journey", "phase", "touchpoint", "department", "channel", "persona", "timeliness", "outcome"]

_LONG = timedelta(days=27, hours=23)  # four weeks, one of whose days may have had 23 hours


class ScoreGroup(NamedTuple):
    """What was said, by measure and by the traits of the passage it is about, and how many passed with each traits."""

    id: str
    said: Mapping[str, Mapping[Traits, Counts]]
    passages: Mapping[Traits, int]

    def counts(self, measure: str) -> Counts:
        """Return how many scores of each value a measure has."""
        counts: Counter[int] = Counter()
        for each in self.said.get(measure, {}).values():
            counts.update(each)
        return counts

    def figure(self, measure: str, enough: int) -> ScoreFigure:
        """Return what the scores of a measure come to."""
        return score_figure(measure, self.counts(measure), enough)

    def weighted(self, measure: str, enough: int) -> Weighted | None:
        """Return a mean weighted to all passages; None for what is no mean, and where there are too few scores."""
        figure = self.figure(measure, enough)
        if figure.unit is not Unit.POINTS or figure.estimate is None:
            return None
        return weighted_mean(self.said[measure], self.passages, SCALES[measure])


def score_groups(
    said: Mapping[Scope, Counts], passages: Mapping[Scope, int], asked: Asked, by: By, drawn: Journey
) -> Sequence[ScoreGroup]:
    """Return the groups of which something was said; those of a journey file in its order, others by name.

    Of passages it is not known how their cases came out: by outcome nothing is weighted to them.
    """
    phases = {touchpoint.id: phase.id for phase in drawn.phases for touchpoint in phase.touchpoints}

    def group_of(scope: Scope) -> str:
        return phases.get(scope.touchpoint, "") if by == "phase" else dimension(scope, by)

    groups: dict[str, dict[str, dict[Traits, Counter[int]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(Counter))
    )
    for scope, counts in said.items():
        if asked.takes(scope):
            groups[group_of(scope)][scope.measure][_traits(scope)].update(counts)
    passed: dict[str, dict[Traits, int]] = defaultdict(dict)
    for scope, n in passages.items():
        if not _by_outcome(asked, by) and asked.takes(scope):
            passed[group_of(scope)][_traits(scope)] = n
    in_order = [*(phase.id for phase in drawn.phases), *drawn.touchpoint_ids, *drawn.outcome_by_id]
    order = {group: place for place, group in enumerate(in_order)}
    names = sorted(groups, key=lambda group: (order.get(group, len(in_order)), group))
    return [ScoreGroup(group, groups[group], passed[group]) for group in names]


def said_of(groups: Sequence[ScoreGroup]) -> Said:
    """Return the scores that groups by touchpoint hold."""
    by_touchpoint = {group.id: group for group in groups}

    def said(measure: str, touchpoint: str) -> Counts:
        return by_touchpoint[touchpoint].counts(measure) if touchpoint in by_touchpoint else {}

    return said


def is_long(over: Sequence[Part]) -> bool:
    """Say whether a time is long enough for most invitations in it to be answered, so that weighting makes sense."""
    return over[-1].end - over[0].start >= _LONG


def _by_outcome(asked: Asked, by: By) -> bool:
    return by == "outcome" or asked.outcome is not None


def _traits(scope: Scope) -> Traits:
    return tuple(dimension(scope, name) for name in TRAITS)
