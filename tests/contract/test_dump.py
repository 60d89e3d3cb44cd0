"""A database in a file: everything of it comes out elsewhere as it was, and counting goes on there."""

import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlsplit
from zipfile import ZipFile

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from services.cli import app
from services.embedded.database import EmbeddedDatabase
from services.store.dump import dump
from services.store.dump_file import UnusableDumpError
from services.store.migrate import migrate, migrations
from services.store.rebuild import check
from services.store.restore import restore
from tests.chance import draw
from tests.conftest import administer
from tests.counted import Counted, store_on
from tests.drawn import MIDNIGHT
from tests.stored import read, read_windows

ELSEWHERE = "restored_elsewhere"


@pytest.fixture
def elsewhere(database_server: EmbeddedDatabase) -> Iterator[str]:
    """The address of an empty database beside the one that is counted into."""
    name = sql.Identifier(ELSEWHERE)
    administer(sql.SQL("CREATE DATABASE {}").format(name), database_server.url)
    yield urlsplit(database_server.url)._replace(path=f"/{ELSEWHERE}").geturl()
    administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name), database_server.url)


def told_nobody(*_: object) -> None:
    """What is done, how much of it, and how much there is."""


def rows_of(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with psycopg.connect(url, options="-c TimeZone=UTC") as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        read_all = sql.SQL("SELECT row_to_json(held)::text FROM {} AS held ORDER BY 1")
        return {
            name: [text for (text,) in connection.execute(read_all.format(sql.Identifier(name)))]
            for (name,) in names
            if name != "schema_migrations"
        }


async def test_everything_comes_out_elsewhere_and_counting_goes_on(
    counted: Counted, elsewhere: str, tmp_path: Path
) -> None:
    drawn = draw("verhuizing", 7, 300, MIDNIGHT + timedelta(days=40))
    counted.empty(*drawn.versions)
    arrivals = Random(7).sample(drawn.arrivals, len(drawn.arrivals))
    half = len(arrivals) // 2
    await counted.count(*arrivals[:half])
    await counted.store.release(2)
    file = tmp_path / "klantreis.dump"
    made = dump(counted.database_url, file, told_nobody)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert restore(elsewhere, file, told_nobody) == made
    before = rows_of(counted.database_url)
    assert rows_of(elsewhere) == before
    assert made.rows == sum(map(len, before.values()))
    filled = {table for table, rows in before.items() if rows}
    assert filled >= {"touchpoint_events", "survey_answers", "stream_offsets", "scores", "rollups_minute"}

    store = store_on(elsewhere)
    await store.open()
    there = Counted(elsewhere, store, counted.now)
    for each in (counted, there):
        await each.count(*arrivals[half:])
        while await each.store.release(2):
            pass
    await store.close()
    urls = (counted.database_url, elsewhere)
    assert read(urls[0], drawn.journey, {}) == read(urls[1], drawn.journey, {})
    first, second = (read_windows(url, drawn.journey, shown=True) for url in urls)
    assert first == second
    assert (await check(elsewhere, told_nobody)).total == 0


async def test_what_is_not_empty_is_left_alone(counted: Counted, elsewhere: str, tmp_path: Path) -> None:
    file = tmp_path / "klantreis.dump"
    dump(counted.database_url, file, told_nobody)
    with pytest.raises(UnusableDumpError, match="not empty: there are rows in journey_versions"):
        restore(counted.database_url, file, told_nobody)
    with pytest.raises(FileExistsError):
        dump(counted.database_url, file, told_nobody)


def test_a_dump_of_another_version_is_refused_with_a_word(counted: Counted, elsewhere: str, tmp_path: Path) -> None:
    file = tmp_path / "klantreis.dump"
    dump(counted.database_url, file, told_nobody)
    older = changed(file, migrations=[*migrations()][:-1])
    with pytest.raises(
        UnusableDumpError, match=f"after migration {migrations()[-2]}, and here it is {migrations()[-1]}"
    ):
        restore(elsewhere, older, told_nobody)


def test_what_is_no_dump_or_half_of_one_changes_nothing(counted: Counted, elsewhere: str, tmp_path: Path) -> None:
    file = tmp_path / "klantreis.dump"
    dump(counted.database_url, file, told_nobody)
    (tmp_path / "half").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    for unusable in (tmp_path / "half", Path(__file__)):
        with pytest.raises(UnusableDumpError, match="is not what `klantreis db dump` writes"):
            restore(elsewhere, unusable, told_nobody)
    tables = json.loads(ZipFile(file).read("manifest.json"))["tables"]
    tables[-1]["rows"] += 1
    with pytest.raises(UnusableDumpError, match=f"{tables[-1]['name']}.copy has 0 rows; the manifest says 1"):
        restore(elsewhere, changed(file, tables=tables), told_nobody)
    migrate(elsewhere)
    held = {table for table, rows in rows_of(elsewhere).items() if rows}
    assert held == {"retention", "writers"}


def test_the_command_line_says_what_it_did(
    counted: Counted, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted.empty()
    file = str(tmp_path / "klantreis.dump")
    for command, url, said in (("dump", counted.database_url, "rows of"), ("restore", elsewhere, "are restored")):
        monkeypatch.setenv("KLANTREIS_DATABASE_URL", url)
        done = CliRunner().invoke(app, ["db", command, file])
        assert (done.exit_code, said in done.output) == (0, True), done.output
    assert rows_of(elsewhere) == rows_of(counted.database_url)
    again = CliRunner().invoke(app, ["db", "dump", file])
    assert again.exit_code == 1


def changed(file: Path, **fields: object) -> Path:
    """A copy of a dump whose manifest says something else."""
    other = file.with_name("other.dump")
    with ZipFile(file) as dump, ZipFile(other, "w") as made:
        for name in dump.namelist():
            content = dump.read(name)
            made.writestr(name, json.dumps(json.loads(content) | fields) if name == "manifest.json" else content)
    return other
