"""New events and answers, and the cases they belong to -> everything that is to be written. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.journey import Catalogue
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from streams.kpi_evidence import KpiName, due
from streams.observations import SCORED, Observation, changes, observe
from streams.progress import NEW, Progress, follow, progress_of
from streams.timeline import Answer, CaseStatus, History, Visit, answer_of, in_order, visit_of
from streams.waiting import Expectation, expectations
from streams.windows import Increments, RetainedFrom, fold, hour_of_the_clock

Arrival = TouchpointEvent | SurveyAnswer
"""What is counted: each once, by its `key`."""

CaseName = tuple[str, str]
"""What a case is called: (journey, case_id)."""


class StaleCatalogue(Exception):  # noqa: N818 - an answer, not a mistake
    """A visit or an answer was stored under a journey version that this catalogue does not know yet."""


class StoredCase(NamedTuple):
    """A case as stored: the key that the database gave it, and its progress (NEW: nothing was stored of it yet).

    `history_dropped` says that its events were past their retention and have gone: nothing more can be counted of it.
    `flagged` says that it has been flagged for waiting: it is observed whole then, to tell how that stands.
    """

    case_key: int
    progress: Progress
    history_dropped: bool = False
    flagged: bool = False


class NewVisit(NamedTuple):
    """An event to be stored with its case, the version of its journey that holds for it, and the outcome it says."""

    case_key: int
    journey_version: int
    event: TouchpointEvent
    outcome: str | None = None


class NewAnswer(NamedTuple):
    """An answer to be stored with its case, and the version of its journey that holds for it."""

    case_key: int
    journey_version: int
    answer: SurveyAnswer


class CaseHour(NamedTuple):
    """An hour of the journey's clock in which cases were opened, by when it begins (in UTC)."""

    journey: str
    opened_in: datetime


class CaseSums(NamedTuple):
    """How many cases were opened in an hour, and how many of them are closed; may be negative in an increment."""

    opened: int
    closed: int


class Counted(NamedTuple):
    """What counting a batch comes to: what to store, how far each case is (by case key), what to add to the sums.

    `scores` is what the batch changes in what customers said: how many more observations of each there are. `waited` is
    all that cases which were flagged have waited for, by case key. `due` are the KPIs that its changes concern, each
    with the earliest hour that changed.
    """

    visits: Sequence[NewVisit]
    answers: Sequence[NewAnswer]
    progress: Mapping[int, Progress]
    increments: Increments
    case_hours: Mapping[CaseHour, CaseSums]
    scores: Sequence[tuple[Observation, int]]
    due: Mapping[KpiName, datetime]
    waited: Mapping[int, Sequence[Expectation]]


NOTHING = Counted((), (), {}, Increments({}, {}), {}, (), {}, {})
"""What a batch comes to that brings nothing to count."""


@dataclass(slots=True)
class _Brought:
    """What a batch brings to one case."""

    journey: str
    case: StoredCase
    visits: list[Visit]
    new_visits: list[NewVisit]
    answers: list[Answer]
    new_answers: list[NewAnswer]


