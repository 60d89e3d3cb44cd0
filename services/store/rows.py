"""Rows on their way to the database, as one parameter."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson


def as_json(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the parameter `rows`, for json_to_recordset(). Bytes become hexadecimal, as bytea reads them.

    Integers of more than 64 bits must come as text.
    """
    return {"rows": orjson.dumps(rows, default=_hexadecimal).decode()}


def _hexadecimal(value: Any) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} does not go into a row")
