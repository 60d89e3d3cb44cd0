"""What the agents ask of a store; services.store answers it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from schemas.alert import Alert
from schemas.interruption import Interruption
from schemas.journey import Catalogue
from schemas.reject import Fault
from streams.counting import Arrival, CaseName, Counted, StoredCase
from streams.flagging import Flag
from streams.invitations import Decided, Invited
from streams.judgement import Defined, Held, Judgement
from streams.kpi_evidence import Coverage, HourOfValues, KpiName
from streams.kpi_sentence import Shown
from streams.kpi_threshold import Threshold
from streams.timeline import History
from streams.windows import RetainedFrom


class Partition(NamedTuple):
    """One partition of one topic in one broker's log. A recreated topic is another log."""

    log_id: str
    topic: str
    partition: int


@dataclass(frozen=True)
class Stretch:
    """The stretch of a partition that a batch covers: offsets begin <= offset < end.

    `first` says that it was read where a log begins of which nothing was stored yet.
    """

    partition: Partition
    begin: int
    end: int
    first: bool = False


class Record(NamedTuple):
    """One record of the log: its offset and its bytes (empty for a tombstone)."""

    offset: int
    value: bytes


class Interrupted(Exception):  # noqa: N818 - an answer, not a mistake
    """A batch cannot be written as it is now."""

    cause: Interruption


class Fenced(Interrupted):
    """The stored offset is not where the batch begins: another worker has written since, or a backup came back."""

    cause = Interruption.FENCED


class AlreadyWritten(Interrupted):
    """The stored offset is where the batch ends: it was written, only the answer was lost."""

    cause = Interruption.ANSWER_LOST


class Unavailable(Interrupted):
    """The store cannot write now but will later. Try again.

    Nothing was written, unless the answer to a COMMIT was lost: then the next try raises AlreadyWritten.
    """

    def __init__(self, why: str, cause: Interruption = Interruption.CONNECTION) -> None:
        super().__init__(why)
        self.cause = cause


class Refused(Interrupted):
    """The store will not take something in this batch, whenever it is tried; nothing was written."""

    cause = Interruption.REFUSED


@dataclass(frozen=True)
class RejectedRecord:
    """A record that could not be counted: its offset, what is wrong with it, and its bytes."""

    offset: int
    fault: Fault
    raw: bytes


class Claim(NamedTuple):
    """What became of arrivals on claiming their keys: positions in the sequence given.

    `fresh` were never seen; `reused` carry a key seen before with other content; `erased` were never seen, and are of a
    case whose customer was erased; all others are repeats.
    """

    fresh: frozenset[int]
    reused: frozenset[int]
    erased: frozenset[int] = frozenset()


class Letter(NamedTuple):
    """What is to leave for Kafka."""

    topic: str
    key: bytes | None
    value: bytes


class Judged(NamedTuple):
    """What is to be written of a KPI that was judged, and the alerts to be sent with it."""

    kpi: Defined
    judgement: Judgement
    threshold: Threshold
    shown: Shown | None
    alerts: Sequence[Alert]


class KpiReading(Protocol):
    """What judging a KPI asks to read."""

    async def kpi(self, name: KpiName) -> Held:
        """Return what is stored of a KPI."""

    async def kpi_hours(
        self, covered: Coverage, start: datetime, end: datetime, *, by_value: bool
    ) -> Sequence[HourOfValues]:
        """Return the hours start <= hour <= end of what a KPI covers, in no order; `by_value`: with their bins."""

    async def caught_up(self, few: int, now: datetime) -> bool:
        """Say whether no more than a few records wait to be counted; not if no worker has looked at the log lately."""