class Counting:
    """Counting one batch, in two steps.

    Visits that come in order are counted by the progress of their case. The other cases are observed as they were and
    as they are now, for which `asks_for` names those whose history must be read. Only the difference counts, so an
    event that comes late leaves the figures that it would have left in time.
    """

    def __init__(self, arrivals: Iterable[Arrival], cases: Mapping[CaseName, StoredCase], catalogue: Catalogue) -> None:
        """Count what comes in order; `cases` holds the case of each arrival, none of which was counted before."""
        self._catalogue = catalogue
        self._brought = _by_case(arrivals, cases, catalogue)
        self._progress: dict[int, Progress] = {}
        self._added: list[Observation] = []
        self._taken_back: list[Observation] = []
        self._changes: list[tuple[Observation, int]] = []
        self._scores: list[tuple[Observation, int]] = []
        self._moved: list[tuple[str, CaseStatus, CaseStatus]] = []
        self._waited: dict[int, Sequence[Expectation]] = {}
        self._unclear = [brought for brought in self._brought if not self._follow(brought)]

    @property
    def asks_for(self) -> Collection[int]:
        """The keys of cases, stored before, whose history is needed."""
        return [brought.case.case_key for brought in self._unclear if brought.case.progress is not NEW]

    def result(self, histories: Mapping[int, History], retained_from: RetainedFrom) -> Counted:
        """Return what the batch comes to; `histories` has what was asked for. Raises StaleCatalogue."""
        for brought in self._unclear:
            self._observe(brought, histories.get(brought.case.case_key, History((), ())))
        zones = {
            journey: self._catalogue.latest(journey).zone for journey in {brought.journey for brought in self._brought}
        }
        followed = chain(zip(self._added, repeat(1)), zip(self._taken_back, repeat(-1)))
        increments = fold(chain(followed, self._changes), zones, retained_from)
        return Counted(
            visits=[visit for brought in self._brought for visit in brought.new_visits],
            answers=[answer for brought in self._brought for answer in brought.new_answers],
            progress=self._progress,
            increments=increments,
            case_hours=case_hours(self._moved, zones),
            scores=self._scores,
            due=due(increments.cells, self._catalogue),
            waited=self._waited,
        )

    def _follow(self, brought: _Brought) -> bool:
        """Count the case's visits by its progress, if they come in order."""
        if brought.answers or brought.case.flagged:
            return False
        visits = brought.visits if len(brought.visits) == 1 else sorted(brought.visits, key=_occurred_at)
        drawn = self._catalogue.at(brought.journey, visits[0].occurred_at).journey
        followed = follow(brought.journey, brought.case.progress, visits, drawn)
        if followed is None:
            return False
        self._moves_on(brought, followed.progress)
        self._added += followed.added
        self._taken_back += followed.taken_back
        return True

    def _observe(self, brought: _Brought, before: History) -> None:
        """Observe the whole case, as it was and as it is now."""
        versions = self._catalogue.by_number(brought.journey)
        stored = {each.journey_version for each in before.visits} | {each.journey_version for each in before.answers}
        if not stored <= versions.keys():
            raise StaleCatalogue(f"journey {brought.journey!r} has a version newer than {max(versions)}")
        after = History([*before.visits, *brought.visits], [*before.answers, *brought.answers])
        self._moves_on(brought, progress_of(after, versions))
        if brought.case.flagged:
            self._waited[brought.case.case_key] = expectations(in_order(after.visits, versions), versions)
        changed = list(changes(observe(brought.journey, before, versions), observe(brought.journey, after, versions)))
        self._changes += changed
        if after.answers:
            self._scores += [change for change in changed if change[0].scope.measure in SCORED]

    def _moves_on(self, brought: _Brought, progress: Progress) -> None:
        self._progress[brought.case.case_key] = progress
        before, after = brought.case.progress.status, progress.status
        if before.opened_at != after.opened_at or (before.closed_at is None) != (after.closed_at is None):
            self._moved.append((brought.journey, before, after))


def _by_case(
    arrivals: Iterable[Arrival], cases: Mapping[CaseName, StoredCase], catalogue: Catalogue
) -> Sequence[_Brought]:
    found: dict[CaseName, _Brought] = {}
    for arrival in arrivals:
        name = arrival.case_key
        brought = found.get(name)
        if brought is None:
            brought = found[name] = _Brought(name[0], cases[name], [], [], [], [])
        case_key = brought.case.case_key
        if isinstance(arrival, TouchpointEvent):
            holds = catalogue.at(name[0], arrival.occurred_at)
            said = holds.journey.outcomes_said.get(arrival.touchpoint)
            outcome = None if said is None else said.of(arrival.attributes)
            brought.visits.append(visit_of(arrival, holds.version, outcome))
            brought.new_visits.append(NewVisit(case_key, holds.version, arrival, outcome))
        else:
            version = catalogue.at(name[0], arrival.answered_at).version
            brought.answers.append(answer_of(arrival, version))
            brought.new_answers.append(NewAnswer(case_key, version, arrival))
    return list(found.values())


def _occurred_at(visit: Visit) -> datetime:
    return visit.occurred_at


def case_hours(
    moved: Iterable[tuple[str, CaseStatus, CaseStatus]], zones: Mapping[str, ZoneInfo]
) -> Mapping[CaseHour, CaseSums]:
    """Return what cases that were opened or closed (journey, status before, status after) add to their hours."""
    hours: dict[CaseHour, list[int]] = defaultdict(lambda: [0, 0])
    for journey, before, after in moved:
        for opened_at, opened, closed in _opened_and_closed(before, after):
            sums = hours[CaseHour(journey, hour_of_the_clock(opened_at, zones[journey]))]
            sums[0] += opened
            sums[1] += closed
    return {hour: CaseSums(*sums) for hour, sums in hours.items() if any(sums)}


def _opened_and_closed(before: CaseStatus, after: CaseStatus) -> Iterator[tuple[datetime, int, int]]:
    """Yield, by when they were opened, how many cases more are opened by a change of one, and how many are closed."""
    was_closed, is_closed = before.closed_at is not None, after.closed_at is not None
    if before.opened_at is not None and before.opened_at == after.opened_at:
        yield before.opened_at, 0, is_closed - was_closed
        return
    if before.opened_at is not None:
        yield before.opened_at, -1, -was_closed
    if after.opened_at is not None:
        yield after.opened_at, 1, int(is_closed)
