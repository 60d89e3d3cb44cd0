"""Every case observed anew, some at a time: how far it is, and what it adds to windows, scores and hours of cases."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from schemas.journey import Catalogue
from services.store.case_rows import histories, progress_of_row
from services.store.connection import Connection, tuples
from services.store.queries import load
from streams.counting import CaseHour, CaseName, CaseSums, case_hours
from streams.observations import SCORED, Observation, Scope, observe
from streams.progress import Progress, progress_of
from streams.releasing import released
from streams.spans import last_fall
from streams.timeline import CaseStatus, History, Versions, in_order
from streams.waiting import Expectation, expectations
from streams.windows import Cell, Resolution, RetainedFrom, Sums, fold

_CASES_AT_ONCE = 1000
_LOTS_AT_ONCE = 2000
_FIRST_EVENT = datetime(1900, 1, 1, tzinfo=UTC)
_QUERIES = load("rebuild")


class HeldCase(NamedTuple):
    """A case as its row has it."""

    case_key: int
    journey: str
    case_id: str
    history_dropped: bool
    flagged: bool
    progress: Progress

    @property
    def name(self) -> CaseName:
        """What it is called."""
        return self.journey, self.case_id


class WrongCase(NamedTuple):
    """A case that is not where its row says."""

    held: HeldCase
    right: Progress


class Recounted(NamedTuple):
    """What some cases come to: how many they are, what they add to the sums, and which of their rows are wrong.

    `scores` are what their customers said, as far back as days are compared; `waited` is all that those of them which
    were flagged have waited for, by case key.
    """

    number: int
    cells: Mapping[Cell, Sums]
    scores: Sequence[Observation]
    hours: Mapping[CaseHour, CaseSums]
    wrong: Sequence[WrongCase]
    waited: Mapping[int, Sequence[Expectation]]


async def recount(connection: Connection, catalogue: Catalogue, kept_from: RetainedFrom) -> AsyncIterator[Recounted]:
    """Observe all cases, in the order of their keys; windows that begin before `kept_from` are left out.

    A case whose history was dropped adds nothing to the windows: those in which it was observed begin earlier. To the
    hours of cases it adds what its row says, which is what it was counted as, for nothing more is counted of it.
    """
    zones = catalogue.zones()
    after = 0
    while cases := await _cases_after(connection, after):
        kept = [case for case in cases if not case.history_dropped]
        found = await histories(connection, [case.case_key for case in kept])
        right = {case.case_key: progress_of(found[case.case_key], catalogue.by_number(case.journey)) for case in kept}
        observed = [change for case in kept for change in _observed(case, found[case.case_key], catalogue)]
        moved = ((case.journey, CaseStatus(), right.get(case.case_key, case.progress).status) for case in cases)
        yield Recounted(
            number=len(cases),
            cells=fold(observed, zones, kept_from).cells,
            scores=[
                observation
                for observation, _ in observed
                if observation.scope.measure in SCORED and observation.at >= kept_from[Resolution.DAY]
            ],
            hours=case_hours(moved, zones),
            wrong=[WrongCase(case, right[case.case_key]) for case in kept if not _agrees(case, right[case.case_key])],
            waited={
                case.case_key: _waited(found[case.case_key], catalogue.by_number(case.journey))
                for case in kept
                if case.flagged
            },
        )
        after = cases[-1].case_key


def limits_from(catalogue: Catalogue, events_from: datetime) -> datetime:
    """Return from when on each limit that falls is of a case whose events are kept, which they are from a moment on."""
    since = max(events_from, _FIRST_EVENT)
    return max(
        (
            last_fall(version.journey, since)
            for journey in catalogue.journeys()
            for version in catalogue.versions(journey)
        ),
        default=since,
    )


async def released_windows(
    connection: Connection, catalogue: Catalogue, kept_from: RetainedFrom
) -> AsyncIterator[Mapping[Cell, Sums]]:
    """Fold what all lots of scores show, some at a time."""
    zones = catalogue.zones()
    public = {number: released(Scope(*names)) for number, *names in await tuples(connection, _QUERIES["scopes"])}
    ((last,),) = await tuples(connection, _QUERIES["lot_numbers"])
    for after in range(0, last, _LOTS_AT_ONCE):
        some = await tuples(connection, _QUERIES["lots_after"], {"after": after, "at_most": _LOTS_AT_ONCE})
        observed = [(Observation(moment, public[scope_id], value), 1) for scope_id, moment, value in some]
        yield fold(observed, zones, kept_from).cells


async def _cases_after(connection: Connection, after: int) -> Sequence[HeldCase]:
    some = {"after": after, "at_most": _CASES_AT_ONCE}
    return [_held(*row) for row in await tuples(connection, _QUERIES["cases_after"], some)]


def _held(case_key: int, journey: str, case_id: str, history_dropped: bool, flagged: bool, *progress: Any) -> HeldCase:
    return HeldCase(case_key, journey, case_id, history_dropped, flagged, progress_of_row(*progress))


def _observed(case: HeldCase, history: History, catalogue: Catalogue) -> Iterable[tuple[Observation, int]]:
    return ((observation, 1) for observation in observe(case.journey, history, catalogue.by_number(case.journey)))


def _waited(history: History, versions: Versions) -> Sequence[Expectation]:
    return expectations(in_order(history.visits, versions), versions)


def _agrees(case: HeldCase, right: Progress) -> bool:
    """Say whether a case is where its row says.

    A row without a version has the whole case observed at its next event: that is slow, but not wrong.
    """
    held = case.progress
    return held == right or held == right._replace(version=None, begun=held.begun)
