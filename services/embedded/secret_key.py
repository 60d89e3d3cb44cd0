"""The key that customer digests and the bytes of rejected records hang on: made once, kept in the data directory."""

import os
from pathlib import Path

from cryptography.fernet import Fernet

_NAME = "secret.key"


def secret_key(data_dir: Path) -> str:
    """Return the key of this data directory, made at the first call; only its owner can read the file."""
    file = data_dir / _NAME
    if not file.exists():
        _make(file)
    return file.read_text().strip()


def _make(file: Path) -> None:
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(Fernet.generate_key().decode() + "\n")
        written.flush()
        os.fsync(written.fileno())
    draft.rename(file)
