"""A journey as its owner draws it: phases, touchpoints, personas, spans; and the versions of it that have held."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.duration import Duration
from schemas.ideal import NONE, Ease, Ideal, Score
from schemas.journey_part import Label, Part, Text
from schemas.kpi import Kpi
from schemas.located_yaml import mistake as _mistake
from schemas.located_yaml import parse
from schemas.opening_hours import OpeningHours, Week, week_of
from schemas.outcome import MOST_OUTCOMES, Outcome, OutcomeSaid
from schemas.question import STANDARD, Question
from schemas.span import Span
from schemas.values import Prose, Slug, Word

CASE_SPAN = "case"
"""The span that every journey has: from a case's first touchpoint to the end touchpoint that closed it."""


def _known_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone of the IANA database, such as Europe/Amsterdam")
    return name


def _with_known_holidays(country: str) -> str:
    from holidays import country_holidays  # noqa: PLC0415 - it takes longer to load than all else here together

    try:
        country_holidays(country)
    except NotImplementedError:
        raise ValueError(
            f"{country!r} is no country whose holidays are known; should be as in ISO 3166, such as NL"
        ) from None
    return country


class Persona(Part):
    """A segment of customers."""

    id: Word
    name: Text
    preferred_channel: Word | None = None


_MILLISECOND = timedelta(milliseconds=1)


class Successor(Part):
    """A touchpoint that must follow another one, and how soon."""

    touchpoint: Slug
    within: Duration


class ExpectedVolume(Part):
    """How often a touchpoint is expected in a time, such as 120 a week (P1W)."""

    visits: Annotated[int, Field(ge=1)]
    per: Duration


Handler = Literal["department", "employee", "party"]
"""Who handles a touchpoint: a department, one employee of it, or a party outside the organisation."""


class Touchpoint(Part):
    """A moment of direct contact between customer and organisation.

    A `complaint` is about the service, at the touchpoint that its event names; an objection to a decision is none.
    `gap_limit` is the longest that the gap before it may last for the customer not to be left waiting. `waiting_limit`
    is how long an open case may stay at it with nothing following, and `expects` the touchpoint that must follow it,
    whatever comes between. `handler` is who handles it, by default a party if one is named, else a department. `cost`
    is what a visit costs whose event does not say, in the organisation's currency, `fte` how many full-time employees
    there are for it. `asks` names the questions that a customer may be asked after it, and `sampling` is the share of
    customers who are. `ideal` is the score that the organisation aims at, `ideal_effort` how easy it is to be and
    `ideal_duration` how long the gap before it; `ideals` are those of personas, where they differ. `outcome` is how
    its events say how the case came out: scores about it, and about what comes after it, are kept apart by that.
    """

    id: Slug
    name: Text
    moment_of_truth: bool = False
    complaint: bool = False
    optional: bool = False
    repeatable: bool = False
    initiator: Literal["customer", "organisation"] = "organisation"
    channels: tuple[Word, ...] = ()
    department: Word | None = None
    external_party: Word | None = None
    handler: Handler | None = None
    owner: Word | None = None
    importance: Annotated[int, Field(ge=1, le=10)] | None = None
    ideal: Score | None = None
    ideal_effort: Ease | None = None
    ideal_duration: Duration | None = None
    ideals: Mapping[Word, Ideal] = Field(default_factory=dict)
    need: Prose | None = None
    need_kind: Literal["physical", "emotional", "information"] | None = None
    expectation: Prose | None = None
    customer_activity: Prose | None = None
    evidence: Literal["team", "interview", "measured"] | None = None
    cost: Annotated[Decimal, Field(ge=0, decimal_places=2)] | None = None
    fte: Annotated[Decimal, Field(gt=0, decimal_places=2)] | None = None
    expected_volume: ExpectedVolume | None = None
    gap_limit: Duration | None = None
    waiting_limit: Duration | None = None
    expects: Successor | None = None
    asks: tuple[Slug, ...] = ()
    sampling: Annotated[Decimal, Field(ge=0, le=1)] = Decimal(1)
    outcome: OutcomeSaid | None = None

    def ideal_of(self, persona: str | None) -> Ideal:
        """Return the ideal of a persona, or, without one, of everybody."""
        general = Ideal.model_construct(score=self.ideal, effort=self.ideal_effort, duration=self.ideal_duration)
        return self.ideals.get(persona or "", NONE).over(general)

    @model_validator(mode="after")
    def _has_one_handler(self) -> Self:
        if self.external_party is not None and self.handler not in (None, "party"):
            raise _mistake(("handler",), f"is the party {self.external_party!r}, not the {self.handler}")
        return self

    @property
    def handled_outside(self) -> bool:
        """Whether a party outside the organisation handles it."""
        return self.handler == "party" or self.external_party is not None

    @property
    def cost_cents(self) -> int | None:
        """What a visit costs whose event does not say, in whole cents."""
        return None if self.cost is None else int(self.cost * 100)


