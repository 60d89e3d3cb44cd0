"""When a process that counts collects garbage: a batch makes many objects and no cycles."""

import gc

from mode import Service

_COLLECT_SECONDS = 300.0


def collect_seldom() -> None:
    """Look for cycles only when very much was made: to look for them at every turn took a third of the time."""
    gc.freeze()
    gc.set_threshold(500_000, 10, 10)


class Collector(Service):  # type: ignore[misc]
    """Collects what garbage there is now and then: an idle worker makes some, slowly, and would never have enough."""

    async def on_started(self) -> None:
        """Begin, beside what else the worker does."""
        self.add_future(self._collect())

    async def _collect(self) -> None:
        while not self.should_stop:
            await self.sleep(_COLLECT_SECONDS)
            gc.collect()
