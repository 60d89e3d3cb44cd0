"""What a store remembers between transactions. It may be lost at any time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.store.claims import Claims
from services.store.customer_ids import CustomerIds
from services.store.scope_ids import ScopeIds
from services.store.secrecy import Secrecy
from streams.observations import Scope
from streams.ports import Partition


@dataclass
class Learnt:
    """Numbers that one transaction has read or given; they hold once it is committed."""

    scopes: Mapping[Scope, int] = field(default_factory=dict)
    customers: Mapping[str, int] = field(default_factory=dict)
    writers: dict[Partition, int] = field(default_factory=dict)


class Memory:
    """The numbers that stand for scopes, customers and writers, and how keys were best claimed."""

    def __init__(self, secrecy: Secrecy) -> None:
        self.claims = Claims()
        self.scopes = ScopeIds()
        self.customers = CustomerIds(secrecy)
        self.writers: dict[Partition, int] = {}

    def keep(self, learnt: Learnt) -> None:
        """Remember what a committed transaction has learnt."""
        self.scopes.keep(learnt.scopes)
        self.customers.keep(learnt.customers)
        self.writers |= learnt.writers

    def forget(self) -> None:
        """Forget everything: it may be another database now, restored from a backup."""
        self.scopes.forget()
        self.customers.forget()
        self.writers.clear()
