"""What the API answers. Moments are RFC 3339 with the journey's own offset; durations are seconds."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

from streams.conformance import Departing


class JourneySummary(BaseModel):
    """A journey in the list."""

    id: str
    name: Mapping[str, str] = Field(description="The name by language.", examples=[{"nl": "Klacht", "en": "Complaint"}])
    volume_28d: int = Field(description="Visits to its touchpoints in the last 28 days.")
    open_cases: int


class Journeys(BaseModel):
    """All journeys. There are few: one page holds them."""

    items: Sequence[JourneySummary]
    next: None = None


class Duration(BaseModel):
    """A duration over a window. Median and p90 are nearest rank, within 1 %; the mean is exact."""

    n: int = Field(description="How many observations the figures rest on.")
    mean_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None
    limit_seconds: float | None
    share_within_limit: float | None = Field(description="0 to 1; what lies within 1 % above the limit counts too.")
    verdict: Literal["over", "partly", "within", "few", "no_limit"] = Field(
        description="over: more than half beyond the limit; partly: more than one in ten; few: under 5 observations."
    )


class TouchpointFigures(BaseModel):
    """A touchpoint over a window. `gap` is the time since the touchpoint before it in the case."""

    id: str
    moment_of_truth: bool
    volume: int
    gap: Duration


class Estimate(BaseModel):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class Within(BaseModel):
    """The limits that fell in the window. One that is still open past its limit was not kept.

    The running minute, or hour in windows of more than a day, is no part of it: some of its limits are still to fall.
    """

    due: int = Field(description="How many limits fell.")
    kept: int = Field(description="How many of those had ended by then.")
    share: Estimate | None = Field(description="kept / due, 0 to 1, with Wilson's interval.")


class SpanFigures(BaseModel):
    """The throughput time of a span that ended, and how its limits were kept; the span `case` is the whole case."""

    id: str
    throughput: Duration
    within: Within | None = Field(description="null if the span has no limit.")


class Figures(BaseModel):
    """A journey over a rolling window."""

    journey: str
    window: str
    start: datetime
    end: datetime = Field(description="The running minute or hour is part of the window, so this may lie ahead.")
    touchpoints: Sequence[TouchpointFigures]
    spans: Sequence[SpanFigures]


class GroupVisits(BaseModel):
    """The visits of one group of people."""

    id: str | None = Field(description="null: of whom it is not known.")
    visits: int | None = Field(
        description="null: left out, since it is small, or would tell how many a small group is."
    )


class TouchpointVisits(BaseModel):
    """All visits to a touchpoint, and those of each group."""

    touchpoint: str | None = Field(description="null: all of them together.")
    visits: int
    groups: Sequence[GroupVisits]


class Visits(BaseModel):
    """The visits of a journey by group over a rolling window."""

    journey: str
    window: str
    start: datetime
    end: datetime
    least: int = Field(description="Groups of fewer visits are left out.")
    items: Sequence[TouchpointVisits]


class EmployeeVisits(Visits):
    """Visits by who handled them."""

    consent: str = Field(description="Where the works council's consent to this is found.")


class EmployeeScore(BaseModel):
    """What customers said of who handled a touchpoint."""

    id: str | None = Field(description="null: the events named nobody.")
    n: int | None = Field(description="How many scores; null: left out, lest a small group be told.")
    estimate: Estimate | None = Field(description="null: left out, or too few scores.")


class TouchpointScores(BaseModel):
    """What customers said of a touchpoint, together and by employee."""

    touchpoint: str | None = Field(description="null: all of the department together.")
    n: int
    estimate: Estimate | None
    employees: Sequence[EmployeeScore]


class EmployeeScores(BaseModel):
    """The scores of a department in a month, by who handled it."""

    journey: str
    department: str
    measure: str
    start: datetime
    end: datetime
    least: int = Field(description="Groups of fewer scores are left out.")
    enough: int = Field(description="From how many scores on there is a figure.")
    consent: str = Field(description="Where the works council's consent to this is found.")
    items: Sequence[TouchpointScores]


class Weighted(Estimate):
    """What the mean would be had all who passed answered, as far as that goes with what is known of a passage.

    Answers are weighted to all passages by touchpoint, department, channel, persona and timeliness (raking). That
    somebody answers, or does not, because of the score itself, or of the outcome, cannot be mended so.
    """

    represented: float = Field(
        description="The share of the passages that have their like among the answers, 0 to 1, by hundredths."
    )


class Score(BaseModel):
    """What customers said on one measure. Under `enough` scores there is no figure."""

    n: int = Field(description="How many scores the figures rest on.")
    enough: int = Field(description="From how many scores on there is a figure.")
    too_few: bool
    unit: Literal["points", "share", "nps"] = Field(
        description="points: the mean on the measure's scale; share: of those who said yes, 0 to 1; nps: -100 to 100."
    )
    estimate: Estimate | None
    weighted: Weighted | None = Field(
        description="For means, from 250 answers on, over 28 days or longer; null where it is not to be had."
    )
    share_8_and_up: Estimate | None = Field(description="0 to 1; only for measures on a scale of 1 to 10.")
    distribution: Mapping[float, int] | None = Field(description="How many scores there are of each value, in points.")


class ScoreGroup(BaseModel):
    """What customers said of one touchpoint, phase, department and so on; the empty id is 'not given'."""

    id: str
    measures: Mapping[str, Score]


class Scores(BaseModel):
    """What customers said over a rolling window or a period of days."""

    journey: str
    start: datetime
    end: datetime
    by: str
    items: Sequence[ScoreGroup]


class ResponseFunnel(BaseModel):
    """What became of the passages of a touchpoint that asks."""

    touchpoint: str
    passages: int
    suppressed: Mapping[str, int] = Field(description="Who was not asked, by reason.")
    invited: int
    answered: int
    expired: int = Field(description="Asked so long ago that the link is no longer good, and not answered.")
    waiting: int
    response: Estimate | None = Field(description="answered / invited, 0 to 1.")


class ResponseFunnels(BaseModel):
    """Who was asked and who answered, by when it was decided to ask."""

    journey: str
    start: datetime
    end: datetime
    items: Sequence[ResponseFunnel]


class Remark(BaseModel):
    """What a customer wrote."""

    day: date = Field(description="By the journey's clock; no more is told of when.")
    touchpoint: str | None
    text: str


class Remarks(BaseModel):
    """What customers wrote, newest first."""

    items: Sequence[Remark]
    next: None = None


class CurvePoint(BaseModel):
    """A touchpoint on the journey's line."""

    touchpoint: str
    moment_of_truth: bool
    volume: int = Field(description="Visits in that time, by all personas and channels.")
    complaints: int = Field(description="Complaints in that time that are about this touchpoint, by all of them.")
    cost: Decimal | None = Field(description="What one visit costs the organisation, in euros.")
    measure: Literal["satisfaction", "effort"] = Field(description="What the touchpoint's own question is about.")
    score: Score
    level: Estimate | None = Field(description="The score on the scale of 1 to 10.")
    emotion: Score = Field(description="What customers say they felt, -2 to 2; never inferred from scores.")
    ideal: float | None
    gap: float | None = Field(description="How far the level lies below the ideal.")
    importance: float | None = Field(description="What customers say if enough of them do, else what is stated.")
    importance_stated: int | None
    importance_asked: Score
    quadrant: Literal["improve", "keep", "no_need_to_invest", "watch"] | None


