"""New events and the cases they belong to -> everything that is to be written. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.journey import Catalogue
from schemas.touchpoint_event import TouchpointEvent
from streams.observations import Observation, changes, observe
from streams.ports import NewVisit, StoredCase
from streams.timeline import CaseStatus, Visit, visit_of
from streams.windows import Increments, RetainedFrom, fold


class StaleCatalogue(Exception):  # noqa: N818 - an answer, not a mistake
    """A visit was stored under a journey version that this catalogue does not know yet."""


@dataclass(frozen=True)
class Counted:
    """What counting a batch comes to: visits to store, where each case stands (by case key), windows to raise."""

    visits: Sequence[NewVisit]
    statuses: Mapping[int, CaseStatus]
    increments: Increments


def count(
    events: Iterable[TouchpointEvent],
    cases: Mapping[tuple[str, str], StoredCase],
    catalogue: Catalogue,
    retained_from: RetainedFrom,
) -> Counted:
    """Count events that were never counted before; `cases` holds each one's case, by (journey, case_id).

    A case is observed as it was and as it is now. Only the difference counts, so an event that comes late leaves
    the figures that it would have left in time. Raises StaleCatalogue.
    """
    arrived: dict[tuple[str, str], list[NewVisit]] = defaultdict(list)
    for event in events:
        version = catalogue.at(event.journey, event.occurred_at).version
        arrived[event.case_key].append(NewVisit(cases[event.case_key].case_key, version, event))
    statuses: dict[int, CaseStatus] = {}
    difference: list[tuple[Observation, int]] = []
    for key, visits in arrived.items():
        case = cases[key]
        statuses[case.case_key], observed = _recount(key[0], case.visits, visits, catalogue)
        difference += observed
    zones = {journey: catalogue.latest(journey).zone for journey, _ in arrived}
    return Counted(
        visits=[visit for visits in arrived.values() for visit in visits],
        statuses=statuses,
        increments=fold(difference, zones, retained_from),
    )


def _recount(
    journey: str, stored: Sequence[Visit], arrived: Sequence[NewVisit], catalogue: Catalogue
) -> tuple[CaseStatus, Iterable[tuple[Observation, int]]]:
    versions = catalogue.by_number(journey)
    if any(visit.journey_version not in versions for visit in stored):
        raise StaleCatalogue(f"journey {journey!r} has a version newer than {max(versions)}")
    _, before = observe(journey, stored, versions)
    together = [*stored, *(visit_of(visit.event, visit.journey_version) for visit in arrived)]
    status, after = observe(journey, together, versions)
    return status, changes(before, after)
