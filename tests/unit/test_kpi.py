from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.cusum import Bucket
from streams.kpi import Aim, Change, Standing, State, Verdict, evaluate, needed_from, trace

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_AIM = Aim(norm=7_000, allowance=500, recovery_allowance=250, least=3)
_H = 10_000


def _hours(*scores: float, start: datetime = _MONDAY, apart: timedelta = _DAY) -> list[Bucket]:
    return [Bucket(start + number * apart, 1, int(1000 * score)) for number, score in enumerate(scores)]


def _judge(buckets: Sequence[Bucket], aim: Aim = _AIM) -> Verdict:
    return evaluate(aim, Standing(), buckets, _H, zone=_AMSTERDAM, now=buckets[-1].at + _HOUR)


@pytest.mark.parametrize(
    ("scores", "state", "level"),
    [
        ((7, 7, 7), State.ON_NORM, 0),
        ((7, 7), State.TOO_FEW, 0),
        ((4, 4, 6), State.ON_NORM, 5_500),  # 2.5, 2.5 and 0.5 short of 6.5
        ((4, 4, 4), State.WATCH, 7_500),  # three quarters of h
        ((4, 4, 4, 9), State.WATCH, 5_000),  # still more than three eighths
        ((4, 4, 4, 10), State.WATCH, 4_000),
        ((4, 4, 4, 10, 7), State.ON_NORM, 3_500),
        ((4, 4, 10, 9), State.ON_NORM, 0),
        ((4, 4, 4, 4), State.BELOW_NORM, 0),  # four times 2.5 is h
        ((2, 2, 6), State.WATCH, 9_500),
    ],
)
def test_what_is_said_of_a_few_scores(scores: tuple[float, ...], state: State, level: int) -> None:
    verdict = _judge(_hours(*scores))
    assert (verdict.state, verdict.level) == (state, level)


@pytest.mark.parametrize(("last", "minutes", "below"), [(4, 30, False), (4, 60, True), (2, 30, True)])
def test_the_running_hour_raises_an_alarm_only_clearly(last: int, minutes: int, below: bool) -> None:
    """Levels of 2.5, 5 and 7.5 before the hour; in it 10, which is the threshold, or 12, which is well above."""
    buckets = _hours(4, 4, 4, last)
    now = buckets[-1].at + timedelta(minutes=minutes)
    verdict = evaluate(_AIM, Standing(), buckets, _H, zone=_AMSTERDAM, now=now)
    assert (verdict.standing.below, verdict.state is State.WATCH) == (below, not below)


def test_an_alarm_is_raised_once_by_the_hour_that_brings_it() -> None:
    verdict = _judge(_hours(4, 4, 4, 4, 4, 4))
    assert verdict.changes == [Change(_MONDAY + 3 * _DAY, True)]
    assert verdict.standing == Standing(True, _MONDAY + 3 * _DAY)
    assert (verdict.n, verdict.total) == (2, 8_000)


def test_scores_above_the_norm_bring_recovery_but_not_within_two_weeks() -> None:
    scores = [4.0] * 4 + [8.0] * 20
    verdict = _judge(_hours(*scores))
    # Each 8 adds 1.25: eight days reach 10, and it is the fourteenth after the alarm that may bring the change.
    assert verdict.changes[1:] == [Change(_MONDAY + 17 * _DAY, False)]
    assert verdict.state is State.ON_NORM
    assert (verdict.n, verdict.level) == (6, 0)


def test_an_alarm_that_has_not_recovered_says_how_far_it_is() -> None:
    verdict = _judge(_hours(*[4.0] * 4, *[8.0] * 4))
    assert (verdict.state, verdict.reach) == (State.BELOW_NORM, 0.5)


def test_a_level_that_fell_again_before_the_dwell_ended_does_not_count() -> None:
    verdict = _judge(_hours(*[4.0] * 4, *[8.0] * 8, *[5.0] * 8))
    assert [change.below for change in verdict.changes] == [True]


def test_where_more_is_worse_all_is_mirrored() -> None:
    aim = replace(_AIM, norm=3_000, at_least=False)
    assert _judge(_hours(6, 6, 6, 6), aim=aim).state is State.BELOW_NORM
    assert _judge(_hours(2, 2, 2, 2), aim=aim).state is State.ON_NORM
    risen = _judge(_hours(*[6.0] * 4, *[2.0] * 20), aim=aim)
    assert [change.below for change in risen.changes] == [True, False]