class Transaction(KpiReading, Protocol):
    """One transaction for one stretch of the log. Call in this order: it is the order in which rows are locked."""

    async def claim(self, arrivals: Sequence[Arrival]) -> Claim:
        """Take the arrivals' keys; of a key that comes twice in the sequence the first one counts."""

    async def lock_cases(self, names: Collection[CaseName]) -> Mapping[CaseName, StoredCase]:
        """Lock the cases in the order of their names; those that are new are opened when saved."""

    async def histories(self, case_keys: Collection[int]) -> Mapping[int, History]:
        """Read everything that is known of locked cases."""

    async def retained_from(self) -> RetainedFrom:
        """Return from when on each resolution is kept."""

    async def invited(self, customers: Collection[str], since: datetime) -> Mapping[str, Sequence[Invited]]:
        """Lock customers in the order of their numbers; return the invitations of each after a moment."""

    async def save(self, counted: Counted, rejects: Sequence[RejectedRecord]) -> None:
        """Write everything. The offset moves to the stretch's end with it."""

    async def invite(self, decided: Sequence[Decided]) -> None:
        """Write what was decided about asking customers, and post a letter for each invitation."""

    async def save_kpi(self, held: Held, judged: Judged) -> None:
        """Write what a KPI came to and post its alerts, unless it has changed since `held` was read.

        Then another check of it is on its way.
        """

    async def retire_kpi(self, name: KpiName, held: Held, alerts: Sequence[Alert]) -> None:
        """Forget how a KPI stands that is judged no more, and post alerts, unless it has changed since."""

    async def flags(self, case_keys: Collection[int]) -> Sequence[Flag]:
        """Return what locked cases have been flagged for."""

    async def settle(self, flags: Sequence[Flag], alerts: Sequence[Alert]) -> None:
        """Write how flags stand now, and post the alerts that say so."""


class Meter(Protocol):
    """What the agents tell of their work, for those who operate it."""

    def begins(self, partition: Partition, next_offset: int) -> None:
        """Take in that a partition is read from an offset on."""

    def counted(self, partition: Partition, next_offset: int, records: int, seconds: float) -> None:
        """Take in that so many records, up to an offset, are durable, and how long that took."""

    def ends(self, ends: Mapping[Partition, int], now: datetime) -> None:
        """Take in where the partitions end that are read now."""


class Store(Protocol):
    """The durable side of the stream."""

    async def catalogue(self) -> Catalogue:
        """Return every version of every journey."""

    async def offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Return the next offset of each partition that has been counted before."""

    async def meet(self, arrivals: Collection[Arrival]) -> None:
        """Give each customer reference in arrivals that is new its number, apart from any stretch.

        What is known to be of an erased customer gives none. Batches that bring the same new customer at the same time
        then need not wait for each other. Raises Unavailable.
        """

    def transaction(self, stretch: Stretch, now: datetime) -> AbstractAsyncContextManager[Transaction]:
        """Open the transaction that counts a stretch; it commits at the end of the block.

        Raises Fenced, AlreadyWritten, Unavailable or Refused, before, within or at the end of the block; nothing
        is written then.
        """

    async def note_ends(self, ends: Mapping[Partition, int], now: datetime) -> None:
        """Note where partitions end, for those who want to know the lag. Raises Unavailable."""

    async def note_interruptions(self, counts: Mapping[Interruption, int]) -> None:
        """Add to how often batches were interrupted. Raises Unavailable."""

    async def relay(self, send: Callable[[Sequence[Letter]], Awaitable[None]]) -> int:
        """Hand the oldest letters of the outbox to `send`, forget them when it returns, and return how many.

        One process at a time relays; for the others there are none. A letter may be handed over twice.
        """

    async def release(self, least: int) -> bool:
        """Release some of the scores counted (streams.releasing), and return whether there may be more of them.

        One process at a time releases; for the others there are none. Raises Unavailable.
        """

    async def call_kpis(self, now: datetime) -> int:
        """Post a word for each KPI that is due, and return how many are: touched since, or not looked at for a minute.

        One process at a time calls; for the others there are none. Raises Unavailable.
        """

    async def flag_overdue(self, now: datetime) -> int:
        """Flag the cases that wait for something overdue (streams.waiting), post alerts, and return how many flags.

        A case is flagged once for each thing. One process at a time does so; for the others there is nothing to do.
        Raises Unavailable.
        """

    async def prune(self, now: datetime) -> None:
        """Drop what is past its retention."""
