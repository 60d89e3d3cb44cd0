"""Write what is received, whatever the store answers, and acknowledge. No arithmetic."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

import structlog
from faust.types import TP

from schemas.interruption import Interruption
from schemas.reject import Fault, Reason
from streams.batches import Batch, BatchConsumer
from streams.counting import StaleCatalogue
from streams.ports import AlreadyWritten, Fenced, Meter, Partition, Refused, Store, Stretch, Unavailable
from streams.writing import Write

_BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_log = structlog.get_logger()

Clock = Callable[[], datetime]


class BatchAgent:
    """Writes the batches of some topics: each in one transaction, with the offset it was computed from.

    Each answer of the store is dealt with here. What leaves it is a mistake of ours, and ends the worker: Faust would
    restart the agent and lose the batch.
    """

    def __init__(
        self,
        store: Store,
        write: Write,
        log_ids: Mapping[str, str],
        clock: Clock,
        meter: Meter,
    ) -> None:
        """Write by `write`, which keeps offsets in `store`; `log_ids` names the log behind each topic."""
        self._store = store
        self._write_records = write
        self._log_ids = log_ids
        self._clock = clock
        self._meter = meter
        self._interruptions: Counter[Interruption] = Counter()

    async def receive(self, batch: Batch, consumer: BatchConsumer) -> None:
        """Write a batch, trying for as long as it takes and the partition is ours."""
        with consumer.in_hand:
            await self._write(batch, consumer)

    async def origins(self, partitions: AbstractSet[TP]) -> Mapping[TP, int]:
        """Return where reading begins, waiting for the store if it is away; the Origins of streams.batches."""
        named = {self.named(tp): tp for tp in partitions}
        attempt = 0
        while True:
            try:
                found = await self._store.offsets(list(named))
            except Unavailable as error:
                await self._pause(attempt, error)
                attempt += 1
            else:
                for partition in named:
                    self._meter.begins(partition, found.get(partition, 0))
                return {named[partition]: offset for partition, offset in found.items()}

    def overtaken(self) -> None:
        """Note that a log had dropped records before they were read."""
        self._interruptions[Interruption.OVERTAKEN] += 1

    async def note_interruptions(self) -> None:
        """Tell the store what came between batches and it since the last time. Raises Unavailable: then the next time.

        What a worker has not told when it ends is lost, and if the answer to COMMIT is, it is told twice.
        """
        noted = self._interruptions.copy()
        if noted:
            await self._store.note_interruptions(noted)
            self._interruptions -= noted

    async def _write(self, batch: Batch, consumer: BatchConsumer, verdict: Fault | None = None) -> None:
        """Write a batch; with a verdict, reject its one record instead of reading it."""
        attempt, begun = 0, time.monotonic()
        while consumer.is_current(batch):
            try:
                await self._try(batch, verdict)
            except (Unavailable, StaleCatalogue) as error:
                self._interruptions[_cause(error)] += 1
                await self._pause(attempt, error)
                attempt += 1
                continue
            except Fenced as error:
                self._interruptions[error.cause] += 1
                _log.warning("another worker has written this partition; reading on where it stopped", why=str(error))
                consumer.restart(batch.partition)
                return
            except Refused as error:
                if verdict is not None:
                    raise
                self._interruptions[error.cause] += 1
                await self._narrow_down(batch, consumer, error)
                return
            except AlreadyWritten as error:
                self._interruptions[error.cause] += 1
                _log.info("the batch was written before; only the answer was lost", partition=str(batch.partition))
            consumer.written(batch)
            self._meter.counted(self.named(batch.partition), batch.end, len(batch.records), time.monotonic() - begun)
            return

    async def _try(self, batch: Batch, verdict: Fault | None) -> None:
        stretch = Stretch(self.named(batch.partition), batch.begin, batch.end, batch.first)
        rejected = await self._write_records(stretch, batch.records, verdict, self._clock())
        if rejected:
            _log.warning("records were set apart that cannot be counted", partition=str(batch.partition), **rejected)

    async def _narrow_down(self, batch: Batch, consumer: BatchConsumer, refusal: Refused) -> None:
        """Halve a batch that the store refuses until the record at fault stands alone, and reject that."""
        if len(batch.records) > 1:
            for half in batch.halves():
                await self._write(half, consumer)
        else:
            verdict = Fault(reason=Reason.REFUSED_BY_DATABASE, field=None, detail=str(refusal))
            await self._write(batch, consumer, verdict)

    def named(self, tp: TP) -> Partition:
        """Return a partition by the name of the log that it is in."""
        return Partition(self._log_ids[tp.topic], tp.topic, tp.partition)

    async def _pause(self, attempt: int, error: Exception) -> None:
        seconds = _BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS) - 1)]
        _log.warning("the database does not take this now; trying again", seconds=seconds, why=str(error))
        await asyncio.sleep(seconds)


def _cause(error: Unavailable | StaleCatalogue) -> Interruption:
    return error.cause if isinstance(error, Unavailable) else Interruption.NEW_JOURNEY_VERSION
