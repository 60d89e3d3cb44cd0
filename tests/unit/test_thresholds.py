import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.cusum import Bucket
from streams.kpi import Aim
from streams.thresholds import baseline, suffices, tabled, threshold
from tests.quarters import AMSTERDAM, J_SHAPED, LEFT_SKEWED, draw, kept, scores

_MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
_DAY = timedelta(days=1)
_SCORE = Aim.of_score(7_500)
_SHARE = Aim.of_share(900)


def _days(number: int, a_day: int, *values: int) -> list[Bucket]:
    """So many days with an hour of answers, each of one of the values in turn."""
    return [Bucket(_MONDAY + day * _DAY, a_day, a_day * values[day % len(values)]) for day in range(number)]


def _quarter(rate: int, seed: int = 1, weeks: int = 13) -> list[Bucket]:
    return list(draw(Random(seed), scores(LEFT_SKEWED, 7.5, 7.5), rate, weeks))


def test_a_baseline_is_the_first_quarter_from_the_first_answer_on() -> None:
    buckets = [Bucket(_MONDAY - 9 * _DAY, 0, 0), *_days(100, 1, 7_000)]
    assert baseline(buckets) == buckets[1:92]


@pytest.mark.parametrize(
    ("buckets", "enough"),
    [
        (_days(20, 5, 7_000), True),
        (_days(19, 50, 7_000), False),
        (_days(33, 3, 7_000), False),
        (_days(34, 3, 7_000), True),
        ([], False),
    ],
)
def test_a_baseline_suffices_from_100_answers_and_20_days_on(buckets: Sequence[Bucket], enough: bool) -> None:
    assert suffices(buckets, AMSTERDAM) is enough


def test_days_are_those_of_the_zone() -> None:
    # 40 half days: one and the same day in Kolkata begins at 18:30 the evening before
    buckets = [Bucket(_MONDAY.replace(hour=20) + number * _DAY / 2, 5, 35_000) for number in range(38)]
    assert not suffices(buckets, ZoneInfo("Asia/Kolkata"))
    assert suffices(buckets, ZoneInfo("UTC"))


@pytest.mark.parametrize(("rate", "points"), [(1, 28), (50, 28), (200, 38), (1_000, 59), (5_000, 110), (90_000, 280)])
def test_the_table_holds_where_it_has_an_entry_and_beyond_its_ends(rate: float, points: int) -> None:
    assert tabled(rate) == 1000 * points


def test_between_entries_the_logarithm_of_the_rate_counts() -> None:
    assert tabled(math.sqrt(200 * 1_000)) == pytest.approx(1000 * (38 + 59) / 2, abs=1)


def test_few_answers_take_the_table_at_their_pace() -> None:
    # 3 a day make 273 in a quarter
    assert threshold(_SCORE, _days(10, 3, 7_000, 8_000), AMSTERDAM, 1) == tabled(273)


def test_the_first_answers_do_not_make_a_pace() -> None:
    # as if they were all of a week: 65 in a quarter
    assert threshold(_SCORE, _days(1, 5, 7_000), AMSTERDAM, 1) == tabled(65)


def test_no_answer_takes_the_lowest_of_the_table() -> None:
    assert threshold(_SCORE, [], AMSTERDAM, 1) == 28_000


def test_later_answers_do_not_change_it() -> None:
    quarter = _quarter(1_000)
    later = [Bucket(bucket.at + 92 * _DAY, bucket.n, 1_000 * bucket.n) for bucket in quarter]
    assert threshold(_SCORE, [*quarter, *later], AMSTERDAM, 1) == threshold(_SCORE, quarter, AMSTERDAM, 1)


def test_where_the_mean_of_the_baseline_lies_does_not_matter() -> None:
    quarter = _quarter(1_000)
    lower = [bucket._replace(total=bucket.total - 1_300 * bucket.n) for bucket in quarter]
    assert threshold(_SCORE, lower, AMSTERDAM, 1) == pytest.approx(threshold(_SCORE, quarter, AMSTERDAM, 1), abs=2)


