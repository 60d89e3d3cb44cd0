"""The command line: reads the settings, calls what does the work, and turns its errors into words."""

import asyncio
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console

from schemas.journey import Journey, parse_journey
from schemas.located_yaml import FileMistakes
from schemas.survey_answer import SurveyAnswer
from schemas.touchpoint_event import TouchpointEvent
from services.settings import Settings

if TYPE_CHECKING:
    from services.cli_improvement import Shelf

app = typer.Typer(
    name="klantreis",
    help="A live process monitor for customer journeys. Start with `klantreis up --demo`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
journey_app = typer.Typer(help="Journeys: apply a journey file, draft one.", no_args_is_help=True)
rejects_app = typer.Typer(help="Records that could not be counted: list them, replay them.", no_args_is_help=True)
kpi_app = typer.Typer(help="KPIs: where each stands, and why.", no_args_is_help=True)
improvement_app = typer.Typer(
    help="Improvements: the backlog by priority, planning, what was done.", no_args_is_help=True
)
db_app = typer.Typer(
    help="The whole database: dump it into a file, restore it elsewhere, describe it.", no_args_is_help=True
)
key_app = typer.Typer(help="Keys with which sources send events over HTTP.", no_args_is_help=True)
dashboards_app = typer.Typer(help="Grafana's dashboards: publish them to a Grafana.", no_args_is_help=True)
retention_app = typer.Typer(help="How long everything is kept: show it, set it.", invoke_without_command=True)
app.add_typer(journey_app, name="journey")
app.add_typer(rejects_app, name="rejects")
app.add_typer(retention_app, name="retention")
app.add_typer(kpi_app, name="kpi")
app.add_typer(improvement_app, name="improvement")
app.add_typer(db_app, name="db")
app.add_typer(key_app, name="key")
app.add_typer(dashboards_app, name="dashboards")

console = Console()

_INTAKE_SECONDS = 60.0


def main() -> None:
    """Run the command line; the console script `klantreis`."""
    from psycopg import OperationalError

    from services.kafka_topics import TopicMissingError
    from services.store.reading import Unreadable
    from services.store.secrecy import SecretMissingError

    try:
        app()
    except (OperationalError, Unreadable) as error:
        _stop(
            f"the database does not answer: {str(error).strip()}\n"
            "Is it running? `klantreis up` starts one. Another terminal finds it by data/running.json, from the folder "
            "that it was started in, or by KLANTREIS_DATA_DIR."
        )
    except (OSError, TopicMissingError, SecretMissingError) as error:
        _stop(str(error))


@app.command()
def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Apply the demo journey and simulate it, history and all.")
    ] = False,
) -> None:
    """Start everything on this machine: database, broker, worker, monitor. Ctrl-C drains and stops it all."""
    try:
        from services.embedded.supervisor import up as start
    except ModuleNotFoundError as missing:
        _fail(f"{missing.name} is not installed: `up` needs klantreis[embedded], and a cluster needs no `up`")

    raise typer.Exit(start(_settings(), demo=demo))


@app.command()
def worker() -> None:
    """Run the Faust worker: counts what comes in."""
    from services.logs import configure_logs
    from services.worker import run

    settings = _settings()
    configure_logs(settings.json_logs, settings.log_level)
    run(settings)


@app.command()
def monitor() -> None:
    """Run the monitor: wallboard, cases, API, HTTP ingest, /metrics."""
    from services.exposure import OpenToStrangers, refuse_strangers
    from services.logs import configure_logs
    from services.monitor.serve import run

    settings = _settings()
    try:
        refuse_strangers(settings)
    except OpenToStrangers as error:
        _fail(str(error))
    configure_logs(settings.json_logs, settings.log_level)
    run(settings)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from services.store.migrate import migrate as apply

    applied = apply(_settings().database_url)
    console.print("\n".join(f"applied {name}" for name in applied) or "nothing to do: the schema is up to date")


@app.command()
def schema(
    model: Annotated[
        str, typer.Argument(help="touchpoint-event, survey-answer or journey; all three if left out")
    ] = "",
) -> None:
    """Print the JSON Schemas of what travels, for integrators."""
    schemas = {
        "touchpoint-event": TouchpointEvent.model_json_schema(),
        "survey-answer": SurveyAnswer.model_json_schema(),
        "journey": Journey.model_json_schema(),
    }
    if model and model not in schemas:
        _fail(f"{model!r} is not one of {', '.join(schemas)}")
    printed = schemas[model] if model else schemas
    sys.stdout.write(orjson.dumps(printed, option=orjson.OPT_INDENT_2).decode() + "\n")