class Curve(BaseModel):
    """A journey as a line, in the order of its touchpoints."""

    journey: str
    start: datetime
    end: datetime
    items: Sequence[CurvePoint]


class Kpi(BaseModel):
    """A KPI, where it stands, and what that rests on."""

    id: str
    name: Mapping[str, str]
    measure: str
    norm: float = Field(description="In points of the measure's scale; shares are 0 to 1.")
    direction: Literal["at_least", "at_most"]
    touchpoint: str | None
    department: str | None
    severity: Literal["critical", "warning", "info"]
    owner: str | None
    runbook: str | None
    state: Literal["on_norm", "watch", "below_norm", "too_few", "stopped"] = Field(
        description="As a test decides, not a mean: watch is a hint and no alert."
    )
    sentence: Mapping[str, str] = Field(description="The state and what it rests on, by language.")
    value: float | None = Field(description="Since the evidence began, or the last change; in the unit of the norm.")
    n: int
    since: datetime | None
    evidence: float = Field(description="How much of the evidence for a change there is; at 1 the alarm changes.")
    told_at: datetime | None = Field(description="Since when an alert stands and is heard.")
    waits_for_service_hours: bool
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    judged_at: datetime


class Kpis(BaseModel):
    """All KPIs of a journey. There are few: one page holds them."""

    items: Sequence[Kpi]
    next: None = None


