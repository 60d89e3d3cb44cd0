"""Two languages from one source: a text that differs is written [Dutch|English], wherever it stands."""

import re
from typing import Any

LANGUAGES = ("nl", "en")
_BOTH = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")


def spoken(value: Any, language: str) -> Any:
    """Return JSON with each [Dutch|English] in its strings and keys replaced by that of a language of LANGUAGES."""
    if isinstance(value, str):
        return _BOTH.sub(lambda both: both[LANGUAGES.index(language) + 1], value)
    if isinstance(value, list):
        return [spoken(each, language) for each in value]
    if isinstance(value, dict):
        return {spoken(key, language): spoken(each, language) for key, each in value.items()}
    return value
