"""Weeks and months as the clock on the wall has them."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.periods import By, periods

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_months_begin_at_local_midnight() -> None:
    found = periods(By.MONTH, 2, datetime(2026, 11, 30, 23, 30, tzinfo=UTC), AMSTERDAM)  # the first of December there
    assert [period.day for period in found] == [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
    assert [period.start for period in found] == [
        datetime(2026, 9, 30, 22, tzinfo=UTC),
        datetime(2026, 10, 31, 23, tzinfo=UTC),
        datetime(2026, 11, 30, 23, tzinfo=UTC),
    ]
    assert found[-1].end == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_weeks_begin_on_monday() -> None:
    """September 2026 begins on a Tuesday; the week that holds 25 October has an hour more."""
    found = periods(By.WEEK, 2, datetime(2026, 11, 1, 12, tzinfo=UTC), AMSTERDAM)
    assert [period.day.isoformat() for period in found] == [
        *("2026-09-07", "2026-09-14", "2026-09-21", "2026-09-28"),
        *("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26"),
    ]
    assert [(period.end - period.start).total_seconds() / 3600 for period in found] == [168] * 6 + [169, 168]


@settings(max_examples=50)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
    st.sampled_from(By),
    st.integers(0, 30),
    st.sampled_from(["Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "UTC"]).map(ZoneInfo),
)
def test_they_follow_each_other_and_the_last_runs_now(now: datetime, by: By, months: int, zone: ZoneInfo) -> None:
    found = periods(by, months, now, zone)
    assert all(earlier.end == later.start for earlier, later in pairwise(found))
    assert not found or found[-1].start <= now < found[-1].end
    for period in found:
        local = period.start.astimezone(zone)
        assert (local.date(), local.hour, local.minute) == (period.day, 0, 0)
        assert period.day.weekday() == 0 if by is By.WEEK else period.day.day == 1
    if by is By.MONTH:
        assert len(found) == months + 1
