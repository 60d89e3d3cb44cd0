"""The wallboard: its page, and the stream of events that keeps it up to date."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import anyio
import orjson
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.monitor.figures.freshness import freshness
from services.monitor.figures.snapshot import Poller, Snapshot
from services.monitor.pages.html import Pages, Reader, reader
from services.monitor.wallboard.board import WINDOW, board, visits

_TURN_SECONDS = 1.0
_RECONNECT_MS = 2000
_SEND_SECONDS = 10.0
_PARTS = ("headline", "tiles", "totals", "line", "note", "demo")


@dataclass(frozen=True)
class Frame:
    """The board at one moment: whether it is still, the time of its figures, and its regions as HTML."""

    still: bool
    as_of: str
    regions: dict[str, str]


@dataclass(frozen=True)
class Wall:
    """Renders boards from the poller's snapshot; the parts that all screens share are rendered once a snapshot."""

    poller: Poller
    pages: Pages
    enough_answers: int
    _rendered: dict[tuple[str, str], tuple[Snapshot, dict[str, str]]] = field(default_factory=dict)

    def frame(self, journey: str, reader: Reader, now: datetime) -> Frame:
        """Return the board of a journey; raise Missing if there is no such journey."""
        snapshot = self.poller.snapshot
        if snapshot is not None and journey not in snapshot.journeys:
            raise reader.no_such_journey(journey)
        zone = snapshot.journeys[journey].drawn.zone if snapshot else ZoneInfo("UTC")
        fresh = freshness(snapshot, now)
        parts = self._parts(snapshot, journey, reader) if snapshot else dict.fromkeys(_PARTS, "")
        status = self.pages.render("_status.html", reader, zone, fresh=fresh, now=now, known=snapshot is not None)
        as_of = f"{snapshot.taken_at.astimezone(zone):%H:%M:%S}" if snapshot else ""
        return Frame(fresh.trouble is not None, as_of, {"status": status} | parts)

    def name(self, journey: str, reader: Reader) -> str:
        """Return a journey's name; its id while nothing has been read yet."""
        snapshot = self.poller.snapshot
        return reader.name(snapshot.journeys[journey].drawn.name) if snapshot else journey

    def _parts(self, snapshot: Snapshot, journey: str, reader: Reader) -> dict[str, str]:
        key = journey, reader.language.value
        of, parts = self._rendered.get(key, (None, {}))
        if of is not snapshot:
            shown = snapshot.journeys[journey]
            names = reader.touchpoint_names(snapshot.catalogue.versions(journey))
            values = {"shown": shown, "board": board(shown, self.enough_answers), "names": names, "lag": snapshot.lag}
            values["now"] = snapshot.taken_at
            values["demo"] = self.poller.demo
            parts = {part: self.pages.render(f"_{part}.html", reader, shown.drawn.zone, **values) for part in _PARTS}
            self._rendered[key] = snapshot, parts
        return parts

    async def events(self, journey: str, reader: Reader, leaving: anyio.Event) -> AsyncIterator[ServerSentEvent]:
        """Yield the board at every turn of the poller: each time only the regions that have changed."""
        sent: dict[str, str] = {}
        while not leaving.is_set():
            frame = self.frame(journey, reader, self.poller.clock())
            changed = {region: html for region, html in frame.regions.items() if sent.get(region) != html}
            sent |= changed
            data = {"still": frame.still, "as_of": frame.as_of, "build": self.pages.build, "regions": changed}
            yield ServerSentEvent(orjson.dumps(data).decode(), event="board", retry=_RECONNECT_MS)
            await self.poller.next_turn(_TURN_SECONDS)


def router(wall: Wall) -> APIRouter:
    """Return the routes of the overview, the wallboards and their streams."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def overview(request: Request) -> Response:
        """Show the journeys; with only one, its wallboard."""
        asking, snapshot = reader(request), wall.poller.snapshot
        journeys = snapshot.journeys if snapshot else {}
        if len(journeys) == 1:
            return RedirectResponse(asking.link(f"/wallboard/{next(iter(journeys))}"))
        rows = [(journey, visits(journey.windows[WINDOW])) for journey in journeys.values()]
        return wall.pages.respond("overview.html", asking, rows=rows, known=snapshot is not None)

    @routes.get("/wallboard/{journey}")
    async def wallboard(request: Request, journey: str) -> HTMLResponse:
        """Show the wallboard of a journey."""
        asking = reader(request)
        frame = wall.frame(journey, asking, wall.poller.clock())
        name = wall.name(journey, asking)
        return wall.pages.respond("wallboard.html", asking, journey=journey, name=name, frame=frame)

    @routes.get("/wallboard/{journey}/stream")
    async def stream(request: Request, journey: str) -> EventSourceResponse:
        """Send the board as it changes."""
        asking = reader(request)
        wall.frame(journey, asking, wall.poller.clock())
        leaving = anyio.Event()
        return EventSourceResponse(
            wall.events(journey, asking, leaving),
            ping=0,
            send_timeout=_SEND_SECONDS,
            shutdown_event=leaving,
            shutdown_grace_period=2 * _TURN_SECONDS,
        )

    return routes