def test_a_share_is_held_against_its_norm() -> None:
    aim = Aim.of_share(900, least=3)
    kept = [Bucket(_MONDAY + number * _DAY, 10, 9_000) for number in range(40)]
    missed = [Bucket(_MONDAY + number * _DAY, 10, 5_000) for number in range(4)]
    assert evaluate(aim, Standing(), kept, 7_000, zone=_AMSTERDAM, now=kept[-1].at).level == 0
    assert evaluate(aim, Standing(), missed, 7_000, zone=_AMSTERDAM, now=missed[-1].at).state is State.BELOW_NORM


def test_what_is_to_come_is_left_out() -> None:
    buckets = _hours(7, 7, 7, 1, 1)
    verdict = evaluate(_AIM, Standing(), buckets, _H, zone=_AMSTERDAM, now=buckets[2].at)
    assert (verdict.state, verdict.n, verdict.latest) == (State.ON_NORM, 3, buckets[2].at)


def test_answers_of_more_than_a_quarter_ago_are_not_recent() -> None:
    buckets = [*_hours(7, 7, 7), *_hours(7, 7, start=_MONDAY + 92 * _DAY)]
    verdict = _judge(buckets)
    assert (verdict.state, verdict.recent, verdict.n) == (State.TOO_FEW, 2, 5)


def test_nothing_at_all_is_too_few() -> None:
    verdict = evaluate(_AIM, Standing(), [], _H, zone=_AMSTERDAM, now=_MONDAY)
    assert (verdict.state, verdict.latest, verdict.level) == (State.TOO_FEW, None, 0)


def test_an_alarm_stays_when_few_answers_come() -> None:
    verdict = evaluate(_AIM, Standing(True, _MONDAY), [], _H, zone=_AMSTERDAM, now=_MONDAY + 9 * _DAY)
    assert verdict.state is State.BELOW_NORM


def test_buckets_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="buckets: 2026-03-02"):
        list(trace(_AIM, Standing(), reversed(_hours(7, 7)), _H))


def test_a_threshold_of_0_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold: 0"):
        list(trace(_AIM, Standing(), _hours(7), 0))


def test_what_is_needed_reaches_back_to_the_change_and_a_quarter_before_the_last_answer() -> None:
    latest = _MONDAY + 200 * _DAY
    assert needed_from(Standing(), latest) == latest - 91 * _DAY
    assert needed_from(Standing(True, _MONDAY), latest) == _MONDAY
    assert needed_from(Standing(True, latest), latest) == latest - 91 * _DAY


_HISTORIES = st.lists(
    st.tuples(st.integers(1, 200), st.integers(1, 5), st.integers(1, 10)), min_size=1, max_size=60
).map(
    lambda drawn: [
        Bucket(_MONDAY + timedelta(hours=hours), n, 1000 * n * score)
        for hours, (_, n, score) in zip(accumulate(gap for gap, _, _ in drawn), drawn, strict=True)
    ]
)


@given(_HISTORIES, st.integers(0, 60), st.integers(5_000, 60_000))
def test_judging_from_the_last_change_says_the_same_as_from_the_beginning(
    buckets: list[Bucket], first: int, h: int
) -> None:
    now = buckets[-1].at
    whole = evaluate(_AIM, Standing(), buckets, h, zone=_AMSTERDAM, now=now)
    before = evaluate(_AIM, Standing(), buckets[:first], h, zone=_AMSTERDAM, now=now)
    after = evaluate(_AIM, before.standing, buckets, h, zone=_AMSTERDAM, now=now)
    assert [*before.changes, *after.changes] == whole.changes
    assert after._replace(changes=()) == whole._replace(changes=())


@given(_HISTORIES, st.integers(5_000, 60_000))
def test_what_is_needed_is_enough(buckets: list[Bucket], h: int) -> None:
    now = buckets[-1].at + 3 * _DAY
    whole = evaluate(_AIM, Standing(), buckets, h, zone=_AMSTERDAM, now=now)
    start = needed_from(whole.standing, buckets[-1].at)
    if whole.standing.since is None:
        return
    needed = [bucket for bucket in buckets if bucket.at > start]
    assert evaluate(_AIM, whole.standing, needed, h, zone=_AMSTERDAM, now=now) == whole._replace(changes=[])


