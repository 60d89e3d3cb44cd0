"""The JSON API for improvements: the backlog by priority, adding to it, planning, doing and withdrawing."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from schemas.improvement import Day, ImprovementRevision, Proposal
from schemas.journey import Journey
from schemas.values import without_nul
from services.monitor.access.visitors import Name, visitor
from services.monitor.figures.snapshot import Clock
from services.monitor.http import api_models as models
from services.monitor.http.body import json_model, json_request
from services.monitor.http.problems import ProblemError, documented
from services.monitor.improvements.backlog import Ranked, read_backlog
from services.monitor.improvements.improvement_desk import ImprovementDesk
from services.monitor.journey.journeys_api import journey_versions
from services.monitor.kpis.alerts_page import LONGEST_NOTE
from services.store.improvements import read_revisions
from services.store.reading import Reading
from streams.priority import Priority

_MAX_BYTES = 16 * 1024

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE), AfterValidator(without_nul)]
Revision = Annotated[int, Field(ge=1, lt=2**31, description="The revision that was seen, and is to change.")]
Number = Annotated[int, Path(ge=1, lt=2**63)]
"""By what number an improvement is known."""


class NewImprovement(Proposal):
    """An improvement, who writes it and what they say of it."""

    by: Name
    note: Note = ""


class ChangedImprovement(NewImprovement):
    """How an improvement is to read from now on, all of it."""

    revision: Revision


class DoneImprovement(BaseModel):
    """On which day an improvement was made, and who says so."""

    revision: Revision
    done_on: Day
    by: Name
    note: Note = ""


class WithdrawnImprovement(BaseModel):
    """Who withdraws an improvement, and which revision they have seen of it."""

    revision: Revision
    by: Name
    note: Note = ""


def router(reading: Reading, desk: ImprovementDesk, clock: Clock, enough: int) -> APIRouter:
    """Return the part of the API that is about improvements; under `enough` scores a touchpoint has no priority."""
    routes = APIRouter(
        prefix="/api/journeys/{journey}/improvements", tags=["improvements"], responses=documented(401, 404, 422, 503)
    )
    _add_looking(routes, reading, clock, enough)
    _add_writing(routes, reading, desk)
    return routes


def _add_looking(routes: APIRouter, reading: Reading, clock: Clock, enough: int) -> None:
    @routes.get("", summary="The backlog, by priority")
    async def improvements(
        journey: str, withdrawn: Annotated[bool, Query(description="Those that were withdrawn, too.")] = False
    ) -> models.Improvements:
        """List what is to be done, the highest priority first, and then what was done, the latest first."""
        versions = await journey_versions(reading, journey)
        async with reading.moment() as moment:
            found = await read_backlog(moment, versions, clock(), enough)
        listed = (*found.open, *found.done, *(found.withdrawn if withdrawn else ()))
        return models.Improvements(items=[_improvement(each, versions[-1].journey.zone) for each in listed])

    @routes.get("/{number}", summary="An improvement, and who changed what in it")
    async def improvement(journey: str, number: Number) -> models.ImprovementDetail:
        """Return how it reads now, and every revision of it."""
        versions = await journey_versions(reading, journey)
        async with reading.moment() as moment:
            found = (await read_backlog(moment, versions, clock(), enough)).find(number)
            revisions = await read_revisions(moment, journey, number)
        if found is None:
            raise ProblemError(404, f"journey {journey!r} has no improvement {number}")
        zone = versions[-1].journey.zone
        now = _improvement(found, zone).model_dump()
        return models.ImprovementDetail(**now, revisions=[_revision(each, zone) for each in revisions])


def _add_writing(routes: APIRouter, reading: Reading, desk: ImprovementDesk) -> None:
    changing = documented(403, 409, 413, 415)

    async def drawn_as(journey: str) -> Journey:
        return (await journey_versions(reading, journey))[-1].journey

    @routes.post(
        "",
        status_code=201,
        summary="Add an improvement",
        responses=documented(403, 413, 415),
        openapi_extra={"requestBody": json_request(NewImprovement)},
    )
    async def add(request: Request, journey: str) -> models.ImprovementNumber:
        """Add one, planned or not, or done already.

        Of somebody whom a proxy names it is noted under that name, whatever `by` says.
        """
        asked = await json_model(request, NewImprovement, _MAX_BYTES)
        by = _by(request, asked.by)
        number = await desk.add(await drawn_as(journey), _proposal(asked), by=by, note=asked.note)
        return models.ImprovementNumber(id=number, revision=1)

    @routes.put(
        "/{number}",
        summary="Change an improvement, or plan it",
        responses=changing,
        openapi_extra={"requestBody": json_request(ChangedImprovement)},
    )
    async def change(request: Request, journey: str, number: Number) -> models.ImprovementNumber:
        """Let it read otherwise from now on; how it read before is kept. 409: somebody else changed it meanwhile."""
        asked = await json_model(request, ChangedImprovement, _MAX_BYTES)
        by = _by(request, asked.by)
        await desk.change(await drawn_as(journey), number, asked.revision, _proposal(asked), by=by, note=asked.note)
        return models.ImprovementNumber(id=number, revision=asked.revision + 1)

    @routes.post(
        "/{number}/done",
        summary="Say that an improvement was made",
        responses=changing,
        openapi_extra={"requestBody": json_request(DoneImprovement)},
    )
    async def done(request: Request, journey: str, number: Number) -> models.ImprovementNumber:
        """Note the day on which it was made. 409: somebody else changed it meanwhile."""
        asked = await json_model(request, DoneImprovement, _MAX_BYTES)
        by = _by(request, asked.by)
        await desk.done(await drawn_as(journey), number, asked.revision, asked.done_on, by=by, note=asked.note)
        return models.ImprovementNumber(id=number, revision=asked.revision + 1)

    @routes.delete("/{number}", status_code=204, summary="Withdraw an improvement", responses=documented(403, 409))
    async def withdraw(
        request: Request, journey: str, number: Number, asked: Annotated[WithdrawnImprovement, Query()]
    ) -> None:
        """Withdraw it, for ever; that it was there, and who withdrew it, is kept."""
        by = _by(request, asked.by)
        await desk.withdraw(await drawn_as(journey), number, asked.revision, by=by, note=asked.note)


def _by(request: Request, by: str) -> str:
    return visitor(request).name or by


def _proposal(asked: NewImprovement) -> Proposal:
    return Proposal.model_validate(asked.model_dump(include=set(Proposal.model_fields)))


def _improvement(each: Ranked, zone: ZoneInfo) -> models.Improvement:
    kept = each.improvement
    return models.Improvement(
        id=kept.id,
        revision=kept.revision,
        state=each.state.value,
        **_said(kept),
        priority=_priority(each.priority),
        written_at=kept.written_at.astimezone(zone),
        written_by=kept.written_by,
        withdrawn_at=kept.withdrawn_at and kept.withdrawn_at.astimezone(zone),
        withdrawn_by=kept.withdrawn_by,
    )


def _revision(each: ImprovementRevision, zone: ZoneInfo) -> models.ImprovementRevision:
    return models.ImprovementRevision(
        revision=each.revision,
        at=each.at.astimezone(zone),
        by=each.by,
        note=each.note,
        withdrawn=each.withdrawn,
        **_said(each.proposal),
    )


def _said(proposal: Proposal) -> dict[str, Any]:
    return proposal.model_dump(include=set(Proposal.model_fields))


def _priority(found: Priority) -> models.Priority:
    return models.Priority(
        value=found.value,
        importance=found.importance,
        gap=found.gap,
        volume=found.volume,
        score=found.score,
        aim=found.aim,
        aim_is=None if found.aim is None else "ideal" if found.aims_at_ideal else "norm",
        unknown=[each.value for each in found.unknown],
    )
