"""The schema as a reader wants to see it: every table and view in one place, as the migrations have left it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import psycopg
from psycopg.rows import dict_row

from services.store.queries import load

_QUERIES = load("description")
_ABOUT = """\
# The schema

What the migrations in [services/store/migrations](../services/store/migrations) come to, as `klantreis db schema` tells
it of a database. They say why; what is for reports is explained in [reporting.md](reporting.md).
"""


def describe(database_url: str) -> str:
    """Return every table and view of a migrated database with its columns, keys and indexes, as Markdown.

    Raises psycopg.Error.
    """
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        columns = connection.execute(_QUERIES["columns"]).fetchall()
        keys: dict[str, list[str]] = defaultdict(list)
        for row in connection.execute(_QUERIES["keys"]):
            keys[row["relation"]].append(row["rule"])
    parts = (
        _relation(name, list(rows), keys[name]) for name, rows in groupby(columns, key=lambda row: row["relation"])
    )
    return "\n".join([_ABOUT, *parts])


def _relation(name: str, columns: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> str:
    first = columns[0]
    return "\n".join(
        [
            f"## {name.removeprefix('public.')}",
            *([f"{first['about']}\n"] if first["about"] else []),
            *(_column(column) for column in columns),
            *(f"- {key}" for key in sorted(keys)),
            "",
        ]
    )


def _column(column: Mapping[str, Any]) -> str:
    return f"- `{column['name']}` " + ", ".join(_facts(column))


def _facts(column: Mapping[str, Any]) -> Iterator[str]:
    yield column["type"]
    if column["required"]:
        yield "not null"
    if column["value"]:
        yield column["value"]
    if column["comment"]:
        yield f"*{column['comment']}*"