@given(_HISTORIES, st.integers(5_000, 60_000))
def test_alarms_alternate_with_two_weeks_of_dwell_and_recoveries(buckets: list[Bucket], h: int) -> None:
    changes = _judge_with(buckets, h)
    assert [change.below for change in changes] == [number % 2 == 0 for number in range(len(changes))]
    for raised, lifted in zip(changes[::2], changes[1::2], strict=False):
        assert lifted.at - raised.at >= timedelta(days=14)


def _judge_with(buckets: list[Bucket], h: int) -> Sequence[Change]:
    return evaluate(_AIM, Standing(), buckets, h, zone=_AMSTERDAM, now=buckets[-1].at + _HOUR).changes


def _working_days(start: date, days: int, a_day: int, closed: Sequence[date] = (), seed: int = 1) -> list[Bucket]:
    """Draw answers on working days, an hour each between 8 and 16 o'clock."""
    chance = Random(seed)
    buckets = []
    for number in range(days):
        day = start + timedelta(days=number)
        if day.weekday() < 5 and day not in closed:
            hours = sorted(chance.sample(range(8, 17), min(a_day, 9)))
            buckets += [Bucket(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), 1, 8_000) for hour in hours]
    return buckets


def _state(buckets: Sequence[Bucket], now: datetime) -> State:
    return evaluate(Aim.of_score(7_500), Standing(), buckets, 50_000, zone=_AMSTERDAM, now=now).state


def _stopped_hours(buckets: Sequence[Bucket], until: datetime) -> list[datetime]:
    hours = (until - buckets[0].at) // timedelta(hours=12)
    moments = [buckets[0].at + timedelta(hours=12 * number) for number in range(hours)]
    return [at for at in moments if _state([b for b in buckets if b.at <= at][-900:], at) is State.STOPPED]


def test_silence_is_noticed_without_any_answer_after_seven_working_days() -> None:
    buckets = _working_days(date(2026, 3, 2), 95, 6)  # the last on Thursday 4 June
    last = datetime(2026, 6, 4, tzinfo=UTC)
    # Friday 5 June, 8 to 12, 15: seven whole working days end when the 16th begins in Amsterdam.
    assert buckets[-1].at.date() == last.date()
    assert _state(buckets, datetime(2026, 6, 15, 21, 59, tzinfo=UTC)) is State.ON_NORM
    assert _state(buckets, datetime(2026, 6, 15, 22, 0, tzinfo=UTC)) is State.STOPPED


def test_an_alarm_is_remembered_while_measuring_has_stopped() -> None:
    buckets = [bucket._replace(total=2_000) for bucket in _working_days(date(2026, 3, 2), 60, 6)]
    verdict = evaluate(
        Aim.of_score(7_500), Standing(), buckets, 50_000, zone=_AMSTERDAM, now=buckets[-1].at + 30 * _DAY
    )
    assert (verdict.state, verdict.standing.below) == (State.STOPPED, True)


@pytest.mark.parametrize("year", range(2021, 2028))
def test_a_closed_week_of_christmas_is_no_stop(year: int) -> None:
    closed = [date(year, 12, 25) + timedelta(days=number) for number in range(8)]
    buckets = _working_days(date(year, 10, 12), 95, 4, closed)
    assert _stopped_hours(buckets, buckets[-1].at) == []


def test_quiet_process_is_given_time() -> None:
    weekly = [Bucket(_MONDAY + timedelta(weeks=number), 1, 8_000) for number in range(30)]
    assert _state(weekly, weekly[-1].at + timedelta(weeks=10)) is not State.STOPPED
    assert _state(weekly, weekly[-1].at + timedelta(weeks=11)) is State.STOPPED


def test_answers_that_come_in_monthly_clusters_are_given_time() -> None:
    clusters = [
        Bucket(_MONDAY + timedelta(days=28 * month, hours=hour), 3, 24_000) for month in range(4) for hour in range(40)
    ]
    assert _stopped_hours(clusters, clusters[-1].at) == []
    assert _state(clusters, clusters[-1].at + timedelta(days=45)) is State.STOPPED