class Phase(Part):
    """An ordered part of a journey. Touchpoints of an `aftercare` phase do not reopen a closed case."""

    id: Slug
    name: Text
    aftercare: bool = False
    touchpoints: Annotated[tuple[Touchpoint, ...], Field(min_length=1)]


class Journey(Part):
    """The route a customer takes through an organisation's process, end to end, as read from a journey file.

    A case is closed while its last touchpoint outside aftercare is one of `end_touchpoints`; another touchpoint
    after that opens it again. The organisation works in `working_hours`, but not on the public `holidays` of a country.
    """

    id: Slug
    name: Text
    goal: Text | None = None
    time_zone: Annotated[str, AfterValidator(_known_time_zone)]
    working_hours: OpeningHours | None = None
    holidays: Annotated[str, AfterValidator(_with_known_holidays)] | None = None
    triggers: tuple[Text, ...] = ()
    personas: tuple[Persona, ...] = ()
    outcomes: Annotated[tuple[Outcome, ...], Field(max_length=MOST_OUTCOMES)] = ()
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    end_touchpoints: Annotated[tuple[Slug, ...], Field(min_length=1)]
    case_limit: Duration | None = None
    spans: tuple[Span, ...] = ()
    questions: tuple[Question, ...] = ()
    kpis: tuple[Kpi, ...] = ()

    @model_validator(mode="after")
    def _names_fit_together(self) -> Self:
        _refuse_repeats(((*_at("phases", i), "id"), phase.id) for i, phase in enumerate(self.phases))
        _refuse_repeats(
            (("phases", i, "touchpoints", j, "id"), touchpoint.id)
            for i, phase in enumerate(self.phases)
            for j, touchpoint in enumerate(phase.touchpoints)
        )
        _refuse_repeats(((*_at("spans", i), "id"), span.id) for i, span in enumerate(self.spans))
        _refuse_repeats(((*_at("questions", i), "id"), question.id) for i, question in enumerate(self.questions))
        _refuse_repeats(((*_at("outcomes", i), "id"), outcome.id) for i, outcome in enumerate(self.outcomes))
        self._refuse_unknown_questions()
        self._refuse_unknown_touchpoints()
        self._refuse_unknown_outcomes()
        self._refuse_misplaced_kpis()
        self._refuse_unknown_successors()
        self._refuse_ideals_of_nobody()
        for i, span in enumerate(self.spans):
            for field, detail in span.misfits(self.week):
                raise _mistake((*_at("spans", i), field), detail)
        return self

    def _refuse_unknown_touchpoints(self) -> None:
        for i, touchpoint in enumerate(self.end_touchpoints):
            self._expect_known(touchpoint, _at("end_touchpoints", i))
        for i, span in enumerate(self.spans):
            if span.id == CASE_SPAN:
                raise _mistake((*_at("spans", i), "id"), f"{CASE_SPAN!r} is the whole case; choose another id")
            self._expect_known(span.start, (*_at("spans", i), "start"))
            self._expect_known(span.end, (*_at("spans", i), "end"))
            for j, pause in enumerate(span.pauses):
                self._expect_known(pause.from_, (*_at("spans", i), "pauses", j, "from"))
                self._expect_known(pause.until, (*_at("spans", i), "pauses", j, "until"))

    def _refuse_unknown_questions(self) -> None:
        for i, phase in enumerate(self.phases):
            for j, touchpoint in enumerate(phase.touchpoints):
                path = ("phases", i, "touchpoints", j, "asks")
                _refuse_repeats(((*path, k), question) for k, question in enumerate(touchpoint.asks))
                for k, question in enumerate(touchpoint.asks):
                    if question not in self.question_by_id:
                        known = ", ".join(self.question_by_id)
                        raise _mistake((*path, k), f"{question!r} is not a question of this journey ({known})")

    def _refuse_unknown_outcomes(self) -> None:
        for i, phase in enumerate(self.phases):
            for j, touchpoint in enumerate(phase.touchpoints):
                for value, outcome in (touchpoint.outcome.values if touchpoint.outcome else {}).items():
                    if outcome not in self.outcome_by_id:
                        known = ", ".join(self.outcome_by_id) or "it has none"
                        path = ("phases", i, "touchpoints", j, "outcome", "values", value)
                        raise _mistake(path, f"{outcome!r} is not an outcome of this journey ({known})")

    def _refuse_misplaced_kpis(self) -> None:
        _refuse_repeats(((*_at("kpis", i), "id"), kpi.id) for i, kpi in enumerate(self.kpis))
        for i, kpi in enumerate(self.kpis):
            for field, known in self._places.items():
                named = getattr(kpi, field)
                if named is not None and named not in known:
                    raise _mistake((*_at("kpis", i), field), f"{named!r} is not a {field} of this journey")
            if kpi.measure == "throughput" and self.span_by_id[kpi.span or CASE_SPAN].limit is None:
                what = f"span {kpi.span!r} has no `limit`" if kpi.span else "the journey has no `case_limit`"
                raise _mistake((*_at("kpis", i), "measure"), f"{what}, so nothing says what is in time")
            if kpi.measure == "gap" and kpi.touchpoint not in self.gap_limits:
                detail = f"touchpoint {kpi.touchpoint!r} has no `gap_limit`, so nothing says what is in time"
                raise _mistake((*_at("kpis", i), "touchpoint"), detail)

    @property
    def _places(self) -> Mapping[str, Collection[str]]:
        """What a KPI's scope may name."""
        return {
            "touchpoint": self.touchpoint_ids,
            "phase": {phase.id for phase in self.phases},
            "span": {span.id for span in self.spans},
            "department": self.departments,
            "channel": self.channels,
            "persona": {persona.id for persona in self.personas},
        }

    def _refuse_unknown_successors(self) -> None:
        for i, phase in enumerate(self.phases):
            for j, touchpoint in enumerate(phase.touchpoints):
                if touchpoint.expects is not None:
                    path = ("phases", i, "touchpoints", j, "expects", "touchpoint")
                    self._expect_known(touchpoint.expects.touchpoint, path)
                    if touchpoint.expects.touchpoint == touchpoint.id and not touchpoint.repeatable:
                        raise _mistake(path, f"{touchpoint.id!r} cannot follow itself: it is not repeatable")

    def _refuse_ideals_of_nobody(self) -> None:
        known = [persona.id for persona in self.personas]
        for i, phase in enumerate(self.phases):
            for j, touchpoint in enumerate(phase.touchpoints):
                for persona in touchpoint.ideals:
                    if persona not in known:
                        path = ("phases", i, "touchpoints", j, "ideals", persona)
                        raise _mistake(path, f"{persona!r} is not a persona of this journey ({', '.join(known)})")

    def _expect_known(self, touchpoint: str, path: tuple[str | int, ...]) -> None:
        if touchpoint not in self.touchpoint_ids:
            raise _mistake(path, f"{touchpoint!r} is not a touchpoint of this journey")

    @cached_property
    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """All touchpoints in the order of the drawn journey."""
        return tuple(touchpoint for phase in self.phases for touchpoint in phase.touchpoints)

    @cached_property
    def touchpoint_ids(self) -> Mapping[str, int]:
        """Each touchpoint's id with its place in the drawn journey, from 0."""
        return {touchpoint.id: place for place, touchpoint in enumerate(self.touchpoints)}

    def touchpoint(self, touchpoint: str) -> Touchpoint:
        """Return the touchpoint of an id; raise KeyError if there is none."""
        return self.touchpoints[self.touchpoint_ids[touchpoint]]

    def in_order(self, touchpoints: Iterable[str]) -> Sequence[str]:
        """Return all touchpoints that are drawn, in order, and then others among these, by name."""
        return [*self.touchpoint_ids, *sorted(set(touchpoints) - self.touchpoint_ids.keys())]

    @cached_property
    def departments(self) -> Sequence[str]:
        """The departments that touchpoints are drawn with, by name."""
        return sorted({touchpoint.department for touchpoint in self.touchpoints if touchpoint.department is not None})

    @cached_property
    def channels(self) -> Sequence[str]:
        """The channels that touchpoints are drawn with, by name."""
        return sorted({channel for touchpoint in self.touchpoints for channel in touchpoint.channels})

    @cached_property
    def question_by_id(self) -> Mapping[str, Question]:
        """The questions that an answer may be about: the standard ones, and the journey's own in their place."""
        return {**STANDARD, **{question.id: question for question in self.questions}}

    @cached_property
    def outcome_by_id(self) -> Mapping[str, Outcome]:
        """How cases may come out, by id, in the order of the file."""
        return {outcome.id: outcome for outcome in self.outcomes}

    @cached_property
    def outcomes_said(self) -> Mapping[str, OutcomeSaid]:
        """How each touchpoint whose events say the outcome says it, by the touchpoint's id."""
        return {each.id: each.outcome for each in self.touchpoints if each.outcome is not None}

    @cached_property
    def asking_ids(self) -> frozenset[str]:
        """The touchpoints after which a customer may be asked something."""
        return frozenset(touchpoint.id for touchpoint in self.touchpoints if touchpoint.asks)

    @cached_property
    def aftercare_ids(self) -> frozenset[str]:
        """The touchpoints that leave a closed case closed."""
        return frozenset(touchpoint.id for phase in self.phases if phase.aftercare for touchpoint in phase.touchpoints)

    @cached_property
    def starts(self) -> Mapping[str, Sequence[str]]:
        """The spans that begin at each touchpoint, by id; only touchpoints at which one begins."""
        return _spans_at((span.start, span.id) for span in self.spans)

    @cached_property
    def ends(self) -> Mapping[str, Sequence[str]]:
        """The spans that end at each touchpoint, the whole case too, by id; only touchpoints at which one ends."""
        closing = ((touchpoint, CASE_SPAN) for touchpoint in sorted(self.closing_ids))
        return _spans_at((*((span.end, span.id) for span in self.spans), *closing))

    @cached_property
    def passing(self) -> Mapping[str, Sequence[str]]:
        """The spans that will not end any more, by id, once a case is at each touchpoint.

        A case that went on without the optional touchpoint at which a span ends has passed it by. Aftercare comes in
        any order, so nothing in it is passed by.
        """
        return _spans_at(
            (touchpoint.id, span.id)
            for span in self.spans
            if span.end not in self.aftercare_ids and self.touchpoint(span.end).optional
            for touchpoint in self.touchpoints[self.touchpoint_ids[span.end] + 1 :]
        )

    @cached_property
    def turning(self) -> Mapping[str, Sequence[str]]:
        """The spans to which each touchpoint means something without beginning or ending them, by id: it begins or ends
        a pause of theirs, or passes them by.
        """
        pausing = ((at, span.id) for span in self.spans for pause in span.pauses for at in (pause.from_, pause.until))
        passing = ((touchpoint, span) for touchpoint, spans in self.passing.items() for span in spans)
        return _spans_at(dict.fromkeys((*pausing, *passing)))

    @cached_property
    def span_by_id(self) -> Mapping[str, Span]:
        """All spans, the whole case too: that one has no name and no touchpoints of its own."""
        whole = Span.model_construct(id=CASE_SPAN, name=Label(nl="", en=""), start="", end="", limit=self.case_limit)
        return {span.id: span for span in self.spans} | {CASE_SPAN: whole}

    @cached_property
    def closing_ids(self) -> frozenset[str]:
        """The touchpoints that close a case: the end touchpoints that are not aftercare."""
        return frozenset(self.end_touchpoints) - self.aftercare_ids

    @cached_property
    def complaint_ids(self) -> frozenset[str]:
        """The touchpoints at which customers complain."""
        return frozenset(touchpoint.id for touchpoint in self.touchpoints if touchpoint.complaint)

    @cached_property
    def gap_limits(self) -> Mapping[str, int]:
        """The longest gap before each touchpoint that has one, in milliseconds, by the touchpoint's id."""
        return {each.id: each.gap_limit // _MILLISECOND for each in self.touchpoints if each.gap_limit is not None}

    @cached_property
    def waiting_limits(self) -> Mapping[str, timedelta]:
        """How long an open case may stay at each touchpoint that has a limit, by the touchpoint's id."""
        return {each.id: each.waiting_limit for each in self.touchpoints if each.waiting_limit is not None}

    @cached_property
    def successors(self) -> Mapping[str, Successor]:
        """What must follow each touchpoint that expects a successor, by the touchpoint's id."""
        return {each.id: each.expects for each in self.touchpoints if each.expects is not None}

    @cached_property
    def week(self) -> Week:
        """The hours in which the organisation works; none at all where the file does not say."""
        return week_of(self.working_hours or {})

    @cached_property
    def has_pauses(self) -> bool:
        """Whether any span stands still at times."""
        return any(span.pauses for span in self.spans)

    @cached_property
    def divides_gaps(self) -> bool:
        """Whether there is more to say of any gap than its length: a pause in it, or how much of it was worked."""
        return self.has_pauses or any(self.week)

    @cached_property
    def awaiting_ids(self) -> frozenset[str]:
        """The touchpoints after which something has to follow in time."""
        return frozenset(self.waiting_limits.keys() | self.successors.keys())

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which this journey's days begin."""
        return ZoneInfo(self.time_zone)


def _spans_at(named: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    spans: dict[str, list[str]] = {}
    for touchpoint, span in named:
        spans.setdefault(touchpoint, []).append(span)
    return spans


def _at(field: str, index: int) -> tuple[str | int, ...]:
    return field, index


def _refuse_repeats(named: Iterable[tuple[tuple[str | int, ...], str]]) -> None:
    seen: Counter[str] = Counter()
    for path, name in named:
        seen[name] += 1
        if seen[name] > 1:
            raise _mistake(path, f"{name!r} is used twice")


def parse_journey(text: str) -> Journey:
    """Read a journey file; raise FileMistakes, which names line and field of each mistake."""
    return parse(text, Journey)


class JourneyVersion(BaseModel):
    """A journey as it held from a moment on; the first version holds for all time before it, too."""

    model_config = ConfigDict(frozen=True)

    version: int
    valid_from: datetime
    journey: Journey


class Catalogue:
    """Every version of every journey, for looking up the one that held when an event occurred."""

    def __init__(self, versions: Iterable[JourneyVersion] = ()) -> None:
        self._versions: dict[str, list[JourneyVersion]] = {}
        for version in sorted(versions, key=lambda version: version.version):
            self._versions.setdefault(version.journey.id, []).append(version)

    def journeys(self) -> Sequence[str]:
        """Return the ids of all journeys, sorted."""
        return sorted(self._versions)

    def versions(self, journey: str) -> Sequence[JourneyVersion]:
        """Return the versions of one journey, oldest first; empty if it is not known."""
        return self._versions.get(journey, ())

    def at(self, journey: str, moment: datetime) -> JourneyVersion:
        """Return the version of a known journey that held at a moment; raise KeyError if it is not known."""
        versions = self._versions[journey]
        if len(versions) == 1:
            return versions[0]
        place = bisect_right(versions, moment, key=lambda version: version.valid_from)
        return versions[max(place - 1, 0)]

    def by_number(self, journey: str) -> Mapping[int, Journey]:
        """Return the drawn journey of each version number; empty if the journey is not known."""
        return {version.version: version.journey for version in self.versions(journey)}

    def zones(self) -> Mapping[str, ZoneInfo]:
        """Return the time zone of each journey, which no version changes."""
        return {journey: versions[-1].journey.zone for journey, versions in self._versions.items()}

    def latest(self, journey: str) -> Journey:
        """Return the newest version of a known journey."""
        return self._versions[journey][-1].journey
