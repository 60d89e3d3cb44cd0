"""Counting a case's next visit without reading the ones before it. Pure.

A case's `Progress` is all that in-order visits need to know of its history. `follow` gives exactly what observing the
whole case anew would add, or None where only that can tell.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from schemas.journey import CASE_SPAN, Journey
from schemas.span import Span
from schemas.values import milliseconds
from streams.observations import Measure, Observation, Scope, kept, observation, scopes_of_visit, scopes_of_work, shares
from streams.paths import onward, path_of
from streams.spans import Fallen, fall
from streams.terms import Term, begin, lasted
from streams.time_shares import StepTime, first_step, paused_until, step_time
from streams.timeline import Answer, CaseStatus, History, Versions, Visit, begun, in_order, status, visit_meant
from streams.timeliness import how_it_stands
from streams.turns import Spans, Turn, take_past
from streams.waiting import Expected, expected_after, still_expected


class Progress(NamedTuple):
    """Where a case stands, and how far its spans have come.

    `version` is the journey version of all its visits. None: they are of several, some were taken back, or an answer is
    about one that is still to come, and each further visit asks for the whole history. `begun` has each span of that
    version that has begun, and the whole case; None once it has ended. `answered_at` is when the last answer was given.
    `expected` is what the case waits for. `path` is that of its visits (streams.paths); None if it has none, or if that
    was never noted.
    """

    status: CaseStatus
    version: int | None
    begun: Mapping[str, Term | None]
    answered_at: datetime | None
    expected: tuple[Expected, ...] = ()
    path: UUID | None = None


class Followed(NamedTuple):
    """What visits come to: the progress of their case, the observations they add, and those that are untrue now."""

    progress: Progress
    added: list[Observation]
    taken_back: list[Observation]


NEW = Progress(CaseStatus(), None, {}, None)
"""The progress of a case of which nothing is known yet."""


def progress_of(history: History, versions: Versions) -> Progress:
    """Return the progress of a case with this history."""
    ordered = in_order(history.visits, versions)
    version = None if _awaits_its_visit(history.answers, ordered) else _version_of_all(history.visits)
    stands = status(ordered, versions)
    spans: Spans = {}
    if version is not None:
        for visit in ordered:
            take_past(spans, visit, versions[version])
        if stands.closed_at is None:  # it may have been closed, and opened again
            spans[CASE_SPAN] = begin(versions[version].span_by_id[CASE_SPAN], ordered[0])
    answered_at = max((answer.answered_at for answer in history.answers), default=None)
    path = path_of(visit.touchpoint for visit in ordered)
    return Progress(stands, version, spans, answered_at, still_expected(ordered, versions), path)


def follow(journey: str, progress: Progress, visits: Sequence[Visit], drawn: Journey) -> Followed | None:
    """Return what visits in order of time come to.

    `drawn` is the version of the journey that holds for the first of them. None if the whole case must be observed: a
    visit comes late, was begun before the last one ended, reopens the case or complains of another one, one was taken
    back, an answer was given after it, versions differ, or the path until then is not known.
    """
    if not _goes_on(progress, visits[0]):
        return None
    version = visits[0].journey_version if progress is NEW else progress.version
    opened, closed, last, before, department = progress.status
    with_ = None if last is None else department or ""
    spans = dict(progress.begun)
    expected, path = progress.expected, progress.path
    found: list[Observation] = []
    gone: list[Observation] = []
    for visit in visits:  # no comprehension in here: as a closure it would slow all that it shares
        if visit.journey_version != version or not _comes_next(visit, last, drawn, closed=closed is not None):
            return None
        at = visit.occurred_at
        opened = opened or begun(visit)
        gap = None if last is None else milliseconds(at, last)
        step = _step(before, last, visit, spans, drawn)
        was_closed = closed is not None
        turns = take_past(spans, visit, drawn)
        ended = _turned(journey, turns, visit, drawn, found, gone) if turns else ()
        if visit.touchpoint in drawn.closing_ids:
            closed = at
        if expected or visit.touchpoint in drawn.awaiting_ids:
            expected = expected_after(expected, visit, drawn, closed=closed is not None)
        _passed(journey, visit, how_it_stands(visit, gap, ended, drawn), before, gap, found)
        if step is not None:
            found += shares(journey, step, drawn)
        moved_to = visit.department or ""
        if not was_closed and (moved_to != with_ or closed is not None):
            _moved(at, scopes_of_work(journey, with_, moved_to, closed is not None), found)
            with_ = moved_to
        last, before, path = at, visit.touchpoint, onward(path, visit.touchpoint)
    now = CaseStatus(opened, closed, last, visit.touchpoint, visit.department)
    return Followed(Progress(now, version, spans, progress.answered_at, expected, path), found, gone)


def _step(
    before: str | None, last: datetime | None, visit: Visit, spans: Mapping[str, Term | None], drawn: Journey
) -> StepTime | None:
    """Return the step up to a visit; None if it says no more than its gap does."""
    if last is None:
        return None if visit.started_at is None else first_step(visit, visit.started_at, drawn)
    if visit.started_at is None and not drawn.divides_gaps:
        return None
    paused = paused_until(spans, drawn, visit.occurred_at) if drawn.has_pauses else None
    return step_time(before or "", last, visit, begun(visit), paused, drawn)


def _passed(  # noqa: PLR0917 - what there is to say of a visit
    journey: str, visit: Visit, stands: str, before: str | None, gap: int | None, found: list[Observation]
) -> None:
    """Note a visit, the gap before it, and its cost."""
    at, cost = visit.occurred_at, visit.cost_cents
    scopes = scopes_of_visit(journey, stands, before, visit.touchpoint, visit.department, visit.channel, visit.persona)
    found.append(Observation(at, scopes.volume, 1))
    if gap is not None:
        found.append(Observation(at, scopes.gap, gap))
    if cost is not None:
        found.append(Observation(at, scopes.cost, cost))


def _moved(at: datetime, scopes: Iterable[Scope], found: list[Observation]) -> None:
    """Note the moves of a visit, by their scopes."""
    for scope in scopes:
        found.append(Observation(at, scope, 1))


def _turned(  # noqa: PLR0917 - what turns are made of, and where they are noted
    journey: str,
    turns: Iterable[Turn],
    visit: Visit,
    drawn: Journey,
    found: list[Observation],
    gone: list[Observation],
) -> Sequence[bool]:
    """Note what turns of spans change; return whether each limit that ended with them was kept."""
    ended: list[bool] = []
    for span, before, after, ends in turns:
        if ends:
            length = lasted(after, span, drawn, visit.occurred_at)
            found.append(observation(journey, Measure.THROUGHPUT, span.id, visit, length))
        if span.limit is not None:
            now = fall(after, span, drawn, visit.occurred_at if ends else None)
            was = None if before is None else _fell(before, span, drawn, now if ends else None)
            _shift(journey, was, now, found, gone)
            if ends and now is not None:
                ended.append(now.kept)
    return ended


def _shift(
    journey: str, was: Fallen | None, now: Fallen | None, found: list[Observation], gone: list[Observation]
) -> None:
    """Note that a limit falls otherwise than it did."""
    if was != now:
        if was is not None:
            gone.append(kept(journey, was))
        if now is not None:
            found.append(kept(journey, now))


def _fell(before: Term, span: Span, drawn: Journey, ended: Fallen | None) -> Fallen | None:
    """Return when a limit was to fall before a turn; an end that ends no pause has not moved it, which is soon said."""
    if ended is not None and not before.passed_by and not any(pause.until is None for pause in before.pauses):
        return ended._replace(kept=False)
    return fall(before, span, drawn, None)


def _goes_on(progress: Progress, visit: Visit) -> bool:
    """Say whether what is known of a case is enough to go on from, and no answer was given since."""
    if progress is NEW:
        return True
    if CASE_SPAN not in progress.begun or progress.path is None:
        return False
    return progress.answered_at is None or visit.occurred_at > progress.answered_at


def _comes_next(visit: Visit, last: datetime | None, drawn: Journey, *, closed: bool) -> bool:
    """Say whether a visit comes after the last one, changes nothing before it, and leaves a closed case closed."""
    if last is not None and (visit.occurred_at <= last or begun(visit) < last):
        return False
    if visit.voids is not None or (visit.about is not None and visit.touchpoint in drawn.complaint_ids):
        return False
    return not closed or visit.touchpoint in drawn.aftercare_ids


def _awaits_its_visit(answers: Collection[Answer], ordered: Sequence[Visit]) -> bool:
    return any(answer.touchpoint is not None and visit_meant(answer, ordered) is None for answer in answers)


def _version_of_all(visits: Collection[Visit]) -> int | None:
    versions = {visit.journey_version for visit in visits}
    taken_back = any(visit.voids is not None for visit in visits)
    return versions.pop() if len(versions) == 1 and not taken_back else None