class KpiChange(BaseModel):
    """An alarm that was raised or taken off, by when it came in the time of what was measured."""

    at: datetime
    state: Literal["on_norm", "below_norm"]
    evidence_since: datetime
    decided_at: datetime
    told_at: datetime | None
    corrected_at: datetime | None = Field(description="When late answers put it at another hour, or undid it.")
    withdrawn: bool


class KpiState(BaseModel):
    """A state that was said of a KPI from a moment on."""

    at: datetime
    state: Literal["on_norm", "watch", "below_norm", "too_few", "stopped"]


class KpiStates(BaseModel):
    """The states of a KPI, newest first."""

    items: Sequence[KpiState]
    next: None = None


class KpiChanges(BaseModel):
    """Changes of alarm, newest first."""

    items: Sequence[KpiChange]
    next: None = None


class CaseSummary(BaseModel):
    """A case in a list."""

    case_id: str
    opened_at: datetime
    closed_at: datetime | None
    last_at: datetime
    last_touchpoint: str
    last_department: str | None
    waiting_seconds: float | None = Field(description="Since its last touchpoint; null for a closed case.")


class Cases(BaseModel):
    """A page of cases."""

    items: Sequence[CaseSummary]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class Flag(BaseModel):
    """What a case is flagged for: it waits too long, or lacks a touchpoint that had to follow."""

    case_id: str
    kind: Literal["waiting", "missing"]
    touchpoint: str = Field(description="waiting: where the case stays; missing: what did not follow.")
    after: str = Field(description="The touchpoint that it is counted from; of waiting the same.")
    since: datetime = Field(description="When the case was there.")
    due_at: datetime = Field(description="Until when there was nothing wrong.")
    flagged_at: datetime


class Flags(BaseModel):
    """A page of flags that stand."""

    items: Sequence[Flag]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


Awaited = Literal["customer", "organisation", "third_party"]


class CaseTouchpoint(BaseModel):
    """A touchpoint in a case's timeline."""

    touchpoint: str
    occurred_at: datetime
    started_at: datetime | None
    channel: str | None
    department: str | None
    gap_seconds: float | None = Field(description="Since the touchpoint before it; null for the first.")
    gap_limit_seconds: float | None
    awaited: Awaited | None = Field(description="Who was waited for; null for the first.")


class CaseSpan(BaseModel):
    """A span in a case; the span `case` is the whole case."""

    id: str
    progress: Literal["ended", "running", "not_reached"]
    seconds: float = Field(description="By the span's clock, without its pauses.")
    limit_seconds: float | None
    due_at: datetime | None = Field(
        description="The last moment at which it is in time; null without a limit, and while a pause leaves it open."
    )
    late: bool


class DepartureAt(BaseModel):
    """How a case departs from the map, and at which touchpoint."""

    how: Departing
    touchpoint: str


