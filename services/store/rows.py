"""Rows on their way to the database: as one JSON document, or as the text that COPY reads."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg import sql

_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def as_json(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the parameter `rows`, for json_to_recordset(). Bytes become hexadecimal, as bytea reads them.

    Integers of more than 64 bits must come as text.
    """
    return {"rows": orjson.dumps(rows, default=_hexadecimal).decode()}


async def copy(
    connection: psycopg.AsyncConnection[Any], statement: str | sql.Composed, rows: Iterable[Sequence[str]]
) -> None:
    """Copy rows of text in; the statement says NULL '', so an empty text is null."""
    text = copy_text(rows)
    if text:
        async with connection.cursor() as cursor, cursor.copy(statement) as out:
            await out.write(text)


def copy_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as COPY's text format has them. All rows are of one length."""
    rows = list(rows)
    if not rows:
        return ""
    text = "\n".join(map("\t".join, rows)) + "\n"
    # Nearly never is there anything to escape; to look at the whole is much quicker than at each field.
    plain = text.count("\t") == len(rows) * (len(rows[0]) - 1) and text.count("\n") == len(rows)
    if plain and "\\" not in text and "\r" not in text:
        return text
    return "".join("\t".join(field.translate(_ESCAPED) for field in row) + "\n" for row in rows)


def moment_field(moment: datetime | None) -> str:
    """Return a moment as a field of a row of text."""
    return moment.isoformat() if moment else ""


def number_field(number: int | None) -> str:
    """Return a number as a field of a row of text."""
    return "" if number is None else str(number)


def _hexadecimal(value: Any) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} does not go into a row")
