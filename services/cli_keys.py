"""What `klantreis key` does and says."""

from datetime import datetime

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from schemas.values import Word
from services.store.api_keys import ListedKey, create_key, list_keys, revoke_key

_SOURCE: TypeAdapter[str] = TypeAdapter(Word)


class KeyRefused(ValueError):  # noqa: N818 - an answer, not a mistake
    """No key can be made for such a source, or none revoked by such an id; the message says why."""


def make_key(database_url: str, source: str, now: datetime) -> None:
    """Make a key for a source and print it, the key alone on standard output. Raises KeyRefused."""
    try:
        checked = _SOURCE.validate_python(source)
    except ValidationError as error:
        raise KeyRefused(f"SOURCE: {error.errors()[0]['msg']}") from None
    typer.echo("This key is shown once. It is sent as `Authorization: Bearer KEY`.", err=True)
    typer.echo(create_key(database_url, checked, now).text)


def say_keys(database_url: str, console: Console) -> None:
    """Say which keys there are; none of them can be told from it."""
    table = Table("id", "source", "made", "last used", "state", box=None, pad_edge=False)
    for key in list_keys(database_url):
        table.add_row(key.key_id, key.source, _moment(key.created_at), _moment(key.last_used_at), _state(key))
    console.print(table if table.row_count else "there is no key; `klantreis key create SOURCE` makes one")


def end_key(database_url: str, key_id: str, now: datetime) -> None:
    """Revoke a key. Raises KeyRefused."""
    if not revoke_key(database_url, key_id, now):
        raise KeyRefused(f"{key_id!r} is not the id of a key that is good; `klantreis key list` shows them")


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}" if moment else "-"


def _state(key: ListedKey) -> str:
    return f"revoked {_moment(key.revoked_at)}" if key.revoked_at else "good"
