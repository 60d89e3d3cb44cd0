"""What the tables must hold: one pass over each case, visit by visit and answer by answer, in the order of time.

This is the measuring stick of the chaos test. It is written from what the figures mean, in plain Python, and shares
with the code that it measures only the models of what travels.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.journey import Journey, JourneyVersion
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from tests.almanac import Hours, ends_no_term, hours_of, local_date

Tables = Mapping[str, Mapping[Any, Any]]
"""Each table's rows by their key. Rows without a key of their own are counted: how often each is there."""

_MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)
_BY_DAY = (
    "gap_worked",
    "touch",
    "touch_worked",
    "waiting",
    "waiting_worked",
    "paused",
    "paused_worked",
    "arrivals",
    "completions",
    "cost",
)
_NOT_SAID = ("volume", "gap", "throughput", "within", "complaints", *_BY_DAY)
_GROWTH = (Decimal(101) / Decimal(99)).ln()


class Observed(NamedTuple):
    """One value: durations in milliseconds, scores in thousandths of a point, 1 for a visit."""

    at: datetime
    measure: str
    span: str
    touchpoint: str
    department: str
    channel: str
    persona: str
    value: int
    outcome: str = ""


@dataclass
class Sums:
    """What a window holds."""

    n: int = 0
    total: int = 0
    squares: int = 0
    bins: Counter[int] = field(default_factory=Counter)

    def add(self, observed: Observed) -> None:
        self.n += 1
        self.total += observed.value
        self.squares += observed.value**2
        if observed.measure not in ("volume", *_BY_DAY):
            self.bins[bin_of(observed.measure, observed.value)] += 1


@dataclass(frozen=True)
class Drawing:
    """The versions of one journey, in order of their numbers, and which of them holds when."""

    versions: Sequence[JourneyVersion]

    def at(self, moment: datetime) -> JourneyVersion:
        holding = [version for version in self.versions if version.valid_from <= moment]
        return holding[-1] if holding else self.versions[0]

    def place(self, event: TouchpointEvent) -> int:
        """Return the place of an event's touchpoint in the drawn journey."""
        return [each.id for each in touchpoints(self.at(event.occurred_at).journey)].index(event.touchpoint)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.versions[0].journey.time_zone)


def touchpoints(journey: Journey) -> list[Any]:
    return [touchpoint for phase in journey.phases for touchpoint in phase.touchpoints]


def tables(drawing: Drawing, events: Iterable[TouchpointEvent], answers: Iterable[SurveyAnswer]) -> Tables:
    """Return what all tables must hold of one journey, given each event and each answer once."""
    events, answers = list(events), list(answers)
    visits, given = _by_case(events), _by_case(answers)
    cases: dict[str, tuple[Any, ...]] = {}
    observed: list[Observed] = []
    for case_id in visits.keys() | given.keys():
        passage = Passage(drawing)
        observed += passage.walk(visits[case_id], given[case_id])
        cases[case_id] = (*passage.status(), passage.expected(), passage.path())
    return {
        "touchpoint_events": Counter(_event_row(event, drawing) for event in events),
        "event_keys": Counter(event.key for event in events),
        "survey_answers": Counter(_answer_row(answer, drawing) for answer in answers),
        "answer_keys": Counter(answer.key for answer in answers),
        "answer_texts": {answer.key: (answer.answered_at, answer.text) for answer in answers if answer.text},
        "cases": cases,
        "case_hours": _case_hours(cases.values(), drawing.zone),
        "scores": Counter(each for each in observed if each.measure not in _NOT_SAID),
        **windows(observed, drawing.zone),
    }


def hours_of_journey(journey: Journey) -> Hours:
    hours = tuple((day, tuple(times)) for day, times in (journey.working_hours or {}).items())
    return hours_of(ZoneInfo(journey.time_zone), hours, journey.holidays)


