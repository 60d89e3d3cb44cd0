"""Numbers that stand for longer names in the database, remembered between transactions."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

_MOST = 100_000

Name = TypeVar("Name")


class Numbers(Generic[Name]):
    """A bounded cache of committed numbers. It may be lost at any time."""

    def __init__(self) -> None:
        self._known: dict[Name, int] = {}

    def of(self, names: Iterable[Name]) -> dict[Name, int]:
        """Return the numbers of those names that are remembered."""
        return {name: self._known[name] for name in names if name in self._known}

    def keep(self, numbers: Mapping[Name, int]) -> None:
        """Remember numbers that are committed."""
        if len(self._known) > _MOST:
            self._known.clear()
        self._known.update(numbers)

    def forget(self) -> None:
        """Forget all numbers."""
        self._known.clear()
