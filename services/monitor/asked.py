"""What a reader asks about scores: over what time, of whom, and kept apart by what. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from schemas.journey import Journey
from services.monitor.problems import ProblemError
from streams.observations import Scope
from streams.rolling import ROLLING, Part, parts
from streams.timeliness import Timeliness
from streams.windows import Resolution

DIMENSIONS = ("touchpoint", "department", "channel", "persona", "timeliness")
"""What scores are kept apart by."""

Window = Literal["15m", "1h", "4h", "24h", "7d", "28d", "90d"]


class Asked(BaseModel):
    """Over what time scores are asked for, and of whom; whoever is not named may be any."""

    window: Window = "28d"
    since: Annotated[date | None, Field(description="The first day of a period, in place of a rolling window.")] = None
    until: Annotated[date | None, Field(description="The last day of that period; left out, today.")] = None
    touchpoint: str | None = None
    department: str | None = None
    channel: str | None = None
    persona: str | None = None
    timeliness: Timeliness | None = None

    def takes(self, scope: Scope) -> bool:
        """Say whether scores of a scope are asked for."""
        wanted = {name: getattr(self, name) for name in DIMENSIONS}
        return all(dimension(scope, name) == value for name, value in wanted.items() if value is not None)

    def parts(self, drawn: Journey, now: datetime) -> Sequence[Part]:
        """Return the windows that make up the time asked for; raise ProblemError if it ends before it begins."""
        if self.since is None:
            return parts(ROLLING[self.window], now, drawn.zone)
        last = self.until or now.astimezone(drawn.zone).date()
        if last < self.since:
            raise ProblemError(422, f"the period would end on {last}, before it begins on {self.since}")
        return [Part(Resolution.DAY, _midnight(self.since, drawn), _midnight(last + timedelta(days=1), drawn))]


def dimension(scope: Scope, name: str) -> str:
    """Return what a scope of scores or visits is in one of DIMENSIONS; how it stood to its limits is its span."""
    return str(getattr(scope, {"timeliness": "span"}.get(name, name)))


def _midnight(day: date, drawn: Journey) -> datetime:
    return datetime.combine(day, time(), drawn.zone).astimezone(UTC)
