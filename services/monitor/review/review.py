"""The trend review of a month: what changed, how much, how sure that is and since when. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from schemas.journey import Journey, Touchpoint
from schemas.outcome import OTHER
from schemas.span import Span
from services.monitor.figures.curve import own_measure
from services.monitor.review.charted import Charted, Kind, PeriodFigure, Periods, Series
from services.store.chart_reading import ChartReset
from streams.observations import Measure
from streams.periods import By
from streams.scores import Estimate, difference, share

SHOWN = 12
"""How many finished months are shown."""

TOLD = 3
"""How many changes are told in a sentence."""

REVIEWED = frozenset(
    {
        Measure.SATISFACTION,
        Measure.EFFORT,
        Measure.VOLUME,
        Measure.COMPLAINTS,
        Measure.THROUGHPUT,
        Measure.WITHIN,
    }
)
"""What a review rests on."""

_MOSTLY = 0.75
_WEEKS_SHOWN = 52


@dataclass(frozen=True)
class News:
    """A change that chance does not explain: from the period of `first` on, up to that of `last`; None: still.

    `level` is the mean since then, `usual` that of the baseline. What weighs most is furthest from chance.
    """

    of: Charted
    by: By
    first: date
    last: date | None
    usual: float
    shift: Estimate
    weight: float

    @property
    def level(self) -> float:
        """The mean of what was shifted."""
        return self.usual + self.shift.value


@dataclass(frozen=True)
class Compared:
    """A figure of the month, those of the month before and of the same month a year ago, and how far it lies above.

    None where there are too few observations, or none to compare with.
    """

    of: Charted
    now: PeriodFigure
    before: PeriodFigure | None
    year_ago: PeriodFigure | None

    @property
    def since_before(self) -> Estimate | None:
        """How far it lies above the month before."""
        return _difference(self.now, self.before)

    @property
    def since_year_ago(self) -> Estimate | None:
        """How far it lies above the same month a year ago."""
        return _difference(self.now, self.year_ago)


@dataclass(frozen=True)
class Reviewed:
    """A touchpoint in the month: its own score, the share of passages that answered, its norm, its last change."""

    touchpoint: Touchpoint
    score: Compared
    response: Estimate | None
    norm: float | None
    news: News | None


@dataclass(frozen=True)
class ReviewedSpan:
    """A span in the month: median and p90 in milliseconds, and what share of its limits was kept; None without any."""

    span: Span
    median: Compared
    p90: float | None
    within: Compared | None


@dataclass(frozen=True)
class ReviewedOutcome:
    """A touchpoint's own score in the month, of those whose case had come out in one way: an outcome, or OTHER."""

    touchpoint: Touchpoint
    outcome: str
    score: Compared


@dataclass(frozen=True)
class Review:
    """The review of the last finished month.

    `charts` is how many charts were looked at for `news`; they signal so many times, and would signal `false_signals`
    times on average had nothing changed.
    """

    month: date
    touchpoints: Sequence[Reviewed]
    outcomes: Sequence[ReviewedOutcome]
    spans: Sequence[ReviewedSpan]
    news: Sequence[News]
    charts: int
    signals: int
    false_signals: float


def review(drawn: Journey, months: Periods, weeks: Periods, resets: Sequence[ChartReset], enough: int) -> Review | None:
    """Return the review of the last finished month; None if there was none that began after the first figures."""
    finished = [
        figure.period.day for figure in months.figures(Charted(measure=Measure.VOLUME), enough) if figure.finished
    ]
    if not finished:
        return None
    month = finished[-1]
    charts = [chart for of in _charted(drawn) if (chart := _clearest(of, months, weeks, resets, enough)) is not None]
    news = sorted((each for by, series in charts for each in _news(by, series)), key=lambda each: -each.weight)
    return Review(
        month=month,
        touchpoints=sorted(_touchpoints(drawn, months, month, news, enough), key=_badness),
        outcomes=list(_outcomes(drawn, months, month, enough)),
        spans=[_span(span, months, month, enough) for span in drawn.span_by_id.values()],
        news=_one_of_each(news)[:TOLD],
        charts=len(charts),
        signals=sum(len(section.signals) for _, series in charts for section in series.sections),
        false_signals=sum(series.false_signals for _, series in charts),
    )


def norm_of(drawn: Journey, of: Charted) -> float | None:
    """Return what a chart's values are held against: the norm of its KPI, of a throughput time its limit."""
    if of.measure is Measure.THROUGHPUT:
        span = drawn.span_by_id.get(of.span or "")
        return span.limit.total_seconds() * 1000 if span is not None and span.limit is not None else None
    measure = "throughput" if of.measure is Measure.WITHIN else of.measure
    return next(
        (
            float(kpi.norm)
            for kpi in drawn.kpis
            if kpi.measure == measure
            and (kpi.touchpoint, kpi.department) == (of.touchpoint, of.department)
            and (of.span is None or (kpi.span or of.span) == of.span)
            and kpi.phase is None
            and of.outcome is None
            and of.kind is not Kind.COUNT
        ),
        None,
    )


