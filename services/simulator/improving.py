"""What the demo's people improved and plan to improve, written through the same store as everybody's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from schemas.improvement import Expected, Improvement, Proposal
from schemas.journey_part import Label
from services.simulator.story import JOURNEY, Milestones
from services.store.improvements import Improvements, read_improvements
from services.store.reading import Reading
from services.store.writing_pool import WritingPool

_WEEK = timedelta(weeks=1)
_OWNER, _ANALYST = "Procesmanager vergunningen", "Klantonderzoek"
_PLANNED_AGO = (2, 1.5, 1)
"""How many weeks ago what is still to come was written down."""


@dataclass(frozen=True)
class Written:
    """How an improvement reads from a moment on."""

    at: datetime
    proposal: Proposal
    by: str


def improvements_of(milestones: Milestones) -> Sequence[Sequence[Written]]:
    """Return the revisions of each improvement of the demo, oldest first; all lie before the anchor.

    The status message mends what went wrong, and customers meet it once it has been sent for a while. The change of
    inspections does nothing. The others are still to come, where the figures of the weeks before the anchor are worst.
    """
    introduced, changed = milestones.status_introduced, milestones.inspection_changed
    to_come = _to_come(_monday(milestones.anchor.date()))
    recovered = round((milestones.score_recovered - introduced) / _WEEK)
    status = Proposal(
        touchpoint="aanvullingsverzoek",
        what=Label(
            nl="Statusbericht: elke twee weken mailen hoe het met de aanvraag staat",
            en="Status message: mail every two weeks how the request stands",
        ),
        owner="Teamleider VG Vergunningen",
        effect=Expected.model_validate({"measure": "satisfaction", "direction": "up", "size": "1.5"}),
        settles_weeks=recovered,
    )
    inspection = Proposal(
        touchpoint="toezichtbezoek",
        what=Label(nl="Bezoek een week vooraf aankondigen", en="Announce the visit a week ahead"),
        owner="Teamleider Toezicht",
        effect=Expected.model_validate({"measure": "satisfaction", "direction": "up", "size": "0.5"}),
    )
    return [
        _done(status, milestones.alert + timedelta(days=2), introduced),
        _done(inspection, milestones.alert + timedelta(days=3), changed),
        *(
            [Written(milestones.weeks_ago(weeks), each, _OWNER)]
            for weeks, each in zip(_PLANNED_AGO, to_come, strict=True)
        ),
    ]


def _to_come(monday: date) -> Sequence[Proposal]:
    """Return what is planned after a week, where most is to be gained by the figures of the 90 days before it."""
    return [
        _planned(
            monday + 2 * _WEEK,
            "besluit",
            Label(
                nl="Besluit in gewone taal, met de reden op de eerste bladzijde",
                en="Decision in plain words, with the reason on the first page",
            ),
            "Teamleider VG Vergunningen",
            Expected.model_validate({"measure": "satisfaction", "direction": "up", "size": "0.5"}),
        ),
        _planned(
            monday + 5 * _WEEK,
            "vergunningcheck",
            Label(nl="Uitkomst van de check om te bewaren", en="Outcome of the check to keep"),
            "Team web",
            Expected.model_validate({"measure": "satisfaction", "direction": "up", "size": "0.4"}),
        ),
        _planned(
            monday + 9 * _WEEK,
            "aanvullingsverzoek",
            Label(nl="Lijst van stukken bij het begin van de aanvraag", en="List of documents as the request begins"),
            "Teamleider KCC",
            Expected.model_validate({"measure": "throughput", "span": "beslistermijn", "direction": "down", "size": 4}),
        ),
    ]


def _planned(week: date, touchpoint: str, what: Label, owner: str, effect: Expected) -> Proposal:
    return Proposal(touchpoint=touchpoint, what=what, owner=owner, effect=effect, planned_week=week)


def _done(proposal: Proposal, thought_of: datetime, made: datetime) -> Sequence[Written]:
    planned = proposal.model_copy(update={"planned_week": _monday(made.date())})
    return [
        Written(thought_of, proposal, _ANALYST),
        Written(thought_of + timedelta(days=4), planned, _OWNER),
        Written(made, planned.model_copy(update={"done_on": made.date()}), _OWNER),
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


async def write_improvements(database_url: str, milestones: Milestones) -> None:
    """Write what of the demo's improvements is not written yet; what somebody has changed meanwhile stays so.

    Raises Unreadable.
    """
    reading, pool = Reading(database_url), WritingPool(database_url)
    await reading.open()
    await pool.open()
    try:
        async with reading.moment() as moment:
            held = {each.written_at: each for each in await read_improvements(moment, JOURNEY)}
        for revisions in improvements_of(milestones):
            await _write(Improvements(pool), revisions, held)
    finally:
        await pool.close()
        await reading.close()


async def _write(to: Improvements, revisions: Sequence[Written], held: Mapping[datetime, Improvement]) -> None:
    first = revisions[0]
    known = held.get(first.at)
    if known is None:
        number, revision = await to.add(JOURNEY, first.proposal, by=first.by, now=first.at), 1
    else:
        number, revision = known.id, known.revision
    for place, (_, each) in enumerate(pairwise(revisions), 1):
        if place >= revision:
            await to.change(JOURNEY, number, place, each.proposal, by=each.by, now=each.at)
