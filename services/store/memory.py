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

    def keep(self, learnt: Learnt) -> None:
        """Remember what a committed transaction has learnt."""
        self.scopes.keep(learnt.scopes)
        self.writers.keep(learnt.writers)

    def forget(self) -> None:
        """Forget everything: it may be another database now, restored from a backup."""
        for numbers in (self.scopes, self.customers, self.writers):
            numbers.forget()
