"""By what records are known that speak of an erased customer. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import orjson

from services.store.claims import Key
from streams.counting import CaseName

_NAMES = ("customer", "case_id", "event_id", "answer_id", "subject", "id")


@dataclass(frozen=True)
class Traces:
    """What a customer was called: the references, the names of the cases, the keys of events and answers."""

    references: Collection[str]
    cases: Collection[CaseName]
    keys: Collection[Key]

    def are_in(self, record: bytes) -> bool:
        """Say whether a record, in whatever form, names the customer.

        In JSON a name is a whole text, wherever it stands; a case is told by its journey too, a key by its source.
        In what is no JSON a name is a whole word, with nothing beside it: rather too much is found than too little.
        """
        try:
            said = set(_values(orjson.loads(record)))
        except orjson.JSONDecodeError:
            return self._word is not None and self._word.search(record.decode(errors="replace")) is not None
        return not said.isdisjoint(self.references) or any(
            not said.isdisjoint(self._beside[name]) for name in said & self._beside.keys()
        )

    @cached_property
    def _beside(self) -> Mapping[str, set[str]]:
        """What each name of a case or of an arrival must have beside it: its journey, its source."""
        beside: dict[str, set[str]] = defaultdict(set)
        for whose, name in (*self.cases, *self.keys):
            beside[name].add(whose)
        return beside

    @cached_property
    def _word(self) -> re.Pattern[str] | None:
        words = {*self.references, *(case_id for _, case_id in self.cases)}
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(words)))})(?!\w)") if words else None


def _values(said: object) -> Iterator[str]:
    """Yield all texts in JSON, and numbers that stand where a name belongs.

    A loop, since what is read may be nested deeper than calls may be.
    """
    left = [said]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            yield from (str(value[name]) for name in _NAMES if isinstance(value.get(name), int))
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        elif isinstance(value, str):
            yield value
