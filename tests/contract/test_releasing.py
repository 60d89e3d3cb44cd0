"""Scores in the database: each is in a lot or waits for one, and windows show whole lots and nothing else."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.survey_answer import SurveyAnswer
from services.store import releases
from services.store.keeping import Keep, set_keep
from services.store.rebuild import check, rebuild
from services.store.retention import prune
from tests import stored
from tests.chance import Arrival, draw
from tests.counted import Counted
from tests.drawn import MIDNIGHT, answer, event
from tests.oracle import Drawing, differences, tables
from tests.released import wrongly_shown

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_SHOWN = """
SELECT touchpoint, department, bucket, sum(n)::integer AS n, sum(total)::integer AS total
FROM rollups_{} JOIN scopes USING (scope_id)
WHERE measure = 'released satisfaction'
GROUP BY touchpoint, department, bucket HAVING sum(n) <> 0
ORDER BY bucket, touchpoint
"""


def answers(*minutes: int, score: int = 8) -> list[SurveyAnswer]:
    return [answer("besluit", minute, case_id=f"Z-{minute}", score=score) for minute in minutes]


def shown(counted: Counted, resolution: str = "day") -> list[tuple[str, str, int, int]]:
    rows = counted.rows(_SHOWN.format(resolution))
    return [(row["touchpoint"], row["department"], row["n"], row["total"]) for row in rows]


def told_nobody(*_: object) -> None:
    pass


async def test_nothing_is_shown_of_less_than_a_lot(counted: Counted) -> None:
    await counted.count(*answers(1, 2, 3, 4))
    await counted.store.release(5)
    assert shown(counted) == []
    await counted.count(*answers(5, score=3))
    await counted.store.release(5)
    assert shown(counted) == [("besluit", "", 5, 35_000)]
    await counted.count(*answers(6, 7))
    await counted.store.release(5)
    assert shown(counted) == [("besluit", "", 5, 35_000)]


async def test_a_lot_is_shown_at_the_moment_of_its_last_score(counted: Counted) -> None:
    await counted.count(*answers(1, 90, 30))
    await counted.store.release(3)
    (row,) = counted.rows(_SHOWN.format("minute"))
    assert (row["bucket"], row["n"]) == (MIDNIGHT + timedelta(minutes=90), 3)


async def test_a_score_whose_scope_turns_out_otherwise_is_shown_there_in_the_end(counted: Counted) -> None:
    """The event that an answer is about comes after it, and after the answer was shown."""
    await counted.count(*answers(11, 12, 13))
    await counted.store.release(3)
    assert shown(counted) == [("besluit", "", 3, 24_000)]
    await counted.count(*(event("besluit", 10, case_id=f"Z-{minute}", department="KCC") for minute in (11, 12)))
    await counted.store.release(3)
    assert shown(counted) == [], "a lot of which something is taken back goes as a whole"
    await counted.count(event("besluit", 10, case_id="Z-13", department="KCC"))
    await counted.store.release(3)
    assert shown(counted) == [("besluit", "KCC", 3, 24_000)]


def _changed(before: Counter[Any], after: Counter[Any]) -> Counter[int]:
    """How many scores of each cell are shown at one moment and not at the other."""
    return Counter(scope_id for scope_id, *_ in ((before - after) + (after - before)).elements())


async def test_what_is_shown_while_others_are_counted_changes_by_whole_lots(counted: Counted) -> None:
    """Between any two moments no cell differs by one to four scores."""
    chance = Random(7)
    moments: list[Counter[Any]] = [Counter()]
    for round_ in range(30):
        some = [
            answer("besluit", 10 * round_ + place, case_id=f"Z-{chance.randrange(40)}", score=chance.randint(1, 10))
            for place in range(chance.randint(0, 5))
        ]
        late = [
            event("besluit", 10 * round_, case_id=f"Z-{chance.randrange(40)}", department=chance.choice(("KCC", "VG")))
        ]
        await counted.count(*some, *late)
        await counted.store.release(5)
        shown_now = counted.rows("SELECT scope_id, at, value FROM scores WHERE lot IS NOT NULL")
        moments.append(Counter(tuple(row.values()) for row in shown_now))
    changes = [_changed(before, after) for before, after in combinations(moments, 2)]
    assert [cells for cells in changes if any(n < 5 for n in cells.values())] == []
    assert any(changes)
    assert wrongly_shown(counted.database_url, "loket", AMSTERDAM, 5) == []
    assert (await check(counted.database_url, told_nobody)).total == 0


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_comes_every_score_is_held_once_and_lots_are_shown_whole(
    counted: Counted, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Counted in small batches with releases between them, some by two releasers at the same time."""
    monkeypatch.setattr(releases, "_AT_ONCE", 20)
    chance = Random(seed)
    drawn = draw(f"toeval-{seed}", seed, 300, MIDNIGHT + timedelta(days=30))
    counted.empty(*drawn.versions)
    left: list[Arrival] = chance.sample(drawn.arrivals, len(drawn.arrivals))
    while left:
        some, left = left[:15], left[15:]
        await counted.count(*some)
        await asyncio.gather(counted.store.release(3), counted.store.release(3))
    while await counted.store.release(3):
        pass
    expected = tables(Drawing(drawn.versions), drawn.events, drawn.answers)
    found = stored.read(counted.database_url, drawn.journey, {})
    assert differences({"scores": expected["scores"]}, {"scores": found["scores"]}) == []
    assert wrongly_shown(counted.database_url, drawn.journey, Drawing(drawn.versions).zone, 3) == []
    assert (await check(counted.database_url, told_nobody)).total == 0


