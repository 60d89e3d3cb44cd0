"""What the wallboard says: what is wrong now, how much is going on, and the journey as one line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from schemas.journey import CASE_SPAN, Journey, Phase, Touchpoint
from schemas.journey_part import Label
from services.monitor.figures.curve import Point, curve, number_of, said_in
from services.monitor.figures.histograms import DurationFigure, Verdict, duration_figure
from services.monitor.figures.kept_limits import KeptLimits, kept_limits
from services.monitor.figures.kpi_standing import KpiStanding
from services.monitor.figures.snapshot import JourneySnapshot
from services.monitor.wallboard.wall_drawing import Picture, pictures
from services.store.reading import Histograms
from streams.kpi import State
from streams.observations import Measure

WINDOW = "28d"
"""The rolling window of the board's figures."""

MOST_TILES = 10
_FEWEST_TILES = 4
_RANK = {Verdict.OVER: 0, Verdict.PARTLY: 1, Verdict.WITHIN: 2, Verdict.NO_LIMIT: 3, Verdict.FEW: 4}
_WRONG = (Verdict.OVER, Verdict.PARTLY)
_ALARMING = (State.BELOW_NORM, State.STOPPED, State.WATCH)


@dataclass(frozen=True)
class Tile:
    """One duration that matters: of a span, or of the gap before a touchpoint. `name` None: the whole case.

    A span with a limit is judged by the limits that fell, if there are enough: what has ended says nothing of what has
    not. `limits` None: a gap, or a span without a limit.
    """

    name: Label | None
    is_span: bool
    moment_of_truth: bool
    figure: DurationFigure
    limits: KeptLimits | None = None

    @property
    def verdict(self) -> Verdict:
        """How it stands."""
        return (self.limits and self.limits.verdict) or self.figure.verdict

    @property
    def share_within(self) -> float | None:
        """The share, 0 to 1, that it is judged by; None without limit or observations."""
        if self.limits is not None and self.limits.verdict and self.limits.estimate:
            return self.limits.estimate.value
        return self.figure.share_within

    def on_scale(self, milliseconds: int) -> int:
        """Return where a duration lies on the tile's scale, which runs from 0 to 1000."""
        longest = max(self.figure.p90 or 0, self.figure.limit or 0, 1)
        return milliseconds * 950 // longest

    @property
    def badness(self) -> tuple[int, float, bool, bool]:
        """What tiles are ordered by: the worst first; of those not wrong the spans, then moments of truth."""
        share = self.share_within if self.verdict in _WRONG else None
        return _RANK[self.verdict], share or 0.0, not self.is_span, not self.moment_of_truth


@dataclass(frozen=True)
class Stop:
    """A touchpoint on the journey's line; `kpi` is the worst of those about it."""

    point: Point
    picture: Picture
    today: int
    gap: DurationFigure
    kpi: KpiStanding | None


@dataclass(frozen=True)
class Band:
    """A phase on the journey's line."""

    phase: Phase
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Board:
    """A journey's wallboard: `alarms` are the KPIs that need a look, which come before all else.

    `over` and `partly` count all that is wrong; `hidden` what is fine and has no tile.
    """

    alarms: tuple[KpiStanding, ...]
    tiles: tuple[Tile, ...]
    hidden: int
    over: int
    partly: int
    judged: int
    limited: int
    bands: tuple[Band, ...]
    kpis: tuple[KpiStanding, ...]

    @property
    def below(self) -> int:
        """How many KPIs are not on their norm."""
        return sum(standing.state is State.BELOW_NORM for standing in self.kpis)

    @property
    def stopped(self) -> int:
        """How many KPIs are not measured any more."""
        return sum(standing.state is State.STOPPED for standing in self.kpis)

    @property
    def stops(self) -> int:
        """How many touchpoints the line has."""
        return sum(len(band.stops) for band in self.bands)


