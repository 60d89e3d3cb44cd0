"""When the board says that its figures stand still."""

from datetime import timedelta

import pytest

from services.lag import Lag
from services.monitor.figures.freshness import Trouble, freshness
from tests.snapshots import NOW, snapshot


@pytest.mark.parametrize(
    ("age", "worker_seen_before", "trouble"),
    [
        (0, 1, None),
        (10, 5, None),
        (10.1, 5, Trouble.NOT_READ),
        (0, 15, None),
        (0, 15.1, Trouble.WORKER_GONE),
        (3, 13, Trouble.WORKER_GONE),  # 16 seconds ago by now
        (60, 60, Trouble.NOT_READ),
        (0, -2, None),  # the worker's clock is ahead
    ],
)
def test_trouble(age: float, worker_seen_before: float, trouble: Trouble | None) -> None:
    held = snapshot(lag=Lag((), NOW - timedelta(seconds=worker_seen_before)))
    assert freshness(held, NOW + timedelta(seconds=age)).trouble is trouble


def test_since_when() -> None:
    seen = NOW - timedelta(seconds=40)
    assert freshness(snapshot(lag=Lag((), seen)), NOW).since == seen
    assert freshness(snapshot(), NOW + timedelta(minutes=5)).since == NOW


def test_nothing_read_and_no_worker() -> None:
    assert freshness(None, NOW).trouble is Trouble.NOTHING_READ
    assert freshness(snapshot(lag=Lag()), NOW).trouble is Trouble.NO_WORKER


def test_age() -> None:
    assert freshness(snapshot(), NOW + timedelta(seconds=2)).age == timedelta(seconds=2)
    assert freshness(snapshot(), NOW - timedelta(seconds=2)).age == timedelta(0)
