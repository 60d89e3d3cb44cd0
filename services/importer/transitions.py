"""Rows that tell of an activity's start and of its completion apart -> one row with both moments. Pure."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from schemas.import_mapping import STARTED, ImportMapping, Lifecycle
from services.importer.csv_rows import Row, RowFault


def joined(rows: Iterable[Row], mapping: ImportMapping) -> Iterator[Row]:
    """Yield each row once: a completion with the moment of its start, and a start, when it has been told, as nothing.

    A completion belongs to the earliest start in the log of the same activity, of the same case, of the same instance
    where the mapping names one, that no other has. Starts that nothing completes come last, each as a fault.
    """
    if mapping.lifecycle is None:
        yield from rows
        return
    pairs = _Pairs(mapping, mapping.lifecycle)
    for row in rows:
        yield from pairs.taken(row)
    yield from pairs.left()


class _Pairs:
    def __init__(self, mapping: ImportMapping, lifecycle: Lifecycle) -> None:
        activity = mapping.touchpoint.column if mapping.touchpoint else None
        self._columns = [column for column in (mapping.case, activity, lifecycle.instance) if column is not None]
        self._moment = mapping.occurred_at.column if mapping.occurred_at else ""
        self._lifecycle = lifecycle
        self._begun: dict[tuple[str, ...], deque[Row]] = defaultdict(deque)

    def taken(self, row: Row) -> Iterator[Row]:
        """Yield what can be told now that this row has come."""
        if not isinstance(row.content, dict):
            yield row
            return
        column = self._lifecycle.column
        match self._lifecycle.meaning(row.content[column]):
            case "start":
                self._begun[self._key(row.content)].append(row)
            case "complete":
                yield from self._completed(row, row.content)
            case "ignored":
                yield row._replace(content=None)
            case _:
                yield row._replace(
                    content=RowFault(column, f"{row.content[column]!r} is none of the transitions of the mapping")
                )

    def left(self) -> Iterator[Row]:
        """Yield the starts that are still waiting."""
        for waiting in self._begun.values():
            for row in waiting:
                yield row._replace(content=RowFault(self._lifecycle.column, "is a start that nothing completes"))

    def _completed(self, row: Row, content: dict[str, str]) -> Iterator[Row]:
        key = self._key(content)
        content[STARTED] = ""
        if waiting := self._begun.get(key):
            start = waiting.popleft()
            if isinstance(start.content, dict):
                content[STARTED] = start.content[self._moment]
            yield start._replace(content=None)
            if not waiting:
                del self._begun[key]
        yield row

    def _key(self, content: dict[str, str]) -> tuple[str, ...]:
        return tuple(content[column] for column in self._columns)
