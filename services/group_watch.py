"""A look-out for a consumer group that never comes to an assignment.

The embedded broker keeps a member that left while the group was being put together, and waits for it for ever: nobody
gets a partition any more. Deleting the group mends that. Offsets lie beside the windows, so nothing is lost with it. A
Kafka broker has no such trouble, and refuses to delete a group that has members.
"""

import asyncio
from collections.abc import Callable

import faust
import structlog
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from mode import Service

from services.kafka_access import KafkaAccess

_LOOK_SECONDS = 1.0
_log = structlog.get_logger()


class GroupWatch(Service):  # type: ignore[misc]
    """Frees the group when a worker has been joining it for longer than a rebalance can take."""

    def __init__(self, app: faust.App, free: Callable[[], None], patience_seconds: float) -> None:
        super().__init__()
        self._app = app
        self._free = free
        self._patience = patience_seconds

    async def on_started(self) -> None:
        """Begin to look."""
        self.add_future(self._watch())

    async def _watch(self) -> None:
        waited = 0.0
        while not self.should_stop:
            await self.sleep(_LOOK_SECONDS)
            waited = 0.0 if self._app.consumer.assigned else waited + _LOOK_SECONDS
            if waited >= self._patience:
                _log.warning("no partitions have been assigned for long; freeing the group", seconds=waited)
                await asyncio.to_thread(self._free)
                waited = 0.0


def free_group(kafka: KafkaAccess, group: str) -> None:
    """Delete a consumer group, unless it has members; a broker that is away is left to the next time."""
    try:
        admin = KafkaAdminClient(**kafka.client())
        try:
            said = admin.delete_groups([group])
        finally:
            admin.close()
    except (KafkaError, OSError) as error:
        _log.info("the group could not be freed", group=group, why=repr(error))
    else:
        _log.info("asked to free the group", group=group, answer=said.get(group))
