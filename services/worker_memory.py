"""How the processes of a worker handle memory: garbage is collected seldom, and what is free is given back."""

import ctypes
import gc

from mode import Service

_COLLECT_SECONDS = 300.0

_LARGE_BYTES = 262_144
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # as in malloc.h


def tune() -> None:
    """Set up a process, before it begins to count."""
    _collect_seldom()
    _give_back_what_is_large()


def _collect_seldom() -> None:
    """A batch makes many objects and no cycles; to look for cycles among them took a third of the time."""
    gc.freeze()
    gc.set_threshold(500_000, 10, 10)


def _give_back_what_is_large() -> None:
    """Have glibc give blocks back as soon as they are free, such as those that a fetch brings.

    By itself it takes the first of them for a sign that more of that size will come, and keeps them: 30 MB a worker.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _LARGE_BYTES)


class Collector(Service):  # type: ignore[misc]
    """Collects what garbage there is now and then: an idle worker makes some, slowly, and would never have enough."""

    async def on_started(self) -> None:
        """Begin, beside what else the worker does."""
        self.add_future(self._collect())

    async def _collect(self) -> None:
        while not self.should_stop:
            await self.sleep(_COLLECT_SECONDS)
            gc.collect()
