"""Rolling windows are kept in parts; time decides which of them are read again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from schemas.journey import Journey
from services.monitor.figures.rolling_windows import DAYS_EVERY, WINDOWS, RollingWindows, read_parts
from services.store.reading import Histograms, Moment
from streams.rolling import ROLLING, Part, parts
from streams.windows import Resolution
from tests.snapshots import DAY, NOW, balie, gap, volume, within

TURN = timedelta(seconds=0.5)


def visits_in(part: Part) -> int:
    """So many visits lie in each part of a pretended database: one a minute."""
    return (part.end - part.start) // timedelta(minutes=1)


class Database(Moment):
    """Answers by the clock on the wall, which it moves by what an answer costs; notes what it was asked."""

    def __init__(self, cost: Callable[[Part], timedelta] = lambda _: timedelta(0)) -> None:
        self.now = NOW
        self.cost = cost
        self.asked: list[Part] = []
        self.added = 0

    def clock(self) -> datetime:
        return self.now

    async def histograms(self, journey: str, part: Part) -> Histograms:
        self.now += self.cost(part)
        if journey == "balie":
            self.asked.append(part)
        found = {**volume("gesteld", visits_in(part) + self.added), **gap("bericht", [DAY])}
        return {**found, **within("antwoordtermijn", kept=visits_in(part), missed=0)}

    async def turn(self, windows: RollingWindows, *more: Journey) -> dict[str, Histograms]:
        """Forget what was asked, read once and return the windows of the counter."""
        self.asked.clear()
        read = await windows.read(self, [balie(), *more], self.now)
        return dict(read["balie"])


def visits(histograms: Histograms) -> int:
    return sum(histogram.n for subject, histogram in histograms.items() if subject.measure == "volume")


def limits(histograms: Histograms) -> int:
    return sum(histogram.n for subject, histogram in histograms.items() if subject.measure == "within")


def wanted() -> set[Part]:
    return {part for window in WINDOWS for part in parts(ROLLING[window], NOW, balie().zone)}


def is_day(part: Part) -> bool:
    return part.resolution is Resolution.DAY


async def test_a_window_is_the_sum_of_its_parts() -> None:
    database = Database()
    read = await database.turn(RollingWindows(database.clock))
    assert {window: visits(read[window]) for window in WINDOWS} == {
        window: ROLLING[window] // timedelta(minutes=1) for window in WINDOWS
    }
    whole = await read_parts(database, "balie", parts(ROLLING["28d"], NOW, balie().zone), NOW)
    assert whole == read["28d"]
    (gaps,) = [histogram for subject, histogram in whole.items() if subject.measure == "gap"]
    pieces = len(parts(ROLLING["28d"], NOW, balie().zone))  # with one in each
    assert (gaps.n, gaps.total, sum(gaps.bins.values())) == (pieces, pieces * DAY, pieces)


async def test_limits_of_the_running_bucket_are_left_out_until_it_is_over() -> None:
    """It is 13:32:05, and a limit falls each minute: nobody knows which of this minute or hour still must."""
    database = Database()
    windows = RollingWindows(database.clock)
    read = await database.turn(windows)
    assert {window: limits(read[window]) for window in WINDOWS} == {
        "1h": 60 - 1,
        "24h": 24 * 60 - 1,
        "28d": (28 * 24 - 1) * 60,
    }
    whole = await read_parts(database, "balie", parts(ROLLING["28d"], NOW, balie().zone), NOW)
    assert limits(whole) == (28 * 24 - 1) * 60
    database.now = NOW + timedelta(minutes=30)  # two minutes into the next hour
    read = await database.turn(windows)
    assert limits(read["28d"]) == (28 * 24 - 1) * 60


async def test_what_two_windows_share_is_read_once() -> None:
    database = Database()
    await database.turn(RollingWindows(database.clock))
    assert len(database.asked) == len(set(database.asked))
    assert set(database.asked) == wanted()


async def test_with_a_quick_database_all_but_past_days_is_read_at_every_turn() -> None:
    database = Database()
    windows = RollingWindows(database.clock)
    await database.turn(windows)
    database.now += TURN
    await database.turn(windows)
    assert set(database.asked) == {part for part in wanted() if not is_day(part)}
    database.now += DAYS_EVERY - TURN
    await database.turn(windows)
    assert {part for part in database.asked if is_day(part)} == {part for part in wanted() if is_day(part)}


async def test_what_comes_into_a_window_is_read_at_once() -> None:
    database = Database(lambda part: timedelta(milliseconds=300 if is_day(part) else 0))
    windows = RollingWindows(database.clock)
    await database.turn(windows)
    database.now = datetime(2026, 11, 23, 0, 0, 5, tzinfo=UTC)  # an hour past midnight in Amsterdam
    read = await database.turn(windows)
    assert {window: visits(read[window]) for window in WINDOWS} == {
        window: ROLLING[window] // timedelta(minutes=1) for window in WINDOWS
    }


async def test_the_running_bucket_comes_first_and_then_what_was_read_longest_ago() -> None:
    database = Database(lambda _: timedelta(milliseconds=40))
    windows = RollingWindows(database.clock)
    await database.turn(windows)
    again: list[Part] = []
    for _ in range(30):
        database.now += timedelta(seconds=1)
        await database.turn(windows)
        running, rest = database.asked[:2], database.asked[2:]
        assert all(part.end > database.now for part in running)
        again += [part for part in rest if not is_day(part)]
    past = {part for part in wanted() if not is_day(part) and part.end <= NOW}
    assert len(again) > len(past)
    assert {again.count(part) for part in past} <= {len(again) // len(past), len(again) // len(past) + 1}


@pytest.mark.parametrize("milliseconds", [1, 20, 100, 400])
async def test_reading_takes_a_fifth_of_the_time_at_most(milliseconds: int) -> None:
    database = Database(lambda _: timedelta(milliseconds=milliseconds))
    windows = RollingWindows(database.clock)
    await database.turn(windows)
    begun, spent = database.now, timedelta(0)
    while database.now - begun < timedelta(seconds=50):
        database.now += TURN
        before = database.now
        await database.turn(windows)
        spent += database.now - before
    assert timedelta(0) < spent <= (database.now - begun) / 5 + timedelta(milliseconds=3 * milliseconds)


async def test_a_journey_that_is_new_is_read_whatever_it_takes() -> None:
    database = Database(lambda _: timedelta(seconds=1))
    windows = RollingWindows(database.clock)
    await database.turn(windows)
    await database.turn(windows)
    assert database.asked == []
    other = balie().model_copy(update={"id": "andere"})
    assert set(await windows.read(database, [balie(), other], database.now)) == {"balie", "andere"}


async def test_what_was_read_again_is_shown() -> None:
    database = Database()
    windows = RollingWindows(database.clock)
    before = await database.turn(windows)
    database.added = 1
    database.now += TURN
    after = await database.turn(windows)
    assert visits(after["1h"]) == visits(before["1h"]) + len(parts(ROLLING["1h"], NOW, balie().zone))