class CaseDetail(BaseModel):
    """A case's timeline. No customer or employee is in it."""

    case_id: str
    state: Literal["open", "closed", "withdrawn"] = Field(description="withdrawn: all its touchpoints were taken back.")
    opened_at: datetime | None
    closed_at: datetime | None
    waiting_seconds: float | None
    awaited: Awaited | None = Field(description="Who is waited for now, as far as the drawn journey says.")
    touchpoints: Sequence[CaseTouchpoint]
    spans: Sequence[CaseSpan]
    flags: Sequence[Flag] = Field(description="What it is flagged for, longest overdue first.")
    departures: Sequence[DepartureAt] = Field(
        description="Where it departs from the version of the journey that was valid when it was opened."
    )


class ExpectedEffect(BaseModel):
    """What an improvement is expected to do."""

    measure: Literal["satisfaction", "effort", "throughput"]
    span: str | None = Field(description="Of throughput: whose; `case` is the whole case.")
    direction: Literal["up", "down"]
    size: Decimal = Field(description="In points of the measure's scale; of throughput in days.")


class Priority(BaseModel):
    """Importance, times gap, times volume, of the touchpoint and over the last 90 days.

    The factors are rounded to tenths before they are multiplied, so that one can do the sum again. What is not known
    is null, and named in `unknown`; then there is no value.
    """

    value: Decimal | None
    importance: Decimal | None = Field(description="1 to 10: what customers say if enough of them do, else as stated.")
    gap: Decimal | None = Field(description="How far the score lies below the aim, in points; 0 if it does not.")
    volume: int = Field(description="Visits.")
    score: Decimal | None = Field(description="On a scale of 1 to 10.")
    aim: Decimal | None = Field(description="On a scale of 1 to 10.")
    aim_is: Literal["norm", "ideal"] | None = Field(description="The one that asks for more.")
    unknown: Sequence[Literal["importance", "score", "aim"]]


class Improvement(BaseModel):
    """An improvement as it reads now."""

    id: int
    revision: int = Field(description="Which a change has to name.")
    state: Literal["open", "planned", "done", "withdrawn"]
    touchpoint: str = Field(description="Where customers are to notice it.")
    what: Mapping[str, str] = Field(description="What changes, by language.")
    owner: str | None
    effect: ExpectedEffect
    planned_week: date | None = Field(description="The Monday of the week in which it is to be made.")
    done_on: date | None
    settles_weeks: int = Field(description="How many weeks after it was made customers meet it.")
    priority: Priority
    written_at: datetime
    written_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None


class Improvements(BaseModel):
    """All improvements of a journey: what is to be done by priority, then what was done, the newest first."""

    items: Sequence[Improvement]
    next: None = None


class ImprovementRevision(BaseModel):
    """How an improvement read from a moment on; what changed is what is not as it was in the revision before."""

    revision: int
    at: datetime
    by: str
    note: str
    withdrawn: bool
    touchpoint: str
    what: Mapping[str, str]
    owner: str | None
    effect: ExpectedEffect
    planned_week: date | None
    done_on: date | None
    settles_weeks: int


class ImprovementDetail(Improvement):
    """An improvement and every revision of it, oldest first."""

    revisions: Sequence[ImprovementRevision]


class ImprovementNumber(BaseModel):
    """By what number an improvement is known, and the revision that the next change has to name."""

    id: int
    revision: int


class ChartReset(BaseModel):
    """A baseline that began anew, and who has undone that, if anybody has."""

    id: int
    measure: str
    touchpoint: str | None
    span: str | None
    department: str | None
    outcome: str | None
    since: date = Field(description="The first day of the new baseline.")
    reset_at: datetime
    by: str
    why: str
    undone_at: datetime | None
    undone_by: str | None


class ChartResets(BaseModel):
    """All baselines that began anew. There are few: one page holds them."""

    items: Sequence[ChartReset]
    next: None = None