async def test_what_was_tampered_with_is_mended(counted: Counted) -> None:
    counted.change("SELECT setval('lot_numbers', 40000)")  # more than a small number
    await counted.count(*answers(*range(1, 12)))
    await counted.store.release(5)
    right = shown(counted)
    assert right == [("besluit", "", 10, 80_000)]
    counted.change(
        "DELETE FROM scores WHERE lot = (SELECT min(lot) FROM scores)",
        "UPDATE rollups_hour SET n = n + 1 WHERE scope_id IN "
        "(SELECT scope_id FROM scopes WHERE measure = 'released satisfaction')",
    )
    found = await check(counted.database_url, told_nobody)
    assert found.number["scores"] == 5
    assert "rollups_hour" in found.number
    told = [difference for difference in found.first if difference.table == "scores"]
    assert {(each.about, each.held, each.right) for each in told} == {
        ("loket: satisfaction, touchpoint besluit", "scores 0", "scores 1")
    }
    await rebuild(counted.database_url, told_nobody)
    while await counted.store.release(5):
        pass
    assert shown(counted) == right
    assert (await check(counted.database_url, told_nobody)).total == 0


async def test_answers_from_before_lots_were_kept_get_into_lots_by_a_rebuild(counted: Counted) -> None:
    await counted.count(*answers(1, 2, 3, 4, 5))
    counted.change("DELETE FROM score_changes")
    await rebuild(counted.database_url, told_nobody)
    await counted.store.release(5)
    assert shown(counted) == [("besluit", "", 5, 40_000)]


async def test_lots_whose_answers_have_gone_go_and_what_they_showed_stays(counted: Counted) -> None:
    for minute in (1, 2, 3):
        await counted.count(event("besluit", 0, case_id=f"Z-{minute}"))
    await counted.count(*answers(1, 2, 3))
    await counted.store.release(3)
    set_keep(counted.database_url, "events", Keep.parse("P30D"))
    await asyncio.to_thread(prune, counted.database_url, datetime(2026, 5, 1, tzinfo=UTC))
    assert counted.rows("SELECT * FROM scores") == []
    assert shown(counted) == [("besluit", "", 3, 24_000)]
    assert (await check(counted.database_url, told_nobody)).total == 0
