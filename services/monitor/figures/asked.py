"""What a reader asks about scores: over what time, of whom, and kept apart by what. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from schemas.journey import Journey, JourneyVersion
from services.monitor.http.problems import ProblemError
from streams.observations import Scope
from streams.rolling import ROLLING, Part, parts
from streams.timeliness import Timeliness
from streams.windows import Resolution

_A_DAY = timedelta(days=1)
TRAITS = ("touchpoint", "department", "channel", "persona", "timeliness")
"""What scores and passages are kept apart by."""

DIMENSIONS = (*TRAITS, "outcome")
"""What scores are kept apart by. How cases came out is known of scores only."""

Window = Literal["15m", "1h", "4h", "24h", "7d", "28d", "90d"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MOST_DAYS = 400
"""Over how many days a day of the week can be asked for: each week of them is read by itself."""


Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
"""A day of the years in which events may lie."""


class Asked(BaseModel):
    """Over what time scores are asked for, and of whom; whoever is not named may be any."""

    window: Window = "28d"
    version: Annotated[
        int | None, Field(description="The days on which a version of the journey held, in place of a rolling window.")
    ] = None
    since: Annotated[Day | None, Field(description="The first day of a period, in place of a rolling window.")] = None
    until: Annotated[Day | None, Field(description="The last day of that period; left out, today.")] = None
    weekday: Annotated[
        Weekday | None, Field(description=f"Only this day of the weeks of such a period, of {MOST_DAYS} days at most.")
    ] = None
    touchpoint: str | None = None
    department: str | None = None
    channel: str | None = None
    persona: str | None = None
    timeliness: Timeliness | None = None
    outcome: str | None = Field(
        None, description="How the case had come out: an outcome of the journey, other, or empty: not said yet."
    )

    def takes(self, scope: Scope) -> bool:
        """Say whether scores of a scope are asked for."""
        wanted = {name: getattr(self, name) for name in DIMENSIONS}
        return all(dimension(scope, name) == value for name, value in wanted.items() if value is not None)

    def drawn(self, versions: Sequence[JourneyVersion]) -> Journey:
        """Return the version of a journey that is asked for, by default the newest; raise ProblemError if unknown."""
        if self.version is None:
            return versions[-1].journey
        return versions[self._place(versions)].journey

    def parts(self, versions: Sequence[JourneyVersion], now: datetime) -> Sequence[Part]:
        """Return the windows that make up the time asked for; raise ProblemError if there is no such time."""
        zone = versions[-1].journey.zone
        if self.since is None and self.version is None:
            if self.weekday is not None:
                raise ProblemError(422, "weekday: is asked for over a period, by `since` or `version`")
            return parts(ROLLING[self.window], now, zone)
        first, last = self._days(versions, now.astimezone(zone).date())
        if last < first:
            raise ProblemError(422, f"the period would end on {last}, before it begins on {first}")
        stretches = [(first, last)] if self.weekday is None else [(day, day) for day in self._on_weekday(first, last)]
        return [Part(Resolution.DAY, _midnight(begin, zone), _midnight(end + _A_DAY, zone)) for begin, end in stretches]

    def _on_weekday(self, first: date, last: date) -> Sequence[date]:
        """Return the days of a period that fall on the weekday asked for; raise ProblemError if none do."""
        if (last - first).days >= MOST_DAYS:
            raise ProblemError(422, f"weekday: the period would be longer than {MOST_DAYS} days")
        days = [day for day in _days(first, last) if WEEKDAYS[day.weekday()] == self.weekday]
        if not days:
            raise ProblemError(422, f"weekday: there is no {self.weekday} from {first} until {last}")
        return days

    def _days(self, versions: Sequence[JourneyVersion], today: date) -> tuple[date, date]:
        if self.since is not None:
            return self.since, self.until or today
        place, zone = self._place(versions), versions[-1].journey.zone
        begins = [version.valid_from.astimezone(zone).date() for version in versions]
        return begins[place], max(begins[place], begins[place + 1] - _A_DAY) if place + 1 < len(begins) else today

    def _place(self, versions: Sequence[JourneyVersion]) -> int:
        numbers = [version.version for version in versions]
        if self.version not in numbers:
            raise ProblemError(404, f"there is no version {self.version} of this journey; its newest is {numbers[-1]}")
        return numbers.index(self.version)


def dimension(scope: Scope, name: str) -> str:
    """Return what a scope of scores or visits is in one of DIMENSIONS; how it stood to its limits is its span."""
    return str(getattr(scope, {"timeliness": "span"}.get(name, name)))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + _A_DAY * number for number in range((last - first).days + 1))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
