"""The pages about cases: who waits longest, and what happened to one."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.monitor.cases.case_timeline import CaseTimeline, case_timeline, departures_of
from services.monitor.figures.snapshot import Clock
from services.monitor.http.cursor import BadCursorError, next_waiting, place_of
from services.monitor.pages.html import Missing, Pages, Reader, reader
from services.store.reading import AFTER_ALL, BEFORE_ALL, CaseRow, FlagRow, Reading

_PAGE = 50
_LAST_CLOSED = 10
_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True)
class WaitingPage:
    """A page of open cases, and the cursor of the next one."""

    rows: Sequence[CaseRow]
    next: str | None
    is_later: bool


@dataclass(frozen=True)
class FlaggedPage:
    """The flags that are longest overdue, and how many more there are."""

    rows: Sequence[FlagRow]
    more: int


def by_case(flags: Sequence[FlagRow]) -> Mapping[int, Sequence[FlagRow]]:
    """Return flags by the key of their case."""
    found: dict[int, list[FlagRow]] = defaultdict(list)
    for flag in flags:
        found[flag.case_key].append(flag)
    return found


def router(reading: Reading, pages: Pages, clock: Clock) -> APIRouter:
    """Return the routes of the pages about cases."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/journeys/{journey}/cases")
    async def cases(request: Request, journey: str, cursor: str | None = None) -> HTMLResponse:
        """List the open cases, longest waiting first, and the last that were closed."""
        asking = reader(request)
        catalogue = await reading.catalogue()
        drawn = asking.versions(catalogue, journey)[-1].journey
        try:
            after = place_of(cursor) if cursor else BEFORE_ALL
        except BadCursorError as error:
            raise Missing(str(error), back=_back_to_cases(asking, journey)) from None
        async with reading.moment() as moment:
            rows = await moment.waiting_cases(journey, after, _PAGE)
            flagged = await moment.open_flags(journey, BEFORE_ALL, _PAGE)
            flags = await moment.open_flags_of([row.case_key for row in rows])
            standing = sum((await moment.flag_counts(journey)).values())
            closed = await moment.closed_cases(journey, AFTER_ALL, _LAST_CLOSED)
        return pages.respond(
            "cases.html",
            asking,
            drawn.zone,
            drawn=drawn,
            names=asking.touchpoint_names(catalogue.versions(journey)),
            waiting=WaitingPage(rows, next_waiting(rows, _PAGE), cursor is not None),
            flagged=FlaggedPage(flagged, standing - len(flagged)),
            flags=by_case(flags),
            closed=closed,
            now=clock(),
        )

    @routes.get("/journeys/{journey}/cases/{case_id:path}")
    async def case(request: Request, journey: str, case_id: str) -> HTMLResponse:
        """Show the timeline of a case."""
        asking = reader(request)
        catalogue = await reading.catalogue()
        drawn = asking.versions(catalogue, journey)[-1].journey
        async with reading.moment() as moment:
            row = await moment.one_case(journey, case_id)
            visits = await moment.visits_of_case(row.case_key) if row else ()
            flags = await moment.open_flags_of([row.case_key]) if row else ()
        if row is None:
            sentence = asking.words.no_such_case.format(case=case_id)
            raise Missing(sentence, asking.words.no_such_case_why, _back_to_cases(asking, journey))
        timeline = case_timeline(visits, catalogue.by_number(journey), clock())
        return pages.respond(
            "case.html",
            asking,
            drawn.zone,
            drawn=drawn,
            names=asking.touchpoint_names(catalogue.versions(journey)),
            case=row,
            flags=flags,
            timeline=timeline,
            departures=departures_of(timeline, catalogue, journey),
            heights=_heights(timeline),
        )

    return routes


def _back_to_cases(asking: Reader, journey: str) -> tuple[str, str]:
    return asking.words.back_to_cases, asking.link(f"/journeys/{journey}/cases")


def _heights(timeline: CaseTimeline) -> list[int]:
    """Return how long each gap is drawn, in pixels, the wait until now last: longer is longer, but less than twice."""
    lengths = [step.gap.milliseconds if step.gap else 0 for step in timeline.steps] + [timeline.waiting or 0]
    return [round(32 + 24 * math.log2(1 + length / _DAY_MS)) for length in lengths]