def board(snapshot: JourneySnapshot, enough: int) -> Board:
    """Return what the wallboard of a journey says; under `enough` scores there is no figure of them."""
    histograms = snapshot.windows[WINDOW]
    tiles = sorted(_tiles(snapshot.drawn, histograms), key=lambda tile: tile.badness)
    alarms = tuple(standing for standing in snapshot.kpis if standing.state in _ALARMING)[: MOST_TILES - 1]
    shown = _worth_showing(tiles, MOST_TILES - len(alarms))
    verdicts = [tile.verdict for tile in tiles]
    return Board(
        alarms=alarms,
        tiles=shown,
        hidden=len(tiles) - len(shown),
        over=verdicts.count(Verdict.OVER),
        partly=verdicts.count(Verdict.PARTLY),
        judged=sum(verdict in (*_WRONG, Verdict.WITHIN) for verdict in verdicts),
        limited=sum(tile.figure.limit is not None for tile in tiles),
        bands=_bands(snapshot, histograms, enough),
        kpis=tuple(snapshot.kpis),
    )


def visits(histograms: Histograms, touchpoint: str | None = None) -> int:
    """Return the visits to a touchpoint, or to all of them."""
    return number_of(Measure.VOLUME, histograms, touchpoint)


def gap_figure(histograms: Histograms, touchpoint: Touchpoint) -> DurationFigure:
    """Return the gap before a touchpoint, over all departments."""
    found = [
        histogram
        for subject, histogram in histograms.items()
        if subject.measure == Measure.GAP and subject.touchpoint == touchpoint.id
    ]
    return duration_figure(Measure.GAP, found, touchpoint.gap_limit)


def span_figure(histograms: Histograms, span: str, limit: timedelta | None) -> DurationFigure:
    """Return the throughput time of a span, wherever it ended."""
    found = [
        histogram
        for subject, histogram in histograms.items()
        if subject.measure == Measure.THROUGHPUT and subject.span == span
    ]
    return duration_figure(Measure.THROUGHPUT, found, limit)


def _tiles(drawn: Journey, histograms: Histograms) -> Sequence[Tile]:
    spans = [
        Tile(span.name, True, _ends_in_truth(drawn, span.end), *_of_span(histograms, span.id, span.limit))
        for span in drawn.spans
    ]
    whole = Tile(None, True, False, *_of_span(histograms, CASE_SPAN, drawn.case_limit))
    gaps = [
        Tile(touchpoint.name, False, touchpoint.moment_of_truth, gap_figure(histograms, touchpoint))
        for touchpoint in drawn.touchpoints
        if touchpoint.gap_limit is not None
    ]
    return [*spans, whole, *gaps]


def _of_span(histograms: Histograms, span: str, limit: timedelta | None) -> tuple[DurationFigure, KeptLimits | None]:
    return span_figure(histograms, span, limit), None if limit is None else kept_limits(histograms, span)


def _ends_in_truth(drawn: Journey, end: str) -> bool:
    return drawn.touchpoint(end).moment_of_truth


def _worth_showing(tiles: Sequence[Tile], room: int) -> tuple[Tile, ...]:
    """Return what is wrong and every span; a board with little of that is filled up with what is fine."""
    wanted = [tile for tile in tiles if tile.is_span or tile.verdict in _WRONG]
    spare = [tile for tile in tiles if tile not in wanted]
    chosen = [*wanted, *spare[: max(0, _FEWEST_TILES - len(wanted))]]
    return tuple(sorted(chosen, key=lambda tile: tile.badness)[:room])


def _bands(snapshot: JourneySnapshot, histograms: Histograms, enough: int) -> tuple[Band, ...]:
    points = curve(snapshot.drawn, said_in(histograms), histograms, enough)
    drawn = zip(points, pictures(points), strict=True)
    worst = {standing.touchpoint: standing for standing in reversed(snapshot.kpis)}  # they come worst first
    return tuple(
        Band(
            phase,
            tuple(
                Stop(
                    *next(drawn),
                    snapshot.today.get(touchpoint.id, 0),
                    gap_figure(histograms, touchpoint),
                    worst.get(touchpoint.id),
                )
                for touchpoint in phase.touchpoints
            ),
        )
        for phase in snapshot.drawn.phases
    )
