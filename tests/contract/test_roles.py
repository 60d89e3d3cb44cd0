"""What each of the three database roles may do, over TLS, on a server of the test's own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from services.embedded.database import EmbeddedDatabase
from services.store.journeys import apply_journey
from services.store.migrate import migrate
from services.store.rebuild import rebuild
from tests.conftest import CHECKOUT
from tests.counted import Counted, store_on
from tests.drawn import MIDNIGHT, answer, event, loket
from tests.tls_front import TlsFront, certify

ROLES = (CHECKOUT / "deploy" / "database" / "roles.sql").read_bytes()


@dataclass(frozen=True)
class Server:
    """A server that takes connections over TLS only."""

    port: int
    certificate: Path

    def url(self, role: str, sslmode: str = "verify-full") -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/klantreis?sslmode={sslmode}&sslrootcert={self.certificate}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> Iterator[Server]:
    """A server of the module's own, since roles are the whole server's; the embedded build knows no TLS by itself."""
    database = EmbeddedDatabase(scratch / "roles")
    database.start()
    with psycopg.connect(database.url.replace("klantreis@", "postgres@"), autocommit=True) as connection:
        connection.execute(ROLES)
        connection.execute(ROLES)
        (socket,) = connection.execute("SHOW unix_socket_directories").fetchone() or ()
    certificate = certify(tmp_path_factory.mktemp("tls"))
    with TlsFront(Path(socket) / ".s.PGSQL.5432", certificate) as front:
        yield Server(front.port, certificate)
    database.stop()


@pytest.fixture(scope="module")
def migrated(server: Server) -> Server:
    migrate(server.url("klantreis_migrator"))
    migrate(server.url("klantreis_migrator"))
    return server


def denied(server: Server, role: str) -> Callable[[str], bool]:
    """A function that says whether a statement is refused for want of rights."""

    def is_denied(statement: str) -> bool:
        with psycopg.connect(server.url(role), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")  # which anybody may
            try:
                connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                return True
        return False

    return is_denied


def test_nobody_gets_in_without_tls_and_nobody_trusts_another_server(server: Server, tmp_path: Path) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(server.url("klantreis_writer", "disable"))
    elsewhere = Server(server.port, certify(tmp_path))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(elsewhere.url("klantreis_writer"))


async def test_the_writer_counts_releases_and_prunes_and_the_reader_sees_it(migrated: Server) -> None:
    url = migrated.url("klantreis_writer")
    apply_journey(url, loket())
    store = store_on(url)
    counted = Counted(url, store, MIDNIGHT + timedelta(days=60))
    await store.open()
    await counted.count(
        event("aanvraag", 10, customer="jan", department="KCC"),
        event("besluit", 25, customer="jan"),
        answer("besluit", 40, text="dank"),
    )
    await store.release(1)
    await store.prune(MIDNIGHT + timedelta(days=60))
    await store.close()
    assert (await rebuild(url, lambda *_: None)).total == 0
    with psycopg.connect(migrated.url("klantreis_reader")) as connection:
        facts = connection.execute(
            "SELECT date::text, touchpoint, department, n FROM reporting.fact_day WHERE measure = 'volume' ORDER BY 2"
        )
        assert facts.fetchall() == [("2026-03-02", "aanvraag", "KCC", 1), ("2026-03-02", "besluit", "", 1)]
        said = connection.execute("SELECT measure, n, points FROM reporting.fact_score")
        assert said.fetchall() == [("satisfaction", 1, 8)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (a integer)",
        "ALTER TABLE cases ADD COLUMN more text",
        "DROP TABLE answer_texts",
        "TRUNCATE touchpoint_events",
        "CREATE SCHEMA more",
        "DELETE FROM schema_migrations",
    ],
)
def test_the_writer_changes_rows_and_nothing_else(migrated: Server, statement: str) -> None:
    assert denied(migrated, "klantreis_writer")(statement)
    assert not denied(migrated, "klantreis_writer")("UPDATE cases SET flagged = flagged")


def test_the_reader_reads_reports_and_nothing_else(migrated: Server) -> None:
    refused = denied(migrated, "klantreis_reader")
    with psycopg.connect(migrated.url("klantreis_migrator")) as connection:
        tables = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert {"customers", "customer_digests", "answer_texts", "touchpoint_events", "rejects"} <= {*tables}
    assert [table for table in tables if not refused(f"SELECT FROM {table}")] == []
    assert refused("CREATE TEMPORARY TABLE more (a integer)")
    assert refused("CREATE TABLE reporting.more (a integer)")
    with psycopg.connect(migrated.url("klantreis_reader"), autocommit=True) as connection:
        names = connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'reporting'").fetchall()
        assert len(names) == 17
        for (name,) in names:
            connection.execute(sql.SQL("SELECT * FROM reporting.{}").format(sql.Identifier(name)))
