"""The trend review from months and weeks made by hand: what is told, compared and drawn."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.monitor.review.charted import MONTHS, Charted, Kind, Periods
from services.monitor.review.review import Review, norm_of, review
from services.monitor.review.review_drawing import bars_drawing, chart_drawing, ticks
from services.store.chart_reading import ChartReset
from services.store.reading import Histogram, Histograms
from streams.control_chart import BASELINE
from streams.observations import Measure
from streams.periods import By, periods
from tests.snapshots import DAY, balie, histogram, scores, throughput, volume, within

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")
ENOUGH = 20

Held = Callable[[int], Histograms]
"""What a period holds that lies so many before the running one."""


def held(by: By, holds: Held, begins: datetime | None = datetime(2020, 1, 1, tzinfo=UTC)) -> Periods:
    over = periods(by, MONTHS, NOW, ZONE)
    return Periods(over, [holds(len(over) - 1 - place) for place in range(len(over))], begins, NOW)


def nothing(_: int) -> Histograms:
    return {}


def reviewed(months: Held, weeks: Held = nothing, resets: Sequence[ChartReset] = ()) -> Review:
    found = review(balie(), held(By.MONTH, months), held(By.WEEK, weeks), resets, ENOUGH)
    assert found is not None
    return found


def seven_and_eight(ago: int, n: int = 40) -> list[int]:
    """Scores whose mean is 7.4 and 7.6 in turn."""
    sevens = n * (6 - 2 * (ago % 2)) // 10
    return [7] * sevens + [8] * (n - sevens)


def test_a_drop_is_told_by_month_where_weeks_have_too_few_answers() -> None:
    """From three months before the running one on they gave sixes: 1.5 below 24 months between 7.4 and 7.6."""

    def months(ago: int) -> Histograms:
        return {**scores("antwoord", [6] * 40 if ago <= 2 else seven_and_eight(ago)), **volume("antwoord", 100)}

    found = reviewed(months, lambda _: scores("antwoord", [7] * 9))
    (news,) = found.news
    assert (news.of, news.by) == (Charted(measure=Measure.SATISFACTION, touchpoint="antwoord"), By.MONTH)
    assert (news.first.isoformat(), news.last) == ("2026-09-01", None)
    assert news.usual == pytest.approx(7.5)
    assert news.level == pytest.approx(6)
    assert news.shift.low < -1.5 < news.shift.high
    assert (found.charts, found.signals) == (2, 1)  # complaints have a chart as well
    assert found.month.isoformat() == "2026-10-01"


def test_what_is_over_says_until_when_and_by_week_where_that_goes() -> None:
    def weeks(ago: int) -> Histograms:
        times = [9 if 5 <= ago <= 7 else 3 + ago % 2] * 20
        return throughput("antwoordtermijn", [days * DAY for days in times])

    (news,) = reviewed(nothing, weeks).news
    assert (news.by, news.of.span) == (By.WEEK, "antwoordtermijn")
    assert (news.first.isoformat(), str(news.last)) == ("2026-10-05", "2026-10-19")
    assert news.level == pytest.approx(9 * DAY, rel=0.01)


def test_what_is_long_ago_or_chance_is_not_told() -> None:
    def weeks(ago: int) -> Histograms:
        return throughput("antwoordtermijn", [(9 if ago == 60 else 3 + ago % 2) * DAY] * 20)

    found = reviewed(lambda ago: scores("antwoord", seven_and_eight(ago)), weeks)
    assert (found.charts, found.signals, found.news) == (3, 1, [])


def test_a_month_is_compared_with_the_one_before_and_with_a_year_ago() -> None:
    """October: 49 eights and 1 nine of 100 passages; September 7.4 on average; October 2025 too few answers."""

    def months(ago: int) -> Histograms:
        given = {1: [8] * 49 + [9], 2: [7] * 30 + [8] * 20, 13: [7] * 19}.get(ago, [7] * 50)
        return {**scores("antwoord", given), **volume("antwoord", 100)}

    (row,) = reviewed(months).touchpoints
    assert row.score.now.value == pytest.approx(8.02)
    assert row.score.since_before is not None
    assert row.score.since_before.value == pytest.approx(0.62)
    assert row.score.since_before.low > 0
    assert row.score.year_ago is not None
    assert (row.score.year_ago.n, row.score.since_year_ago) == (19, None)
    assert row.response is not None
    assert row.response.value == pytest.approx(0.5)
    assert row.norm == 7.5


def test_the_worst_change_comes_first_and_what_cannot_be_compared_last() -> None:
    def months(ago: int) -> Histograms:
        return {
            **scores("gesteld", [8] * 20 if ago == 1 else [7] * 20),
            **scores("bericht", [7] * 19),
            **scores("antwoord", [6] * 20 if ago == 1 else [7] * 20),
        }

    assert [row.touchpoint.id for row in reviewed(months).touchpoints] == ["antwoord", "gesteld", "bericht"]


def test_spans_have_median_p90_and_their_limits() -> None:
    def months(ago: int) -> Histograms:
        times = [*range(1, 10), 50]
        return {**throughput("antwoordtermijn", [days * DAY for days in times]), **within("antwoordtermijn", 8, 2)}

    span, case = reviewed(months).spans
    assert span.median.now.value == pytest.approx(5 * DAY, rel=0.01)
    assert span.median.now.interval is not None
    assert span.median.now.interval.low == pytest.approx(2 * DAY, rel=0.01)  # rank 10 * (0.5 - 0.98 / sqrt 10) = 1.9
    assert span.median.now.interval.high == pytest.approx(9 * DAY, rel=0.01)  # rank 8.1
    assert span.p90 == pytest.approx(9 * DAY, rel=0.01)
    assert span.within is not None
    assert span.within.now.value == pytest.approx(0.8)
    assert (case.span.id, case.median.now.value, case.p90) == ("case", None, None)


def test_the_month_in_which_measuring_began_is_none_to_review() -> None:
    begun = held(By.MONTH, lambda _: volume("gesteld", 9), datetime(2026, 10, 5, tzinfo=UTC))
    assert review(balie(), begun, held(By.WEEK, nothing), (), ENOUGH) is None
    assert review(balie(), held(By.MONTH, nothing, None), held(By.WEEK, nothing, None), (), ENOUGH) is None


def test_a_reset_holds_from_the_first_whole_period_on_until_it_is_undone() -> None:
    reset = ChartReset(
        1, "satisfaction", "", "antwoord", "", datetime(2026, 9, 2, tzinfo=UTC).date(), NOW, "Anna", "Nieuw", None, None
    )
    of = Charted(measure=Measure.SATISFACTION, touchpoint="antwoord")
    months = held(By.MONTH, lambda _: scores("antwoord", [7] * 30))
    assert [section.known for section in months.series(of, [reset], ENOUGH).sections] == [25, 1]
    undone = ChartReset(**{**vars(reset), "undone_at": NOW, "undone_by": "Bram"})
    assert [section.known for section in months.series(of, [undone], ENOUGH).sections] == [26]
    other = Charted(measure=Measure.SATISFACTION, touchpoint="antwoord", department="KCC")
    assert [section.known for section in months.series(other, [reset], ENOUGH).sections] == [26]


@pytest.mark.parametrize(
    ("of", "norm"),
    [
        (Charted(measure=Measure.SATISFACTION, touchpoint="antwoord"), 7.5),
        (Charted(measure=Measure.SATISFACTION, touchpoint="antwoord", department="KCC"), None),
        (Charted(measure=Measure.SATISFACTION, touchpoint="gesteld"), None),
        (Charted(measure=Measure.EFFORT, touchpoint="bericht"), 5),
        (Charted(measure=Measure.THROUGHPUT, span="antwoordtermijn"), 56 * DAY),
        (Charted(measure=Measure.THROUGHPUT), 4 * DAY),
        (Charted(measure=Measure.WITHIN, span="antwoordtermijn"), None),
        (Charted(measure=Measure.VOLUME), None),
    ],
)
def test_what_is_held_against_what(of: Charted, norm: float | None) -> None:
    assert norm_of(balie(), of) == norm


@pytest.mark.parametrize(
    ("lowest", "highest", "kind", "told"),
    [
        (1, 10, Kind.POINTS, [2, 4, 6, 8, 10]),
        (0, 1, Kind.SHARE, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (6.4, 8.2, Kind.POINTS, [6.4, 6.6, 6.8, 7.0, 7.2, 7.4, 7.6, 7.8, 8.0, 8.2]),
        (0, 3, Kind.COUNT, [0, 1, 2, 3]),
        (0, 10 * DAY, Kind.DURATION, [0, 2 * DAY, 4 * DAY, 6 * DAY, 8 * DAY, 10 * DAY]),
        (0, 8 * 3_600_000, Kind.DURATION, [0, 7_200_000, 14_400_000, 21_600_000, 28_800_000]),
        (5, 5, Kind.POINTS, [5]),
    ],
)
def test_ticks_are_round(lowest: float, highest: float, kind: Kind, told: list[float]) -> None:
    assert list(ticks(lowest, highest, kind)) == pytest.approx(told)


def test_twelve_months_and_the_running_one_are_drawn_as_bars() -> None:
    of = Charted(measure=Measure.SATISFACTION, touchpoint="antwoord")
    months = held(By.MONTH, lambda ago: scores("antwoord", [10] * (0 if ago == 5 else 30)))
    drawing = bars_drawing(of, months.figures(of, ENOUGH), 5.5)
    assert [bar.figure.period.day.isoformat() for bar in drawing.bars][::12] == ["2025-11-01", "2026-11-01"]
    assert [bar.figure.finished for bar in drawing.bars] == [True] * 12 + [False]
    assert [bar.top for bar in drawing.bars if bar.figure.n == 0] == [None]
    assert drawing.norm == pytest.approx((drawing.foot + drawing.bars[0].top) / 2)  # type: ignore[operator]
    assert drawing.bars[-1].x + drawing.bars[-1].width < drawing.right


def test_a_chart_is_drawn_within_its_frame() -> None:
    of = Charted(measure=Measure.COMPLAINTS)
    weeks = held(By.WEEK, lambda ago: {next(iter(volume("gesteld", 1)))._replace(measure="complaints"): some(ago)})
    series = weeks.series(of, [], ENOUGH)
    drawing = chart_drawing(series)
    assert len(drawing.dots) == len(series.figures)
    assert [place for place, dot in enumerate(reversed(drawing.dots)) if dot.signals] == [3]
    (band,) = drawing.bands
    for dot in drawing.dots:
        assert drawing.left <= dot.x <= drawing.right
        assert drawing.top <= dot.y <= drawing.foot
    assert band.low is not None
    assert band.mean is not None
    assert band.high is not None
    assert drawing.top <= band.high < band.mean < band.low <= drawing.foot
    assert not drawing.dots[-1].figure.finished
    assert len(drawing.line.split()) == len(drawing.dots) - 1
    assert series.sections[0].known > BASELINE


def some(ago: int) -> Histogram:
    return histogram("complaints", [1] * (40 if ago == 3 else 5 + ago % 2))


def test_an_empty_chart_is_drawn_as_well() -> None:
    drawing = chart_drawing(held(By.WEEK, nothing, None).series(Charted(measure=Measure.VOLUME), [], ENOUGH))
    assert (drawing.dots, drawing.bands, drawing.line) == ([], [], "")
    few = chart_drawing(
        held(By.MONTH, nothing, NOW - timedelta(days=90)).series(Charted(measure=Measure.NPS), [], ENOUGH)
    )
    assert [band.mean for band in few.bands] == [None]
