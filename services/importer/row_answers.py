"""A row and a mapping -> the fields of the survey answers in it, as they will be sent. Pure."""

from collections.abc import Iterator
from typing import Any

from schemas.import_mapping import Answers, ImportMapping, Scores
from services.importer.csv_rows import RowFault
from services.importer.row_events import Columns
from services.importer.row_values import Content, FaultyValue, RowValues, translated


class AnswerReader:
    """Reads the answers of rows. Where neither a score nor words are given, nothing was answered."""

    def __init__(self, mapping: ImportMapping, values: RowValues) -> None:
        self._mapping = mapping
        self._values = values
        self._answers = [(asked, _columns(mapping, asked)) for asked in mapping.answers]

    def read(self, content: Content) -> Iterator[tuple[dict[str, Any], Columns] | RowFault]:
        """Yield the fields of each answer of a row, and where they are read from; in its place, what is wrong."""
        for asked, columns in self._answers:
            try:
                answer = self._answer(content, asked, columns)
            except FaultyValue as faulty:
                yield faulty.fault
                continue
            if answer is not None:
                yield answer, columns

    def _answer(self, content: Content, asked: Answers, columns: Columns) -> dict[str, Any] | None:
        values = self._values
        score = self._score(content, asked.score) if asked.score else None
        text = values.given(content, asked.text) if asked.text else None
        if score is None and text is None:
            return None
        answered_at = values.moment(content, asked.answered_at)
        if answered_at is None:
            raise FaultyValue(asked.answered_at.column, "is empty")
        question = values.described(content, asked.question)
        customer = self._mapping.customer
        return {
            "answer_id": values.identity(content, question, asked.answer_id or sorted(set(columns.values()))),
            "case_id": values.needed(content, self._mapping.case),
            "question": question,
            "touchpoint": values.described(content, asked.touchpoint) if asked.touchpoint else None,
            "customer": values.described(content, customer) if customer else None,
            "score": score,
            "text": text,
            "answered_at": answered_at,
        }

    def _score(self, content: Content, scores: Scores) -> int | None:
        value = self._values.given(content, scores.column)
        if value is None:
            return None
        if scores.values is not None:
            return translated(value, scores.column, scores.values)
        try:
            return int(value)
        except ValueError:
            raise FaultyValue(scores.column, f"{value!r} is not a whole number; `values` can translate it") from None


def _columns(mapping: ImportMapping, asked: Answers) -> Columns:
    described = {"question": asked.question, "touchpoint": asked.touchpoint, "customer": mapping.customer}
    columns = {"case_id": mapping.case, "answered_at": asked.answered_at.column}
    columns |= {field: origin.column for field, origin in described.items() if origin and origin.column is not None}
    columns |= {"score": asked.score.column} if asked.score else {}
    return columns | ({"text": asked.text} if asked.text else {})
