"""The lag in records and seconds, from the ends of the log as they go by."""

from datetime import UTC, datetime, timedelta

import pytest

from services.lag import LagWatch
from services.store.reading import LogPosition

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def position(counted: int, end: int, seen: float, partition: int = 0) -> LogPosition:
    return LogPosition("touchpoint-events", partition, counted, end, at(seen))


def test_nothing_waits() -> None:
    lag = LagWatch().look([position(10, 10, 0)])
    assert (lag.records, lag.seconds(at(5)), lag.worker_seen_at) == (0, 0.0, at(0))


def test_an_end_that_was_seen_before_the_counting_is_no_lag() -> None:
    assert LagWatch().look([position(12, 10, 0)]).records == 0


def test_the_oldest_record_waits_since_its_partition_was_first_seen_to_end_behind_it() -> None:
    # second:   0     1     2     3
    # end:     10    20    30    40
    # counted: 10    10    10    25   -> record 25 is first seen within the end of second 2
    watch = LagWatch()
    watch.look([position(10, 10, 0)])
    assert watch.look([position(10, 20, 1)]).seconds(at(1)) == 0
    assert watch.look([position(10, 30, 2)]).seconds(at(2)) == 1
    lag = watch.look([position(25, 40, 3)])
    assert (lag.records, lag.seconds(at(3))) == (15, 1)


def test_counting_that_keeps_up_under_load_has_no_growing_lag() -> None:
    watch = LagWatch()
    for second in range(100):
        lag = watch.look([position(100 * second, 100 * second + 50, second)])
    assert (lag.records, lag.seconds(at(99))) == (50, 0)


def test_partitions_add_up_and_the_longest_wait_counts() -> None:
    watch = LagWatch()
    watch.look([position(0, 5, 0, partition=0), position(0, 0, 0, partition=1)])
    lag = watch.look([position(0, 5, 9, partition=0), position(0, 7, 9, partition=1)])
    assert (lag.records, lag.seconds(at(10))) == (12, 10)
    assert [each.records for each in lag.partitions] == [5, 7]


def test_a_topic_made_anew_begins_again() -> None:
    watch = LagWatch()
    watch.look([position(100, 500, 0)])
    lag = watch.look([position(0, 3, 60)])
    assert (lag.records, lag.seconds(at(60))) == (3, 0)


def test_a_long_standstill_is_remembered_in_bounded_room() -> None:
    watch = LagWatch()
    for second in range(5000):
        lag = watch.look([position(0, second + 1, second)])
    assert lag.seconds(at(4999)) == 4999
    assert sum(len(ends) for ends in watch._ends.values()) <= 601


def test_no_worker_was_ever_seen() -> None:
    lag = LagWatch().look([])
    assert (lag.records, lag.seconds(START), lag.worker_seen_at) == (0, 0.0, None)


@pytest.mark.parametrize("second", [-5, 0])
def test_clocks_that_differ_give_no_negative_wait(second: float) -> None:
    assert LagWatch().look([position(0, 5, 0)]).seconds(at(second)) == 0
