"""SQL in named blocks: `-- name: open_cases` begins the block that `load(file)["open_cases"]` returns."""

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString, cast

_BLOCK = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def load(name: str) -> dict[str, LiteralString]:
    """Return the named blocks of `name`.sql; raise FileNotFoundError if there is no such file."""
    text = (files(__name__) / f"{name}.sql").read_text()
    _, *parts = _BLOCK.split(text)
    return {block: cast(LiteralString, sql.strip()) for block, sql in zip(parts[::2], parts[1::2], strict=True)}
