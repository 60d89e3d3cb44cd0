"""What `klantreis improvement` does and says: the backlog by priority, adding to it, planning, doing, withdrawing."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from schemas.improvement import MEASURES, Expected, Improvement, Proposal
from schemas.journey import Catalogue, Journey
from services.monitor.http.problems import ProblemError
from services.monitor.improvements.backlog import Backlog, State, read_backlog
from services.monitor.improvements.improvement_desk import ImprovementDesk
from services.store.improvements import Improvements, read_improvements
from services.store.reading import Reading
from services.store.writing_pool import WritingPool
from streams.priority import Priority

_EFFECT = re.compile(r"(?P<of>[a-z0-9][a-z0-9_-]*)=(?P<sign>[+-])(?P<size>[0-9]+(\.[0-9]+)?)", re.ASCII)


class Refused(ValueError):  # noqa: N818 - an answer, not a mistake
    """What was asked for cannot be done; the message says why."""


class Shelf:
    """The improvements of a database, for one command."""

    def __init__(self, reading: Reading, desk: ImprovementDesk) -> None:
        self._reading = reading
        self._desk = desk

    async def say(self, journey: str | None, now: datetime, enough: int, console: Console) -> None:
        """Print the backlog of a journey, the highest priority first, then what was done."""
        catalogue = await self._reading.catalogue()
        drawn = _drawn(catalogue, journey)
        async with self._reading.moment() as moment:
            backlog = await read_backlog(moment, catalogue.versions(drawn.id), now, enough)
        _say(backlog, console)

    async def add(self, journey: str | None, given: dict[str, Any], *, by: str, note: str) -> int:
        """Add an improvement and return its number."""
        drawn = _drawn(await self._reading.catalogue(), journey)
        return await self._desk.add(drawn, _proposal(given), by=by, note=note)

    async def plan(self, number: int, week: date, *, by: str, note: str) -> None:
        """Plan an improvement for a week."""
        drawn, held = await self._found(number)
        proposal = _proposal({**held.proposal.model_dump(), "planned_week": week})
        await self._desk.change(drawn, number, held.revision, proposal, by=by, note=note)

    async def done(self, number: int, day: date | None, *, by: str, note: str) -> None:
        """Note the day on which an improvement was made; None is today where the journey is."""
        drawn, held = await self._found(number)
        day = day or datetime.now(drawn.zone).date()
        await self._desk.done(drawn, number, held.revision, day, by=by, note=note)

    async def withdraw(self, number: int, *, by: str, note: str) -> None:
        """Withdraw an improvement."""
        drawn, held = await self._found(number)
        await self._desk.withdraw(drawn, number, held.revision, by=by, note=note)

    async def _found(self, number: int) -> tuple[Journey, Improvement]:
        catalogue = await self._reading.catalogue()
        async with self._reading.moment() as moment:
            for journey in catalogue.journeys():
                for each in await read_improvements(moment, journey):
                    if each.id == number:
                        return catalogue.latest(journey), each
        raise Refused(f"there is no improvement {number}; `klantreis improvement list` shows them")


@asynccontextmanager
async def shelf(database_url: str) -> AsyncIterator[Shelf]:
    """Open the improvements for as long as the block lasts. Raises Refused, and Unreadable, within the block too."""
    reading, pool = Reading(database_url), WritingPool(database_url)
    await reading.open()
    await pool.open()
    try:
        yield Shelf(reading, ImprovementDesk(reading, Improvements(pool), lambda: datetime.now(UTC)))
    except ProblemError as problem:
        raise Refused(problem.detail) from None
    finally:
        await pool.close()
        await reading.close()


def effect_in(text: str) -> Expected:
    """Read an effect such as satisfaction=+0.5 or, of a span in days, beslistermijn=-4. Raises Refused."""
    found = _EFFECT.fullmatch(text)
    if not found:
        raise Refused(
            f"--effect: {text!r} should be such as satisfaction=+0.5 or effort=+1 (in points), or SPAN=-4 (in days)"
        )
    of = found["of"]
    measured = {"measure": of} if of in MEASURES[:2] else {"measure": "throughput", "span": of}
    direction = "up" if found["sign"] == "+" else "down"
    try:
        return Expected.model_validate({**measured, "direction": direction, "size": found["size"]})
    except ValidationError as error:
        raise Refused(f"--effect: {_words(error)}") from None


def day_in(option: str, text: str) -> date:
    """Read a day, or a week such as 2026-W50, which is its Monday. Raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{option}: {text!r} should be a day such as 2026-12-07, or a week such as 2026-W50") from None


def _proposal(given: dict[str, Any]) -> Proposal:
    try:
        return Proposal.model_validate(given)
    except ValidationError as error:
        raise Refused(_words(error)) from None


def _words(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'it'}: {each['msg'].removeprefix('Value error, ')}"
        for each in error.errors()
    )


def _drawn(catalogue: Catalogue, journey: str | None) -> Journey:
    known = catalogue.journeys()
    if journey is None and len(known) == 1:
        return catalogue.latest(known[0])
    if journey is None or journey not in known:
        said = "is needed" if journey is None else f"{journey!r} is not a known journey"
        raise Refused(f"--journey: {said}; there are: {', '.join(known) or 'none'}")
    return catalogue.latest(journey)


_LEAST = 3, max(map(len, State)), len("2026-12-07")
"""Number, state and week stand on one line each, however narrow the terminal is."""


def _say(backlog: Backlog, console: Console) -> None:
    names = ("nr", "state", "week or day", "priority", "expected", "touchpoint", "what (owner)")
    table = Table(*names, box=None, pad_edge=False)
    for ranked in (*backlog.open, *backlog.done):
        kept = ranked.improvement
        table.add_row(
            str(kept.id),
            ranked.state.value,
            str(kept.held_on or "-"),
            "-" if ranked.state is State.DONE else _sum(ranked.priority),
            _effect(kept.effect),
            kept.touchpoint,
            f"{kept.what.en} ({kept.owner or 'nobody yet'})",
        )
    for column, width in zip(table.columns, _LEAST, strict=False):
        column.min_width, column.no_wrap = width, True
    console.print(table if table.row_count else "there is no improvement; `klantreis improvement add` makes one")


def _effect(effect: Expected) -> str:
    """Return an effect as it is written on the command line."""
    return f"{effect.span or effect.measure}={'+' if effect.direction == 'up' else '-'}{effect.size.normalize():f}"


def _sum(found: Priority) -> str:
    if found.value is None:
        return f"unknown: no {', no '.join(factor.value for factor in found.unknown)}"
    return f"{found.importance:f} x {found.gap:f} x {found.volume:,} = {found.value:,.0f}"