class ChartResetNumber(BaseModel):
    """By what number a new baseline can be undone."""

    id: int


class ChartPoint(BaseModel):
    """A week or a month of a control chart."""

    period: date = Field(description="Its first day.")
    n: int = Field(description="How many observations the value rests on.")
    value: float | None = Field(description="null: too few observations.")
    interval: Estimate | None = Field(description="Its 95 % interval; of what is only counted there is none.")
    finished: bool = Field(description="The running period is not, and is held against no limits.")


class ChartLimits(BaseModel):
    """Where values lie by chance alone: the mean of the baseline and three sigma to either side, up to the scale's end.

    Sigma is the mean moving range / 1.128.
    """

    mean: float
    low: float
    high: float
    sigma: float


class ChartSignal(BaseModel):
    """What chance does not explain, from one period to another, both inclusive, by their first days."""

    rule: Literal["beyond_the_limits", "run_of_8"]
    side: Literal["above", "below"]
    first: date
    last: date


class ChartChange(BaseModel):
    """Signals on one side that touch: how far the values lie from the mean of the baseline, with the 95 % interval."""

    side: Literal["above", "below"]
    first: date
    last: date
    shift: Estimate


class ChartSection(BaseModel):
    """A chart from one baseline to the next."""

    first: date | None = Field(description="The first day of its first period; null if there is no period yet.")
    points: int = Field(description="How many of its finished periods have a value.")
    missing: int = Field(description="How many values its baseline of 24 still lacks; until then there are no limits.")
    limits: ChartLimits | None
    signals: Sequence[ChartSignal]
    changes: Sequence[ChartChange]


class ChartImprovement(BaseModel):
    """An improvement that what is charted may show: when it was made, else the week it is planned for."""

    id: int
    touchpoint: str
    what: Mapping[str, str]
    planned_week: date | None
    done_on: date | None


class ControlChart(BaseModel):
    """A chart of individual values (XmR)."""

    journey: str
    measure: str
    touchpoint: str | None
    span: str | None
    department: str | None
    outcome: str | None = Field(description="Of scores: how the case had come out; null: in any way.")
    by: Literal["week", "month"]
    unit: Literal["points", "share", "nps", "seconds", "count"]
    points: Sequence[ChartPoint]
    sections: Sequence[ChartSection]
    expected_false_signals: float = Field(description="How many signals there would be though nothing had changed.")
    resets: Sequence[ChartReset]
    improvements: Sequence[ChartImprovement] = Field(description="By day, those of other times than the points', too.")


class PartitionLag(BaseModel):
    """How far one partition of the log has been counted."""

    topic: str
    partition: int
    next_offset: int = Field(description="The offset from which on nothing has been counted.")
    end_offset: int = Field(description="Where the partition ended when a worker last looked.")
    records: int


class Lag(BaseModel):
    """How far counting lies behind the log."""

    records: int = Field(description="Records in the log that have not been counted, as a worker last saw its end.")
    seconds: float = Field(
        description="How long the oldest of them is known to wait, 0 if there is none. A lower bound: what waited "
        "before this process started is not known to it."
    )
    checked_at: datetime = Field(description="When the database was read.")
    worker_seen_at: datetime | None = Field(description="When a worker last looked at the end of the log.")
    partitions: Sequence[PartitionLag]


class EventOutcome(BaseModel):
    """What became of one event of a request."""

    index: int = Field(description="Its place in the request, from 0.")
    event_id: str | None
    status: Literal["accepted", "rejected"]
    reason: str | None = None
    field: str | None = None
    detail: str | None = None


class Ingested(BaseModel):
    """What became of the events of a request, in their order. `accepted` events are in the log, not counted yet."""

    accepted: int
    rejected: int
    stored: bool = Field(
        description="Whether the broker keeps what it accepted on disk. The embedded one does not: what a worker has "
        "not counted yet is lost if it crashes. Send it again then; it counts once."
    )
    events: Sequence[EventOutcome]
