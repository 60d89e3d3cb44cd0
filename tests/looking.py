"""Looking at something over and over, beside what a test does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def looking(look: Callable[[], None], every_seconds: float) -> Iterator[None]:
    """Call `look` again and again, in a thread of its own, for as long as the block lasts."""
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(every_seconds):
            look()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