@journey_app.command("apply")
def journey_apply(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A journey file (YAML).")],
) -> None:
    """Check a journey file and make it the journey's newest version, valid from now on."""
    from services.store.journeys import apply_journey

    try:
        journey = parse_journey(file.read_text(encoding="utf-8"))
        version = apply_journey(_settings().database_url, journey)
    except FileMistakes as mistakes:
        _fail("\n".join(f"{file}: {mistake}" for mistake in mistakes.mistakes))
    except ValueError as error:
        _fail(f"{file}: {error}")
    console.print(
        f"{journey.id}: nothing new in it" if version is None else f"{journey.id}: version {version} holds now"
    )


@journey_app.command("draft")
def journey_draft(
    log: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or XES file, plain or .gz.")],
    mapping: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Which column is what (YAML).")],
    journey: Annotated[
        str | None, typer.Option("--id", help="The journey's id; the mapping's source if left out.")
    ] = None,
) -> None:
    """Print a first journey file, drawn after a log: its touchpoints in order, what is optional, repeated, an end."""
    from services.cli_import import say_draft
    from services.importer import ImportRefused

    try:
        say_draft(log, mapping, journey)
    except ImportRefused as refused:
        _fail(str(refused))


@app.command("import")
def import_(
    log: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or XES file, plain or .gz.")],
    journey: Annotated[str | None, typer.Option(help="The id of an applied journey.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Which column is what (YAML).")
    ] = None,
    inspect: Annotated[
        bool, typer.Option("--inspect", help="Only say what the log holds, and print a mapping for it.")
    ] = False,
    speed: Annotated[str, typer.Option(help="'max', or a factor of real time such as 3600.")] = "max",
    end_at: Annotated[
        str | None, typer.Option(help="Shift the log so that it ends 'now' or at an RFC 3339 time.")
    ] = None,
    rejects: Annotated[Path | None, typer.Option(help="Where bad rows go; LOG.rejects.csv here if left out.")] = None,
) -> None:
    """Send a log's events through Kafka, the same path as live ones. Importing it again changes nothing."""
    from services.cli_import import say_inspected
    from services.importer import ImportRefused, import_log

    try:
        if inspect:
            raise typer.Exit(0 if say_inspected(log, None if journey is None else _journey(journey)) else 1)
        if journey is None or mapping is None:
            _fail("--journey and --mapping are needed; `klantreis import LOG --inspect` proposes a mapping")
        import_log(
            _settings(),
            log,
            journey,
            mapping,
            speed=_speed(speed),
            end_at=_moment(end_at),
            rejects_file=rejects or Path(f"{log.name}.rejects.csv"),
            console=console,
        )
    except ImportRefused as refused:
        _fail(str(refused))


@app.command()
def simulate(
    seed: Annotated[int, typer.Option(help="Another seed is another town.")] = 1,
) -> None:
    """Simulate the demo journey: 26 months of history, then live. Goes on where it was."""
    from services.simulator import simulate as run
    from services.simulator.anchor import load_anchor
    from services.simulator.improving import write_improvements
    from services.simulator.story import Milestones
    from services.store.offsets import event_ids

    settings = _settings()
    anchor_file = settings.data_dir / "simulation.json"
    milestones = Milestones(load_anchor(anchor_file, seed, datetime.now(UTC)).anchor)
    asyncio.run(write_improvements(settings.database_url, milestones))
    stop = threading.Event()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_, lambda *_: stop.set())
    run(
        settings.kafka,
        anchor_file,
        event_ids(settings.database_url, "simulator"),
        stop,
        seed=seed,
        clock=lambda: datetime.now(UTC),
    )


