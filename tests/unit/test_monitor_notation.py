"""Numbers, durations and moments as Dutch and English readers write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.monitor.pages.notation import Notation
from services.monitor.pages.words import EN, NL

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
dutch, english = Notation(NL, AMSTERDAM), Notation(EN, AMSTERDAM)

SECOND = 1000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND


@pytest.mark.parametrize(
    ("value", "decimals", "in_dutch", "in_english"),
    [
        (1434, 0, "1.434", "1,434"),
        (7.44, 1, "7,4", "7.4"),
        (0, 0, "0", "0"),
        (1234567.8, 1, "1.234.567,8", "1,234,567.8"),
    ],
)
def test_numbers(value: float, decimals: int, in_dutch: str, in_english: str) -> None:
    assert dutch.number(value, decimals) == in_dutch
    assert english.number(value, decimals) == in_english


@pytest.mark.parametrize(
    ("milliseconds", "in_dutch"),
    [
        (0, "0 s"),
        (49, "0 s"),
        (400, "0,4 s"),
        (9_940, "9,9 s"),
        (9_960, "10 s"),
        (89 * SECOND, "89 s"),
        (90 * SECOND, "1,5 min"),
        (89 * MINUTE, "89 min"),
        (90 * MINUTE, "1,5 u"),
        (47 * HOUR, "47 u"),
        (48 * HOUR, "2,0 d"),
        (38 * DAY, "38 d"),
        (1400 * DAY, "1.400 d"),
    ],
)
def test_durations(milliseconds: int, in_dutch: str) -> None:
    assert dutch.duration(milliseconds).replace("\u202f", " ") == in_dutch


def test_durations_in_english() -> None:
    assert english.duration(3.4 * HOUR).replace("\u202f", " ") == "3.4 h"


@pytest.mark.parametrize(
    ("milliseconds", "in_dutch", "in_english"),
    [
        (56 * DAY, "8 weken", "8 weeks"),
        (7 * DAY, "1 week", "1 week"),
        (5 * DAY, "5 dagen", "5 days"),
        (DAY, "1 dag", "1 day"),
        (36 * HOUR, "36 uur", "36 hours"),
        (3 * MINUTE, "3 minuten", "3 minutes"),
        (1500, "1,5\u202fs", "1.5\u202fs"),
    ],
)
def test_limits_are_written_as_they_were_agreed(milliseconds: int, in_dutch: str, in_english: str) -> None:
    assert (dutch.limit(milliseconds), english.limit(milliseconds)) == (in_dutch, in_english)


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "0"), (0.001, "1"), (0.384, "38"), (0.995, "99"), (0.9999, "99"), (1.0, "100")]
)
def test_all_and_nothing_are_only_shown_when_exact(share: float, shown: str) -> None:
    assert english.share(share) == f"{shown}%"


def test_moments_are_local_with_their_offset() -> None:
    winter, summer = datetime(2026, 11, 22, 13, 32, 5, tzinfo=UTC), datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert dutch.time(winter) == "14:32"
    assert dutch.exact_time(winter) == "14:32:05"
    assert dutch.day(winter) == "zondag 22 november 2026"
    assert english.day(summer) == "Thursday 2 July 2026"
    assert (dutch.offset(winter), dutch.offset(summer)) == ("+01:00", "+02:00")
    assert dutch.stamp(summer) == "2026-07-02T00:30:00+02:00"


def test_the_second_of_two_moments_on_one_day_is_a_time_alone() -> None:
    begun = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert dutch.moment(begun, beside=begun + timedelta(hours=3)) == "09:00"
    assert dutch.moment(begun, beside=begun + timedelta(days=1)) == "zondag 22 november 2026, 09:00"


def test_what_lies_ahead_has_not_lasted_yet() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert dutch.elapsed(now + timedelta(minutes=30), now).startswith("0")
