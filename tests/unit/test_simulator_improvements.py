"""What the demo's people improve is that of its story."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from schemas.journey import parse_journey
from services.simulator.improving import improvements_of
from services.simulator.story import Milestones


@pytest.mark.parametrize(
    "anchor", [datetime(2026, 11, 23, 15, 30, tzinfo=UTC), datetime(2026, 3, 29, 0, 30, tzinfo=UTC)]
)
def test_it_is_the_story_and_fits_the_journey(anchor: datetime) -> None:
    journey = parse_journey((files("journeys") / "omgevingsvergunning.yaml").read_text(encoding="utf-8"))
    told = improvements_of(Milestones(anchor))
    for revisions in told:
        assert [each.at for each in revisions] == sorted({each.at for each in revisions})
        assert revisions[-1].at < anchor
        for each in revisions:
            assert [*each.proposal.misfits(journey, each.at.date())] == []
    status, inspection, *planned = (revisions[-1].proposal for revisions in told)
    assert (status.touchpoint, status.done_on) == ("aanvullingsverzoek", (anchor - timedelta(weeks=12)).date())
    assert status.done_on is not None
    assert status.done_on + timedelta(weeks=status.settles_weeks) == (anchor - timedelta(weeks=8)).date()
    assert (inspection.touchpoint, inspection.done_on) == ("toezichtbezoek", (anchor - timedelta(weeks=10)).date())
    assert len(planned) == 3
    for idea in planned:
        assert idea.done_on is None
        assert idea.planned_week is not None
        assert idea.planned_week > anchor.date()
