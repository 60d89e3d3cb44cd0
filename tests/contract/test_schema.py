"""The schema that readers are shown is what the migrations come to."""

import psycopg
from typer.testing import CliRunner

from services.cli import app
from services.store.description import describe
from tests.conftest import CHECKOUT

WRITTEN = CHECKOUT / "docs" / "schema.md"


def test_the_sum_of_the_migrations_is_the_schema_that_is_shown(database_url: str) -> None:
    """To write it anew: klantreis db schema > docs/schema.md."""
    assert describe(database_url) == WRITTEN.read_text()


def test_whatever_changes_a_table_shows(database_url: str) -> None:
    shown = describe(database_url)
    with psycopg.connect(database_url) as connection:
        for change in (
            "ALTER TABLE cases ADD COLUMN more text",
            "ALTER TABLE cases ALTER COLUMN path SET NOT NULL",
            "ALTER TABLE scopes DROP CONSTRAINT scopes_key",
            "DROP INDEX cases_waiting",
            "DROP VIEW reporting.fact_score",
        ):
            connection.execute(change)
        connection.commit()
    told = {*describe(database_url).splitlines()} ^ {*shown.splitlines()}
    assert {"- `more` text", "- `path` uuid", "## reporting.fact_score"} <= told
    assert any("UNIQUE (journey, measure" in line for line in told)
    assert any("INDEX cases_waiting" in line for line in told)


def test_the_command_prints_it(empty_database_url: str) -> None:
    done = CliRunner().invoke(app, ["db", "schema"], env={"KLANTREIS_DATABASE_URL": empty_database_url})
    assert done.exit_code == 0
    assert done.stdout.startswith("# The schema\n")
