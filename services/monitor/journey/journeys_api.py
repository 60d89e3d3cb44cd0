"""The JSON API for reading: journeys, figures, cases, lag."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query

from schemas.journey import CASE_SPAN, Catalogue, Journey, JourneyVersion
from services.monitor.cases.case_timeline import CaseTimeline, case_timeline, departures_of
from services.monitor.figures.asked import Window
from services.monitor.figures.histograms import DurationFigure
from services.monitor.figures.kept_limits import KeptLimits, kept_limits
from services.monitor.figures.rolling_windows import read_parts
from services.monitor.figures.snapshot import Poller, Snapshot
from services.monitor.http import api_models as models
from services.monitor.http.cursor import BadCursorError, next_closed, next_waiting, place_of
from services.monitor.http.problems import ProblemError, documented, unavailable
from services.monitor.wallboard.board import WINDOW, gap_figure, span_figure, visits
from services.store.reading import AFTER_ALL, BEFORE_ALL, CaseRow, FlagRow, Histograms, Moment, Place, Reading
from streams.conformance import Departure
from streams.rolling import ROLLING, parts, rolling

Limit = Annotated[int, Query(ge=1, le=500, description="How many cases a page holds.")]
Cursor = Annotated[str | None, Query(description="The `next` of the page before.")]


def router(reading: Reading, poller: Poller) -> APIRouter:
    """Return the reading half of the API."""
    routes = APIRouter(prefix="/api", tags=["figures"], responses=documented(401, 503))

    @routes.get("/journeys", summary="All journeys")
    async def journeys() -> models.Journeys:
        """List the journeys with how much goes on in them, as the wallboard shows it."""
        return models.Journeys(items=_summaries(_snapshot(poller)))

    @routes.get("/journeys/{journey}", summary="A journey as it is drawn now", responses=documented(404))
    async def journey(journey: str) -> JourneyVersion:
        """Return the newest version of a journey's definition."""
        return _versions(await reading.catalogue(), journey)[-1]

    @routes.get(
        "/journeys/{journey}/figures", summary="A journey over a rolling window", responses=documented(404, 422)
    )
    async def figures(journey: str, window: Window = "28d") -> models.Figures:
        """Return volume and gap of every touchpoint, the throughput time of every span and how its limits were kept."""
        drawn = (await journey_versions(reading, journey))[-1].journey
        now = poller.clock()
        async with reading.moment() as moment:
            histograms = await read_parts(moment, journey, parts(ROLLING[window], now, drawn.zone), now)
        return _figures(drawn, window, now, histograms)

    @routes.get("/journeys/{journey}/cases", summary="Open or closed cases", responses=documented(404, 422))
    async def cases(
        journey: str, state: Literal["open", "closed"] = "open", cursor: Cursor = None, limit: Limit = 50
    ) -> models.Cases:
        """List open cases, longest without a touchpoint first; or closed ones, last closed first."""
        zone = (await journey_versions(reading, journey))[-1].journey.zone
        after = place(cursor)
        async with reading.moment() as moment:
            rows, following = await _LISTS[state](moment, journey, after, limit)
        return models.Cases(items=[_case_summary(row, zone, poller.clock()) for row in rows], next=following)

    @routes.get("/journeys/{journey}/cases/{case_id:path}", summary="One case's timeline", responses=documented(404))
    async def case(journey: str, case_id: str) -> models.CaseDetail:
        """Return what happened in a case. No customer or employee is in it."""
        catalogue = await reading.catalogue()
        zone = _versions(catalogue, journey)[-1].journey.zone
        async with reading.moment() as moment:
            row = await moment.one_case(journey, case_id)
            stored = await moment.visits_of_case(row.case_key) if row else ()
            flags = await moment.open_flags_of([row.case_key]) if row else ()
        if row is None:
            raise ProblemError(404, f"case {case_id!r} is not known in journey {journey!r}")
        timeline = case_timeline(stored, catalogue.by_number(journey), poller.clock())
        return _case_detail(row, timeline, flags, departures_of(timeline, catalogue, journey), zone)

    @routes.get("/lag", summary="How far counting lies behind the log", tags=["health"])
    async def lag() -> models.Lag:
        """Return what is in the log and has not been counted, as the wallboard shows it."""
        return _lag(_snapshot(poller))

    return routes


async def journey_versions(reading: Reading, journey: str) -> Sequence[JourneyVersion]:
    """Return the versions of a journey, newest last; a problem with status 404 if it is not known."""
    return _versions(await reading.catalogue(), journey)


def _snapshot(poller: Poller) -> Snapshot:
    if poller.snapshot is None:
        raise unavailable(poller.failing or "nothing has been read yet")
    return poller.snapshot


def _versions(catalogue: Catalogue, journey: str) -> Sequence[JourneyVersion]:
    versions = catalogue.versions(journey)
    if not versions:
        known = ", ".join(catalogue.journeys()) or "none yet"
        raise ProblemError(404, f"{journey!r} is not a known journey ({known})")
    return versions


def place(cursor: str | None) -> Place | None:
    """Return the place that a cursor stands for, None if there is none; a problem with status 422 if it is not ours."""
    try:
        return place_of(cursor) if cursor else None
    except BadCursorError as error:
        raise ProblemError(422, str(error), errors=[{"field": "cursor", "detail": str(error)}]) from None


_Listed = tuple[Sequence[CaseRow], str | None]


async def _open(moment: Moment, journey: str, after: Place | None, limit: int) -> _Listed:
    rows = await moment.waiting_cases(journey, after or BEFORE_ALL, limit)
    return rows, next_waiting(rows, limit)