@dataclass
class UnderWay:
    """A span that has begun: its version's, since which event, when it stood still and by which rule, how it ended."""

    version: JourneyVersion
    span: Any
    begun: TouchpointEvent
    ended: TouchpointEvent | None = None
    let_go: bool = False
    still: list[tuple[int, datetime, datetime | None]] = field(default_factory=list)

    def pass_by(self, event: TouchpointEvent) -> None:
        """Take note of a later event."""
        if event.touchpoint == self.span.end:
            self.ended = event
            return
        for rule, pause in enumerate(self.span.pauses):
            running = [each for each in self.still if each[0] == rule and each[2] is None]
            if event.touchpoint == pause.from_ and not running:
                self.still.append((rule, event.occurred_at, None))
            if event.touchpoint == pause.until and running:
                self.still[self.still.index(running[0])] = rule, running[0][1], event.occurred_at
        self.let_go = self.let_go or self._is_beyond(event.touchpoint)

    def _is_beyond(self, touchpoint: str) -> bool:
        """Whether a touchpoint lies beyond the optional end of this span. Nothing in aftercare is given up."""
        order = [each.id for each in touchpoints(self.version.journey)]
        aftercare = [each for phase in self.version.journey.phases if phase.aftercare for each in phase.touchpoints]
        end = next(each for each in touchpoints(self.version.journey) if each.id == self.span.end)
        if not end.optional or end in aftercare or touchpoint not in order:
            return False
        return order.index(touchpoint) > order.index(end.id)

    def still_stood(self) -> list[tuple[datetime, datetime | None]]:
        """When it stood still, as far as that is known, each stretch by itself."""
        found: list[tuple[datetime, datetime | None]] = []
        for rule, since, until in self.still:
            longest = self.span.pauses[rule].at_most
            at_last = None if longest is None else since + longest
            ends = [until, at_last, self.ended.occurred_at if self.ended else None]
            found.append((since, min((each for each in ends if each is not None), default=None)))
        return found

    def _stretches(self) -> Iterator[tuple[datetime, datetime | None, bool | None]]:
        """Yield (from, until, whether time counts) from the beginning on; None for both while nobody can tell."""
        still = self.still_stood()
        edges = sorted({since for since, _ in still} | {until for _, until in still if until})
        at = _begun(self.begun)
        for edge in [edge for edge in edges if edge > at]:
            yield at, edge, not _lies_in(at, still)
            at = edge
        forever = any(until is None for _, until in still) and _lies_in(at, still)
        yield at, None, None if forever else True

    def net(self) -> timedelta:
        """Return how long it took."""
        assert self.ended is not None
        taken = timedelta(0)
        for since, until, counts in self._stretches():
            if counts and since < self.ended.occurred_at:
                taken += self._time(since, min(until or self.ended.occurred_at, self.ended.occurred_at))
        return taken

    def _time(self, since: datetime, until: datetime) -> timedelta:
        return self._hours().between(since, until) if self.span.clock == "working" else until - since

    def _hours(self) -> Hours:
        return hours_of_journey(self.version.journey)

    def due(self) -> datetime | None:
        """Return the last moment at which it is in time, if it has one and that is known."""
        if self.span.limit is None:
            return None
        if self.span.clock == "legal":
            return self._last_day_of_law()
        left = self.span.limit
        for since, until, counts in self._stretches():
            if counts is None:
                return None
            if counts:
                if until is None or self._time(since, until) >= left:
                    return self._hours().after(since, left) if self.span.clock == "working" else since + left
                left -= self._time(since, until)
        raise AssertionError("time goes on")

    def _last_day_of_law(self) -> datetime | None:
        """Count days, one by one, from the day after the first, but for those on which it is suspended."""
        zone, days = ZoneInfo(self.version.journey.time_zone), self.span.limit // timedelta(days=1)
        still = [
            (local_date(since, zone), until and local_date(until, zone)) for since, until in _joined(self.still_stood())
        ]
        day, counted = local_date(_begun(self.begun), zone), 0
        while True:
            day += timedelta(days=1)
            held_by = [until for since, until in still if since < day and (until is None or day < until)]
            if None in held_by:
                return None
            counted += not held_by
            if counted >= days and not held_by and (days > 90 or not ends_no_term(day, self.version.journey.holidays)):
                return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) - _MICROSECOND


