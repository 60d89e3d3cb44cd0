"""The running demo: sends its history, and what happens as it happens."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress

from services.event_producer import BrokerFault, EventProducer, Place
from services.kafka_access import KafkaAccess
from services.simulator.anchor import load_anchor
from services.simulator.feed import Feed, Record
from services.simulator.population import Population
from services.simulator.replay import old_let_go, simulated_now

UNACKNOWLEDGED = 4000
"""Records under way before sending waits: so many may have to be sent again after a stop."""
TICK_SECONDS = 0.25
CLOSE_SECONDS = 0.5


def simulate(
    kafka: KafkaAccess,
    anchor_file: Path,
    stored: Set[str],
    stop: threading.Event,
    *,
    clock: Callable[[], datetime],
    seed: int = 1,
    console: Console | None = None,
) -> None:
    """Emit the demo of the anchor file (made with `seed` and the clock's time if there is none) until `stop` is set.

    Sends every event and answer dated up to now whose id is not in `stored`, then each one when its time comes; of the
    cases that are not recent only as the replay goes on. Ids are deterministic and sent twice counts once, so `stored`
    only saves work: pass the event ids of source SOURCE, and the answer ids where answers are stored. What nobody has
    stored is sent again at every start; a broker that forgets, or a stop with records under way, loses nothing.

    Returns within about a second of `stop`. Raises ValueError for a bad anchor file and BrokerFault when the broker
    stays away or refuses a record. The topics must exist. `clock` returns aware datetimes.
    """
    anchor = load_anchor(anchor_file, seed, clock())
    population = Population(anchor.seed, anchor.anchor)
    feed = Feed(population, stored)

    def now() -> datetime:
        return simulated_now(clock(), population.milestones)

    with Outlet(kafka, stop) as outlet:
        history = feed.history(now())
        for sent, records in enumerate(_told(history.cases, history.total, console or Console(stderr=True)), 1):
            outlet.send(records)
            outlet.send(feed.due(now()))
            # What happened long ago does not stand in the way of what happens while the replay lasts.
            while history.is_ahead(sent, old_let_go(clock(), population.milestones)) and not stop.wait(TICK_SECONDS):
                outlet.send(feed.due(now()))
            if stop.is_set():
                return
        outlet.settle()
        while not stop.wait(TICK_SECONDS):
            outlet.send(feed.due(now()))
            outlet.settle()


class Outlet:
    """Sends with a bounded number of records under way, and raises the first failure. A context that closes itself.

    Once `stop` is set it waits for nothing any more but CLOSE_SECONDS for what is under way.
    """

    def __init__(self, kafka: KafkaAccess, stop: threading.Event) -> None:
        """Connect; raises BrokerFault where there is no broker."""
        self._stop = stop
        self._under_way: deque[Future[Place]] = deque()
        self._producer = EventProducer(kafka)

    def send(self, records: Iterable[Record]) -> None:
        """Hand over records; waits while too many are under way."""
        for record in records:
            self._under_way.append(self._producer.send(record.topic, record.key, record.value))
        if len(self._under_way) > UNACKNOWLEDGED:
            self.settle(UNACKNOWLEDGED // 2)

    def settle(self, left: int = 0) -> None:
        """Wait until at most `left` records are unacknowledged, or `stop` is set."""
        while len(self._under_way) > left and not self._stop.is_set():
            with suppress(TimeoutError):
                self._under_way[0].result(timeout=TICK_SECONDS)
                self._under_way.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A broker that is gone would keep us; what it did not acknowledge is not stored, and goes at the next start.
        with suppress(BrokerFault):
            self._producer.close(CLOSE_SECONDS)


def _told(history: Iterator[Iterable[Record]], total: int, console: Console) -> Iterator[Iterable[Record]]:
    """Pass on the history, case by case, and tell how far it is: by a bar on a terminal, else by a line each tenth."""
    if console.is_terminal:
        with Progress(console=console) as progress:
            yield from progress.track(history, total=total, description="Simulator: history")
        return
    for done, records in enumerate(history, 1):
        yield records
        if done * 10 // total > (done - 1) * 10 // total:
            console.print(f"Simulator: {done:,} of {total:,} cases of the demo's history sent")