@rejects_app.command("list")
def rejects_list(
    after: Annotated[int, typer.Option(help="Only those after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
) -> None:
    """List records that could not be counted: why, which field, and where each came from."""
    from services.store.rejects import list_rejects

    found = list_rejects(_settings().database_url, after=after, limit=limit)
    for number, reject in found:
        when = reject.rejected_at.astimezone().isoformat(timespec="seconds")
        origin = f"{reject.topic}/{reject.partition}@{reject.offset}"
        typer.echo(f"{number}  {when}  {origin}  {reject.reason}")
        typer.echo(f"    {reject.field}: {reject.detail}" if reject.field else f"    {reject.detail}")
    if not found:
        typer.echo("no record was rejected")


@rejects_app.command("replay")
def rejects_replay(
    numbers: Annotated[list[int], typer.Argument(help="Numbers from `klantreis rejects list`.")],
) -> None:
    """Send rejected records to their topic again, for when what was wrong with them (a journey file, say) is mended."""
    from cryptography.fernet import InvalidToken

    from services.event_producer import EventProducer
    from services.intake import Intake
    from services.store.rejects import raw_rejects

    settings = _settings()
    try:
        found = raw_rejects(settings.database_url, settings.secrecy, numbers)
    except InvalidToken:
        _fail("these records were sealed with another secret than KLANTREIS_SECRET")
    with Intake(settings.data_dir).sending(_INTAKE_SECONDS), EventProducer(settings.kafka) as producer:
        promises = [producer.send(topic, None, raw) for topic, raw in found.values()]
        producer.flush()
        for promise in promises:
            promise.result()
    missing = [str(number) for number in numbers if number not in found]
    console.print(f"{len(found)} sent again" + (f"; not found: {', '.join(missing)}" if missing else ""))


@kpi_app.command("list")
def kpi_list() -> None:
    """List every KPI with its state, how much it rests on, and how near its test is to a change."""
    from services.cli_kpi import say_kpis

    say_kpis(_settings().database_url, datetime.now(UTC), console)


@kpi_app.command("explain")
def kpi_explain(
    kpi: Annotated[str, typer.Argument(help="The id of a KPI, or JOURNEY/ID.", metavar="ID")],
) -> None:
    """Print what the evaluator sees of a KPI, hour by hour since its last change, and why it decides as it does."""
    from services.cli_kpi import UnknownKpi, explain

    try:
        explain(_settings().database_url, kpi, datetime.now(UTC))
    except UnknownKpi as error:
        _fail(str(error))


@key_app.command("create")
def key_create(
    source: Annotated[str, typer.Argument(help="Whose events it is for: the `source` of the events.")],
) -> None:
    """Make a key for a source and print it, this once. It is good for events of that source only."""
    from services.cli_keys import KeyRefused, make_key

    try:
        make_key(_settings().database_url, source, datetime.now(UTC))
    except KeyRefused as error:
        _fail(str(error))


@key_app.command("list")
def key_list() -> None:
    """List the keys: of which source, since when, in which hour last used, and whether still good."""
    from services.cli_keys import say_keys

    say_keys(_settings().database_url, console)


@key_app.command("revoke")
def key_revoke(
    key_id: Annotated[str, typer.Argument(help="An id from `klantreis key list`.", metavar="ID")],
) -> None:
    """End a key. Monitors refuse it within 5 seconds."""
    from services.cli_keys import KeyRefused, end_key

    try:
        end_key(_settings().database_url, key_id, datetime.now(UTC))
    except KeyRefused as error:
        _fail(str(error))
    console.print(f"{key_id}: revoked; monitors refuse it within 5 seconds")


@dashboards_app.command("publish")
def dashboards_publish(
    language: Annotated[str, typer.Option(help="Of the words on them: nl or en.")] = "nl",
    folder: Annotated[str, typer.Option(help="The uid of the folder; it is made if there is none.")] = "klantreis",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Say by which lines each differs.")] = False,
) -> None:
    """Publish the dashboards to the Grafana of KLANTREIS_GRAFANA_URL. It overwrites its own only."""
    from services.cli_dashboards import publish_dashboards
    from services.grafana import GrafanaRefused
    from services.publishing import LANGUAGES

    settings = _settings()
    if language not in LANGUAGES:
        _fail(f"--language: should be one of {', '.join(LANGUAGES)}")
    try:
        publish_dashboards(
            settings.grafana_url,
            settings.grafana_token.get_secret_value(),
            language,
            folder,
            dry_run=dry_run,
            with_diff=diff,
            console=console,
        )
    except GrafanaRefused as refused:
        _fail(str(refused))


@retention_app.callback()
def retention(context: typer.Context) -> None:
    """Show how long everything is kept, and since when it is complete; `retention set` changes it."""
    if context.invoked_subcommand is None:
        from services.cli_upkeep import say_kept
        from services.store.keeping import read_keeping

        say_kept(read_keeping(_settings().database_url), console)


@retention_app.command("set")
def retention_set(
    name: Annotated[str, typer.Argument(help="A name from `klantreis retention`, such as events.")],
    keep: Annotated[str, typer.Argument(help="A time in ISO 8601, such as P35D, P6M or P2Y; or forever.")],
) -> None:
    """Keep something for another time. What is past it goes within the hour, and does not come back."""
    from services.store.keeping import Keep, set_keep

    try:
        kept = None if keep == "forever" else Keep.parse(keep)
        set_keep(_settings().database_url, name, kept)
    except ValueError as error:
        _fail(str(error))
    console.print(f"{name}: kept {kept or 'for ever'} from the next pruning on, which is within the hour")


_OfJourney = Annotated[str | None, typer.Option("--journey", help="Of which journey; needed if there are several.")]
_By = Annotated[str, typer.Option("--by", help="Who says so.", default_factory=getuser, show_default="you")]
_Note = Annotated[str, typer.Option("--note", help="Why, kept beside it.")]
_Number = Annotated[int, typer.Argument(help="The number that `improvement list` shows.", metavar="NUMBER")]


@improvement_app.command("list")
def improvement_list(journey: _OfJourney = None) -> None:
    """List the backlog: importance x gap x passages, the highest first; then what was done."""
    settings = _settings()
    _improve(lambda shelf: shelf.say(journey, datetime.now(UTC), settings.enough_answers, console))


@improvement_app.command("add")
def improvement_add(
    touchpoint: Annotated[str, typer.Argument(help="The id of the touchpoint where customers are to notice it.")],
    what: Annotated[str, typer.Argument(help="What changes.")],
    effect: Annotated[
        str,
        typer.Option(
            help="What it is expected to do: satisfaction=+0.5 or effort=+1, in points, or a throughput time in days, "
            "such as beslistermijn=-4 (a span, or `case`)."
        ),
    ],
    by: _By,
    owner: Annotated[str | None, typer.Option(help="Who sees to it.")] = None,
    week: Annotated[str | None, typer.Option(help="The week it is planned for: 2026-W50, or its Monday.")] = None,
    settles: Annotated[int, typer.Option(help="How many weeks after it was made customers meet it.")] = 0,
    english: Annotated[str | None, typer.Option("--en", help="What changes, in English, if WHAT is Dutch.")] = None,
    note: _Note = "",
    journey: _OfJourney = None,
) -> None:
    """Add an improvement and print its number."""
    from services.cli_improvement import Shelf, day_in, effect_in

    async def add(shelf: Shelf) -> None:
        given = {
            "touchpoint": touchpoint,
            "what": {"nl": what, "en": what if english is None else english},
            "owner": owner,
            "effect": effect_in(effect),
            "planned_week": None if week is None else day_in("--week", week),
            "settles_weeks": settles,
        }
        typer.echo(await shelf.add(journey, given, by=by, note=note))

    _improve(add)


@improvement_app.command("plan")
def improvement_plan(
    number: _Number,
    week: Annotated[str, typer.Argument(help="A week such as 2026-W50, or its Monday.")],
    by: _By,
    note: _Note = "",
) -> None:
    """Plan an improvement for a week, or for another one."""
    from services.cli_improvement import day_in

    _improve(lambda shelf: shelf.plan(number, day_in("WEEK", week), by=by, note=note))


@improvement_app.command("done")
def improvement_done(
    number: _Number,
    by: _By,
    on: Annotated[str | None, typer.Option(help="The day on which it was made.", show_default="today")] = None,
    note: _Note = "",
) -> None:
    """Say that an improvement was made."""
    from services.cli_improvement import day_in

    _improve(lambda shelf: shelf.done(number, None if on is None else day_in("--on", on), by=by, note=note))


@improvement_app.command("withdraw")
def improvement_withdraw(number: _Number, by: _By, note: _Note = "") -> None:
    """Withdraw an improvement, for ever; that it was there is kept."""
    _improve(lambda shelf: shelf.withdraw(number, by=by, note=note))


@improvement_app.command("effect")
def improvement_effect(number: _Number) -> None:
    """Say whether an improvement worked, how sure that is and what it rests on; or what to expect of measuring it."""
    from services.cli_effect import UnknownImprovement, say_effect

    settings = _settings()
    try:
        say_effect(settings.database_url, number, datetime.now(UTC), settings.enough_answers)
    except UnknownImprovement as error:
        _fail(str(error))


def _improve(act: Callable[["Shelf"], Awaitable[None]]) -> None:
    from services.cli_improvement import Refused, shelf

    async def run() -> None:
        async with shelf(_settings().database_url) as opened:
            await act(opened)

    try:
        asyncio.run(run())
    except Refused as error:
        _fail(str(error))


@db_app.command("dump")
def db_dump(
    file: Annotated[Path, typer.Argument(help="The file to make; there must be none yet.", metavar="FILE")],
) -> None:
    """Write everything that is stored into one file, as it is at one moment. Nothing has to stop for it."""
    from services.cli_db import run_dump

    try:
        run_dump(_settings().database_url, file)
    except FileExistsError:
        _fail(f"{file} is there already")


@db_app.command("schema")
def db_schema() -> None:
    """Print every table and view with its columns, keys and indexes, as Markdown."""
    from services.store.description import describe

    typer.echo(describe(_settings().database_url), nl=False)


@db_app.command("restore")
def db_restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `db dump` wrote.", metavar="FILE")],
) -> None:
    """Make the tables in an empty database, on any server, and put in what a file holds."""
    from services.cli_db import run_restore
    from services.store.dump_file import UnusableDumpError

    try:
        run_restore(_settings().database_url, file)
    except UnusableDumpError as error:
        _fail(str(error))


@app.command()
def erase(
    customer: Annotated[str, typer.Option(help="The reference that events give as `customer`; - reads it from stdin.")],
    case: Annotated[
        list[str] | None, typer.Option(help="JOURNEY/CASE_ID: a case of the customer that does not name it any more.")
    ] = None,
    asked_by: Annotated[str, typer.Option(help="Kept with the report: who asked, or the number of the request.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Erase a customer: its cases become nobody's, its words go, the figures stay. Exits with 1 if it is not known."""
    from services.cli_erase import cases_named, say_report
    from services.store.erasing import Report, Whom
    from services.store.erasing import erase as run

    settings = _settings()
    reference = sys.stdin.readline().rstrip("\r\n") if customer == "-" else customer
    try:
        whom = Whom([reference] if reference else [], cases_named(case or []))
    except ValueError as error:
        _fail(str(error))

    def erased(*, trying: bool) -> Report:
        now = datetime.now(UTC)
        return asyncio.run(
            run(settings.database_url, settings.secrecy, whom, asked_by=asked_by, now=now, dry_run=trying)
        )

    if not dry_run and not yes:
        say_report(erased(trying=True))
        typer.confirm("Erase? It cannot be undone.", abort=True)
    report = erased(trying=dry_run)
    if as_json:
        sys.stdout.write(report.as_json().decode() + "\n")
    else:
        say_report(report)
    if report.found_nothing:
        raise typer.Exit(1)


@app.command()
def rebuild(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 if anything differs, and say what.")
    ] = False,
) -> None:
    """Compute windows and cases anew from the events that are kept, and mend what differs. Workers wait for it."""
    from services.cli_upkeep import run_check, run_rebuild

    if not check:
        run_rebuild(_settings().database_url)
    elif run_check(_settings().database_url):
        raise typer.Exit(1)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program to read.")] = False,
) -> None:
    """Look at database, schema, clock, secret, broker, topics, offsets, worker and monitor, and say what to do.

    Changes nothing. Exits with 1 if anything is wrong.
    """
    from services.cli_doctor import run_doctor

    if not run_doctor(_settings(), as_json=as_json):
        raise typer.Exit(1)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        _fail("\n".join(_said_of_settings(mistake["loc"], mistake["msg"]) for mistake in error.errors()))


def _said_of_settings(place: tuple[int | str, ...], said: str) -> str:
    return f"KLANTREIS_{'_'.join(map(str, place)).upper()}: {said}" if place else said


def _journey(name: str) -> Journey:
    from services.store.journeys import read_catalogue

    catalogue = read_catalogue(_settings().database_url)
    if not catalogue.versions(name):
        _fail(f"--journey: {name!r} is not a known journey")
    return catalogue.latest(name)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0 < factor < float("inf"):
        _fail(f"--speed: {text!r} is neither 'max' nor a factor above 0, such as 3600")
    return factor


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    if text == "now":
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _fail(f"--end-at: {text!r} is neither 'now' nor an RFC 3339 time such as 2026-11-22T10:15:00+01:00")
    if moment.tzinfo is None:
        _fail(f"--end-at: {text!r} has no offset, such as +01:00 or Z")
    return moment


def _fail(message: str) -> NoReturn:
    """End the command with a message and exit code 1."""
    _say(message)
    raise typer.Exit(1)


def _stop(message: str) -> NoReturn:
    """End the process likewise, from outside any command."""
    _say(message)
    raise SystemExit(1)


def _say(message: str) -> None:
    Console(stderr=True).print(message, style="red", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