@dataclass
class Passage:
    """One case, as it goes by."""

    drawing: Drawing
    first: TouchpointEvent | None = None
    last: TouchpointEvent | None = None
    closing: TouchpointEvent | None = None
    latest: dict[str, TouchpointEvent] = field(default_factory=dict)
    under_way: dict[tuple[int, str], UnderWay] = field(default_factory=dict)
    visited: list[TouchpointEvent] = field(default_factory=list)
    early: list[SurveyAnswer] = field(default_factory=list)
    kept: dict[tuple[str, str], set[bool]] = field(default_factory=lambda: defaultdict(set))
    heard: list[tuple[SurveyAnswer, TouchpointEvent | None, str]] = field(default_factory=list)
    came_out: str = ""
    out_at: dict[tuple[str, str], str] = field(default_factory=dict)

    def walk(self, events: Sequence[TouchpointEvent], answers: Sequence[SurveyAnswer]) -> Iterator[Observed]:
        """Yield what there is to observe, given all events and answers of the case, in any order."""
        waiting = sorted(answers, key=lambda answer: answer.answered_at)
        for event in self._standing(events):
            while waiting and waiting[0].answered_at < event.occurred_at:
                self._hear(waiting.pop(0))
            yield from self._visit(event)
        for answer in waiting:
            self._hear(answer)
        yield from self._whole()
        for span in self.under_way.values():
            yield from self._fell(span)
        for answer, about, outcome in [*self.heard, *((answer, None, "") for answer in self.early)]:
            if answer.score is not None:
                yield self._said(answer, about)._replace(outcome=outcome)
        for place, event in enumerate(self.visited):
            yield _of(event, "volume", self._in_time(event), 1)
            yield from self._spent(place, event)

    def _spent(self, place: int, event: TouchpointEvent) -> Iterator[Observed]:
        if event.cost is not None:
            yield _of(event, "cost", "", int(event.cost * 100))
        yield from self._where_the_time_went(place, event)
        yield from self._whose_work(place, event)

    def _where_the_time_went(self, place: int, event: TouchpointEvent) -> Iterator[Observed]:
        """Say what the stretches of the time up to an event come to: what each is of, by both clocks."""
        journey = self.drawing.at(event.occurred_at).journey
        after = self.visited[place - 1].touchpoint if place else ""
        since = self.visited[place - 1].occurred_at if place else min(map(_begun, self.visited))
        found = self._stretches_of(event, _whole(since))
        clocks: dict[str, Callable[[datetime, datetime], timedelta]] = {"": lambda begin, end: end - begin}
        if journey.working_hours:
            clocks["_worked"] = hours_of_journey(journey).between
        for clock, between in clocks.items():
            for what, stretches in found.items():
                if what != "waiting" or place:
                    taken = sum((between(*stretch) for stretch in stretches), timedelta(0))
                    yield _of(event, what + clock, after, taken // _MILLISECOND)
            if clock and place:
                yield _of(event, "gap_worked", after, between(_whole(since), _whole(event.occurred_at)) // _MILLISECOND)

    def _stretches_of(
        self, event: TouchpointEvent, since: datetime
    ) -> Mapping[str, Sequence[tuple[datetime, datetime]]]:
        """Cut the time up to an event wherever anything begins or ends, and ask of each stretch what it is."""
        number, until = self.drawing.at(event.occurred_at).version, _whole(event.occurred_at)
        spans = [span for (version, _), span in self.under_way.items() if version == number]
        work = [(_whole(_begun(each)), _whole(each.occurred_at)) for each in self.visited]
        still = [(_whole(begun), end and _whole(end)) for span in spans for begun, end in span.still_stood()]
        edges = {edge for stretch in (*work, *still) for edge in stretch if edge and since < edge < until}
        known = event.started_at is not None
        found: dict[str, list[tuple[datetime, datetime]]] = {"touch": [], "waiting": []} if known else {}
        for stretch in pairwise(sorted({since, until} | edges)):
            if _lies_in(stretch[0], work):
                found.setdefault("touch", []).append(stretch)
            elif _lies_in(stretch[0], still):
                found.setdefault("paused", []).append(stretch)
            elif known:
                found["waiting"].append(stretch)
        return found

    def _whose_work(self, place: int, event: TouchpointEvent) -> Iterator[Observed]:
        """Compare who had the case before an event with who has it after."""
        journeys = {version.version: version.journey for version in self.drawing.versions}
        seen = [
            _Seen(each.occurred_at, each.touchpoint, self.drawing.at(each.occurred_at).version) for each in self.visited
        ]
        was_closed, is_closed = _is_closed(seen[:place], journeys), _is_closed(seen[: place + 1], journeys)
        had = self.visited[place - 1].department or "" if place and not was_closed else None
        if was_closed and is_closed:
            return
        here = event.department or ""
        counted = [("arrivals", "case", "")] * (had is None) + [("arrivals", "department", here)] * (had != here)
        counted += [("completions", "department", had or "")] * (had is not None and had != here)
        counted += [("completions", "case", ""), ("completions", "department", here)] * is_closed
        for measure, level, department in counted:
            yield Observed(event.occurred_at, measure, level, "", department, "", "", 1)

    def status(self) -> tuple[Any, ...]:
        """Return opened_at, closed_at, last_at, last_touchpoint and last_department."""
        if self.first is None or self.last is None:
            return (None,) * 5
        closed_at = self.closing and self.closing.occurred_at
        return _begun(self.first), closed_at, self.last.occurred_at, self.last.touchpoint, self.last.department

    def expected(self) -> frozenset[tuple[Any, ...]]:
        """Return what the case waits for: (kind, touchpoint, after, since, due_at) of each."""
        return frozenset(each[:5] for each in self.waited() if each[5] is None)

    def path(self) -> UUID | None:
        """Return the number of the path that the case has gone: each touchpoint is digested with what came before."""
        taken = b""
        for event in self.visited:
            taken = blake2b(taken + event.touchpoint.encode(), digest_size=16).digest()
        return UUID(bytes=taken) if taken else None

    def waited(self) -> Sequence[tuple[Any, ...]]:
        """Return all that the case has waited for: the same, and when that ended."""
        journeys = {version.version: version.journey for version in self.drawing.versions}
        visits = [
            _Seen(event.occurred_at, event.touchpoint, self.drawing.at(event.occurred_at).version)
            for event in self.visited
        ]
        return expected_of(visits, journeys)

    def _standing(self, events: Sequence[TouchpointEvent]) -> Sequence[TouchpointEvent]:
        """Return the visits that were not taken back, in order."""
        taken_back = {(event.source, event.voids) for event in events if event.voids}
        standing = [event for event in events if not event.voids and event.key not in taken_back]
        return sorted(standing, key=lambda event: (event.occurred_at, self.drawing.place(event), *event.key))

    def _visit(self, event: TouchpointEvent) -> Iterator[Observed]:
        journey = self.drawing.at(event.occurred_at).journey
        drawn = next(each for each in touchpoints(journey) if each.id == event.touchpoint)
        if event.due_at is not None:
            self.kept[event.key].add(event.occurred_at <= event.due_at)
        if self.last is not None:
            gap = _elapsed(self.last.occurred_at, event)
            yield _of(event, "gap", self.last.touchpoint, gap)
            if drawn.gap_limit is not None:
                self.kept[event.key].add(gap * _MILLISECOND <= drawn.gap_limit)
        yield from self._spans(event)
        self.first = self.first or event
        if drawn.complaint and "about" in event.attributes:
            yield self._complained(event, str(event.attributes["about"]))
        self.last = self.latest[event.touchpoint] = event
        self.visited.append(event)
        self.came_out = _outcome(event, drawn) or self.came_out
        self.out_at[event.key] = self.came_out
        if not any(phase.aftercare and event.touchpoint in map(_id, phase.touchpoints) for phase in journey.phases):
            self.closing = event if event.touchpoint in journey.end_touchpoints else None
        self.heard += [(answer, event, self.came_out) for answer in self.early if answer.touchpoint == event.touchpoint]
        self.early = [answer for answer in self.early if answer.touchpoint != event.touchpoint]

    def _spans(self, event: TouchpointEvent) -> Iterator[Observed]:
        """Take every version's spans past an event. One has lasted if the version that holds for its end has it."""
        holding = self.drawing.at(event.occurred_at).version
        for version, span in ((each, span) for each in self.drawing.versions for span in each.journey.spans):
            key = version.version, span.id
            known = self.under_way.get(key)
            if known is None:
                if event.touchpoint == span.start:
                    self.under_way[key] = UnderWay(version, span, event)
            elif known.ended is None:
                known.pass_by(event)
                if known.ended is not None and version.version == holding:
                    yield self._lasted(event, span.id, known.net(), known.due())

    def _whole(self) -> Iterator[Observed]:
        """The whole case: the version of its end judges what it took, that of its beginning when it was due."""
        if self.first is None:
            return
        since = _begun(self.first)
        if self.closing is not None:
            limit = self.drawing.at(self.closing.occurred_at).journey.case_limit
            taken = self.closing.occurred_at - since
            yield self._lasted(self.closing, "case", taken, None if limit is None else since + limit)
        limit = self.drawing.at(self.first.occurred_at).journey.case_limit
        if limit is not None:
            kept = self.closing is not None and self.closing.occurred_at <= since + limit
            yield Observed(since + limit, "within", "case", "", "", *_who(self.first), int(kept))

    def _fell(self, known: UnderWay) -> Iterator[Observed]:
        """When a limit fell, if that is known and anybody waits for it: by the version that holds for its begin."""
        due = known.due()
        given_up = known.let_go and known.ended is None
        if due is None or given_up or self.drawing.at(known.begun.occurred_at) != known.version:
            return
        end = next(each for each in touchpoints(known.version.journey) if each.id == known.span.end)
        kept = known.ended is not None and known.ended.occurred_at <= due
        yield Observed(due, "within", known.span.id, end.id, end.department or "", *_who(known.begun), int(kept))

    def _complained(self, event: TouchpointEvent, named: str) -> Observed:
        about = event if named == event.touchpoint else self.latest.get(named)
        scope = (about.department or "", about.channel or "", about.persona or "") if about else ("", "", "")
        return Observed(event.occurred_at, "complaints", "", named, *scope, 1)

    def _lasted(self, end: TouchpointEvent, span: str, taken: timedelta, due: datetime | None) -> Observed:
        if due is not None:
            self.kept[end.key].add(end.occurred_at <= due)
        return _of(end, "throughput", span, taken // _MILLISECOND)

    def _hear(self, answer: SurveyAnswer) -> None:
        """Note whom an answer is about: the last visit there was, else the first that will be."""
        about = self.latest.get(answer.touchpoint or "")
        if about is None and answer.touchpoint is not None:
            self.early.append(answer)
        else:
            self.heard.append((answer, about, self.out_at[about.key] if about else self.came_out))

    def _said(self, answer: SurveyAnswer, about: TouchpointEvent | None) -> Observed:
        scope = (about.department or "", about.channel or "", about.persona or "") if about else ("", "", "")
        in_time = self._in_time(about) if about else ""
        measure, value = _said(answer, self.drawing.at(answer.answered_at).journey)
        return Observed(answer.answered_at, measure, in_time, answer.touchpoint or "", *scope, value)

    def _in_time(self, event: TouchpointEvent) -> str:
        kept = self.kept[event.key]
        return "" if not kept else "in_time" if all(kept) else "late"


class Seen(Protocol):
    """What an expectation needs to know of a visit."""

    @property
    def occurred_at(self) -> datetime: ...
    @property
    def touchpoint(self) -> str: ...
    @property
    def journey_version(self) -> int: ...


class _Seen(NamedTuple):
    occurred_at: datetime
    touchpoint: str
    journey_version: int


def expected_of(visits: Sequence[Seen], journeys: Mapping[int, Journey]) -> Sequence[tuple[Any, ...]]:
    """Return (kind, touchpoint, after, since, due_at, ended_at) of all that ordered visits have waited for.

    Each visit is taken by itself, and the rest of the case searched for what ends its waiting.
    """
    found: list[tuple[Any, ...]] = []
    for place, here in enumerate(visits):
        drawn = _drawn(here, journeys)
        if drawn.waiting_limit is not None and not _is_closed(visits[: place + 1], journeys):
            until = visits[place + 1].occurred_at if place + 1 < len(visits) else None
            due_at = here.occurred_at + drawn.waiting_limit
            found.append(("waiting", here.touchpoint, here.touchpoint, here.occurred_at, due_at, until))
        if drawn.expects is not None and not _waits_already(place, visits, journeys):
            _, until = _end_of(place, visits, journeys)
            due_at = here.occurred_at + drawn.expects.within
            found.append(("missing", drawn.expects.touchpoint, here.touchpoint, here.occurred_at, due_at, until))
    return found


def _end_of(place: int, visits: Sequence[Seen], journeys: Mapping[int, Journey]) -> tuple[float, datetime | None]:
    """Return where and when the wait for a visit's successor ends: with it, or when the case is closed."""
    expects = _drawn(visits[place], journeys).expects
    for later in range(place + 1, len(visits)):
        visit = visits[later]
        closes = visit.touchpoint in journeys[visit.journey_version].end_touchpoints and not _is_aftercare(
            visit, journeys
        )
        if closes or visit.touchpoint == expects.touchpoint:
            return later, visit.occurred_at
    return inf, None


def _waits_already(place: int, visits: Sequence[Seen], journeys: Mapping[int, Journey]) -> bool:
    """Say whether an earlier visit to the same touchpoint waits for the same, still, when this one comes."""
    here = visits[place]
    return any(
        visits[earlier].touchpoint == here.touchpoint
        and _drawn(visits[earlier], journeys).expects is not None
        and _drawn(visits[earlier], journeys).expects.touchpoint == _drawn(here, journeys).expects.touchpoint
        and _end_of(earlier, visits, journeys)[0] > place
        for earlier in range(place)
    )


def _is_closed(visits: Sequence[Seen], journeys: Mapping[int, Journey]) -> bool:
    route = [visit for visit in visits if not _is_aftercare(visit, journeys)]
    return bool(route) and route[-1].touchpoint in journeys[route[-1].journey_version].end_touchpoints


def _is_aftercare(visit: Seen, journeys: Mapping[int, Journey]) -> bool:
    phases = journeys[visit.journey_version].phases
    return any(phase.aftercare and visit.touchpoint in map(_id, phase.touchpoints) for phase in phases)


def _drawn(visit: Seen, journeys: Mapping[int, Journey]) -> Any:
    return next(each for each in touchpoints(journeys[visit.journey_version]) if each.id == visit.touchpoint)


def _said(answer: SurveyAnswer, journey: Journey) -> tuple[str, int]:
    """Return what an answer measures, and its score on that measure's scale in thousandths."""
    score = Decimal(answer.score or 0)
    for question in journey.questions:
        if question.id == answer.question:
            if question.mapping is not None:
                return question.measure, int(1000 * question.mapping[int(score)])
            assert question.scale is not None
            worst, best = {"satisfaction": (1, 10), "effort": (1, 7)}[question.measure]
            low, high = question.scale.low, question.scale.high
            return question.measure, int(1000 * worst + (score - low) * 1000 * (best - worst) / (high - low))
    return answer.question, int(1000 * score)


def bin_of(measure: str, value: int) -> int:
    """Return the histogram's bin: one a score; of durations, bin i + 1 holds (gamma^(i-1), gamma^i], 0 holds none."""
    return _bin_of_duration(value) if measure in ("gap", "throughput") else value


@cache
def _bin_of_duration(value: int) -> int:
    if value <= 0:
        return 0
    exponent = Decimal(value).ln() / _GROWTH
    whole = int(exponent)
    return 1 + whole + (exponent > whole)


def _of(event: TouchpointEvent, measure: str, span: str, value: int) -> Observed:
    scope = event.department or "", event.channel or "", event.persona or ""
    return Observed(event.occurred_at, measure, span, event.touchpoint, *scope, value)


def _who(event: TouchpointEvent) -> tuple[str, str]:
    return event.channel or "", event.persona or ""


def _lies_in(moment: datetime, stretches: Iterable[tuple[datetime, datetime | None]]) -> bool:
    return any(since <= moment and (until is None or moment < until) for since, until in stretches)


def _joined(stretches: Iterable[tuple[datetime, datetime | None]]) -> list[tuple[datetime, datetime | None]]:
    """Join stretches of time that overlap or touch."""
    joined: list[tuple[datetime, datetime | None]] = []
    for since, until in sorted(stretches, key=lambda stretch: stretch[0]):
        if joined and (joined[-1][1] is None or since <= joined[-1][1]):
            begin, before = joined.pop()
            joined.append((begin, None if before is None or until is None else max(before, until)))
        else:
            joined.append((since, until))
    return joined


def _id(touchpoint: Any) -> str:
    return str(touchpoint.id)


def _begun(event: TouchpointEvent) -> datetime:
    return event.started_at or event.occurred_at


def _elapsed(since: datetime, until: TouchpointEvent) -> int:
    return (_whole(until.occurred_at) - _whole(since)) // _MILLISECOND


def _whole(moment: datetime) -> datetime:
    """The beginning of the millisecond in which a moment lies."""
    return moment.replace(microsecond=moment.microsecond - moment.microsecond % 1000)


def _by_case(arrivals: Iterable[Any]) -> Mapping[str, list[Any]]:
    cases: dict[str, list[Any]] = defaultdict(list)
    for arrival in arrivals:
        cases[arrival.case_id].append(arrival)
    return cases


def windows(observed: Iterable[Observed], zone: ZoneInfo) -> Tables:
    """Return what the six tables of windows hold of what was observed."""
    found: dict[str, dict[Any, Sums]] = {
        f"{detail}_{width}": defaultdict(Sums) for detail in ("windows", "rollups") for width in _BUCKETS
    }
    for each in observed:
        for width, bucket_of in _BUCKETS.items():
            if each.measure in _BY_DAY and width != "day":
                continue
            bucket = bucket_of(each.at, zone)
            found[f"windows_{width}"][bucket, *each[1:7], each.outcome].add(each)
            found[f"rollups_{width}"][bucket, *each[1:5], "", "", each.outcome].add(each)
    return found


def _minute(at: datetime, zone: ZoneInfo) -> datetime:
    return at.replace(second=0, microsecond=0)


def _hour(at: datetime, zone: ZoneInfo) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _day(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the midnight before a moment, by the journey's clock."""
    return datetime.combine(at.astimezone(zone).date(), time(), zone).astimezone(UTC)


_BUCKETS = {"minute": _minute, "hour": _hour, "day": _day}


def _case_hours(cases: Iterable[tuple[Any, ...]], zone: ZoneInfo) -> Mapping[datetime, tuple[int, int]]:
    """Return how many cases were opened in each hour of the journey's clock, and how many of those are closed."""
    opened: Counter[datetime] = Counter()
    closed: Counter[datetime] = Counter()
    for opened_at, closed_at, *_ in cases:
        if opened_at is not None:
            local = opened_at.astimezone(zone)
            past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            opened[opened_at - past] += 1
            closed[opened_at - past] += closed_at is not None
    return {hour: (opened[hour], closed[hour]) for hour in opened}


def _outcome(event: TouchpointEvent, drawn: Any) -> str | None:
    """Return what an event says of how its case came out, given its drawn touchpoint."""
    if drawn.outcome is None or event.attributes.get(drawn.outcome.attribute) is None:
        return None
    said = f"{event.attributes[drawn.outcome.attribute]}".lower()
    return next((meant for value, meant in drawn.outcome.values.items() if value.lower() == said), "other")


def _event_row(event: TouchpointEvent, drawing: Drawing) -> tuple[Any, ...]:
    journey = drawing.at(event.occurred_at).journey
    return (
        event.case_id,
        event.occurred_at,
        event.started_at,
        event.source,
        event.event_id,
        drawing.at(event.occurred_at).version,
        event.touchpoint,
        event.channel,
        event.department,
        event.employee,
        event.persona,
        event.customer,
        None if event.cost is None else int(event.cost * 100),
        event.voids,
        tuple(sorted(event.attributes.items())),
        event.due_at,
        _outcome(event, next(each for each in touchpoints(journey) if each.id == event.touchpoint)),
        event.team,
        event.party,
    )


def _answer_row(answer: SurveyAnswer, drawing: Drawing) -> tuple[Any, ...]:
    return (
        answer.case_id,
        answer.answered_at,
        answer.source,
        answer.answer_id,
        drawing.at(answer.answered_at).version,
        answer.touchpoint,
        answer.question,
        answer.score,
        answer.invitation_id,
        answer.customer,
    )


def differences(expected: Tables, found: Tables, most: int = 5) -> list[str]:
    """Say in what the tables differ, at most so many rows of each; nothing if they are equal."""
    told: list[str] = []
    for table in expected.keys() | found.keys():
        wanted, held = expected.get(table, {}), found.get(table, {})
        keys = [key for key in wanted.keys() | held.keys() if wanted.get(key) != held.get(key)]
        if keys:
            told.append(f"{table}: {len(keys)} of {len(wanted)} rows differ")
            told += [f"  {key}: {wanted.get(key)} was expected, {held.get(key)} found" for key in keys[:most]]
    return told
