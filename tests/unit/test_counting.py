"""However events arrive, in whatever batches, the windows are those of one pass in order."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.journey import JourneyVersion
from schemas.touchpoint_event import TouchpointEvent
from streams.counting import StaleCatalogue, count
from streams.ports import StoredCase
from streams.timeline import CaseStatus, Visit, visit_of
from streams.windows import Cell, Resolution, Sums
from tests.drawn import MIDNIGHT, catalogue, event, loket

LONG_AGO = dict.fromkeys(Resolution, datetime(1, 1, 2, tzinfo=UTC))
SECOND_VERSION = JourneyVersion(
    version=2,
    valid_from=MIDNIGHT + timedelta(minutes=50),
    journey=loket().model_copy(update={"end_touchpoints": ("factuur", "besluit"), "spans": ()}),
)
CATALOGUE = catalogue(SECOND_VERSION)

touchpoints = st.sampled_from(["vraag", "aanvraag", "aanvulling", "besluit", "factuur"])


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[TouchpointEvent], list[list[TouchpointEvent]]]:
    """Some events of a few cases, some of them voiding others, and the same in another order, in batches."""
    drawn = draw(st.lists(st.tuples(touchpoints, st.integers(0, 90), st.sampled_from("AB")), max_size=14))
    events = [
        event(
            touchpoint, minute, case_id=case, event_id=str(number), department=draw(st.sampled_from(["X", "Y", None]))
        )
        for number, (touchpoint, minute, case) in enumerate(drawn)
    ]
    for number in draw(st.lists(st.integers(0, max(len(events) - 1, 0)), max_size=3, unique=True)) if events else []:
        wrong = events[number]
        events.append(event("vraag", 95, case_id=wrong.case_id, event_id=f"v{number}", voids=wrong.event_id))
    shuffled = draw(st.permutations(events))
    cuts = sorted(draw(st.lists(st.integers(0, len(events)), max_size=5)))
    bounds = [0, *cuts, len(events)]
    return events, [list(shuffled[a:b]) for a, b in pairwise(bounds)]


def counted(batches: Sequence[Sequence[TouchpointEvent]]) -> tuple[dict[Cell, Sums], dict[int, CaseStatus]]:
    """Keep a store in memory: cases with their visits, windows that add up."""
    visits: dict[tuple[str, str], list[Visit]] = {}
    windows: dict[Cell, Counter[str]] = {}
    statuses: dict[int, CaseStatus] = {}
    for batch in batches:
        keys = {each.case_key for each in batch}
        cases = {key: StoredCase(int.from_bytes(key[1].encode()), tuple(visits.get(key, ()))) for key in keys}
        result = count(batch, cases, CATALOGUE, LONG_AGO)
        for new in result.visits:
            visits.setdefault(new.event.case_key, []).append(visit_of(new.event, new.journey_version))
        statuses |= result.statuses
        for cell, sums in result.increments.cells.items():
            windows.setdefault(cell, Counter()).update(sums._asdict())
    kept = {cell: Sums(held["n"], held["total"], held["squares"]) for cell, held in windows.items()}
    return {cell: sums for cell, sums in kept.items() if sums != Sums(0, 0, 0)}, statuses


@given(arrivals())
@settings(max_examples=200, deadline=None)
def test_any_arrival_leaves_what_one_pass_in_order_leaves(
    arrived: tuple[list[TouchpointEvent], list[list[TouchpointEvent]]],
) -> None:
    events, batches = arrived
    in_order = [[each] for each in sorted(events, key=lambda each: (each.occurred_at, each.event_id))]
    assert counted(batches) == counted(in_order)


def test_windows_hold_what_happened() -> None:
    windows, statuses = counted([[event("aanvraag", 10), event("besluit", 25), event("factuur", 40)]])
    days = {
        (cell.scope.measure, cell.scope.span, cell.scope.touchpoint): sums
        for cell, sums in windows.items()
        if cell.resolution is Resolution.DAY and cell.detail == "windows"
    }
    assert days == {
        ("volume", "", "aanvraag"): (1, 1, 1),
        ("volume", "", "besluit"): (1, 1, 1),
        ("volume", "", "factuur"): (1, 1, 1),
        ("gap", "", "besluit"): (1, 900_000, 900_000**2),
        ("gap", "", "factuur"): (1, 900_000, 900_000**2),
        ("throughput", "beslistermijn", "besluit"): (1, 900_000, 900_000**2),
        ("throughput", "case", "besluit"): (1, 900_000, 900_000**2),
    }
    assert [status.closed_at for status in statuses.values()] == [MIDNIGHT + timedelta(minutes=25)]


def test_what_is_too_old_for_a_resolution_is_skipped_and_said() -> None:
    retained_from = {**LONG_AGO, Resolution.MINUTE: MIDNIGHT + timedelta(minutes=20)}
    batch = [event("aanvraag", 10), event("factuur", 25)]
    result = count(batch, {("loket", "Z-1"): StoredCase(1, ())}, CATALOGUE, retained_from)
    assert result.increments.skipped == {Resolution.MINUTE: 1}
    kept = {cell.bucket for cell in result.increments.cells if cell.resolution is Resolution.MINUTE}
    assert kept == {MIDNIGHT + timedelta(minutes=25)}


def test_a_visit_of_a_version_that_the_catalogue_lacks_asks_for_a_newer_one() -> None:
    stored = StoredCase(1, (visit_of(event("vraag", 5), 9),))
    with pytest.raises(StaleCatalogue, match="'loket'"):
        count([event("besluit", 20)], {("loket", "Z-1"): stored}, CATALOGUE, LONG_AGO)
