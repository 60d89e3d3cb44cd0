"""What coming late costs in score: those who were served late against those who were served in time. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.journey import Journey
from services.monitor.figures.asked import Asked
from services.monitor.figures.curve import own_measure
from services.monitor.figures.score_figures import ScoreFigure, out_of_ten, score_figure
from streams.observations import Scope
from streams.scores import Counts, Estimate, difference
from streams.timeliness import Timeliness


@dataclass(frozen=True)
class LateScore:
    """The scores of a touchpoint by whether it came when it should have, on the scale of its own question.

    `levels` are the same on a scale of 1 to 10, and `lower` is how much lower the late ones are, in points of that.
    """

    touchpoint: str
    late: ScoreFigure
    in_time: ScoreFigure
    levels: tuple[Estimate, Estimate]

    @property
    def lower(self) -> Estimate:
        """How much lower those score who were late, with its 95 % interval."""
        late, in_time = self.levels
        return difference(in_time, late)


def late_scores(said: Mapping[Scope, Counts], asked: Asked, drawn: Journey, enough: int) -> Sequence[LateScore]:
    """Return the touchpoints at which enough were late and enough were not, in the journey's order."""
    found = []
    for touchpoint in drawn.touchpoints:
        measure = own_measure(touchpoint, drawn)
        late, in_time = (
            score_figure(measure, _counts(said, measure, touchpoint.id, kept, asked), enough)
            for kept in (Timeliness.LATE, Timeliness.IN_TIME)
        )
        if late.estimate is not None and in_time.estimate is not None:
            levels = out_of_ten(measure, late.estimate), out_of_ten(measure, in_time.estimate)
            found.append(LateScore(touchpoint.id, late, in_time, levels))
    return found


def _counts(said: Mapping[Scope, Counts], measure: str, touchpoint: str, kept: Timeliness, asked: Asked) -> Counts:
    counts: Counter[int] = Counter()
    for scope, some in said.items():
        if (scope.measure, scope.touchpoint, scope.span) == (measure, touchpoint, kept) and asked.takes(scope):
            counts.update(some)
    return counts
