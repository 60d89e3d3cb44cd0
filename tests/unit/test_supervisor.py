"""What `klantreis up` decides: when a dead process is started again, and when everything is counted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from services.embedded.child import Child
from services.embedded.drain import drained, remaining
from services.embedded.kept_child import GivenUp, KeptChild
from services.embedded.monitor_client import Lag

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class FakeChild:
    """A child without a process: dies when told to, having lived as long as told."""

    def __init__(self) -> None:
        self.name = "worker"
        self.log = Path("worker.log")
        self.running = True
        self.lived = 0.0
        self.ending = "exit code 7"
        self.starts = 1

    def start(self) -> None:
        self.running = True
        self.starts += 1

    def die(self, lived: float) -> None:
        self.running = False
        self.lived = lived

    def log_tail(self) -> str:
        return "out of cheese"


@pytest.fixture
def child() -> FakeChild:
    return FakeChild()


@pytest.fixture
def kept(child: FakeChild) -> KeptChild:
    return KeptChild(cast("Child", child))


def test_a_child_that_runs_gives_nothing_to_say(kept: KeptChild, child: FakeChild) -> None:
    assert kept.look(0.0) is None
    assert child.starts == 1


def test_a_death_is_told_with_its_ending_and_its_last_words(kept: KeptChild, child: FakeChild) -> None:
    child.die(lived=3.25)
    said = kept.look(100.0)
    assert said is not None
    for part in ("worker", "exit code 7", "3.2 s", "worker.log", "out of cheese", "again in 0.5 s"):
        assert part in said


def test_a_dead_child_starts_again_when_the_pause_is_over_and_not_before(kept: KeptChild, child: FakeChild) -> None:
    child.die(lived=3)
    kept.look(100.0)
    assert kept.look(100.49) is None
    assert not child.running
    assert kept.look(100.5) == "The worker runs again."
    assert child.running


def test_the_pause_doubles_with_every_quick_death(kept: KeptChild, child: FakeChild) -> None:
    now, pauses = 0.0, []
    for _ in range(4):
        child.die(lived=1)
        died = now
        kept.look(now)
        while not child.running:
            now += 0.25
            kept.look(now)
        pauses.append(now - died)
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_the_fifth_quick_death_is_the_end(kept: KeptChild, child: FakeChild) -> None:
    for death in range(4):
        child.die(lived=19)
        kept.look(death * 100.0)
        kept.look(death * 100.0 + 50)
        assert child.running
    child.die(lived=19)
    with pytest.raises(GivenUp, match=r"(?s)out of cheese.*5 times"):
        kept.look(1000.0)


def test_a_child_that_lived_long_is_forgiven_its_earlier_deaths(kept: KeptChild, child: FakeChild) -> None:
    for death in range(12):
        child.die(lived=3600 if death % 4 == 3 else 1)
        kept.look(death * 100.0)
        kept.look(death * 100.0 + 50)
    assert child.starts == 13


@pytest.mark.parametrize(
    ("lag", "done"),
    [
        pytest.param(None, False, id="the monitor does not say"),
        pytest.param(Lag(0, None), False, id="no worker has looked"),
        pytest.param(Lag(3, NOON + timedelta(minutes=1)), False, id="records are left"),
        pytest.param(Lag(0, NOON - timedelta(seconds=1)), False, id="the worker looked before"),
        pytest.param(Lag(0, NOON + timedelta(seconds=1)), False, id="the worker looked too soon after"),
        pytest.param(Lag(0, NOON + timedelta(seconds=2)), True, id="the worker looked, and nothing is left"),
    ],
)
def test_a_drain_is_done_when_the_worker_has_looked_since_and_nothing_is_left(lag: Lag | None, done: bool) -> None:
    assert drained(lag, begun_at=NOON) is done


def test_what_is_left_is_told_as_a_number() -> None:
    assert remaining(Lag(12_345, NOON), begun_at=NOON) == "12,345 records left to count"


def test_a_number_from_before_the_worker_came_is_not_told() -> None:
    earlier = Lag(12_345, NOON - timedelta(minutes=1))
    assert remaining(earlier, begun_at=NOON) == "no worker has looked at the broker lately"
