"""A store in memory, for counting without a database."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from schemas.journey import Catalogue
from streams.counting import Arrival, CaseHour, CaseName, Counted, Counting, StoredCase
from streams.progress import NEW, Progress
from streams.timeline import History, answer_of, visit_of
from streams.windows import Cell, Resolution

LONG_AGO = dict.fromkeys(Resolution, datetime(1, 1, 2, tzinfo=UTC))


class Books:
    """A store in memory: cases with their histories, sums that add up."""

    def __init__(self, drawn: Catalogue, *, follows: bool = True) -> None:
        """`follows` False: nothing is remembered of a case but its history, so each is observed whole."""
        self.drawn = drawn
        self.follows = follows
        self.histories: dict[CaseName, History] = {}
        self.progress: dict[CaseName, Progress] = {}
        self.cells: dict[Cell, Counter[str | int]] = {}
        self.hours: dict[CaseHour, Counter[str]] = {}
        self.asked = 0

    def count(self, batch: Sequence[Arrival]) -> None:
        cases = {each.case_key: self._case(each.case_key) for each in batch}
        counting = Counting(batch, cases, self.drawn)
        by_key = {case.case_key: name for name, case in cases.items()}
        asked = {by_key[key]: key for key in counting.asks_for}
        self.asked += len(asked)
        histories = {key: self.histories[name] for name, key in asked.items()}
        counted = counting.result(histories, LONG_AGO)
        self._store(counted, by_key)

    def _case(self, name: CaseName) -> StoredCase:
        unknown = Progress(NEW.status, None, {}, None)
        known = self.progress.get(name, NEW)
        key = int.from_bytes(name[1].encode())
        return StoredCase(key, known if self.follows or known is NEW else unknown._replace(status=known.status))

    def _store(self, counted: Counted, by_key: Mapping[int, CaseName]) -> None:
        for key, progress in counted.progress.items():
            self.progress[by_key[key]] = progress
            self.histories.setdefault(by_key[key], History([], []))
        for visit in counted.visits:
            visits = self.histories[visit.event.case_key].visits
            assert isinstance(visits, list)
            visits.append(visit_of(visit.event, visit.journey_version, visit.outcome))
        for new in counted.answers:
            answers = self.histories[new.answer.case_key].answers
            assert isinstance(answers, list)
            answers.append(answer_of(new.answer, new.journey_version))
        for cell, (n, total, squares, bins) in counted.increments.cells.items():
            held = self.cells.setdefault(cell, Counter())
            held.update({"n": n, "total": total, "squares": squares})
            held.update(bins)
        for hour, sums in counted.case_hours.items():
            self.hours.setdefault(hour, Counter()).update(sums._asdict())

    def figures(self) -> object:
        """Everything that readers see."""
        cells = {cell: {what: n for what, n in held.items() if n} for cell, held in self.cells.items()}
        hours = {hour: {what: n for what, n in held.items() if n} for hour, held in self.hours.items()}
        return (
            {cell: held for cell, held in cells.items() if held},
            {hour: held for hour, held in hours.items() if held},
            self.progress,
        )
