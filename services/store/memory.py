"""What a store remembers between transactions. It may be lost at any time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.store.claims import Claims
from services.store.numbers import Numbers
from streams.observations import Scope
from streams.ports import Partition


@dataclass
class Learnt:
    """Numbers that one transaction has read or given; they hold once it is committed."""

    scopes: Mapping[Scope, int] = field(default_factory=dict)
    writers: Mapping[Partition, int] = field(default_factory=dict)


class Memory:
    """The numbers that stand for scopes, customers and writers, and how keys were best claimed."""

    def __init__(self) -> None:
        self.claims = Claims()
        self.scopes: Numbers[Scope] = Numbers()
        self.customers: Numbers[str] = Numbers()
        self.writers: Numbers[Partition] = Numbers()
        self._last_erasure = 0

    def heed(self, last_erasure: int) -> None:
        """Forget the numbers of customers if any may have been erased since they were read."""
        if last_erasure > self._last_erasure:
            self.customers.forget()
            self._last_erasure = last_erasure

    def keep_customers(self, numbers: Mapping[str, int], last_erasure: int) -> None:
        """Remember the numbers of customers, as committed after an erasure (by its number) and before the next."""
        if last_erasure == self._last_erasure:
            self.customers.keep(numbers)

    def keep(self, learnt: Learnt) -> None:
        """Remember what a committed transaction has learnt."""
        self.scopes.keep(learnt.scopes)
        self.writers.keep(learnt.writers)

    def forget(self) -> None:
        """Forget everything: it may be another database now, restored from a backup."""
        for numbers in (self.scopes, self.customers, self.writers):
            numbers.forget()
        self._last_erasure = 0