def test_the_same_seed_gives_the_same() -> None:
    assert threshold(_SCORE, _quarter(200), AMSTERDAM, 3) == threshold(_SCORE, _quarter(200), AMSTERDAM, 3)


def test_scores_that_differ_more_and_days_that_differ_more_take_a_higher_one() -> None:
    drawn = [
        threshold(_SCORE, list(draw(Random(2), days, 1_000)), AMSTERDAM, 1)
        for days in (
            scores(LEFT_SKEWED, 7.5, 7.5, 0.0),
            scores(LEFT_SKEWED, 7.5, 7.5),
            scores(J_SHAPED, 7.5, 7.5),
            scores(J_SHAPED, 7.5, 7.5, 0.8),
        )
    ]
    assert drawn == sorted(drawn)
    assert drawn[0] < 0.6 * drawn[-1]


def test_where_all_agree_two_answers_alone_raise_no_alarm() -> None:
    assert threshold(_SCORE, _days(40, 5, 8_000), AMSTERDAM, 1) == 12_000


def test_one_disastrous_week_makes_the_bootstrap_raise_it() -> None:
    calm, stormy = _days(60, 5, 7_000, 8_000), _days(60, 5, 7_000, 8_000)
    stormy[30:33] = [bucket._replace(total=5_000) for bucket in stormy[30:33]]
    assert threshold(_SCORE, stormy, AMSTERDAM, 1) > 1.5 * threshold(_SCORE, calm, AMSTERDAM, 1)


def test_of_a_share_it_follows_from_the_norm_and_the_number_of_cases() -> None:
    """Against the exact chance that a sum which goes up by a miss and down else gets there (Brook and Evans, 1972)."""
    cases = [Bucket(_MONDAY + timedelta(hours=number), 1, 1_000) for number in range(0, 91 * 24, 5)]
    h = threshold(_SHARE, cases, AMSTERDAM, 1)
    assert 0.03 < _chance_to_reach(h, _SHARE.norm - _SHARE.allowance, 0.1, len(cases)) < 0.07


def _chance_to_reach(h: int, reference: int, misses: float, cases: int) -> float:
    """Follow the distribution of S over all levels of 5 thousandths."""
    unit = 5
    up, down, levels = reference // unit, (1_000 - reference) // unit, h // unit
    chances, reached = {0: 1.0}, 0.0
    for _ in range(cases):
        after: dict[int, float] = {}
        for level, chance in chances.items():
            missed, fallen = level + up, max(0, level - down)
            after[fallen] = after.get(fallen, 0.0) + chance * (1 - misses)
            if missed >= levels:
                reached += chance * misses
            else:
                after[missed] = after.get(missed, 0.0) + chance * misses
        chances = after
    return reached


def test_misses_that_come_together_by_day_raise_that_of_a_share() -> None:
    apart = list(draw(Random(3), kept(0.1), 1_000))
    together = [bucket._replace(total=1_000 * bucket.n * (bucket.at.toordinal() % 10 != 0)) for bucket in apart]
    assert threshold(_SHARE, together, AMSTERDAM, 1) > 2 * threshold(_SHARE, apart, AMSTERDAM, 1)


_HOURS = st.tuples(st.integers(0, 24 * 200), st.integers(0, 30), st.integers(-5, 10))


@given(st.lists(_HOURS, max_size=150, unique_by=lambda hour: hour[0]), st.sampled_from([_SCORE, _SHARE]))
def test_whatever_has_come_there_is_a_threshold(hours: list[tuple[int, int, int]], aim: Aim) -> None:
    """Nothing yet, one answer, complaints without visits, all alike: none of it may end in an error."""
    buckets = [Bucket(_MONDAY + at * timedelta(hours=1), n, 1000 * n * each) for at, n, each in sorted(hours)]
    assert threshold(aim, buckets, AMSTERDAM, 1) > 0
