"""Improvements on a real database: what is kept of them, and that nobody overwrites what they never saw."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.simulator.improving import write_improvements
from services.simulator.story import JOURNEY, Milestones
from services.store.improvements import (
    Improvements,
    NotChanged,
    read_improvement,
    read_improvements,
    read_revisions,
)
from services.store.reading import Reading
from tests.counted import Counted
from tests.improving import WRITTEN, improvements, proposal

LATER = WRITTEN + timedelta(hours=3)


@pytest.fixture
async def written(counted: Counted) -> AsyncIterator[Improvements]:
    async with improvements(counted.database_url) as written:
        yield written


@pytest.fixture
async def reading(counted: Counted) -> AsyncIterator[Reading]:
    reading = Reading(counted.database_url)
    await reading.open()
    yield reading
    await reading.close()


async def test_an_improvement_is_kept_as_it_was_written(written: Improvements, reading: Reading) -> None:
    given = proposal(
        what={"nl": "Bel binnen een dag", "en": "Call within a day"},
        effect={"measure": "throughput", "span": "beslistermijn", "direction": "down", "size": "4.5"},
        planned_week=date(2026, 3, 9),
        settles_weeks=4,
    )
    number = await written.add("loket", given, by="Anna", now=WRITTEN)
    async with reading.moment() as moment:
        (kept,) = await read_improvements(moment, "loket")
        assert await read_improvement(moment, "loket", number) == kept
        assert await read_improvement(moment, "elders", number) is None
        assert await read_improvements(moment, "elders") == []
    assert kept.proposal == given
    assert (kept.id, kept.journey, kept.revision) == (number, "loket", 1)
    assert (kept.written_at, kept.written_by, kept.withdrawn_at) == (WRITTEN, "Anna", None)
    assert kept.held_on == date(2026, 3, 9)


async def test_who_changed_what_and_when_is_kept(written: Improvements, reading: Reading) -> None:
    first, planned = proposal(), proposal(planned_week=date(2026, 3, 9))
    done = proposal(planned_week=date(2026, 3, 9), done_on=date(2026, 3, 12), owner=None)
    number = await written.add("loket", first, by="Anna", now=WRITTEN)
    await written.change("loket", number, 1, planned, by="Bert", now=LATER, note="eerst de brief")
    await written.change("loket", number, 2, done, by="Anna", now=LATER + timedelta(days=9))
    await written.withdraw("loket", number, 3, by="Bert", now=LATER + timedelta(days=10), note="toch niet")
    async with reading.moment() as moment:
        revisions = await read_revisions(moment, "loket", number)
        kept = await read_improvement(moment, "loket", number)
        assert await read_revisions(moment, "elders", number) == []
    assert [(each.revision, each.by, each.note, each.withdrawn) for each in revisions] == [
        (1, "Anna", "", False),
        (2, "Bert", "eerst de brief", False),
        (3, "Anna", "", False),
        (4, "Bert", "toch niet", True),
    ]
    assert [each.proposal for each in revisions] == [first, planned, done, done]
    assert [each.at - LATER for each in revisions[1:]] == [timedelta(0), timedelta(days=9), timedelta(days=10)]
    assert kept is not None
    assert (kept.revision, kept.withdrawn_by, kept.held_on) == (4, "Bert", date(2026, 3, 12))


async def test_nobody_overwrites_what_they_never_saw(written: Improvements, reading: Reading) -> None:
    number = await written.add("loket", proposal(), by="Anna", now=WRITTEN)
    await written.change("loket", number, 1, proposal(owner="Anna"), by="Anna", now=LATER)
    with pytest.raises(NotChanged, match="revision 2") as late:
        await written.change("loket", number, 1, proposal(owner="Bert"), by="Bert", now=LATER)
    with pytest.raises(NotChanged, match="revision 2"):
        await written.withdraw("loket", number, 1, by="Bert", now=LATER)
    assert late.value.held is not None
    assert late.value.held.owner == "Anna"
    for journey, unknown in (("loket", number + 1), ("elders", number)):
        with pytest.raises(NotChanged, match="no such improvement") as none:
            await written.change(journey, unknown, 2, proposal(), by="Bert", now=LATER)
        assert none.value.held is None
    await written.withdraw("loket", number, 2, by="Anna", now=LATER)
    with pytest.raises(NotChanged, match="revision 3"):
        await written.change("loket", number, 3, proposal(), by="Anna", now=LATER)
    async with reading.moment() as moment:
        assert [each.by for each in await read_revisions(moment, "loket", number)] == ["Anna"] * 3


async def test_reports_show_where_each_stands(written: Improvements, counted: Counted) -> None:
    await written.add("loket", proposal(), by="Anna", now=WRITTEN)
    await written.add("loket", proposal(planned_week=date(2026, 3, 30)), by="Anna", now=WRITTEN)
    await written.add("loket", proposal(planned_week=date(2026, 3, 2), done_on=date(2026, 1, 5)), by="A", now=WRITTEN)
    gone = await written.add("loket", proposal(), by="Anna", now=WRITTEN)
    await written.withdraw("loket", gone, 1, by="Anna", now=WRITTEN)
    found = counted.rows("SELECT state, at, size, what_nl FROM reporting.fact_improvement ORDER BY improvement")
    assert [(row["state"], row["at"]) for row in found] == [
        ("open", None),
        ("planned", datetime(2026, 3, 29, 22, tzinfo=UTC)),  # midnight in Amsterdam, in summer
        ("done", datetime(2026, 1, 4, 23, tzinfo=UTC)),
    ]
    assert {(row["size"], row["what_nl"]) for row in found} == {(Decimal(1), "Brief in gewone taal")}


async def test_the_demo_writes_what_is_not_written_yet_and_leaves_alone_what_was_changed(
    counted: Counted, written: Improvements, reading: Reading
) -> None:
    milestones = Milestones(datetime(2026, 11, 23, 15, 30, tzinfo=UTC))
    await write_improvements(counted.database_url, milestones)
    async with reading.moment() as moment:
        first = await read_improvements(moment, JOURNEY)
    assert [each.revision for each in first] == [3, 3, 1, 1, 1]
    planned = first[2]
    await written.change(JOURNEY, planned.id, 1, planned.proposal.model_copy(update={"owner": "Ik"}), by="I", now=LATER)
    counted.change("DELETE FROM improvement_revisions WHERE improvement_id IN (2, 5)")
    counted.change("DELETE FROM improvements WHERE improvement_id = 5")
    counted.change("UPDATE improvements SET revision = 1, done_on = NULL, planned_week = NULL WHERE improvement_id = 2")
    await write_improvements(counted.database_url, milestones)
    async with reading.moment() as moment:
        again = await read_improvements(moment, JOURNEY)
    assert [each.proposal for each in again[:2]] == [each.proposal for each in first[:2]]
    assert (again[2].owner, again[2].revision) == ("Ik", 2)
    assert again[3] == first[3]
    assert again[4].proposal == first[4].proposal
    assert len(again) == 5
