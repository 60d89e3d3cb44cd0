"""Reading where the time went over whole days that somebody asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.journey import Journey, JourneyVersion
from services.monitor.figures.asked import Asked
from services.monitor.figures.curve import curve
from services.monitor.figures.rolling_windows import read_scores
from services.monitor.figures.score_groups import said_of, score_groups
from services.monitor.http.problems import ProblemError
from services.monitor.paths.path_period import Least, of_whom
from services.monitor.paths.real_paths import Hidden, hidden_of
from services.monitor.times.late_scores import LateScore, late_scores
from services.monitor.times.step_parts import TimeParts, time_parts
from services.store import path_reading, time_reading
from services.store.reading import Moment
from streams.observations import Scope
from streams.rolling import ROLLING, Part
from streams.scores import Counts, Estimate

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TimeSpent:
    """Where the time went on some days, and what coming late cost in score."""

    days: Part
    parts: TimeParts
    late: Sequence[LateScore]


def whole_days(asked: Asked, versions: Sequence[JourneyVersion], now: datetime) -> Part:
    """Return the days asked for; a rolling window is as many days as it is long, the last of which is today.

    Raises ProblemError if the time ends before it begins, and for days that do not follow each other.
    """
    if asked.weekday is not None:
        raise ProblemError(422, "weekday: where the time went is not kept apart by day of the week")
    if asked.since is None and asked.version is None:
        today = now.astimezone(versions[-1].journey.zone).date()
        days = max(ROLLING[asked.window], _A_DAY) // _A_DAY
        asked = asked.model_copy(update={"since": today - (days - 1) * _A_DAY, "until": today})
    (days_asked,) = asked.parts(versions, now)
    return days_asked


async def read_time(
    moment: Moment, versions: Sequence[JourneyVersion], asked: Asked, now: datetime, least: Least
) -> TimeSpent:
    """Read where the time went; of one persona without what would tell of a small group. Raises ProblemError."""
    drawn, days, whose = asked.drawn(versions), whole_days(asked, versions, now), of_whom(asked)
    measured = await time_reading.times(moment, drawn.id, days, whose)
    said = await read_scores(moment, drawn.id, [days])
    hidden: Hidden = frozenset()
    if whose.persona is not None:
        steps = await path_reading.steps_by_persona(moment, drawn.id, days)
        hidden = hidden_of(steps, whose.persona, least.group)
    parts = time_parts(measured, drawn, levels(said, asked, drawn, least.enough), hidden)
    return TimeSpent(days, parts, late_scores(said, asked, drawn, least.enough))


def levels(said: Mapping[Scope, Counts], asked: Asked, drawn: Journey, enough: int) -> Mapping[str, Estimate]:
    """Return the score of each touchpoint that has enough of them, on a scale of 1 to 10."""
    groups = score_groups(said, {}, asked, "touchpoint", drawn)
    points = curve(drawn, said_of(groups), {}, enough)
    return {point.touchpoint.id: point.level for point in points if point.level is not None}
