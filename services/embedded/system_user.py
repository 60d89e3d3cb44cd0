"""Who runs the database: PostgreSQL refuses to run as root, so root has it run by a user of its own."""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

from services.embedded.child import StartError

_NAME = "klantreis-db"


def database_user(folder: Path) -> int | None:
    """Return the uid that is to run the database in `folder`; None: our own.

    As root that is the folder's owner, if another user made it, else a system user, which is made if need be. Raises
    StartError if it cannot be made.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists() and folder.stat().st_uid != 0:
        return folder.stat().st_uid
    if _NAME not in {user.pw_name for user in pwd.getpwall()}:
        _make_user()
    return pwd.getpwnam(_NAME).pw_uid


def _make_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/sh", _NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - no shell, no input
    except (OSError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", "") or error
        raise StartError(
            f"PostgreSQL does not run as root, and the user {_NAME!r} for it could not be made: {detail}. "
            "Run this as another user than root"
        ) from error


def let_pass(folder: Path) -> list[Path]:
    """Let every user pass through (not list) the folders above `folder`; return those that had to be changed."""
    closed = [parent for parent in folder.resolve().parents if not parent.stat().st_mode & stat.S_IXOTH]
    for parent in closed:
        parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
    return closed


def let_read(paths: Iterable[Path]) -> None:
    """Let every user read, and run, what its owner may."""
    for path in paths:
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        path.chmod(mode | (mode & (stat.S_IRUSR | stat.S_IXUSR)) >> 6)
