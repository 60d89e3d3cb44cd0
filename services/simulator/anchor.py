"""The anchor file: the moment around which the demo's story is told, and its seed, kept from one start to the next."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.values import Moment


class Anchor(BaseModel):
    """A demo's identity: with the same seed and anchor it is the same demo."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    anchor: Moment


def load_anchor(path: Path, seed: int, now: datetime) -> Anchor:
    """Read the anchor file; where there is none, make it with `seed` and `now`. An existing file's own seed holds.

    Raises ValueError, which names file and field, for a file that holds something else.
    """
    if not path.exists():
        anchor = Anchor(seed=seed, anchor=now.replace(microsecond=0))
        _write(path, anchor)
        return anchor
    try:
        return Anchor.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ValueError(f"{path}: {field}: {first['msg']}") from None


def _write(path: Path, anchor: Anchor) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(anchor.model_dump_json() + "\n")
    beside.replace(path)