async def _closed(moment: Moment, journey: str, after: Place | None, limit: int) -> _Listed:
    rows = await moment.closed_cases(journey, after or AFTER_ALL, limit)
    return rows, next_closed(rows, limit)


_LISTS: dict[str, Callable[[Moment, str, Place | None, int], Awaitable[_Listed]]] = {"open": _open, "closed": _closed}


def _summaries(snapshot: Snapshot) -> list[models.JourneySummary]:
    return [
        models.JourneySummary(
            id=journey.drawn.id,
            name=journey.drawn.name.model_dump(),
            volume_28d=visits(journey.windows[WINDOW]),
            open_cases=journey.counts.open,
        )
        for journey in snapshot.journeys.values()
    ]


def _figures(drawn: Journey, window: str, now: datetime, histograms: Histograms) -> models.Figures:
    limits = {CASE_SPAN: drawn.case_limit} | {span.id: span.limit for span in drawn.spans}
    _, start, end = rolling(ROLLING[window], now)
    return models.Figures(
        journey=drawn.id,
        window=window,
        start=start.astimezone(drawn.zone),
        end=end.astimezone(drawn.zone),
        touchpoints=[
            models.TouchpointFigures(
                id=touchpoint.id,
                moment_of_truth=touchpoint.moment_of_truth,
                volume=visits(histograms, touchpoint.id),
                gap=duration(gap_figure(histograms, touchpoint)),
            )
            for touchpoint in drawn.touchpoints
        ],
        spans=[
            models.SpanFigures(
                id=span,
                throughput=duration(span_figure(histograms, span, limit)),
                within=None if limit is None else _within(kept_limits(histograms, span)),
            )
            for span, limit in limits.items()
        ],
    )


def _within(limits: KeptLimits) -> models.Within:
    estimate = limits.estimate
    return models.Within(
        due=limits.due, kept=limits.kept, share=estimate and models.Estimate.model_validate(estimate._asdict())
    )


def duration(figure: DurationFigure) -> models.Duration:
    """Return a duration as the API tells it."""
    return models.Duration(
        n=figure.n,
        mean_seconds=_seconds(figure.mean),
        median_seconds=_seconds(figure.median),
        p90_seconds=_seconds(figure.p90),
        limit_seconds=_seconds(figure.limit),
        share_within_limit=figure.share_within,
        verdict=figure.verdict.value,
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if moment is None else moment.astimezone(zone)


def _case_summary(row: CaseRow, zone: ZoneInfo, now: datetime) -> models.CaseSummary:
    waiting = None if row.closed_at or row.last_at is None else max(0.0, (now - row.last_at).total_seconds())
    return models.CaseSummary.model_validate(
        {
            "case_id": row.case_id,
            "opened_at": _local(row.opened_at, zone),
            "closed_at": _local(row.closed_at, zone),
            "last_at": _local(row.last_at, zone),
            "last_touchpoint": row.last_touchpoint,
            "last_department": row.last_department,
            "waiting_seconds": waiting,
        }
    )


def flag_of(row: FlagRow, zone: ZoneInfo) -> models.Flag:
    """Return a flag as the API tells it, by the journey's clock."""
    return models.Flag.model_validate(
        {
            "case_id": row.case_id,
            "kind": row.kind,
            "touchpoint": row.touchpoint,
            "after": row.after,
            "since": _local(row.since, zone),
            "due_at": _local(row.due_at, zone),
            "flagged_at": _local(row.flagged_at, zone),
        }
    )


def _case_detail(
    row: CaseRow, timeline: CaseTimeline, flags: Sequence[FlagRow], departed: Sequence[Departure], zone: ZoneInfo
) -> models.CaseDetail:
    return models.CaseDetail(
        case_id=row.case_id,
        state="withdrawn" if not timeline.steps else "open" if timeline.waiting is not None else "closed",
        opened_at=_local(timeline.opened_at, zone),
        closed_at=_local(timeline.closed_at, zone),
        waiting_seconds=_seconds(timeline.waiting),
        awaited=timeline.awaited.party.value if timeline.awaited else None,
        touchpoints=[
            models.CaseTouchpoint(
                touchpoint=step.touchpoint.id,
                occurred_at=step.visit.occurred_at.astimezone(zone),
                started_at=_local(step.visit.started_at, zone),
                channel=step.visit.channel,
                department=step.visit.department,
                gap_seconds=_seconds(step.gap.milliseconds) if step.gap else None,
                gap_limit_seconds=_seconds(step.gap.limit) if step.gap else None,
                awaited=step.awaited.value if step.gap else None,
            )
            for step in timeline.steps
        ],
        spans=[
            models.CaseSpan(
                id=span.span.id,
                progress=span.progress.value,
                seconds=span.milliseconds / 1000,
                limit_seconds=_seconds(span.limit),
                due_at=_local(span.due, zone),
                late=span.is_late,
            )
            for span in timeline.spans
        ],
        flags=[flag_of(flag, zone) for flag in flags],
        departures=[models.DepartureAt(**each._asdict()) for each in departed],
    )


def _lag(snapshot: Snapshot) -> models.Lag:
    lag = snapshot.lag
    return models.Lag(
        records=lag.records,
        seconds=lag.seconds(snapshot.taken_at),
        checked_at=snapshot.taken_at,
        worker_seen_at=lag.worker_seen_at,
        partitions=[
            models.PartitionLag(
                topic=each.topic,
                partition=each.partition,
                next_offset=each.next_offset,
                end_offset=each.end_offset,
                records=each.records,
            )
            for each in lag.partitions
        ],
    )
