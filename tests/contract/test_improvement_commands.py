"""`klantreis improvement`, on a real database."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from typer.testing import CliRunner, Result

from services.cli import app, console
from services.store.journeys import apply_journey
from tests.snapshots import balie

ADD = ("add", "antwoord", "Bel terug", "--effect", "satisfaction=+0.5", "--by", "Anna")


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    apply_journey(database_url, balie())
    with psycopg.connect(database_url) as connection:
        connection.execute("TRUNCATE improvements, improvement_revisions RESTART IDENTITY")
        connection.execute("DELETE FROM journey_versions WHERE journey <> 'balie'")
    monkeypatch.setenv("KLANTREIS_DATABASE_URL", database_url)
    monkeypatch.setattr(console, "width", 200)
    return database_url


def run(*command: str) -> Result:
    return CliRunner().invoke(app, ["improvement", *command])


def told(*command: str) -> str:
    result = run(*command)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_improvement_goes_from_idea_to_done(database: str) -> None:
    assert "there is no improvement" in told("list")
    assert told(*ADD, "--owner", "Balie", "--en", "Call back").strip() == "1"
    assert told("add", "gesteld", "Korter", "--effect", "antwoordtermijn=-1.5", "--settles", "2").strip() == "2"
    told("plan", "1", "2026-W50", "--by", "Bram", "--note", "na de vakantie")
    lines = told("list").splitlines()
    assert lines[1].split("  ")[0] == "1"
    assert "planned" in lines[1]
    assert "2026-12-07" in lines[1]
    assert "unknown: no importance, no score" in lines[1]
    assert "satisfaction=+0.5" in lines[1]
    assert "antwoordtermijn=-1.5" in lines[2]
    told("done", "2", "--on", "2026-01-05", "--by", "Anna")
    told("done", "1")
    told("withdraw", "2", "--by", "Anna", "--note", "dubbel")
    assert [line.split()[:2] for line in told("list").splitlines()[1:]] == [["1", "done"]]
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            """SELECT improvement_id, by, note, withdrawn FROM improvement_revisions
               WHERE revision > 1 ORDER BY improvement_id, revision"""
        ).fetchall()
        ((size, span, direction, settles),) = connection.execute(
            "SELECT size::float, span, direction, settles_weeks FROM improvements WHERE improvement_id = 2"
        )
    assert rows[0] == (1, "Bram", "na de vakantie", False)
    assert [(row[0], row[3]) for row in rows] == [(1, False), (1, False), (2, False), (2, True)]
    assert (size, span, direction, settles) == (1.5, "antwoordtermijn", "down", 2)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("add", "antwoort", "Bel terug", "--effect", "satisfaction=+0.5"), "touchpoint: 'antwoort'"),
        (("add", "antwoord", " ", "--effect", "satisfaction=+0.5"), "what: should say what changes"),
        (("add", "antwoord", "Bel", "--effect", "satisfaction+0.5"), "--effect: 'satisfaction+0.5' should be such as"),
        (("add", "antwoord", "Bel", "--effect", "satisfaction=+20"), "--effect: it: is larger than the scale"),
        (("add", "antwoord", "Bel", "--effect", "termijn=-2"), "effect.span: 'termijn' is not a span"),
        ((*ADD, "--week", "2026-12-08"), "planned_week: should be the Monday"),
        ((*ADD, "--week", "ooit"), "--week: 'ooit' should be a day"),
        ((*ADD, "--journey", "nergens"), "--journey: 'nergens' is not a known journey; there are: balie"),
        (("plan", "7", "2026-W50"), "there is no improvement 7"),
        (("done", "7"), "there is no improvement 7"),
        (("withdraw", "7"), "there is no improvement 7"),
    ],
)
def test_what_makes_no_sense_is_told(database: str, command: tuple[str, ...], words: str) -> None:
    result = run(*command)
    assert result.exit_code == 1
    assert words in " ".join(result.stderr.split())
    assert "there is no improvement;" in told("list")


def test_what_is_still_to_come_is_not_done_and_what_was_withdrawn_stays_so(database: str) -> None:
    told(*ADD)
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    assert "done_on" in run("done", "1", "--on", str(tomorrow)).stderr
    told("withdraw", "1", "--by", "Bram")
    assert "was withdrawn by Bram" in run("plan", "1", str(date(2026, 12, 7))).stderr


def test_one_of_several_journeys_has_to_be_named(database: str) -> None:
    apply_journey(database, balie().model_copy(update={"id": "loket"}))
    refused = run(*ADD)
    assert (refused.exit_code, "--journey: is needed; there are: balie, loket" in refused.stderr) == (1, True)
    assert told(*ADD, "--journey", "loket").strip() == "1"
    told("plan", "1", "2026-W50")
    assert "2026-12-07" in told("list", "--journey", "loket")
