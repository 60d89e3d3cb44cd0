"""Rows on their way to the database: as one JSON document, or as the CSV that COPY reads."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import psycopg
from psycopg import sql

_ESCAPED = re.compile(r"\\(?:u00(..)|(.))")
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def as_json(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the parameter `rows`, for json_to_recordset(). Bytes become hexadecimal, as bytea reads them.

    Integers of more than 64 bits must come as text.
    """
    return {"rows": orjson.dumps(rows, default=_hexadecimal).decode()}


def array(numbers: Iterable[int]) -> str:
    """Return integers as the text of an array, which the database reads sooner than JSON's."""
    return f"{{{orjson.dumps([*numbers])[1:-1].decode()}}}"


async def copy(
    connection: psycopg.AsyncConnection[Any], statement: str | sql.Composed, rows: Iterable[tuple[Any, ...]]
) -> None:
    """Copy rows in; the statement says (FORMAT csv, NULL 'null', ESCAPE '\\')."""
    text = copy_text(rows)
    if text:
        async with connection.cursor() as cursor, cursor.copy(statement) as out:
            await out.write(text)


def copy_text(rows: Iterable[tuple[Any, ...]]) -> str:
    """Return rows of what JSON has values for as CSV, with quotes and backslashes escaped by a backslash.

    A row in JSON is nearly that, and no other way to make the text is as quick.
    """
    text = b"\n".join([orjson.dumps(row)[1:-1] for row in rows]).decode()
    if text.count("\\") == text.count('\\"'):
        return text
    return _ESCAPED.sub(_as_csv, text)  # control characters stand as they are in CSV


def _as_csv(escaped: re.Match[str]) -> str:
    code, letter = escaped.groups()
    return chr(int(code, 16)) if code else _CONTROLS.get(letter, escaped[0])


def _hexadecimal(value: Any) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} does not go into a row")
