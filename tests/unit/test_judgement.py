"""What judging a KPI comes to: where the sum goes on, what is corrected, what is withdrawn, and who is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from schemas.alert import AlertState
from schemas.journey import JourneyVersion, parse_journey
from streams.cusum import Bucket
from streams.judgement import Defined, Held, Judgement, climbs, defined, fold_from, judged
from streams.kpi import evaluate
from streams.kpi_alerts import tell
from tests.drawn import LOKET

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
NOW = FIRST + timedelta(days=400)
UTC_ZONE = ZoneInfo("UTC")
THRESHOLD = 10_000
KPI = "kpis:\n  - {id: k, name: K, measure: satisfaction, norm: 7, minimum_evidence: 2}\n"
OTHER = KPI.replace("norm: 7", "norm: 6")
RENAMED = KPI.replace("name: K", "name: Kwaliteit")


def version(kpis: str, number: int) -> JourneyVersion:
    valid_from = datetime(1, 1, 2, tzinfo=UTC) if number == 1 else FIRST + timedelta(days=number)
    return JourneyVersion(version=number, valid_from=valid_from, journey=parse_journey(LOKET + kpis))


@cache
def kpi() -> Defined:
    found = defined([version(KPI, 1)], "k")
    assert found is not None
    return found


def bucket(day: int, *scores: int) -> Bucket:
    return Bucket(FIRST + timedelta(days=day), len(scores), 1000 * sum(scores))


def judge(held: Held, buckets: Sequence[Bucket], now: datetime = NOW) -> Judgement:
    of = kpi()
    standing, _ = fold_from(held, of)
    ordered = sorted(buckets)
    verdict = evaluate(of.aim, standing, ordered, THRESHOLD, zone=UTC_ZONE, now=now)
    return judged(held, of, verdict, climbs(of.aim, standing, ordered, THRESHOLD), now)


_NUMBERS = count(1)


def stored(judgement: Judgement) -> Held:
    """What the store would hold afterwards."""
    changes = [replace(change, change_id=change.change_id or next(_NUMBERS)) for change in judgement.changes]
    return Held(revision=1, definition=kpi().digest, changes=changes)


def told(judgement: Judgement) -> list[tuple[datetime, bool]]:
    return [(change.at, change.below) for change in judgement.changes]


bad_then_good = st.lists(
    st.tuples(st.integers(0, 90), st.lists(st.integers(1, 10), min_size=1, max_size=4)),
    min_size=1,
    max_size=60,
    unique_by=lambda pair: pair[0],
)


@given(bad_then_good, st.data())
def test_late_or_in_time_it_comes_to_the_same(days: list[tuple[int, list[int]]], data: st.DataObject) -> None:
    """Buckets come in any order, some at a time; each time the sum goes on from before the earliest of them."""
    all_buckets = [bucket(day, *scores) for day, scores in days]
    order = data.draw(st.permutations(all_buckets))
    held, known = Held(), list[Bucket]()
    while order:
        n = data.draw(st.integers(1, len(order)))
        some, order = order[:n], order[n:]
        known += some
        held = stored(judge(held._replace(refold_from=min(some).at), known))
    at_once = judge(Held(), all_buckets)
    assert [(change.at, change.below) for change in held.changes] == told(at_once)
    assert [change.climb_from for change in held.changes] == [change.climb_from for change in at_once.changes]


def test_a_change_knows_when_its_evidence_began() -> None:
    judgement = judge(Held(), [bucket(0, 5), bucket(1, 10), bucket(2, 4, 4), bucket(3, 3), bucket(4, 4)])
    # 1.5; back to 0; 5.0; 8.5; 11.0: the alarm comes on day 4, and its evidence began on day 2.
    (change,) = judgement.changes
    assert (change.at, change.climb_from) == (FIRST + timedelta(days=4), FIRST + timedelta(days=2))
    assert judgement.shown_since(NOW) == FIRST + timedelta(days=2)


def test_what_is_right_already_is_left_as_it_is() -> None:
    bad = [bucket(day, 3, 3) for day in range(5)]
    before = stored(judge(Held(), bad))
    again = judge(before._replace(refold_from=FIRST), bad, NOW + timedelta(hours=1))
    assert list(again.changes) == list(before.changes)
    assert not again.withdrawn


def test_a_change_that_moves_keeps_when_it_was_decided_and_told() -> None:
    bad = [bucket(day, 4) for day in range(2, 12)]
    first = stored(judge(Held(), bad))
    (before,) = first.changes
    moved = judge(first._replace(refold_from=FIRST), [bucket(0, 1), *bad], NOW + timedelta(days=1))
    (after,) = moved.changes
    assert after.at < before.at
    assert (after.change_id, after.decided_at) == (before.change_id, before.decided_at)


def test_a_change_that_never_came_is_withdrawn() -> None:
    bad = [bucket(day, 4) for day in range(10)]
    first = stored(judge(Held(), bad))
    good = [Bucket(each.at, each.n + 5, each.total + 50_000) for each in bad]
    after = judge(first._replace(refold_from=FIRST), good)
    assert (list(after.changes), list(after.withdrawn)) == ([], list(first.changes))


def test_a_kpi_begins_where_it_was_last_defined_otherwise() -> None:
    renamed = defined([version(KPI, 1), version(RENAMED, 2)], "k")
    assert renamed is not None
    assert renamed.begins is None
    changed = defined([version(OTHER, 1), version(KPI, 2), version(RENAMED, 3)], "k")
    assert changed is not None
    assert changed.begins == FIRST + timedelta(days=2)
    assert changed.digest != kpi().digest
    new = defined([version("", 1), version(KPI, 2)], "k")
    assert new is not None
    assert new.begins is None
    back = defined([version(KPI, 1), version(OTHER, 2), version(KPI, 3)], "k")
    assert back is not None
    assert back.begins == FIRST + timedelta(days=3)
    assert defined([version(KPI, 1), version("", 2)], "k") is None
    assert defined([], "k") is None


def at_once(moment: datetime) -> datetime:
    return moment


def test_an_alarm_is_told_once() -> None:
    bad = [bucket(day, 3, 3) for day in range(5)]
    raised, tellings = tell(judge(Held(), bad), at_once, NOW)
    assert [telling.state for telling in tellings] == [AlertState.RAISED]
    again, none = tell(judge(stored(raised), bad), at_once, NOW + timedelta(minutes=1))
    assert not none
    assert again.alarm is not None
    assert again.alarm.told_at == NOW


def test_an_alarm_waits_for_service_hours_and_one_that_is_over_by_then_is_never_told() -> None:
    opens = NOW + timedelta(hours=9)
    bad = [bucket(day, 3, 3) for day in range(5)]
    waiting, none = tell(judge(Held(), bad), lambda _: opens, NOW)
    assert not none
    heard, tellings = tell(judge(stored(waiting), bad), lambda _: opens, opens)
    assert [telling.state for telling in tellings] == [AlertState.RAISED]
    assert heard.alarm is not None
    good = [bucket(day, 10, 10, 10) for day in range(20, 40)]
    _, over = tell(judge(stored(waiting), [*bad, *good]), lambda _: opens, opens)
    assert not over


def test_what_was_raised_is_cleared_and_what_was_cleared_wrongly_is_corrected() -> None:
    bad = [bucket(day, 3, 3) for day in range(5)]
    raised, _ = tell(judge(Held(), bad), at_once, NOW)
    good = [bucket(day, 10, 10, 10) for day in range(20, 40)]
    cleared, tellings = tell(judge(stored(raised), [*bad, *good]), at_once, NOW)
    assert [telling.state for telling in tellings] == [AlertState.CLEARED]
    worse = [Bucket(each.at, each.n + 9, each.total + 9_000) for each in good]
    held = stored(cleared)._replace(refold_from=good[0].at)
    corrected, tellings = tell(judge(held, [*bad, *worse]), at_once, NOW)
    assert [telling.state for telling in tellings] == [AlertState.CORRECTED]
    assert corrected.alarm is not None
    assert corrected.alarm.told_at == NOW


def test_an_old_alarm_that_never_was_leaves_the_one_that_stands_alone() -> None:
    bad = [bucket(day, 3, 3) for day in range(5)]
    good = [bucket(day, 10, 10, 10) for day in range(20, 40)]
    worse = [bucket(day, 3, 3) for day in range(60, 65)]
    held = stored(tell(judge(Held(), [*bad, *good, *worse]), at_once, NOW)[0])
    first, _, last = held.changes
    mended = [Bucket(each.at, each.n + 9, each.total + 90_000) for each in bad]
    after = judge(held._replace(refold_from=FIRST), [*mended, *good, *worse])
    (stands,) = after.changes
    assert (stands.change_id, stands.told_at) == (last.change_id, NOW)
    assert first in after.withdrawn
