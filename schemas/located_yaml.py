"""YAML text -> a validated model, with errors that name the line and the field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Mistake:
    """One mistake in a file: the line (from 1), the field as a dotted path, and a sentence."""

    line: int
    field: str
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.detail}" if self.field else f"line {self.line}: {self.detail}"


class FileMistakes(Exception):  # noqa: N818 - it holds them all, not one error
    """All mistakes found in a file, in the order of their lines."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda mistake: mistake.line)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def mistake(path: Sequence[str | int], detail: str) -> PydanticCustomError:
    """Return what a validator raises to say that the mistake lies in a part, by its path, of what it was given."""
    return PydanticCustomError("mistake", "{detail}", {"detail": detail, "path": tuple(path)})


def parse(text: str, model: type[M]) -> M:
    """Read one YAML document and validate it as `model`; raise FileMistakes with every mistake in it."""
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileMistakes([Mistake(line, "", str(error.problem))]) from None
    except YAMLError as error:
        raise FileMistakes([Mistake(1, "", str(error))]) from None
    try:
        return model.model_validate(_plain(document))
    except ValidationError as error:
        raise FileMistakes([_mistake(document, found) for found in _causes(error)]) from None


def _causes(error: ValidationError) -> list[Any]:
    """Return pydantic's errors without those of a container whose own parts are at fault."""
    found = error.errors(include_url=False)
    paths = [each["loc"] for each in found]
    return [
        each
        for each in found
        if not any(path != each["loc"] and path[: len(each["loc"])] == each["loc"] for path in paths)
    ]


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, str):
        return str(node)
    return node


def _mistake(document: Any, found: Any) -> Mistake:
    """Place one of pydantic's errors; a validator may narrow it down with a `path` in its context."""
    path = tuple(found["loc"]) + tuple(found.get("ctx", {}).get("path", ()))
    return Mistake(_line(document, path), ".".join(str(part) for part in path), found["msg"])


def _line(node: Any, path: Sequence[Any]) -> int:
    """Return the line (from 1) of the deepest part of the path that the document has."""
    line = 0
    for part in path:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0]
        else:
            break
        node = node[part]
    return line + 1
