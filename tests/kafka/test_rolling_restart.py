"""Workers are restarted one after the other while events come in: counting goes on, exactly, and nobody waits long."""

import logging
import threading
import time

import pytest

from services.embedded.child import Child
from services.embedded.commands import command_child
from services.settings import Settings
from tests.desk import Desk
from tests.looking import looking
from tests.sending import Sender
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)

_log = logging.getLogger(__name__)


def started(settings: Settings, name: str) -> Child:
    worker = command_child(name, "worker", settings)
    worker.start()
    wait_until(lambda: "reading" in worker.log_tail(400), 60, f"{name} has partitions")
    return worker


class Waiting:
    """Looks for how long nothing has been counted although something waits."""

    def __init__(self, sender: Sender) -> None:
        self.longest = 0.0
        self._sender = sender
        self._moved, self._left = time.monotonic(), 0

    def look(self) -> None:
        left = self._sender.uncounted()
        if not left or left < self._left:
            self._moved = time.monotonic()
        self._left = left
        self.longest = max(self.longest, time.monotonic() - self._moved)


def test_counting_goes_on_while_each_worker_is_restarted(settings: Settings) -> None:
    workers = [started(settings, "first"), started(settings, "second")]
    try:
        with Sender(settings) as sender:
            desk = Desk(settings, sender, "rolling")
            waiting = Waiting(sender)
            stop = threading.Event()

            def send() -> None:
                number = 0
                while not stop.is_set():
                    desk.send(desk.passages(range(number, number + 5)))
                    number += 5
                    time.sleep(0.05)

            thread = threading.Thread(target=send)
            thread.start()
            with looking(waiting.look, 0.1):
                for place, name in enumerate(("third", "fourth")):
                    time.sleep(2)
                    assert workers[place].stop(30), "it had to be killed"
                    assert workers[place].exit_code == 0
                    workers[place] = started(settings, name)
                time.sleep(2)
            stop.set()
            thread.join()
            sender.wait_until_counted(60)
            _log.info("at most %.1f s without anything counted", waiting.longest)
            assert desk.differences() == []
    finally:
        for worker in workers:
            worker.stop(30)
    assert waiting.longest < 30, "the group waited for a member that had left"