def own_chart(touchpoint: Touchpoint, drawn: Journey) -> Charted:
    """Return the chart of what the question about a touchpoint itself measures."""
    return Charted(measure=own_measure(touchpoint, drawn), touchpoint=touchpoint.id)


def compared(of: Charted, months: Periods, month: date, enough: int) -> Compared:
    """Return a chart's figure of a month beside those it is compared with; raise LookupError if there is none."""
    figures = months.figures(of, enough)
    now = _at(figures, month)
    if now is None:
        raise LookupError(f"{month} is no month that has begun with figures")
    earlier = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    return Compared(of, now, _at(figures, earlier), _at(figures, month.replace(year=month.year - 1)))


def _charted(drawn: Journey) -> Iterator[Charted]:
    for touchpoint in drawn.touchpoints:
        yield own_chart(touchpoint, drawn)
    for span in drawn.span_by_id.values():
        yield Charted(measure=Measure.THROUGHPUT, span=span.id)
        if span.limit is not None:
            yield Charted(measure=Measure.WITHIN, span=span.id)
    yield Charted(measure=Measure.COMPLAINTS)


def _clearest(
    of: Charted, months: Periods, weeks: Periods, resets: Sequence[ChartReset], enough: int
) -> tuple[By, Series] | None:
    """Return a chart by week if most weeks have a figure, else by month; None if neither has limits yet."""
    for by, periods in ((By.WEEK, weeks), (By.MONTH, months)):
        series = periods.series(of, resets, enough)
        finished = [figure for figure in series.figures if figure.finished]
        known = sum(figure.value is not None for figure in finished)
        if (by is By.MONTH or known > _MOSTLY * len(finished)) and any(each.limits for each in series.sections):
            return by, series
    return None


def _news(by: By, series: Series) -> Iterator[News]:
    """Yield the changes of a chart that reach into what is shown."""
    days = [figure.period.day for figure in series.figures if figure.finished]
    shown = SHOWN if by is By.MONTH else _WEEKS_SHOWN
    for section in series.sections:
        for change in section.changes:
            if section.limits is None or change.last < len(days) - shown or not section.limits.sigma:
                continue
            yield News(
                of=series.of,
                by=by,
                first=days[change.first],
                last=None if change.last == len(days) - 1 else days[change.last],
                usual=section.limits.mean,
                shift=change.shift,
                weight=abs(change.shift.value) / section.limits.sigma * sqrt(change.last - change.first + 1),
            )


def _one_of_each(news: Sequence[News]) -> Sequence[News]:
    """Return what weighs most of each measure: limits of several spans are often missed for one and the same reason."""
    first: dict[Measure, News] = {}
    for each in news:
        first.setdefault(each.of.measure, each)
    return list(first.values())


def _touchpoints(drawn: Journey, months: Periods, month: date, news: Sequence[News], enough: int) -> Iterator[Reviewed]:
    for touchpoint in drawn.touchpoints:
        of = own_chart(touchpoint, drawn)
        score = compared(of, months, month, enough)
        if not touchpoint.asks and not any(figure.n for figure in months.figures(of, enough)):
            continue
        passed = _at(months.figures(Charted(measure=Measure.VOLUME, touchpoint=touchpoint.id), enough), month)
        yield Reviewed(
            touchpoint=touchpoint,
            score=score,
            response=share(min(score.now.n, passed.n), passed.n) if passed is not None else None,
            norm=norm_of(drawn, of),
            news=max((each for each in news if each.of == of), key=lambda each: each.first, default=None),
        )


def _outcomes(drawn: Journey, months: Periods, month: date, enough: int) -> Iterator[ReviewedOutcome]:
    """Yield what is known by outcome, in the order of the journey and of its outcomes, where there was any answer."""
    for touchpoint in drawn.touchpoints:
        for outcome in (*drawn.outcome_by_id, OTHER):
            of = own_chart(touchpoint, drawn).model_copy(update={"outcome": outcome})
            score = compared(of, months, month, enough)
            if score.now.n or (score.before is not None and score.before.n):
                yield ReviewedOutcome(touchpoint, outcome, score)


def _span(span: Span, months: Periods, month: date, enough: int) -> ReviewedSpan:
    of = Charted(measure=Measure.THROUGHPUT, span=span.id)
    within = Charted(measure=Measure.WITHIN, span=span.id)
    return ReviewedSpan(
        span=span,
        median=compared(of, months, month, enough),
        p90=months.p90(of, month),
        within=None if span.limit is None else compared(within, months, month, enough),
    )


def _at(figures: Sequence[PeriodFigure], day: date) -> PeriodFigure | None:
    return next((figure for figure in figures if figure.period.day == day), None)


def _difference(now: PeriodFigure, before: PeriodFigure | None) -> Estimate | None:
    if before is None or now.interval is None or before.interval is None:
        return None
    return difference(now.interval, before.interval)


def _badness(row: Reviewed) -> tuple[bool, float]:
    """What touchpoints are ordered by: the worst change first, what cannot be compared last."""
    change = row.score.since_before
    return change is None, 0.0 if change is None else change.value
