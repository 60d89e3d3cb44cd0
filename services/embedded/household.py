"""The processes of a running `klantreis up`, and what becomes of each when it dies."""

import time
from collections.abc import Callable, Sequence

from services.embedded.child import Child
from services.embedded.interrupts import Interrupts
from services.embedded.kept_child import GivenUp, KeptChild, obituary
from services.embedded.narrator import Narrator

_TICK_SECONDS = 0.1


class Household:
    """Looks after processes that were started, and says what happens to them.

    `changed` is called whenever a process has been started again.
    """

    def __init__(self, narrator: Narrator, interrupts: Interrupts, changed: Callable[[], None]) -> None:
        self._narrator = narrator
        self._interrupts = interrupts
        self._changed = changed
        self._vital: list[Child] = []
        self._kept: list[KeptChild] = []
        self._free: list[Child] = []

    def rely_on(self, child: Child) -> None:
        """Take in a process without which nothing works."""
        self._vital.append(child)

    def rely_instead(self, before: Child, now: Child) -> None:
        """Take in a process that came in the place of another."""
        self._vital[self._vital.index(before)] = now

    def keep(self, child: Child) -> None:
        """Take in a process that is started again when it dies."""
        self._kept.append(KeptChild(child))

    def let_run(self, child: Child) -> None:
        """Take in a process that the others can do without."""
        self._free.append(child)

    @property
    def children(self) -> Sequence[Child]:
        """All processes taken in."""
        return [*self._vital, *(kept.child for kept in self._kept), *self._free]

    def missing(self) -> Child | None:
        """Return a process that is needed and does not run; None if there is none."""
        needed = [*self._vital, *(kept.child for kept in self._kept)]
        return next((child for child in needed if not child.running), None)

    def look_after(self, seconds: float) -> None:
        """Look after the processes for a while. Raises StopAsked, or GivenUp if it cannot go on."""
        until = time.monotonic() + seconds
        while True:
            self._interrupts.check()
            self._look()
            if time.monotonic() >= until:
                return
            time.sleep(_TICK_SECONDS)

    def _look(self) -> None:
        for child in self._vital:
            if not child.running:
                raise GivenUp(f"{obituary(child)}\nNothing works without it.")
        for child in [child for child in self._free if not child.running]:
            self._free.remove(child)
            self._narrator.warn(obituary(child))
        for kept in self._kept:
            self._look_at(kept)

    def _look_at(self, kept: KeptChild) -> None:
        before = kept.child.pid
        if said := kept.look(time.monotonic()):
            self._narrator.warn(said)
        if kept.child.pid != before:
            self._changed()
