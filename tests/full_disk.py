"""A disk that is full: a small one of its own where the machine lets us mount it, else the error that one gives."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

_ERROR = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON touchpoint_events EXECUTE FUNCTION no_room();
"""


@contextmanager
def full_disk(database_url: str, folder: Path) -> Iterator[None]:
    """Within the block there is no room for many more touchpoint events; what was stored stays."""
    folder.mkdir()
    if _mount(folder):
        try:
            with _events_on(folder, database_url):
                yield
        finally:
            subprocess.run(["umount", str(folder)], check=True)
    else:
        with _error(database_url):
            yield


def _mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@contextmanager
def _events_on(disk: Path, database_url: str) -> Iterator[None]:
    """Move the events to a disk and fill what is left of it; afterwards make room, and move them back."""
    superuser = urlsplit(database_url)._replace(netloc="postgres@").geturl()
    with psycopg.connect(superuser, autocommit=True) as connection:
        space = disk / "events"
        space.mkdir()
        database = Path(connection.execute("SHOW data_directory").fetchall()[0][0]).stat()
        os.chown(space, database.st_uid, database.st_gid)
        connection.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(str(space)))
        try:
            connection.execute("ALTER TABLE touchpoint_events SET TABLESPACE small")
            with _filled(disk / "filling"):
                yield
        finally:
            connection.execute("ALTER TABLE touchpoint_events SET TABLESPACE pg_default")
            connection.execute("DROP TABLESPACE small")


@contextmanager
def _filled(file: Path) -> Iterator[None]:
    with file.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(4096))
    yield
    file.unlink()


@contextmanager
def _error(database_url: str) -> Iterator[None]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_ERROR.encode())
        yield
        connection.execute("DROP FUNCTION no_room CASCADE")
